//! A line item: what it may say, and what POST, GET, PUT and DELETE do with it.

use ags_tests::Classroom;
use reqwest::Method;
use serde_json::json;

const REVIEW: &str = r#"{"reviewableStatus":["InProgress","Submitted"],"label":"Look","custom":{"n":1.50}}"#;

#[tokio::test]
async fn a_new_line_item_answers_201_with_its_own_address_ags_22_23_24_26_60_65() {
    let classroom = Classroom::new().await;
    let answer = classroom.create(&json!({ "label": "Essay", "scoreMaximum": 100 })).await.expect(201);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), id);
    assert!(answer.header("etag").starts_with('"'), "a strong entity tag: {}", answer.header("etag"));
    assert!(id.starts_with(&format!("{}/", classroom.course.lineitems)), "{id}");
    assert!(!id.contains('?') && !id.ends_with('/') && id == id.to_lowercase(), "{id}");
    assert!(!id.contains("score") && !id.contains("result"), "{id}");
    let read = classroom.read(&id).await.expect(200);
    assert_eq!(read.text, answer.text, "what is told is what is stored");
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
            "https://tool.example/parts": {{"b": [1e300, null, "x"], "a": 1.0}}
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
            ("https://tool.example/parts", r#"{"b": [1e300, null, "x"], "a": 1.0}"#),
        ] {
            assert_eq!(answer.member(name), expected, "{name}");
        }
    }
    let listed = classroom.read(&classroom.course.lineitems).await.expect(200);
    assert_eq!(listed.text, format!("[{}]", created.text));
}

#[tokio::test]
async fn a_line_item_needs_no_link_and_shows_nothing_that_was_not_sent_ags_54_70() {
    let classroom = Classroom::new().await;
    let created = classroom.create(&json!({ "label": "Essay", "scoreMaximum": 1 })).await.expect(201);
    let id = created.json()["id"].clone();
    assert_eq!(created.json(), json!({ "id": id, "label": "Essay", "scoreMaximum": 1 }));
    let listed = classroom.read(&classroom.course.lineitems).await.expect(200);
    assert_eq!(listed.json(), json!([{ "id": id, "label": "Essay", "scoreMaximum": 1 }]));
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
async fn what_a_line_item_must_say_is_checked_before_it_is_stored_ags_47_48_49_50_51() {
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
async fn the_largest_values_are_kept_whole_ags_50_51_52() {
    let classroom = Classroom::new().await;
    let body = json!({
        "label": "é".repeat(1_000), "scoreMaximum": 1,
        "resourceId": "é".repeat(256), "tag": "😀".repeat(256),
    });
    let item = classroom.create(&body).await.expect(201).header("location").to_owned();
    let stored = classroom.read(&item).await.expect(200).json();
    for name in ["label", "resourceId", "tag"] {
        assert_eq!(stored[name], body[name], "{name}");
    }
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
async fn a_link_that_is_not_there_is_told_from_a_context_that_is_not_ags_53() {
    let classroom = Classroom::new().await;
    let body = json!({ "label": "Essay", "scoreMaximum": 10, "resourceLinkId": "nowhere" });
    let answer = classroom.create(&body).await.expect(404);
    assert!(answer.text.contains("resourceLinkId"), "{}", answer.text);
}

#[tokio::test]
async fn a_container_without_line_items_is_an_empty_array_ags_45() {
    let classroom = Classroom::new().await;
    for url in [classroom.course.lineitems.clone(), format!("{}?tag=never", classroom.course.lineitems)] {
        assert_eq!(classroom.read(&url).await.expect(200).text, "[]", "{url}");
    }
}

#[tokio::test]
async fn a_quoted_maximum_is_a_number_ags_48() {
    let classroom = Classroom::new().await;
    let created = classroom.create(&json!({ "label": "Essay", "scoreMaximum": "83.5" })).await.expect(201);
    assert_eq!(created.member("scoreMaximum"), "83.5");
}

#[tokio::test]
async fn a_line_item_may_come_under_any_json_type_of_ags_42() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (content_type, taken) in [
        (Some("application/vnd.ims.lis.v2.lineitem+json"), true),
        (Some("application/vnd.ims.lis.v2.lineitem+json; charset=UTF-8"), true),
        (Some("application/vnd.ims.lis.v1.score+json"), true),
        (Some("application/json; charset=utf-8"), true),
        (None, true),
        (Some("text/plain"), false),
        (Some("application/xml"), false),
        (Some("application/x-www-form-urlencoded"), false),
    ] {
        for (method, url, success) in
            [(Method::POST, &classroom.course.lineitems, 201), (Method::PUT, &item, 200)]
        {
            let what = format!("{method} {content_type:?}");
            let mut request = classroom.request(method, url).body(r#"{"label":"Sent","scoreMaximum":1}"#);
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let answer = classroom.send(request).await;
            if taken {
                assert_eq!((answer.status, &answer.json()["label"]), (success, &json!("Sent")), "{what}");
            } else {
                answer.refuses(415, "unsupported-media-type", "", &what);
            }
        }
    }
}
