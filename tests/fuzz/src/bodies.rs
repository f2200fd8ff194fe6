//! JSON bodies: each input as a line item and as a score.

use std::collections::BTreeMap;

use ags_lineitems::wire::{Body, Sent};
use ags_shared::domain::{
    ContextId, Decimal, Invalid, LineItem, LineItemId, Points, Score, ScoreMaximum, Timestamp,
};
use ags_shared::links::Links;
use serde_json::json;
use serde_json::value::RawValue;

/// When the scores arrive.
const NOW: &str = "2026-11-21T12:00:00Z";

/// Every member that a refusal may name, but for extensions.
const MEMBERS: [&str; 21] = [
    "label",
    "scoreMaximum",
    "resourceId",
    "tag",
    "startDateTime",
    "endDateTime",
    "gradesReleased",
    "submissionReview",
    "resourceLinkId",
    "userId",
    "timestamp",
    "activityProgress",
    "gradingProgress",
    "scoreGiven",
    "comment",
    "scoringUserId",
    "submission",
    "submission.startedAt",
    "submission.submittedAt",
    "https://",
    "http://",
];

/// What either of them accepts must come back as it was.
pub(crate) fn run(input: &[u8]) -> bool {
    let now: Timestamp = NOW.parse().expect("an instant");
    let line_item = Body::parse(input).map(|body| line_item(input, body));
    let score = ags_scores::wire::parse(input, now).map(|read| score(input, &read, now));
    for refusal in [&line_item, &score].into_iter().filter_map(|outcome| outcome.as_ref().err()) {
        names_a_member(input, refusal);
    }
    line_item.is_ok() || score.is_ok()
}

fn line_item(input: &[u8], body: Body) {
    assert_eq!(exact(&body.definition.score_maximum.to_string()), written(input, "scoreMaximum"));
    let links = Links::new("https://ags.example.edu").expect("a base");
    let context = ContextId::of(&"course".parse().expect("an id"));
    let item = LineItem {
        id: LineItemId::from_bytes([7; 16]),
        definition: body.definition,
        resource_link: body.resource_link,
        deployment: "1".parse().expect("an id"),
        coupled: false,
        link_rules: None,
        version: 1,
    };
    let sent = serde_json::to_string(&Sent::new(&links, &context, &item)).expect("JSON");
    let again = Body::parse(sent.as_bytes());
    assert_eq!(again, Ok(Body { definition: item.definition, resource_link: item.resource_link }), "{sent}");
}

fn score(input: &[u8], read: &Score, now: Timestamp) {
    let mut body = json!({
        "userId": read.user.as_str(),
        "timestamp": read.time.timestamp(),
        "activityProgress": read.activity.as_str(),
        "gradingProgress": read.grading.as_str(),
        "comment": read.comment.as_ref().map(|comment| comment.as_str()),
        "scoringUserId": read.scoring_user.as_ref().map(|user| user.as_str()),
        "submission": { "startedAt": read.submission.started_at(), "submittedAt": read.submission.submitted_at() },
    });
    if let Some(Points { given, maximum }) = &read.points {
        assert_eq!(exact(&given.to_string()), written(input, "scoreGiven"));
        assert_eq!(exact(&maximum.to_string()), written(input, "scoreMaximum"));
        // Quoted, for a JSON value would make a binary float of it.
        body["scoreGiven"] = given.to_string().into();
        body["scoreMaximum"] = maximum.to_string().into();
        scales(given, maximum);
    }
    assert_eq!(ags_scores::wire::parse(body.to_string().as_bytes(), now).as_ref(), Ok(read), "{body}");
}

/// The same scale changes nothing, and every other gives a number that a client can read.
fn scales(given: &Decimal, maximum: &ScoreMaximum) {
    assert_eq!(&given.scale(maximum, maximum), given);
    for target in ["1", "3", "1e-100", "9.999999999999999999999999999999999e99"] {
        let scaled = given.scale(maximum, &target.parse().expect("a maximum")).to_string();
        assert!(
            scaled.parse::<f64>().is_ok_and(f64::is_finite),
            "{given} of {maximum} on {target}: {scaled}"
        );
        assert!(exact(&scaled).is_some_and(|(digits, _)| digits.len() <= 34), "{scaled}");
    }
}

/// A number as its digits, from the first that counts to the last, and the power of ten of the last.
type Exact = Option<(String, i64)>;

fn exact(number: &str) -> Exact {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let counting = digits.trim_end_matches('0');
    if counting.is_empty() {
        return Some((String::new(), 0));
    }
    let places = i64::try_from(fraction.len()).ok()? - i64::try_from(digits.len() - counting.len()).ok()?;
    Some((counting.to_owned(), exponent.parse::<i64>().ok()? - places))
}

/// The number that the input has for a member, bare or quoted.
fn written(input: &[u8], member: &str) -> Exact {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(input).ok()?;
    let raw = members.get(member)?.get();
    exact(&serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()))
}

/// A refusal is about one member, or the body is no JSON object with members of different names.
fn names_a_member(input: &[u8], refusal: &Invalid) {
    let shown = || String::from_utf8_lossy(input);
    match refusal {
        Invalid::Member { name, reason } => {
            let known = MEMBERS
                .iter()
                .any(|member| if member.ends_with("//") { name.starts_with(member) } else { name == member });
            assert!(known && !reason.is_empty(), "{refusal} in {}", shown());
        }
        Invalid::Body(reason) => {
            let object =
                serde_json::from_slice::<serde_json::Value>(input).is_ok_and(|body| body.is_object());
            let may_be_read = object && !reason.contains("given twice") && !reason.contains("levels");
            assert!(!may_be_read, "{reason} in {}", shown());
        }
    }
}
