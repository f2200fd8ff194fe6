//! Walking a list page by page, while it changes and when it is large.

use ags_tests::Classroom;
use serde_json::{Value, json};

/// Line items labelled `0`, `1`, …; their URLs.
async fn numbered(classroom: &Classroom, count: usize, rest: &Value) -> Vec<String> {
    let mut items = Vec::new();
    for number in 0..count {
        items.push(classroom.create_labelled(&number.to_string(), rest).await);
    }
    items
}

/// A line item with a result for each of these users; its URL.
async fn graded(classroom: &Classroom, users: &[&str]) -> String {
    let item = classroom.item(10).await;
    for user in users {
        classroom.grade(&item, &classroom.score(user, 5, 10)).await.expect(200);
    }
    item
}

#[tokio::test]
async fn line_items_list_oldest_first_on_pages_that_are_full_ags_79_83() {
    let classroom = Classroom::new().await;
    numbered(&classroom, 7, &json!({})).await;
    let list = &classroom.course.lineitems;
    let in_order = ["0", "1", "2", "3", "4", "5", "6"];
    for limit in 1..=8 {
        let pages = classroom.labels(&format!("{list}?limit={limit}")).await;
        let expected: Vec<_> = in_order.chunks(limit).collect();
        assert_eq!(pages, expected, "limit={limit}");
    }
    assert_eq!(classroom.labels(list).await, [in_order], "everything, where no limit is asked for");
}

#[tokio::test]
async fn results_come_on_pages_that_are_full_ags_79() {
    let classroom = Classroom::new().await;
    let mut users = ["Zoe", "a b", "a#b", "a%23b", "ada"];
    let item = graded(&classroom, &users).await;
    let whole = classroom.users(&format!("{item}/results")).await.concat();
    let mut sorted = whole.clone();
    sorted.sort();
    users.sort_unstable();
    assert_eq!(sorted, users);
    for limit in 1..=6 {
        let pages = classroom.users(&format!("{item}/results?limit={limit}")).await;
        let expected: Vec<_> = whole.chunks(limit).collect();
        assert_eq!(pages, expected, "limit={limit}");
    }
}

