//! Copies of courses.

use ags_shared::domain::{LineItem, ResourceLink};
use serde_json::json;

use super::site::{Site, to_copy};

#[tokio::test]
async fn a_copy_has_every_line_item_with_all_it_says_but_its_id_and_its_link_ags_73() {
    let site = Site::new().await;
    site.link(&site.tool, &site.classroom.course, "old/link").await;
    let members = json!({
        "resourceId": "r-1", "tag": "t", "startDateTime": "2026-01-01T00:00:00Z",
        "endDateTime": "2026-02-01T00:00:00.5Z", "gradesReleased": false,
        "submissionReview": { "reviewableStatus": ["None"], "label": "See" },
        "https://example.org/x": { "deep": [1.10, null] },
    });
    let mut of_link = members.clone();
    of_link["resourceLinkId"] = json!("old/link");
    let plain = [
        site.create_labelled("First", &members).await,
        site.create_labelled("Second", &of_link).await,
        site.create_labelled("Third", &json!({})).await,
    ];
    site.grade(&plain[0], &site.score("ada", 1, 10)).await.expect(200);
    let body = json!({ "to": "copy", "links": { "old/link": "new link", "unknown": "x" } });
    let copied = site.copy(&body).await;
    assert_eq!(copied.links, [json!({ "tool": "tool", "from": "old/link", "to": "new link" })]);
    let mut expected = site.list("course").await;
    assert_eq!(expected.len(), 3);
    for item in &mut expected {
        item["id"] = json!(copied.of(item["id"].as_str().unwrap()));
        if item.get("resourceLinkId").is_some() {
            item["resourceLinkId"] = json!("new link");
        }
    }
    assert_eq!(site.list("copy").await, expected, "in the same order");
    for item in &expected {
        let id = item["id"].as_str().unwrap();
        assert!(site.all_results(id).await.is_empty(), "results are not copied");
        assert_eq!(site.read(id).await.expect(200).json(), *item);
    }
}

#[tokio::test]
async fn what_belongs_to_a_link_that_is_not_copied_or_was_deleted_is_not_copied_ags_73() {
    let site = Site::new().await;
    site.link(&site.tool, &site.classroom.course, "kept").await;
    site.link(&site.tool, &site.classroom.course, "left").await;
    site.coupled_line_item(&site.tool, &site.classroom.course, "left too").await;
    site.create_labelled("of it", &json!({ "resourceLinkId": "left" })).await;
    let deleted = site.create_labelled("deleted", &json!({ "resourceLinkId": "kept" })).await;
    let kept = site.create_labelled("kept", &json!({ "resourceLinkId": "kept" })).await;
    site.classroom.delete(&deleted, &site.classroom.token).await.expect(204);
    let copied = site.copy(&json!({ "to": "copy", "links": { "kept": "kept" } })).await;
    assert_eq!((copied.line_items.len(), copied.links.len()), (1, 1));
    copied.of(&kept);
    assert_eq!(site.list("copy").await.len(), 1);
    let left = json!({ "label": "x", "scoreMaximum": 1, "resourceLinkId": "left" });
    site.classroom.post(&site.course("copy").lineitems, &site.classroom.token, &left).await.expect(404);
}

#[tokio::test]
async fn the_coupled_line_item_of_a_copied_link_is_coupled_again_ags_68_73() {
    let site = Site::new().await;
    let item = site.coupled_line_item(&site.tool, &site.classroom.course, "quiz").await;
    let changed = json!({ "label": "Renamed", "scoreMaximum": 7 });
    site.replace(&item, &changed).await.expect(200);
    let copied = site.copy(&json!({ "to": "copy", "links": { "quiz": "quiz 2" } })).await;
    let copy = copied.of(&item);
    let list = site.list("copy").await;
    assert_eq!(list.len(), 1);
    assert_eq!(
        (&list[0]["id"], &list[0]["label"], &list[0]["resourceLinkId"]),
        (&json!(copy), &json!("Renamed"), &json!("quiz 2"))
    );
    site.classroom.delete(&copy, &site.classroom.token).await.expect(403);
    let made = site.known_link(&site.course("copy"), "quiz 2").await;
    let old = site.known_link(&site.classroom.course, "quiz").await;
    assert!(copy.ends_with(&made.line_item.unwrap().to_string()));
    assert_eq!(made.definition, old.definition, "as it is");
}

#[tokio::test]
async fn a_link_that_the_lms_put_before_keeps_its_own_line_item_and_its_rules_ags_73() {
    let site = Site::new().await;
    let old = site.coupled_line_item(&site.tool, &site.classroom.course, "quiz").await;
    let more = site.create_labelled("more", &json!({ "resourceLinkId": "quiz" })).await;
    let own = site.coupled_line_item(&site.tool, &site.course("copy"), "quiz").await;
    let (store, client) = (&site.services.store, "tool".parse().unwrap());
    let context = site.course("copy").context;
    let put = site.known_link(&site.course("copy"), "quiz").await;
    let mut definition = put.definition.clone();
    definition.settings.gradable = false;
    let closed = ResourceLink { definition, version: 2, ..put };
    assert!(store.link_write(&context, &client, &closed, Some(1), None, site.services.now()).await.unwrap());
    let copied = site.copy(&json!({ "to": "copy", "links": { "quiz": "quiz" } })).await;
    assert_eq!(copied.of(&old), own);
    let of_link = |item: &LineItem| item.resource_link.as_ref().is_some_and(|link| link.as_str() == "quiz");
    let kept = store.line_item_list_kept(&context, &client, None, 10).await.unwrap().entries;
    let all: Vec<_> = kept.into_iter().map(|kept| kept.line_item).collect();
    assert_eq!((all.len(), all.iter().all(of_link)), (2, true));
    // The link is not gradable in the copy, and neither is what came to it.
    let id = copied.of(&more);
    let made = all.iter().find(|item| id.ends_with(&item.id.to_string())).unwrap();
    assert!(!made.is_open());
}

