//! Resource links while something else happens: races, deaths, lost answers, and what it all costs.

use std::collections::HashMap;

use ags_tests::{Answer, Fault};
use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};

use super::office::{Office, QUIZ};

/// The versions of the rules that the rows of the link's line items have, and the version of the link.
async fn versions(office: &Office) -> (Vec<String>, String) {
    let rows = office.raw_items(&format!("CTX#{}#TOOL#tool", office.course.context)).await;
    let number = |row: &HashMap<String, AttributeValue>| row.get("version").unwrap().as_n().unwrap().clone();
    let link = rows.iter().find(|row| row["sk"].as_s().unwrap() == "LINK#quiz").map(number);
    let rules = rows.iter().filter_map(|row| Some(number(row.get("link_rules")?.as_m().unwrap())));
    (rules.collect(), link.unwrap_or_default())
}

#[tokio::test]
async fn of_many_puts_of_a_link_at_once_one_is_last_and_every_line_item_has_its_rules() {
    let office = Office::new().await;
    let url = office.platform_url(QUIZ);
    let put = |number: u32| {
        let body = json!({ "title": format!("Quiz {number}"), "history_days": number + 1 });
        office.http.put(&url).bearer_auth(&office.lms).json(&body)
    };
    let create = |_: u32| {
        let body = json!({ "label": "Own", "scoreMaximum": 5, "resourceLinkId": "quiz" });
        office.request(Method::POST, &office.course.lineitems).json(&body)
    };
    // The first of all make the link: there is one, with one coupled line item.
    let answers = office.at_once((0..6).map(put).collect()).await;
    let items: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.json()["line_item_url"].clone())
        .collect();
    assert!(!items.is_empty() && items.iter().all(|item| *item == items[0]), "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 503].contains(&answer.status)));
    let requests = (0..10).flat_map(|number| [put(number), create(number)]).collect();
    let answers = office.at_once(requests).await;
    assert!(answers.iter().all(|answer| [200, 201, 503].contains(&answer.status)), "{answers:?}");
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    // Whoever was put off asks again; what is last may be any of them.
    let last = office.quiz(&json!({ "history_days": 99 })).await;
    let (rules, link) = versions(&office).await;
    assert_eq!(link, last["version"].to_string());
    assert!(rules.len() > made && rules.iter().all(|version| *version == link), "{rules:?} of {link}");
}

/// The one that comes to the table last has the last word, and its line items hear no other.
#[tokio::test]
async fn a_put_that_another_has_overtaken_starts_over() {
    let (office, wire) = Office::behind_a_wire().await;
    office.quiz(&json!({})).await;
    wire.hold("PutItem", "LINK#quiz");
    let body = json!({ "title": "Quiz", "history_days": 1 });
    let request = office.http.put(office.platform_url(QUIZ)).bearer_auth(&office.lms).json(&body);
    let slow = tokio::spawn(Answer::fetch(request));
    wire.held("PutItem", "LINK#quiz").await;
    wire.mend();
    assert_eq!(office.quiz(&json!({ "history_days": 2 })).await["version"], 2);
    wire.release();
    assert_eq!(slow.await.unwrap().expect(200).json()["version"], 3);
    assert_eq!(office.ask(QUIZ).await.json()["history_days"], 1);
    assert_eq!(versions(&office).await, (vec!["3".to_owned()], "3".to_owned()));
}

#[tokio::test]
async fn a_put_that_dies_before_its_line_items_know_is_completed_by_its_repetition() {
    let (office, wire) = Office::behind_a_wire().await;
    let url = office.quiz_item(&json!({})).await;
    office.own_item().await.expect(201);
    let changed = json!({ "submission": { "end": "2026-03-01T00:00:00Z" }, "gradable": false });
    wire.refuse("UpdateItem", "link_rules");
    office.put_quiz(&changed).await.expect(500);
    office.read(&url).await.expect(200);
    wire.mend();
    office.quiz(&changed).await;
    let (rules, link) = versions(&office).await;
    assert_eq!((rules, link.as_str()), (vec!["2".to_owned(), "2".to_owned()], "2"));
    office.read(&url).await.expect(404);
    office.quiz(&json!({ "submission": { "end": "2026-03-01T00:00:00Z" } })).await;
    assert_eq!(office.read(&url).await.expect(200).json()["endDateTime"], "2026-03-01T00:00:00Z");
}

#[tokio::test]
async fn a_put_whose_answer_was_lost_on_the_way_from_the_table_counts_once() {
    let (office, wire) = Office::behind_a_wire().await;
    wire.lose_one_answer("TransactWriteItems", "");
    let quiz = office.quiz(&json!({})).await;
    assert_eq!(quiz["version"], 1);
    assert_eq!(office.read(&office.course.lineitems).await.json().as_array().unwrap().len(), 1);
    wire.lose_one_answer("PutItem", "LINK#quiz");
    assert_eq!(office.quiz(&json!({ "late": "refuse" })).await["version"], 2);
    wire.lose_one_answer("UpdateItem", "link_rules");
    let end = json!({ "late": "refuse", "submission": { "end": "2026-03-01T00:00:00Z" } });
    let url = office.quiz_item(&end).await;
    assert_eq!(office.read(&url).await.expect(200).header("etag"), "\"2\"");
    assert!(wire.is_spent());
}

