//! What a tool must not see or change: another tool's, another context's (AGS 34–36, 53).

use ags_tests::{Course, Tool};
use reqwest::Method;
use serde_json::json;

use crate::calls::{CALLS, NEVER, Scene, USER, calls_on_a_line_item, check_absent, check_hidden};

/// Another tool, placed in the context of the scene.
async fn neighbour(scene: &Scene) -> (Tool, Course, String) {
    let tool = scene.world.tool("other").await;
    let course = scene.world.place(&tool, "A").await;
    let token = scene.world.full_token(&tool).await;
    (tool, course, token)
}

#[tokio::test]
async fn another_tools_line_item_is_absent_on_every_call_ags_35() {
    let scene = Scene::new().await;
    let (_, course, token) = neighbour(&scene).await;
    assert_eq!(course.lineitems, scene.course.lineitems);
    check_hidden(&scene.world, &course.lineitems, &scene.item, &token).await;
    scene.is_unchanged().await;
}

#[tokio::test]
async fn another_tools_line_item_is_in_no_list_ags_34() {
    let scene = Scene::new().await;
    let (_, course, token) = neighbour(&scene).await;
    assert_eq!(scene.world.get(&course.lineitems, &token).await.expect(200).json(), json!([]));
    let own = scene.world.line_item(&course, &token, 5).await;
    let listed = scene.world.get(&course.lineitems, &token).await.expect(200).json();
    assert_eq!(listed, json!([{ "id": own, "label": "Essay", "scoreMaximum": 5 }]));
    scene.is_unchanged().await;
}

