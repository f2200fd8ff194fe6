//! A line item: what it may say, and what POST, GET, PUT and DELETE do with it.

use ags_tests::Classroom;
use reqwest::Method;
use serde_json::{Value, json};

const REVIEW: &str = r#"{"reviewableStatus":["InProgress","Submitted"],"label":"Look","custom":{"n":1.50}}"#;

#[tokio::test]
async fn a_new_line_item_answers_201_with_its_own_address_ags_22_26_60() {
    let classroom = Classroom::new().await;
    let answer = classroom.create(&json!({ "label": "Essay", "scoreMaximum": 100 })).await.expect(201);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), id);
    assert!(answer.header("etag").starts_with('"'), "a strong entity tag: {}", answer.header("etag"));
    assert!(id.starts_with(&format!("{}/", classroom.course.lineitems)), "{id}");
    assert!(!id.contains('?') && !id.ends_with('/') && id == id.to_lowercase(), "{id}");
    let read = classroom.read(&id).await.expect(200);
    assert_eq!(read.text, answer.text, "what is told is what is stored (AGS 65)");
    assert_eq!(read.header("etag"), answer.header("etag"));
}

#[tokio::test]
async fn every_member_comes_back_as_it_was_sent_ags_4_50_51() {
    let classroom = Classroom::new().await;
    classroom.link(&classroom.tool, &classroom.course, "Link: 1/A#b").await;
    let body = format!(
        r#"{{
            "label": " Essay № 1 \ud83d\ude00 ", "scoreMaximum": 12.50, "resourceLinkId": "Link: 1/A#b",
            "resourceId": "  Résumé 7 ", "tag": "Grade+A&b=c", "gradesReleased": false,
            "startDateTime": "2026-11-21T22:53:31.5+02:00", "endDateTime": "2026-12-01T00:00:00-0530",
            "submissionReview": {REVIEW},
            "https://tool.example/weight": 0.10000000000000000001,
            "https://tool.example/parts": {{"b": [1e400, null, "x"], "a": 1.0}}
        }}"#
    );
    let request = classroom.request(Method::POST, &classroom.course.lineitems);
    let created = classroom.send(request.body(body)).await.expect(201);
    let id = created.header("location").to_owned();
    for answer in [&created, &classroom.read(&id).await.expect(200)] {
        for (name, expected) in [
            ("id", format!("\"{id}\"").as_str()),
            ("label", r#"" Essay № 1 😀 ""#),
            ("scoreMaximum", "12.5"),
            ("resourceLinkId", r#""Link: 1/A#b""#),
            ("resourceId", r#""  Résumé 7 ""#),
            ("tag", r#""Grade+A&b=c""#),
            ("gradesReleased", "false"),
            ("startDateTime", r#""2026-11-21T20:53:31.5Z""#),
            ("endDateTime", r#""2026-12-01T05:30:00Z""#),
            ("submissionReview", REVIEW),
            ("https://tool.example/weight", "0.10000000000000000001"),
            ("https://tool.example/parts", r#"{"b": [1e400, null, "x"], "a": 1.0}"#),
        ] {
            assert_eq!(answer.member(name), expected, "{name}");
        }
    }
    let listed = classroom.read(&classroom.course.lineitems).await.expect(200);
    assert_eq!(listed.text, format!("[{}]", created.text));
}

#[tokio::test]
async fn a_line_item_shows_no_nulls_and_nothing_that_was_not_sent_ags_54() {
    let classroom = Classroom::new().await;
    let created = classroom.create(&json!({ "label": "Essay", "scoreMaximum": 1 })).await.expect(201);
    let id = created.json()["id"].clone();
    assert_eq!(created.json(), json!({ "id": id, "label": "Essay", "scoreMaximum": 1 }));
    let listed = classroom.read(&classroom.course.lineitems).await.expect(200);
    assert_eq!(listed.json(), json!([{ "id": id, "label": "Essay", "scoreMaximum": 1 }]));
}

#[tokio::test]
async fn members_that_nobody_knows_are_ignored_and_never_refused_ags_58() {
    let classroom = Classroom::new().await;
    let body = json!({
        "label": "Essay", "scoreMaximum": 1, "id": "https://elsewhere.example/1", "lineItemId": 7, "": {},
        "results": [], "version": "9", "ftp://tool.example/x": 1,
    });
    let created = classroom.create(&body).await.expect(201).json();
    let id = created["id"].as_str().unwrap();
    assert!(id.starts_with(&classroom.course.lineitems), "the id is ours to give: {id}");
    assert_eq!(created, json!({ "id": id, "label": "Essay", "scoreMaximum": 1 }));
}

#[tokio::test]
async fn two_equal_posts_make_two_line_items_ags_61() {
    let classroom = Classroom::new().await;
    let body = json!({ "label": "Essay", "scoreMaximum": 1, "resourceId": "r", "tag": "t" });
    let one = classroom.create(&body).await.expect(201).json();
    let two = classroom.create(&body).await.expect(201).json();
    assert_ne!(one["id"], two["id"]);
    assert_eq!(classroom.read(&classroom.course.lineitems).await.json(), json!([one, two]));
}

#[tokio::test]
async fn blank_and_null_mean_absent_where_a_member_may_be_absent_ags_50() {
    let classroom = Classroom::new().await;
    let texts = ["resourceLinkId", "resourceId", "tag", "startDateTime", "endDateTime"];
    let others = ["gradesReleased", "submissionReview", "id"];
    let blanks = texts.map(|name| (name, json!("")));
    let nulls = texts.into_iter().chain(others).map(|name| (name, Value::Null));
    for (name, value) in blanks.into_iter().chain(nulls) {
        let body = json!({ "label": "Essay", "scoreMaximum": 1, name: value });
        let answer = classroom.create(&body).await;
        assert_eq!(answer.status, 201, "{body}: {}", answer.text);
        let id = answer.json()["id"].clone();
        assert_eq!(answer.json(), json!({ "id": id, "label": "Essay", "scoreMaximum": 1 }), "{body}");
    }
}

#[tokio::test]
async fn a_line_item_can_only_belong_to_a_link_of_the_same_tool_and_context_ags_53() {
    let classroom = Classroom::new().await;
    let other_tool = classroom.world.tool("other-tool").await;
    let other_course = classroom.place(&classroom.tool, "other course").await;
    classroom.place(&other_tool, "course").await;
    classroom.link(&classroom.tool, &classroom.course, "mine").await;
    classroom.link(&classroom.tool, &other_course, "elsewhere").await;
    classroom.link(&other_tool, &classroom.course, "another's").await;
    for link in ["never", "Mine", "mine ", "elsewhere", "another's"] {
        let body = json!({ "label": "Essay", "scoreMaximum": 1, "resourceLinkId": link });
        classroom.create(&body).await.refuses(404, "not-found", "", link);
    }
    assert_eq!(
        classroom.read(&classroom.course.lineitems).await.text,
        "[]",
        "a refused line item is not stored"
    );
    let body = json!({ "label": "Essay", "scoreMaximum": 1, "resourceLinkId": "mine" });
    assert_eq!(classroom.create(&body).await.expect(201).json()["resourceLinkId"], "mine");
}

#[tokio::test]
async fn what_a_line_item_must_say_is_checked_before_it_is_stored_ags_47_48_49() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let before = classroom.read(&classroom.course.lineitems).await.text;
    let good = json!({ "label": "Essay", "scoreMaximum": 1 });
    let long = |count: usize| json!("x".repeat(count));
    for (name, value) in [
        ("label", json!(null)),
        ("label", json!("")),
        ("label", json!(" \t\u{a0}")),
        ("label", json!(7)),
        ("label", json!(["Essay"])),
        ("label", long(1_001)),
        ("scoreMaximum", json!(null)),
        ("scoreMaximum", json!(0)),
        ("scoreMaximum", json!(0.0)),
        ("scoreMaximum", json!("0")),
        ("scoreMaximum", json!(-1)),
        ("scoreMaximum", json!(true)),
        ("scoreMaximum", json!("")),
        ("scoreMaximum", json!("ten")),
        ("scoreMaximum", json!("NaN")),
        ("scoreMaximum", json!("1e400")),
        ("scoreMaximum", json!([1])),
        ("scoreMaximum", json!({})),
        ("resourceId", long(257)),
        ("resourceId", json!(7)),
        ("tag", long(257)),
        ("tag", json!(["a"])),
        ("resourceLinkId", json!(7)),
        ("startDateTime", json!("2026-11-21T10:00:00")),
        ("startDateTime", json!("tomorrow")),
        ("startDateTime", json!(1_795_262_400)),
        ("endDateTime", json!("2026-11-21")),
        ("gradesReleased", json!("yes")),
        ("gradesReleased", json!(1)),
        ("submissionReview", json!([])),
        ("submissionReview", json!("x")),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let why: String = body.to_string().chars().take(100).collect();
        classroom.create(&body).await.refuses(400, "invalid-member", name, &why);
        classroom.replace(&item, &body).await.refuses(400, "invalid-member", name, &why);
    }
    for name in ["label", "scoreMaximum"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        classroom.create(&body).await.refuses(400, "invalid-member", name, "missing");
        classroom.replace(&item, &body).await.refuses(400, "invalid-member", name, "missing");
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
    classroom.create(&body("2026-11-21T10:00:00Z", "2026-11-21T11:00:00+01:00")).await.expect(201);
}

#[tokio::test]
async fn a_body_that_is_not_one_json_object_makes_no_line_item_ags_44() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let before = classroom.read(&classroom.course.lineitems).await.text;
    for body in ["", "[]", "null", "7", "{", r#"{"label":"a","label":"b","scoreMaximum":1}"#, "label=a"] {
        let targets = [(Method::POST, &classroom.course.lineitems), (Method::PUT, &item)];
        for (method, url) in targets {
            let request = classroom.request(method, url).header("content-type", "application/json");
            classroom.send(request.body(body)).await.refuses(400, "invalid-body", "", body);
        }
    }
    assert_eq!(classroom.read(&classroom.course.lineitems).await.text, before);
}

#[tokio::test]
async fn the_largest_values_are_kept_whole_ags_50_52() {
    let classroom = Classroom::new().await;
    let body = json!({
        "label": "é".repeat(1_000), "scoreMaximum": "83.5",
        "resourceId": "é".repeat(256), "tag": "😀".repeat(256),
    });
    let created = classroom.create(&body).await.expect(201).json();
    for name in ["label", "resourceId", "tag"] {
        assert_eq!(created[name], body[name], "{name}");
    }
    assert_eq!(created["scoreMaximum"], json!(83.5), "a quoted number is a number");
}

#[tokio::test]
async fn a_body_of_256_kib_is_taken_and_one_byte_more_is_not() {
    let classroom = Classroom::new().await;
    let body = |length: usize| {
        let frame = r#"{"label":"Essay","scoreMaximum":1,"https://tool.example/x":""}"#;
        frame.replace(r#":""}"#, &format!(r#":"{}"}}"#, "x".repeat(length - frame.len())))
    };
    let send = |body: String| {
        classroom.send(classroom.request(Method::POST, &classroom.course.lineitems).body(body))
    };
    send(body(262_145)).await.refuses(413, "too-large", "", "one byte too many");
    assert_eq!(classroom.read(&classroom.course.lineitems).await.text, "[]");
    let created = send(body(262_144)).await.expect(201);
    assert!(created.text.len() > 262_000, "nothing is cut off");
    let item = created.json()["id"].as_str().unwrap().to_owned();
    let put = classroom.request(Method::PUT, &item).body(body(262_145));
    classroom.send(put).await.refuses(413, "too-large", "", "PUT");
}

#[tokio::test]
async fn an_empty_string_is_no_value_of_any_optional_member_ags_54_56_57() {
    let classroom = Classroom::new().await;
    let body = json!({
        "label": "Essay", "scoreMaximum": 10, "resourceLinkId": "", "resourceId": "", "tag": "",
        "startDateTime": "", "endDateTime": "", "gradesReleased": "", "submissionReview": "",
    });
    let created = classroom.create(&body).await.expect(201).json();
    let expected = json!({ "id": created["id"], "label": "Essay", "scoreMaximum": 10 });
    assert_eq!(created, expected);
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
async fn a_link_that_is_not_there_is_told_from_a_context_that_is_not_ags_53() {
    let classroom = Classroom::new().await;
    let body = json!({ "label": "Essay", "scoreMaximum": 10, "resourceLinkId": "nowhere" });
    let answer = classroom.create(&body).await.expect(404);
    assert!(answer.text.contains("resourceLinkId"), "{}", answer.text);
}