#[tokio::test]
async fn a_link_that_met_another_transaction_is_written_when_that_is_over() {
    let (office, wire) = Office::behind_a_wire().await;
    wire.next(2, Fault::Cancel, "TransactWriteItems", "");
    office.quiz(&json!({})).await;
    assert!(wire.is_spent());
    wire.always(Fault::Cancel, "TransactWriteItems", "");
    let lab = office.say("contexts/course/tools/tool/links/lab", &json!({ "title": "Lab" })).await;
    assert_eq!(lab.expect(503).problem().0, "unavailable");
}

#[tokio::test]
async fn a_deletion_that_dies_before_the_line_items_go_is_completed_by_its_repetition_ags_72() {
    let (office, wire) = Office::behind_a_wire().await;
    let url = office.quiz_item(&json!({})).await;
    for completes in [true, false] {
        wire.refuse("TransactWriteItems", "deleted_at");
        office.delete(&office.platform_url(QUIZ), &office.lms).await.expect(500);
        office.ask(QUIZ).await.expect(404);
        wire.mend();
        if completes {
            office.read(&url).await.expect(200);
            office.delete(&office.platform_url(QUIZ), &office.lms).await.expect(204);
        }
        // Or by the link that is made next, which has nothing of the former.
        let anew = office.quiz_item(&json!({})).await;
        assert_ne!(anew, url);
        office.read(&url).await.expect(404);
        office.read(&anew).await.expect(200);
        assert_eq!(office.read(&office.course.lineitems).await.json().as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_link_that_is_made_again_while_the_former_is_deleted_keeps_what_it_has_ags_72() {
    let (office, wire) = Office::behind_a_wire().await;
    let url = office.quiz_item(&json!({})).await;
    wire.hold("Query", "ITEM#");
    let request = office.http.delete(office.platform_url(QUIZ)).bearer_auth(&office.lms);
    let deletion = tokio::spawn(Answer::fetch(request));
    wire.held("Query", "ITEM#").await;
    wire.mend();
    let anew = office.quiz_item(&json!({})).await;
    wire.release();
    deletion.await.unwrap().expect(204);
    office.read(&url).await.expect(404);
    office.read(&anew).await.expect(200);
}

#[tokio::test]
async fn every_request_about_a_link_takes_the_calls_of_the_chart() {
    let (office, wire) = Office::behind_a_wire().await;
    let expect = |what: &str, calls: &[&str]| {
        // After the LMS's own registration.
        let mut taken = wire.answered_calls();
        assert_eq!(taken.remove(0), "Query", "{what}");
        assert_eq!(taken, calls, "{what}");
    };
    wire.answered_calls();
    office.quiz(&json!({})).await;
    expect("new", &["BatchGetItem", "GetItem", "Query", "TransactWriteItems", "Query"]);
    office.quiz(&json!({})).await;
    expect("the same", &["BatchGetItem", "GetItem", "Query"]);
    office.quiz(&json!({ "late": "refuse" })).await;
    expect("changed", &["BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"]);
    office.launch().await;
    expect("claim", &["BatchGetItem", "Query"]);
    office.own_item().await.expect(201);
    assert_eq!(
        wire.answered_calls(),
        ["BatchGetItem", "TransactWriteItems"],
        "a line item of the tool's own"
    );
    office.delete(&office.platform_url(QUIZ), &office.lms).await.expect(204);
    expect("deleted", &["DeleteItem", "Query", "TransactWriteItems", "TransactWriteItems"]);
}

/// Else whoever repeats the deletion of a link would put off the end of what was deleted long before.
#[tokio::test]
async fn what_was_deleted_before_its_link_keeps_the_time_of_its_deletion_ags_72() {
    let (office, wire) = Office::behind_a_wire().await;
    office.quiz(&json!({})).await;
    let mut own = Vec::new();
    for _ in 0..2 {
        own.push(office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned());
    }
    office.delete(&own[0], &office.token).await.expect(204);
    office.clock.advance(60);
    // The second while the deletion is at it.
    let second = own[1].rsplit('/').next().unwrap();
    wire.hold("TransactWriteItems", second);
    let request = office.http.delete(office.platform_url(QUIZ)).bearer_auth(&office.lms);
    let deletion = tokio::spawn(Answer::fetch(request));
    wire.held("TransactWriteItems", second).await;
    wire.mend();
    office.delete(&own[1], &office.token).await.expect(204);
    let before = deletions(&office).await;
    office.clock.advance(60);
    wire.release();
    deletion.await.unwrap().expect(204);
    office.delete(&office.platform_url(QUIZ), &office.lms).await.expect(204);
    assert_eq!(deletions(&office).await, before);
}

/// When each line item was deleted.
async fn deletions(office: &Office) -> Vec<Value> {
    let line_items = office.pages("contexts/course/tools/tool/lineitems").await.concat();
    line_items.iter().map(|item| item["deleted_at"].clone()).collect()
}
