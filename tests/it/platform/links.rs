//! Resource links.

use serde_json::{Value, json};

use super::office::{Office, QUIZ};

#[tokio::test]
async fn a_gradable_link_is_made_with_its_line_item_once_however_often_it_is_put_ags_69() {
    let office = Office::new().await;
    office.ask(QUIZ).await.expect(404);
    let quiz = office.quiz(&json!({})).await;
    let url = quiz["line_item_url"].as_str().unwrap();
    assert_eq!(
        quiz,
        json!({
            "id": "quiz", "tool": "tool", "deployment": "1", "title": "Quiz", "gradable": true, "columns": "multiple",
            "comments": "keep", "missing_score": "clear", "late": "accept", "history_days": 400,
            "score_maximum": 100, "line_item_url": url, "version": 1,
        })
    );
    let item = json!({ "id": url, "label": "Quiz", "scoreMaximum": 100, "resourceLinkId": "quiz" });
    for _ in 0..2 {
        assert_eq!(office.quiz(&json!({})).await, quiz);
        assert_eq!(office.ask(QUIZ).await.expect(200).json(), quiz);
        assert_eq!(office.read(&office.course.lineitems).await.json(), json!([item]));
    }
    office.delete(url, &office.token).await.expect(403);
}

#[tokio::test]
async fn the_line_item_of_a_link_starts_as_the_lms_says_ags_69() {
    let office = Office::new().await;
    let own = json!({
        "score_maximum": 20, "label": "Column", "resource_id": "r", "tag": "t", "grades_released": true,
        "submission": { "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T01:00:00+01:00" },
    });
    let quiz = office.quiz(&own).await;
    for name in ["score_maximum", "label", "resource_id", "tag", "grades_released"] {
        assert_eq!(quiz[name], own[name], "{name}");
    }
    let url = quiz["line_item_url"].as_str().unwrap();
    assert_eq!(
        office.read(url).await.expect(200).json(),
        json!({
            "id": url, "label": "Column", "scoreMaximum": 20, "resourceLinkId": "quiz", "resourceId": "r",
            "tag": "t", "gradesReleased": true, "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": quiz["submission"]["end"],
        })
    );
}

#[tokio::test]
async fn the_line_item_of_a_deep_linking_item_is_taken_as_it_is_ags_69() {
    let office = Office::new().await;
    let item = json!({ "scoreMaximum": 42.5, "label": "DL", "resourceId": "r", "tag": "t", "gradesReleased": false });
    let url = office.quiz_item(&json!({ "line_item": item })).await;
    let made = office.read(&url).await.expect(200).json();
    for (name, value) in item.as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    assert_eq!(made["resourceLinkId"], "quiz");
    // Without a label it has the title of the link.
    let body = json!({ "title": "Lab", "line_item": { "scoreMaximum": 1 } });
    let lab = office.say("contexts/course/tools/tool/links/lab", &body).await.expect(200).json();
    assert_eq!(office.read(lab["line_item_url"].as_str().unwrap()).await.json()["label"], "Lab");
}

#[tokio::test]
async fn a_link_that_breaks_a_rule_is_refused_by_the_name_of_the_member() {
    let office = Office::new().await;
    for (member, body) in [
        ("title", json!({ "title": null })),
        ("title", json!({ "title": " " })),
        ("deployment", json!({ "deployment": "3" })),
        ("gradable", json!({ "gradable": "yes" })),
        ("columns", json!({ "columns": "many" })),
        ("score_maximum", json!({ "score_maximum": 0 })),
        ("score_maximum", json!({ "score_maximum": "ten" })),
        ("label", json!({ "label": "x".repeat(1_001) })),
        ("resource_id", json!({ "resource_id": "x".repeat(257) })),
        ("tag", json!({ "tag": 7 })),
        ("grades_released", json!({ "grades_released": 1 })),
        ("submission", json!({ "submission": [] })),
        ("submission.start", json!({ "submission": { "start": "tomorrow" } })),
        (
            "submission.end",
            json!({ "submission": { "start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" } }),
        ),
        ("comments", json!({ "comments": "hide" })),
        ("missing_score", json!({ "missing_score": "zero" })),
        ("late", json!({ "late": "maybe" })),
        ("history_days", json!({ "history_days": 3_651 })),
        ("line_item", json!({ "line_item": 1 })),
        ("line_item.scoreMaximum", json!({ "line_item": { "label": "DL" } })),
        ("line_item.scoreMaximum", json!({ "line_item": { "scoreMaximum": -1 } })),
        ("line_item.tag", json!({ "line_item": { "scoreMaximum": 1, "tag": "x".repeat(257) } })),
        ("label", json!({ "label": "a", "line_item": { "scoreMaximum": 1 } })),
        ("score_maximum", json!({ "score_maximum": 1, "line_item": { "scoreMaximum": 1 } })),
    ] {
        office.put_quiz(&body).await.refuses(400, "invalid-member", member, &body.to_string());
    }
    office.ask(QUIZ).await.expect(404);
}

#[tokio::test]
async fn a_link_is_of_a_tool_that_is_placed_in_the_course() {
    let office = Office::new().await;
    office.tool("other").await;
    let body = json!({ "title": "Quiz" });
    for path in ["contexts/course/tools/other", "contexts/course/tools/nobody", "contexts/b/tools/tool"] {
        office.say(&format!("{path}/links/quiz"), &body).await.expect(404);
    }
    office.say("contexts/course/tools/lms/links/quiz", &body).await.expect(404);
}

