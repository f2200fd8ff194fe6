//! Copies that are repeated, go on where another ended, or broke off.

use ags_tests::Fault;
use serde_json::json;

use super::site::{Site, to_copy};

#[tokio::test]
async fn a_copy_that_is_repeated_changes_nothing_and_undoes_nothing_ags_73() {
    let site = Site::new().await;
    let quiz = site.coupled_line_item(&site.tool, &site.classroom.course, "quiz").await;
    let items = [site.item(10).await, site.item(20).await, site.item(30).await];
    let body = json!({ "to": "copy", "links": { "quiz": "quiz" } });
    let first = site.copy(&body).await;
    assert_eq!(first.line_items.len(), 4);
    let changed = json!({ "label": "Changed", "scoreMaximum": 99 });
    for item in [&quiz, &items[0]] {
        site.replace(&first.of(item), &changed).await.expect(200);
    }
    site.classroom.delete(&first.of(&items[1]), &site.classroom.token).await.expect(204);
    site.grade(&first.of(&items[2]), &site.score("ada", 1, 10)).await.expect(200);
    let before = site.table().await;
    let again = site.copy(&body).await;
    assert_eq!(site.table().await, before);
    // What was deleted in the copy is not brought back, nor named.
    let mut expected = first.line_items;
    expected.retain(|pair| pair["from"] != items[1]);
    assert_eq!(again.line_items, expected);
    assert_eq!(again.links, first.links);
}

#[tokio::test]
async fn what_is_new_in_the_old_course_comes_with_the_next_copy() {
    let site = Site::new().await;
    site.item(10).await;
    site.copy(&to_copy()).await;
    let late = site.item(20).await;
    let copied = site.copy(&to_copy()).await;
    assert_eq!(copied.line_items.len(), 2);
    assert_eq!(site.read(&copied.of(&late)).await.expect(200).json()["scoreMaximum"], 20);
}

#[tokio::test]
async fn a_copy_in_pages_may_go_on_from_each_of_them_again() {
    let site = Site::new().await;
    let mut links = json!({});
    for number in 0..120 {
        let link = format!("link#{number}");
        links[&link] = json!(format!("new {link}"));
        site.link(&site.tool, &site.classroom.course, &link).await;
    }
    for _ in 0..60 {
        site.create_labelled("x", &json!({ "resourceLinkId": "link#7" })).await;
        site.item(10).await;
    }
    site.other_tool("another", 30).await;
    site.other_tool("zero", 0).await;
    let body = json!({ "to": "copy", "links": links });
    let pages = site.pages(&site.copies(), &body).await;
    let count =
        |name: &str| pages.iter().map(|page| page[name].as_array().unwrap().len()).collect::<Vec<_>>();
    let copied = count("line_items").into_iter().zip(count("links"));
    assert!(copied.clone().all(|(items, links)| items + links <= 100), "{pages:?}");
    assert_eq!(copied.fold((0, 0), |all, page| (all.0 + page.0, all.1 + page.1)), (150, 120));
    let before = site.table().await;
    let starts = pages.iter().filter_map(|page| page["next"].as_str().map(str::to_owned));
    for (index, url) in starts.enumerate() {
        assert_eq!(site.pages(&url, &body).await, pages[index + 1..], "{index}");
    }
    assert_eq!(site.table().await, before);
    assert!(pages.len() >= 3, "{}", pages.len());
}

#[tokio::test]
async fn a_copy_that_broke_off_is_completed_by_another() {
    let (site, wire) = Site::behind_a_wire().await;
    let quiz = site.coupled_line_item(&site.tool, &site.classroom.course, "quiz").await;
    let items = [site.item(10).await, site.item(20).await];
    let body = json!({ "to": "copy", "links": { "quiz": "quiz" } });
    // At the context, the tool's place, the link, the first line item and the second.
    let copy = site.course("copy").context;
    let places = [format!("\"S\":\"CTX#{copy}\""), "PLACEMENT".to_owned(), "quiz".to_owned()];
    for (index, (operation, containing)) in
        [("PutItem", places[0].as_str()), ("PutItem", &places[1]), ("TransactWriteItems", &places[2])]
            .into_iter()
            .enumerate()
    {
        wire.refuse(operation, containing);
        assert_eq!(site.post(&site.copies(), &body).await.status, 500, "{index}");
        wire.mend();
    }
    for maximum in ["10", "20"] {
        wire.refuse("PutItem", &format!("\"score_maximum\":{{\"S\":\"{maximum}\"}}"));
        site.post(&site.copies(), &body).await.expect(500);
        wire.mend();
    }
    assert_eq!(site.list("copy").await.len(), 2);
    wire.lose_one_answer("PutItem", "\"score_maximum\":{\"S\":\"20\"}");
    let copied = site.copy(&body).await;
    assert!(wire.is_spent());
    for item in items.iter().chain([&quiz]) {
        site.read(&copied.of(item)).await.expect(200);
    }
    assert_eq!(site.list("copy").await.len(), 3);
    wire.always(Fault::AWAY, "PutItem", "");
    site.post(&site.copies(), &body).await.expect(503);
}