#[tokio::test]
async fn another_tools_filters_and_cursors_bring_nothing_of_its_own_ags_34() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, token, .. } = &scene;
    let (_, _, foreign) = neighbour(&scene).await;
    world.link(tool, course, "quiz").await;
    for _ in 0..2 {
        let body = json!({ "label": "Quiz", "scoreMaximum": 1, "resourceLinkId": "quiz", "tag": "t", "resourceId": "r" });
        world.post(&course.lineitems, token, &body).await.expect(201);
    }
    for filter in ["resource_link_id=quiz", "tag=t", "resource_id=r"] {
        let url = format!("{}?{filter}", course.lineitems);
        let own = world.get(&url, token).await.expect(200).json();
        assert_eq!(own.as_array().map(Vec::len), Some(2), "{filter}");
        assert_eq!(world.get(&url, &foreign).await.expect(200).json(), json!([]), "{filter}");
    }
    let first = world.get(&format!("{}?limit=1", course.lineitems), token).await.expect(200);
    let next = first.next().expect("a next page");
    assert_ne!(world.get(&next, token).await.expect(200).json(), json!([]));
    assert_eq!(world.get(&next, &foreign).await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn the_version_of_another_tools_line_item_is_not_told_ags_35() {
    let scene = Scene::new().await;
    let (_, course, token) = neighbour(&scene).await;
    let world = &scene.world;
    let etag = world.get(&scene.item, &scene.token).await.expect(200).header("etag").to_owned();
    for call in calls_on_a_line_item() {
        let never = call.send(world, &course.lineitems, NEVER, &token).await;
        for (name, value) in [("if-none-match", etag.as_str()), ("if-match", &etag), ("if-match", r#""0""#)] {
            let request = call.request(world, &course.lineitems, &scene.item).bearer_auth(&token);
            check_absent(call, &world.send(request.header(name, value)).await, &never);
        }
    }
    scene.is_unchanged().await;
}

#[tokio::test]
async fn another_tools_coupled_line_item_is_absent_like_any_other_ags_35() {
    let scene = Scene::new().await;
    let (_, course, token) = neighbour(&scene).await;
    let coupled = scene.world.coupled_line_item(&scene.tool, &scene.course, "quiz").await;
    check_hidden(&scene.world, &course.lineitems, &coupled, &token).await;
    scene.world.get(&coupled, &scene.token).await.expect(200);
}

#[tokio::test]
async fn a_line_item_that_was_deleted_is_as_absent_as_one_that_never_was_ags_35() {
    let scene = Scene::new().await;
    scene.world.delete(&scene.item, &scene.token).await.expect(204);
    check_hidden(&scene.world, &scene.course.lineitems, &scene.item, &scene.token).await;
}

#[tokio::test]
async fn a_line_item_is_absent_in_another_context_of_its_tool_ags_35() {
    let scene = Scene::new().await;
    let other = scene.world.place(&scene.tool, "B").await;
    assert_ne!(other.lineitems, scene.course.lineitems);
    check_hidden(&scene.world, &other.lineitems, &scene.item, &scene.token).await;
    assert_eq!(scene.world.get(&other.lineitems, &scene.token).await.expect(200).json(), json!([]));
    scene.is_unchanged().await;
}

#[tokio::test]
async fn a_context_without_the_tool_is_absent_like_one_that_never_was_ags_36() {
    let scene = Scene::new().await;
    let Scene { world, course, item, .. } = &scene;
    let outsider = world.tool("other").await;
    let elsewhere = world.place(&outsider, "B").await;
    let token = world.full_token(&outsider).await;
    let never = world.place(&world.tool("third").await, "C").await;
    world.remove(&world.tool("third").await, &never).await;
    for call in &CALLS {
        let answer = call.send(world, &course.lineitems, item, &token).await;
        let expected = call.send(world, &never.lineitems, NEVER, &token).await;
        check_absent(call, &answer, &expected);
    }
    world.get(&elsewhere.lineitems, &token).await.expect(200);
    scene.is_unchanged().await;
}

#[tokio::test]
async fn an_id_in_another_spelling_is_absent_ags_35() {
    let scene = Scene::new().await;
    let Scene { world, course, item, token, .. } = &scene;
    let id = item.rsplit('/').next().unwrap();
    for id in [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), "1".to_owned(), "%23".to_owned()]
    {
        check_hidden(world, &course.lineitems, &id, token).await;
    }
    let upper = course.lineitems.replace(course.context.as_str(), &course.context.as_str().to_uppercase());
    for call in &CALLS {
        let never = call.send(world, &format!("{}/contexts/none/lineitems", world.base), NEVER, token).await;
        check_absent(call, &call.send(world, &upper, item, token).await, &never);
    }
    scene.is_unchanged().await;
}

#[tokio::test]
async fn a_link_of_another_tool_or_context_is_no_link_ags_53() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, token, .. } = &scene;
    let (other, other_course, foreign) = neighbour(&scene).await;
    let elsewhere = world.place(tool, "B").await;
    world.link(tool, course, "quiz").await;
    world.link(&other, &other_course, "lab").await;
    let create = async |course: &Course, token: &str, link: &str| {
        let body = json!({ "label": "Quiz", "scoreMaximum": 1, "resourceLinkId": link });
        world.post(&course.lineitems, token, &body).await
    };
    let never = create(course, token, "never").await.expect(404);
    assert_eq!(never.problem().0, "not-found");
    for (course, token, link) in [
        (course, &foreign, "quiz"),
        (course, token, "lab"),
        (&elsewhere, token, "quiz"),
        (course, token, "QUIZ"),
        (course, token, "qui"),
    ] {
        let answer = create(course, token, link).await.expect(404);
        assert_eq!(answer.comparable(), never.comparable(), "{link}");
    }
    create(course, token, "quiz").await.expect(201);
    create(course, &foreign, "lab").await.expect(201);
    assert_eq!(world.get(&elsewhere.lineitems, token).await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn results_of_one_line_item_are_not_those_of_another_ags_122() {
    let scene = Scene::new().await;
    let Scene { world, course, item, token, .. } = &scene;
    let second = world.line_item(course, token, 10).await;
    assert!(world.results(&second, token).await.is_empty());
    let result = format!("{second}/results/{USER}");
    world.call(Method::GET, &result, token, &json!(null)).await.expect(404);
    world.post_score(&second, token, &world.score(USER, 1, 10)).await.expect(200);
    assert_eq!(world.results(&second, token).await[0]["resultScore"], 1);
    assert_eq!(world.results(item, token).await[0]["resultScore"], 7);
}
