//! The members that a line item may have or not: dates, wishes, reviews, extensions.

use ags_tests::{Answer, Classroom};
use reqwest::Method;
use serde_json::{Value, json};

/// What a line item says of a member in the answer to a request, when it is read, and in the list, which must agree.
async fn told(classroom: &Classroom, answer: Answer, name: &str) -> String {
    let item = answer.member("id");
    let read = classroom.read(item.trim_matches('"')).await.expect(200);
    assert_eq!(read.text, answer.text);
    let listed = classroom.read(&classroom.course.lineitems).await.expect(200).text;
    assert!(listed.contains(&answer.text), "{listed}");
    answer.member(name)
}

/// Sends a line item with this text for a member, or without it where the text is empty.
async fn send(classroom: &Classroom, method: Method, url: &str, name: &str, value: &str) -> Answer {
    let member = if value.is_empty() { String::new() } else { format!(r#","{name}":{value}"#) };
    let request = classroom.request(method, url).header("content-type", "application/json");
    classroom.send(request.body(format!(r#"{{"label":"Essay","scoreMaximum":1{member}}}"#))).await
}

/// Sends each value of a member with POST, then with PUT to a line item that had another, and checks what is told of it.
async fn round_trip(name: &str, other: &str, cases: &[(&str, &str)]) {
    let classroom = Classroom::new().await;
    let list = classroom.course.lineitems.clone();
    for (value, expected) in cases {
        let created = send(&classroom, Method::POST, &list, name, value).await.expect(201);
        assert_eq!(told(&classroom, created, name).await, *expected, "POST {name} {value}");
        let item = send(&classroom, Method::POST, &list, name, other)
            .await
            .expect(201)
            .header("location")
            .to_owned();
        let replaced = send(&classroom, Method::PUT, &item, name, value).await.expect(200);
        assert_eq!(told(&classroom, replaced, name).await, *expected, "PUT {name} {value}");
    }
}

#[tokio::test]
async fn dates_are_told_in_utc_to_the_fraction_in_which_they_came_ags_54() {
    let times = [
        (r#""2026-11-21T10:00:00Z""#, r#""2026-11-21T10:00:00Z""#),
        (r#""2026-11-21T10:00:00+00""#, r#""2026-11-21T10:00:00Z""#),
        (r#""2026-11-21T10:00:00+0000""#, r#""2026-11-21T10:00:00Z""#),
        (r#""2026-11-21T10:00:00.000+00:00""#, r#""2026-11-21T10:00:00Z""#),
        (r#""2026-11-21T12:00:00+02:00""#, r#""2026-11-21T10:00:00Z""#),
        (r#""2026-11-20T23:30:00-1030""#, r#""2026-11-21T10:00:00Z""#),
        (r#""2026-11-21T10:00:00.5Z""#, r#""2026-11-21T10:00:00.5Z""#),
        (r#""2026-11-21T10:00:00.535641+00:00""#, r#""2026-11-21T10:00:00.535641Z""#),
        (r#""2026-11-21T10:00:00.123456789Z""#, r#""2026-11-21T10:00:00.123456789Z""#),
        (r#""1969-07-20T20:17:40Z""#, r#""1969-07-20T20:17:40Z""#),
    ];
    for name in ["startDateTime", "endDateTime"] {
        round_trip(name, r#""2020-01-01T00:00:00Z""#, &times).await;
    }
}

#[tokio::test]
async fn a_date_is_unset_by_null_by_nothing_and_by_a_put_without_it_ags_54_63() {
    for name in ["startDateTime", "endDateTime"] {
        round_trip(name, r#""2020-01-01T00:00:00Z""#, &[("null", ""), (r#""""#, ""), ("", "")]).await;
    }
    let classroom = Classroom::new().await;
    let dates = json!({ "startDateTime": "2026-11-21T10:00:00Z", "endDateTime": "2026-11-22T10:00:00Z" });
    for name in ["startDateTime", "endDateTime"] {
        let item = classroom.create_labelled("Essay", &dates).await;
        let body = json!({ "label": "Essay", "scoreMaximum": 1, name: dates[name] });
        let expected = json!({ "id": item, "label": "Essay", "scoreMaximum": 1, name: dates[name] });
        assert_eq!(
            classroom.replace(&item, &body).await.expect(200).json(),
            expected,
            "the other one is gone"
        );
    }
}

#[tokio::test]
async fn a_date_without_a_zone_or_that_is_none_is_refused_ags_54() {
    let classroom = Classroom::new().await;
    let item = classroom.create_labelled("Essay", &json!({ "startDateTime": "2026-11-21T10:00:00Z" })).await;
    let before = classroom.read(&classroom.course.lineitems).await.text;
    let texts = ["2026-11-21T10:00:00", "2026-11-21", "10:00:00Z", "2026-13-21T10:00:00Z", "tomorrow", " "];
    let others = [json!(1_795_262_400), json!(true), json!(["2026-11-21T10:00:00Z"])];
    for value in texts.map(|text| json!(text)).into_iter().chain(others) {
        for name in ["startDateTime", "endDateTime"] {
            let body = json!({ "label": "Essay", "scoreMaximum": 1, name: value });
            classroom.create(&body).await.refuses(400, "invalid-member", name, &body.to_string());
            classroom.replace(&item, &body).await.refuses(400, "invalid-member", name, &body.to_string());
        }
    }
    assert_eq!(
        classroom.read(&classroom.course.lineitems).await.text,
        before,
        "nothing was stored or changed"
    );
}

#[tokio::test]
async fn an_activity_does_not_end_before_it_starts_ags_54() {
    let classroom = Classroom::new().await;
    let body = |start: &str, end: &str| json!({ "label": "Essay", "scoreMaximum": 1, "startDateTime": start, "endDateTime": end });
    let early = body("2026-11-21T10:00:00Z", "2026-11-21T10:59:59+01:00");
    classroom.create(&early).await.refuses(400, "invalid-member", "endDateTime", "one second too early");
    let item = classroom.create(&body("2026-11-21T10:00:00Z", "2026-11-21T11:00:00+01:00")).await.expect(201);
    let item = item.header("location").to_owned();
    classroom.replace(&item, &early).await.refuses(400, "invalid-member", "endDateTime", "PUT");
}

#[tokio::test]
async fn a_wish_to_release_grades_is_told_as_it_was_sent_or_not_at_all_ags_56() {
    for other in ["true", "false"] {
        let cases = [("true", "true"), ("false", "false"), ("null", ""), (r#""""#, ""), ("", "")];
        round_trip("gradesReleased", other, &cases).await;
    }
}

#[tokio::test]
async fn a_submission_review_is_kept_to_the_letter_ags_57() {
    let odd = r#"{ "reviewableStatus":["Submitted" , "Completed"],"label":"R\u00e9vision","custom":{"n":1.50,"a":null} }"#;
    let cases = [(odd, odd), (r#"{"reviewableStatus":[]}"#, r#"{"reviewableStatus":[]}"#), ("{}", "{}")];
    round_trip("submissionReview", r#"{"reviewableStatus":["InProgress"]}"#, &cases).await;
    round_trip("submissionReview", "{}", &[("null", ""), (r#""""#, ""), ("", "")]).await;
}

#[tokio::test]
async fn a_member_that_is_named_by_a_url_is_kept_to_the_letter_ags_58() {
    let object = r#"{ "type":"external_tool", "n":[1.50,1e300,null,"\u00e9"] }"#;
    let values = [object, "0.10", "-0", "true", "null", r#""""#, r#""x""#, "[ ]"];
    let cases: Vec<_> = values.into_iter().map(|value| (value, value)).chain([("", "")]).collect();
    for name in ["https://canvas.instructure.com/lti/submission_type", "http://tool.example/?x=1#Ä b"] {
        round_trip(name, r#"{"other":1}"#, &cases).await;
    }
}

/// One such line item would spoil the whole list for an LMS whose library cannot read it.
#[tokio::test]
async fn an_extension_that_some_json_library_cannot_read_is_refused_ags_58() {
    let classroom = Classroom::new().await;
    let (list, name) = (&classroom.course.lineitems, "https://tool.example/x");
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    for value in ["1e400", "[-9e991]", r#"{"a":"\ud800"}"#, r#"{"\udfff":1}"#, &deep] {
        let answer = send(&classroom, Method::POST, list, name, value).await;
        answer.refuses(400, "invalid-member", name, "cannot be read by every JSON library");
    }
    let review = send(&classroom, Method::POST, list, "submissionReview", r#"{"custom":{"a":1e400}}"#).await;
    review.refuses(400, "invalid-member", "submissionReview", "nor can a review");
    assert_eq!(classroom.read(list).await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn each_extension_stands_by_itself_and_a_put_drops_those_it_leaves_out_ags_58_63() {
    let classroom = Classroom::new().await;
    let (one, two) = ("https://tool.example/1", "https://tool.example/2");
    let item = classroom.create_labelled("Essay", &json!({ one: 1, two: 2 })).await;
    let body = json!({ "label": "Essay", "scoreMaximum": 1, two: 3 });
    let expected = json!({ "id": item, "label": "Essay", "scoreMaximum": 1, two: 3 });
    assert_eq!(classroom.replace(&item, &body).await.expect(200).json(), expected);
    assert_eq!(classroom.read(&item).await.json(), expected);
}

#[tokio::test]
async fn an_extension_is_named_by_a_url_and_not_by_a_novel_ags_58() {
    let classroom = Classroom::new().await;
    let named = |length: usize| {
        let name = format!("https://tool.example/{}", "x".repeat(length - 21));
        json!({ "label": "Essay", "scoreMaximum": 10, name: 1 })
    };
    classroom.create(&named(2_000)).await.expect(201);
    let answer = classroom.create(&named(2_001)).await.expect(400);
    assert_eq!(answer.problem().0, "invalid-member");
    assert!(answer.text.len() < 1_000, "the name is not sent back whole");
}

#[tokio::test]
async fn members_that_nobody_knows_and_an_id_are_ignored_and_never_refused_ags_58_60() {
    let classroom = Classroom::new().await;
    let body = json!({
        "label": "Essay", "scoreMaximum": 1, "id": "https://elsewhere.example/1", "lineItemId": 7, "": {},
        "results": [], "version": "9", "ftp://tool.example/x": 1,
    });
    let list = classroom.course.lineitems.clone();
    send(&classroom, Method::POST, &list, "nobody keeps", "[1e400]").await.expect(201);
    let created = classroom.create(&body).await.expect(201).json();
    let id = created["id"].as_str().unwrap();
    assert!(id.starts_with(&classroom.course.lineitems), "the id is ours to give: {id}");
    let expected = json!({ "id": id, "label": "Essay", "scoreMaximum": 1 });
    assert_eq!(created, expected);
    assert_eq!(classroom.replace(id, &body).await.expect(200).json(), expected);
}

#[tokio::test]
async fn blank_and_null_mean_absent_where_a_member_may_be_absent_ags_50_51() {
    let classroom = Classroom::new().await;
    let names = ["resourceLinkId", "resourceId", "tag", "startDateTime", "endDateTime", "gradesReleased"];
    let names = names.into_iter().chain(["submissionReview", "id"]);
    for (name, value) in names.flat_map(|name| [(name, json!("")), (name, Value::Null)]) {
        let body = json!({ "label": "Essay", "scoreMaximum": 1, name: value });
        let answer = classroom.create(&body).await;
        assert_eq!(answer.status, 201, "{body}: {}", answer.text);
        let id = answer.json()["id"].clone();
        assert_eq!(answer.json(), json!({ "id": id, "label": "Essay", "scoreMaximum": 1 }), "{body}");
    }
}