#[tokio::test]
async fn what_comes_to_a_link_of_another_deployment_belongs_to_that_ags_34_73() {
    let site = Site::new().await;
    site.link(&site.tool, &site.classroom.course, "quiz").await;
    let own = site.create_labelled("own", &json!({ "resourceLinkId": "quiz" })).await;
    site.link_under(&site.tool, &site.course("copy"), "quiz", "2").await;
    let copy = site.copy(&json!({ "to": "copy", "links": { "quiz": "quiz" } })).await.of(&own);
    for (deployment, status) in [("1", 404), ("2", 200)] {
        let narrow = site.narrow_token(&site.tool, deployment).await;
        site.get(&copy, &narrow).await.expect(status);
    }
}

#[tokio::test]
async fn tools_are_placed_as_in_the_old_course_but_those_that_were_taken_out_ags_73() {
    let site = Site::new().await;
    let gone = site.other_tool("gone", 1).await;
    let second = site.other_tool("second#%", 1).await;
    let place = site.platform_url("contexts/course/tools/second~23~25");
    site.put(&place, &site.lms, &json!({ "deployment": "2" })).await.expect(200);
    site.remove(&gone, &site.classroom.course).await;
    let copied = site.copy(&to_copy()).await;
    assert_eq!(copied.line_items.len(), 1);
    let placed = |tool: &str| site.platform_url(&format!("contexts/copy/tools/{tool}"));
    let deployment = async |tool: &str| site.get(&placed(tool), &site.lms).await.json()["deployment"].clone();
    assert_eq!(deployment("tool").await, "1");
    assert_eq!(deployment("second~23~25").await, "2");
    site.get(&placed("gone"), &site.lms).await.expect(404);
    let own = site.full_token(&second).await;
    let list = site.get(&site.course("copy").lineitems, &own).await.expect(200).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    // Where it has been placed otherwise since, it stays so.
    site.put(&placed("second~23~25"), &site.lms, &json!({ "deployment": "1" })).await.expect(200);
    site.copy(&to_copy()).await;
    assert_eq!(deployment("second~23~25").await, "1");
}

#[tokio::test]
async fn the_new_course_has_the_title_that_is_given_or_that_of_the_old_and_keeps_its_own() {
    let site = Site::new().await;
    let title = async |id: &str| {
        site.get(&site.platform_url(&format!("contexts/{id}")), &site.lms).await.expect(200).json()["title"]
            .clone()
    };
    site.copy(&json!({ "to": "a" })).await;
    site.copy(&json!({ "to": "b", "title": "Geometry" })).await;
    site.copy(&json!({ "to": "a", "title": "Geometry" })).await;
    assert_eq!((title("a").await, title("b").await), (json!("Course"), json!("Geometry")));
}

#[tokio::test]
async fn each_copy_of_a_course_has_line_items_of_its_own_ags_73() {
    let site = Site::new().await;
    let item = site.item(10).await;
    let copies =
        [site.copy(&json!({ "to": "a" })).await.of(&item), site.copy(&json!({ "to": "b" })).await.of(&item)];
    assert_ne!(copies[0], copies[1]);
    site.grade(&copies[0], &site.score("ada", 1, 10)).await.expect(200);
    for (item, results) in [(&item, 0), (&copies[0], 1), (&copies[1], 0)] {
        assert_eq!(site.all_results(item).await.len(), results);
    }
}

#[tokio::test]
async fn a_copy_names_two_courses_and_makes_no_two_links_one() {
    let site = Site::new().await;
    let copies = site.copies();
    for (body, field) in [
        (json!({}), "to"),
        (json!({ "to": "course" }), "to"),
        (json!({ "to": 1 }), "to"),
        (json!({ "to": "copy", "title": " " }), "title"),
        (json!({ "to": "copy", "links": [] }), "links"),
        (json!({ "to": "copy", "links": { "a": "c", "b": "c" } }), "links.b"),
        (json!({ "to": "copy", "links": { "a": "" } }), "links.a"),
    ] {
        site.post(&copies, &body).await.refuses(400, "invalid-member", field, &body.to_string());
    }
    for cursor in ["00", "7b7d"] {
        let answer = site.post(&format!("{copies}?cursor={cursor}"), &to_copy()).await;
        answer.refuses(400, "invalid-parameter", "cursor", cursor);
    }
    site.post(&site.platform_url("contexts/nowhere/copies"), &to_copy()).await.expect(404);
    site.get(&site.platform_url("contexts/copy"), &site.lms).await.expect(404);
}
