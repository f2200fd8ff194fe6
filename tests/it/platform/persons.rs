//! The rights of a person: to see everything that is on record, and to have it removed.

use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::in_order;
use super::registry::{Registry, is_of};

#[tokio::test]
async fn an_export_has_every_row_about_a_person_as_it_is_stored_and_of_nobody_else() {
    let registry = Registry::new().await;
    let course = registry.platform_url("contexts/course");
    registry.put(&course, &registry.lms, &json!({ "title": "Algebra" })).await.expect(200);
    let item = registry.item(10).await;
    let exact = r#"{"userId":"ada","scoreGiven":0.10000000000000000001,"scoreMaximum":1e1,"comment":"So \"close\"",
        "timestamp":"2026-11-21T12:00:00Z","activityProgress":"Completed","gradingProgress":"FullyGraded"}"#;
    registry.grade_with(&item, exact).await.expect(200);
    registry.scores(&item, "bob", 2).await;
    let rows = registry.exported("ada").await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    for (row, kind) in rows.iter().zip(["result", "score"]) {
        assert_eq!(
            (&row["kind"], &row["tool"], &row["label"]),
            (&json!(kind), &json!("tool"), &json!("Essay"))
        );
        assert_eq!(row["context"], registry.course.context.as_str());
        assert_eq!((&row["context_id"], &row["line_item_url"]), (&json!("course"), &json!(item)));
        assert!(item.ends_with(row["line_item_id"].as_str().unwrap()));
    }
    assert_eq!(rows[0]["record"]["final_given"], "0.10000000000000000001");
    assert_eq!(rows[0]["record"]["comment"], "So \"close\"");
    assert_eq!(rows[1]["record"]["client"], "tool");
    // Nothing is forgotten but the keys, and numbers are numbers, digit for digit.
    let text = registry.get(&registry.about("ada"), &registry.lms).await.text;
    assert!(
        text.contains(r#""body":{"userId":"ada","scoreGiven":0.10000000000000000001,"scoreMaximum":1e1,"#),
        "{text}"
    );
    let stored = in_order(registry.all_items().await);
    let stored: Vec<_> = stored.iter().filter(|(key, _)| is_of(key, "ada")).collect();
    assert_eq!(stored.len(), 2);
    for ((_, row), sent) in stored.into_iter().zip(&rows) {
        let names = row.keys().filter(|name| !["pk", "sk", "gsi1pk", "gsi1sk"].contains(&name.as_str()));
        let record = sent["record"].as_object().unwrap();
        assert_eq!(names.count(), record.len(), "{row:?} {record:?}");
        for (name, value) in record {
            let same = match &row[name] {
                AttributeValue::N(digits) => *value == serde_json::from_str::<Value>(digits).unwrap(),
                AttributeValue::S(text) => value.as_str().is_none_or(|sent| sent == text),
                other => panic!("{other:?}"),
            };
            assert!(same, "{name}: {value} {row:?}");
        }
    }
}

#[tokio::test]
async fn what_was_deleted_is_in_an_export_until_it_is_purged() {
    let registry = Registry::new().await;
    let item = registry.item(10).await;
    registry.scores(&item, "ada", 1).await;
    registry.classroom.delete(&item, &registry.classroom.token).await.expect(204);
    assert_eq!(registry.exported("ada").await.len(), 2);
}

#[tokio::test]
async fn the_pages_of_an_export_have_the_same_rows_whatever_their_size() {
    let registry = Registry::new().await;
    for count in [3, 0, 1, 2] {
        let item = registry.item(10).await;
        registry.scores(&item, "ada", count).await;
    }
    let all = registry.exported("ada").await;
    assert_eq!(all.len(), 4 + 2 + 3);
    for limit in 1..=10 {
        let pages = registry.pages(&format!("{}?limit={limit}", registry.about("ada"))).await;
        assert!(pages.iter().all(|page| page.len() <= limit), "{limit}");
        assert_eq!(pages.concat(), all, "{limit}");
    }
}

