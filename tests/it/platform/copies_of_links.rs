//! Copies of courses in which links change before, in between and after.

use serde_json::{Value, json};

use super::office::{Office, QUIZ};

/// What a copy of the course into the course `copy` answers, in which the link `quiz` becomes `link`.
async fn copy(office: &Office, link: &str) -> Value {
    let copies = office.platform_url("contexts/course/copies");
    let body = json!({ "to": "copy", "links": { "quiz": link } });
    let answer = office.post(&copies, &office.lms, &body).await.expect(200).json();
    assert!(answer.get("next").is_none(), "{answer}");
    answer
}

/// How many line items the tool finds in the copy.
async fn found(office: &Office, copied: &Value) -> usize {
    let item = copied["line_items"][0]["to"].as_str().unwrap();
    let (container, _) = item.rsplit_once('/').unwrap();
    office.read(container).await.expect(200).json().as_array().unwrap().len()
}

#[tokio::test]
async fn a_link_may_be_copied_again_under_another_id_ags_73() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    office.own_item().await.expect(201);
    let first = copy(&office, "first").await;
    let second = copy(&office, "second").await;
    assert_eq!(second["links"], json!([{ "tool": "tool", "from": "quiz", "to": "second" }]));
    for (one, other) in [0, 1].map(|index| (&first["line_items"][index], &second["line_items"][index])) {
        assert_eq!(one["from"], other["from"]);
        assert_ne!(one["to"], other["to"]);
    }
    assert_eq!(found(&office, &second).await, 4);
    // The first was a mistake: that it is deleted is no reason for the second not to be there.
    let link = office.platform_url("contexts/copy/tools/tool/links/first");
    office.delete(&link, &office.lms).await.expect(204);
    assert_eq!(copy(&office, "second").await, second);
    assert_eq!(found(&office, &second).await, 2);
}

#[tokio::test]
async fn what_a_tool_does_not_see_for_now_is_copied_too_ags_73() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    let own = office.own_item().await.expect(201).json()["id"].clone();
    office.quiz(&json!({ "gradable": false })).await;
    let copied = copy(&office, "quiz").await;
    assert_eq!((copied["line_items"].as_array().unwrap().len(), &copied["line_items"][1]["from"]), (2, &own));
    assert_eq!(found(&office, &copied).await, 0);
    office.say(&QUIZ.replace("/course/", "/copy/"), &json!({ "title": "Quiz" })).await.expect(200);
    assert_eq!(found(&office, &copied).await, 2);
}