#[tokio::test]
async fn the_one_link_is_a_url_of_this_list_and_rel_next_ags_82() {
    let classroom = Classroom::new().await;
    numbered(&classroom, 2, &json!({ "tag": "Quiz, 1; +%" })).await;
    let item = graded(&classroom, &["ADA, Byron; +%", "Bob"]).await;
    for (list, query) in [
        (&classroom.course.lineitems, "tag=Quiz,+1;+%2B%25&limit=1"),
        (&format!("{item}/results"), "limit=1"),
    ] {
        let answer = classroom.read(&format!("{list}?{query}")).await.expect(200);
        let links: Vec<_> = answer.headers.get_all("link").iter().collect();
        assert_eq!(links.len(), 1);
        let link = answer.header("link");
        let cursor = link
            .strip_prefix(&format!("<{list}?cursor="))
            .and_then(|rest| rest.strip_suffix(r#">; rel="next""#));
        let cursor = cursor.unwrap_or_else(|| panic!("{link}"));
        assert!(cursor.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{cursor}");
        assert_eq!(list, &list.to_lowercase());
    }
}

#[tokio::test]
async fn a_next_link_carries_filters_and_limit_by_itself_ags_81_84() {
    let classroom = Classroom::new().await;
    for number in 0..13 {
        let tag = if number % 2 == 0 { "Even + «ü»" } else { "odd" };
        let resource = if number == 4 { "other" } else { "R" };
        let rest = json!({ "tag": tag, "resourceId": resource });
        classroom.create_labelled(&number.to_string(), &rest).await;
    }
    let list = &classroom.course.lineitems;
    let url = format!("{list}?tag=Even+%2B+%C2%AB%C3%BC%C2%BB&resource_id=R&limit=2");
    assert_eq!(classroom.labels(&url).await, [["0", "2"], ["6", "8"], ["10", "12"]]);
    // What a client adds to the link again changes nothing.
    let next = classroom.read(&url).await.next().unwrap();
    for added in ["&limit=1", "&tag=odd", "&resource_id=R&tag=Even&limit=1000", "&limit=0"] {
        assert_eq!(classroom.labels(&format!("{next}{added}")).await, [["6", "8"], ["10", "12"]], "{added}");
    }
}

#[tokio::test]
async fn the_filters_of_a_next_link_may_be_as_long_as_they_get_ags_82() {
    let classroom = Classroom::new().await;
    let (link, long) = ("l".repeat(255), "ü€".repeat(128));
    classroom.link(&classroom.tool, &classroom.course, &link).await;
    numbered(&classroom, 3, &json!({ "resourceLinkId": link, "resourceId": long, "tag": long })).await;
    let encoded = "%C3%BC%E2%82%AC".repeat(128);
    let filters = format!("resource_link_id={link}&resource_id={encoded}&tag={encoded}");
    let pages = classroom.labels(&format!("{}?{filters}&limit=2", classroom.course.lineitems)).await;
    assert_eq!(pages, [vec!["0", "1"], vec!["2"]]);
}

#[tokio::test]
async fn no_link_leads_to_an_empty_page_ags_79() {
    let classroom = Classroom::new().await;
    let items = numbered(&classroom, 4, &json!({ "tag": "T" })).await;
    let list = &classroom.course.lineitems;
    assert_eq!(
        classroom.read(&format!("{list}?limit=4")).await.next(),
        None,
        "the last page is exactly full"
    );
    assert_eq!(classroom.read(&format!("{list}?limit=5")).await.next(), None);
    assert_eq!(classroom.read(&format!("{list}?tag=never&limit=1")).await.next(), None);
    for item in &items[2..] {
        classroom.delete(item, &classroom.token).await.expect(204);
    }
    assert_eq!(classroom.labels(&format!("{list}?limit=2")).await, [["0", "1"]], "the rest was deleted");
    for number in 0..150 {
        classroom.create_labelled(&format!("noise {number}"), &json!({ "tag": "noise" })).await;
    }
    assert_eq!(
        classroom.labels(&format!("{list}?tag=T&limit=2")).await,
        [["0", "1"]],
        "the rest has another tag"
    );
    classroom.create_labelled("late", &json!({ "tag": "T" })).await;
    assert_eq!(
        classroom.labels(&format!("{list}?tag=T&limit=2")).await,
        [vec!["0", "1"], vec!["late"]],
        "an entry far behind the others is found"
    );
}

#[tokio::test]
async fn no_link_leads_to_a_page_without_results_ags_79() {
    let classroom = Classroom::new().await;
    let item = graded(&classroom, &["a", "b"]).await;
    for number in 0..30 {
        let mut progress = classroom.score(&format!("c{number}"), Value::Null, 10);
        progress["gradingProgress"] = json!("Pending");
        classroom.grade(&item, &progress).await.expect(200);
    }
    for limit in 1..=3 {
        let pages = classroom.users(&format!("{item}/results?limit={limit}")).await;
        assert_eq!(pages.concat(), ["a", "b"], "limit={limit}");
        assert_eq!(pages.len(), if limit == 1 { 2 } else { 1 }, "limit={limit}");
    }
    classroom.grade(&item, &classroom.score("d", 0, 10)).await.expect(200);
    assert_eq!(classroom.users(&format!("{item}/results?limit=2")).await, [vec!["a", "b"], vec!["d"]]);
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_moves_no_other_line_item_ags_83() {
    let classroom = Classroom::new().await;
    let items = numbered(&classroom, 6, &json!({})).await;
    let first = classroom.read(&format!("{}?limit=2", classroom.course.lineitems)).await;
    let next = first.next().unwrap();
    // One before the cursor, the one that it names, and one after it.
    for gone in [0, 1, 3] {
        classroom.delete(&items[gone], &classroom.token).await.expect(204);
    }
    classroom.create_labelled("new", &json!({})).await;
    assert_eq!(classroom.labels(&next).await, [["2", "4"], ["5", "new"]]);
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_moves_no_other_result_ags_83() {
    let classroom = Classroom::new().await;
    let item = graded(&classroom, &["b", "d", "f", "h"]).await;
    let next = classroom.read(&format!("{item}/results?limit=2")).await.next().unwrap();
    for user in ["b", "d", "f"] {
        classroom.grade(&item, &classroom.score(user, Value::Null, 10)).await.expect(200);
    }
    for user in ["a", "c", "e", "i"] {
        classroom.grade(&item, &classroom.score(user, 1, 10)).await.expect(200);
    }
    assert_eq!(classroom.users(&next).await, [vec!["e", "h"], vec!["i"]]);
}

#[tokio::test]
async fn what_is_added_to_a_next_link_of_results_changes_nothing_ags_81() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for user in ["ada", "bob", "cyd", "dan"] {
        classroom.grade(&item, &classroom.score(user, 5, 10)).await.expect(200);
    }
    let first = classroom.read(&format!("{item}/results?limit=2")).await.expect(200);
    let next = first.next().unwrap();
    for added in ["", "&limit=1", "&user_id=ada", "&user_id=ada&user_id=bob"] {
        assert_eq!(classroom.users(&format!("{next}{added}")).await, [["cyd", "dan"]], "{added}");
    }
}

#[tokio::test]
async fn only_a_cursor_from_a_next_link_continues_a_list_ags_81() {
    let classroom = Classroom::new().await;
    numbered(&classroom, 2, &json!({ "tag": "T" })).await;
    let list = classroom.course.lineitems.clone();
    let item = graded(&classroom, &["ada", "bob"]).await;
    let results = format!("{item}/results");
    let cursor = |url: Option<String>| url.unwrap().split_once("?cursor=").unwrap().1.to_owned();
    let of_items = cursor(classroom.read(&format!("{list}?limit=1&tag=T")).await.next());
    let of_results = cursor(classroom.read(&format!("{results}?limit=1")).await.next());
    let cases = [(&list, &of_items, &of_results), (&results, &of_results, &of_items)];
    for (url, own, other) in cases {
        classroom.read(&format!("{url}?cursor={own}")).await.expect(200);
        let cut = &own[..own.len() - 2];
        let (longer, other_kind) = (format!("{own}zz"), format!("ff{}", &own[2..]));
        let no_limit = format!("{}0000{}", &own[..2], &own[6..]);
        let large_limit = format!("{}ffff{}", &own[..2], &own[6..]);
        let mut bad = vec!["x", "00", "-1", "%00", "01", "02", "0", "../", &longer, &other_kind, other];
        bad.extend([no_limit.as_str(), &large_limit, &own[..7], &own[1..]]);
        let upper = own.to_uppercase();
        if &upper != own {
            bad.push(&upper);
        }
        // A shorter user id is a user id.
        if url == &list {
            bad.push(cut);
        }
        for cursor in bad {
            let answer = classroom.read(&format!("{url}?cursor={cursor}")).await;
            answer.refuses(400, "invalid-parameter", "cursor", cursor);
        }
        assert_eq!(classroom.read(&format!("{url}?cursor=")).await.status, 200, "no cursor at all");
    }
}
