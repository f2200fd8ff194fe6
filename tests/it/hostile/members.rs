//! Values that stand where a member's value belongs.

use super::{Target, good_body};

const OF_LINE_ITEMS: [&str; 10] = [
    "label",
    "scoreMaximum",
    "resourceId",
    "tag",
    "resourceLinkId",
    "startDateTime",
    "endDateTime",
    "gradesReleased",
    "submissionReview",
    "https://tool.example/x",
];
const OF_SCORES: [&str; 9] = [
    "scoreMaximum",
    "userId",
    "scoreGiven",
    "comment",
    "timestamp",
    "scoringUserId",
    "activityProgress",
    "gradingProgress",
    "submission",
];

/// JSON, or nearly, to stand where a member's value belongs.
fn hostile_values() -> Vec<String> {
    let text = |inner: &str| format!("\"{inner}\"");
    let mut values: Vec<_> = [
        "null",
        "true",
        "-0",
        "-1",
        "0",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99",
        "9.9e99",
        "1e-100",
        "0e999999999",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "1E+308",
        "NaN",
        "Infinity",
        "01",
        "1.",
        ".5",
        "0x10",
        "[]",
        "{}",
        "[[]]",
        "\"",
        "",
        ",",
        "{\"a\":1,\"a\":2}",
        "{\"startedAt\":[],\"submittedAt\":{}}",
        "{\"startedAt\":\"0001-01-01T00:00:00Z\"}",
    ]
    .map(str::to_owned)
    .into();
    values.extend(
        [
            "",
            " ",
            "\\u0000",
            "a\\u0000b",
            "2026-11-21T12:00:59.999999999+00",
            "\\ud800",
            "\\udc00\\ud800",
            "\\ud83d\\ude00",
            "\\u202e",
            "\\",
            "\\x",
            "\u{7f}",
            "\u{feff}",
            "\u{10ffff}",
            "e\u{301}",
            "..",
            "../../TOOL",
            "#",
            "%23",
            "ITEM#1#USER#2",
            "' OR 1=1 --",
            "${jndi:x}",
            "NaN",
            "1e400",
            "-0",
            "9999-12-31T23:59:59.999999999-23:59",
            "0000-01-01T00:00:00Z",
            "-009999-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "2026-11-21T24:00:00Z",
            "2026-11-21T23:59:60Z",
            "2026-11-21T10:00:00+99:99",
            "1970-01-01T00:00:00Z",
            "20261121T100000Z",
        ]
        .map(text),
    );
    values.extend([
        text(&"x".repeat(40_000)),
        text(&"\\u0001".repeat(5_000)),
        "9".repeat(10_000),
        format!("0.{}1", "0".repeat(10_000)),
        format!("1e{}", "9".repeat(1_000)),
        "[".repeat(100_000),
        format!("{}{}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000)),
    ]);
    values
}

/// A good request of `method` to the route that ends in `end`, but for every value that `member` could have.
async fn spoil(target: &Target, method: &str, end: &str, member: &str) {
    let body: serde_json::Map<_, _> = serde_json::from_str(&good_body()).unwrap();
    let others = body.iter().filter(|(name, _)| *name != member);
    let others: Vec<_> = others.map(|(name, value)| format!("\"{name}\":{value},")).collect();
    let others = others.concat();
    let path = target.paths.iter().find(|(has, path)| *has == method && path.ends_with(end)).unwrap();
    let mut created = Vec::new();
    let mut taken = 0;
    for value in hostile_values() {
        let spoilt = format!("{{{others}\"{member}\":{value}}}");
        let head = b"content-type: application/json\r\n";
        let answer = target.send(method, path.1.as_bytes(), head, spoilt.as_bytes()).await;
        taken += usize::from(answer.status < 300);
        if answer.status == 201 {
            created.push(answer.header("location").to_owned());
        }
    }
    // Of the words of progress none is odd.
    assert!(
        taken > 0 || member.ends_with("Progress"),
        "nothing was stored under {member}, so that reading proves nothing"
    );
    target.still_reads().await;
    for url in created {
        target.classroom.delete(&url, &target.classroom.token).await.expect(204);
    }
}

#[tokio::test]
async fn no_value_of_a_member_of_a_line_item_makes_a_500() {
    let target = Target::new().await;
    for member in OF_LINE_ITEMS {
        spoil(&target, "POST", "/lineitems", member).await;
        spoil(&target, "PUT", "", member).await;
    }
}

#[tokio::test]
async fn no_value_of_a_member_of_a_score_makes_a_500() {
    for member in OF_SCORES {
        // A late timestamp that is taken must not make the rest stale.
        let target = Target::new().await;
        spoil(&target, "POST", "/scores", member).await;
    }
}