#[tokio::test]
async fn more_line_items_than_a_page_looks_at_are_exported_and_erased_over_several() {
    let registry = Registry::new().await;
    for _ in 0..60 {
        let item = registry.item(10).await;
        registry.scores(&item, "ada", 1).await;
    }
    let pages = registry.pages(&registry.about("ada")).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    registry.wait();
    let mut removed = Vec::new();
    for done in [false, false, true] {
        let erased = registry.erase("ada").await;
        assert_eq!(erased["done"], done);
        removed.extend(erased["removed"].as_array().unwrap().clone());
    }
    assert_eq!(removed.len(), 60);
    assert!(removed.iter().all(|one| (&one["results"], &one["history"]) == (&json!(1), &json!(1))));
    assert_eq!(registry.exported("ada").await, Vec::<Value>::new());
}

#[tokio::test]
async fn no_line_item_waits_for_those_of_the_last_minute() {
    let registry = Registry::new().await;
    for _ in 0..60 {
        let item = registry.item(10).await;
        registry.scores(&item, "ada", 1).await;
    }
    for done in [false, false, true, true] {
        assert_eq!(registry.erase("ada").await["done"], done);
    }
    assert_eq!(registry.exported("ada").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_user_id_may_have_any_character_of_those_that_ids_have_ags_90() {
    let registry = Registry::new().await;
    let item = registry.item(10).await;
    let strange = ["a#b", "a%23b", "a/b?c&d=e", "CTX#x#ITEM#y", "%", "#", "..", "~23"];
    for user in strange {
        registry.scores(&item, user, 1).await;
    }
    registry.wait();
    for (erased, user) in strange.iter().enumerate() {
        for limit in [1, 9] {
            let pages = registry.pages(&format!("{}?limit={limit}", registry.about(user))).await;
            let rows = pages.concat();
            assert_eq!(rows.len(), 2, "{user}");
            assert_eq!(rows[1]["record"]["body"]["userId"], *user);
        }
        assert_eq!(registry.erase(user).await["done"], true);
        assert!(registry.exported(user).await.is_empty());
        assert_eq!(registry.rows(&item).await.len(), strange.len() - erased - 1);
    }
}

#[tokio::test]
async fn of_somebody_unknown_there_is_nothing_to_export_or_to_erase() {
    let registry = Registry::new().await;
    assert_eq!(
        registry.get(&registry.about("x"), &registry.lms).await.expect(200).json(),
        json!({ "entries": [] })
    );
    assert_eq!(registry.erase("x").await, json!({ "removed": [], "done": true }));
}

#[tokio::test]
async fn a_cursor_that_nobody_was_given_is_refused_ags_81() {
    let registry = Registry::new().await;
    let long = json!({ "entry": "CTX#aaaaaaaaaaaaaaaaaaaaaaaaaa#TOOL#t#ITEM#x", "history": null });
    let other = json!({ "entry": 1, "history": null });
    for cursor in [
        "zz".to_owned(),
        HEXLOWER.encode(long.to_string().as_bytes()),
        HEXLOWER.encode(other.to_string().as_bytes()),
    ] {
        let answer = registry.get(&format!("{}?cursor={cursor}", registry.about("ada")), &registry.lms).await;
        answer.refuses(400, "invalid-parameter", "cursor", &cursor);
    }
    for limit in ["0", "-1", "x"] {
        let answer = registry.get(&format!("{}?limit={limit}", registry.about("ada")), &registry.lms).await;
        answer.refuses(400, "invalid-parameter", "limit", limit);
    }
}

#[tokio::test]
async fn a_scope_to_read_does_not_suffice_to_erase_ags_29() {
    let registry = Registry::new().await;
    let lms = registry.lms("reader").await;
    let reader = registry.world.token(&lms, &[&format!("{}/scope/platform.readonly", registry.base)]).await;
    let about = registry.about("ada");
    registry.get(&about, &reader).await.expect(200);
    registry.delete(&about, &reader).await.expect(403);
    registry.post(&registry.platform_url("purges"), &reader, &Value::Null).await.expect(403);
}