#[tokio::test]
async fn a_link_belongs_to_the_deployment_that_it_names_or_to_that_of_the_placement_ags_34() {
    let office = Office::new().await;
    let url = office.quiz_item(&json!({ "deployment": "2" })).await;
    let (first, second) =
        (office.narrow_token(&office.tool, "1").await, office.narrow_token(&office.tool, "2").await);
    office.get(&url, &first).await.expect(404);
    office.get(&url, &second).await.expect(200);
    // The line items move with their link.
    assert_eq!(office.quiz(&json!({})).await["deployment"], "1");
    office.get(&url, &first).await.expect(200);
    office.get(&url, &second).await.expect(404);
}

#[tokio::test]
async fn what_a_link_does_not_say_is_as_its_tool_has_it_at_that_time() {
    let office = Office::new().await;
    let defaults = json!({ "columns": "single", "comments": "drop", "late": "refuse", "history_days": 7 });
    office.change_tool(&json!({ "defaults": defaults })).await;
    let quiz = office.quiz(&json!({ "comments": "keep" })).await;
    assert_eq!(
        [&quiz["columns"], &quiz["comments"], &quiz["late"], &quiz["missing_score"], &quiz["history_days"]],
        [&json!("single"), &json!("keep"), &json!("refuse"), &json!("clear"), &json!(7)]
    );
    office.change_tool(&json!({ "defaults": { "columns": "multiple", "gradable": false } })).await;
    assert_eq!(office.ask(QUIZ).await.json(), quiz, "the link has them now");
    let body = json!({ "title": "Lab" });
    let lab = office.say("contexts/course/tools/tool/links/lab", &body).await.expect(200).json();
    assert_eq!((&lab["gradable"], &lab["line_item_url"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_link_that_turns_gradable_gets_its_line_item_then_and_keeps_it_ags_69() {
    let office = Office::new().await;
    let quiz = office.quiz(&json!({ "gradable": false, "score_maximum": 7 })).await;
    assert_eq!(quiz.get("line_item_url"), None);
    let url = office.quiz_item(&json!({ "score_maximum": 8 })).await;
    assert_eq!(office.read(&url).await.expect(200).json()["scoreMaximum"], 8);
    // From then on these are the tool's.
    let again = json!({ "score_maximum": 9, "label": "Other", "gradable": false });
    assert_eq!(office.quiz_item(&again).await, url);
    assert_eq!(office.quiz_item(&json!({ "score_maximum": 9, "label": "Other" })).await, url);
    let item = office.read(&url).await.expect(200).json();
    assert_eq!((&item["scoreMaximum"], &item["label"]), (&json!(8), &json!("Quiz")));
}

#[tokio::test]
async fn the_dates_of_a_coupled_line_item_follow_the_window_of_its_link_ags_54() {
    let office = Office::new().await;
    let (early, late) = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    let url = office.quiz_item(&json!({ "submission": { "end": early } })).await;
    let tag = office.read(&url).await.header("etag").to_owned();
    let changed = json!({ "label": "Quiz", "scoreMaximum": 5, "endDateTime": late });
    let own = office.replace(&url, &changed).await.expect(200);
    // Whatever else is said of the link, the tool's own dates stay.
    office.quiz(&json!({ "submission": { "end": early }, "late": "refuse" })).await;
    let read = office.read(&url).await.expect(200);
    assert_eq!((read.json(), read.header("etag")), (own.json(), own.header("etag")));
    assert_ne!(own.header("etag"), tag);
    office.quiz(&json!({ "submission": { "start": early } })).await;
    let read = office.read(&url).await.expect(200);
    assert_ne!(read.header("etag"), own.header("etag"), "it has changed");
    let read = read.json();
    assert_eq!(
        (&read["startDateTime"], read.get("endDateTime"), &read["scoreMaximum"]),
        (&json!(early), None, &json!(5))
    );
}

#[tokio::test]
async fn the_dates_of_a_line_item_that_the_tool_made_are_its_own_ags_54() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    let own = office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let before = office.read(&own).await;
    office.quiz(&json!({ "submission": { "end": "2026-03-01T00:00:00Z" } })).await;
    let after = office.read(&own).await;
    assert_eq!((after.json(), after.header("etag")), (before.json(), before.header("etag")));
}

#[tokio::test]
async fn with_a_link_its_line_items_go_and_those_of_others_stay_ags_72() {
    let office = Office::new().await;
    let url = office.quiz_item(&json!({})).await;
    let own = office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let free = office.item(5).await;
    let lab = office
        .say("contexts/course/tools/tool/links/lab", &json!({ "title": "Lab" }))
        .await
        .expect(200)
        .json();
    for _ in 0..2 {
        office.delete(&office.platform_url(QUIZ), &office.lms).await.expect(204);
        office.ask(QUIZ).await.expect(404);
        for gone in [&url, &own] {
            office.read(gone).await.expect(404);
        }
        office.own_item().await.expect(404);
        for kept in [free.as_str(), lab["line_item_url"].as_str().unwrap()] {
            office.read(kept).await.expect(200);
        }
    }
    // A link that is made again starts anew.
    let anew = office.quiz_item(&json!({})).await;
    assert_ne!(anew, url);
    office.read(&anew).await.expect(200);
    office.read(&url).await.expect(404);
}

#[tokio::test]
async fn the_list_of_links_has_each_once_however_many_fit_a_page() {
    let office = Office::new().await;
    let links = "contexts/course/tools/tool/links";
    let mut expected = Vec::new();
    for id in ["a~231", "b", "c~252F", "d~20e"] {
        expected
            .push(office.say(&format!("{links}/{id}"), &json!({ "title": "T" })).await.expect(200).json());
    }
    for limit in [1, 2, 4, 100] {
        let pages = office.pages(&format!("{links}?limit={limit}")).await;
        assert!(pages.iter().all(|page| page.len() <= limit));
        assert_eq!(pages.concat(), expected, "{limit} a page");
    }
}
