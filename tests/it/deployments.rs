//! Tokens that are narrowed to one deployment of their tool (AGS 34, 142).

use serde_json::{Value, json};

use crate::calls::{CALLS, Scene, check_hidden, check_unauthenticated};

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|item| item["id"].as_str()).collect()
}

#[tokio::test]
async fn a_token_of_another_deployment_does_not_see_the_line_item_ags_34() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, item, .. } = &scene;
    let second = world.narrow_token(tool, "2").await;
    check_hidden(world, &course.lineitems, item, &second).await;
    assert_eq!(world.get(&course.lineitems, &second).await.expect(200).json(), json!([]));
    scene.is_unchanged().await;
}

#[tokio::test]
async fn a_token_of_the_same_deployment_and_one_of_none_see_the_line_item_ags_142() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, item, token } = &scene;
    let first = world.narrow_token(tool, "1").await;
    let list = world.get(&course.lineitems, &first).await.expect(200).json();
    assert_eq!(ids(&list), [item]);
    for token in [&first, token] {
        for call in &CALLS[..CALLS.len() - 1] {
            let answer = call.send(world, &course.lineitems, item, token).await;
            assert_eq!(answer.status, call.success, "{call:?}: {}", answer.text);
        }
    }
    world.delete(item, &first).await.expect(204);
}

#[tokio::test]
async fn what_a_narrow_token_makes_belongs_to_its_deployment_ags_142() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, item, token } = &scene;
    let second = world.narrow_token(tool, "2").await;
    let made = world.line_item(course, &second, 5).await;
    for call in &CALLS[2..CALLS.len() - 1] {
        let answer = call.send(world, &course.lineitems, &made, &second).await;
        assert_eq!(answer.status, call.success, "{call:?}: {}", answer.text);
    }
    let first = world.narrow_token(tool, "1").await;
    check_hidden(world, &course.lineitems, &made, &first).await;
    for (token, seen) in [(&first, vec![item]), (&second, vec![&made]), (token, vec![item, &made])] {
        let list = world.get(&course.lineitems, token).await.expect(200).json();
        assert_eq!(ids(&list), seen);
    }
    // 5 of 10, after the PUT of 20.
    assert_eq!(world.results(&made, &second).await[0]["resultScore"], 10);
}

#[tokio::test]
async fn a_link_of_another_deployment_is_no_link_ags_53_142() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, .. } = &scene;
    world.link(tool, course, "quiz").await;
    let body = |link: &str| json!({ "label": "Quiz", "scoreMaximum": 1, "resourceLinkId": link });
    let second = world.narrow_token(tool, "2").await;
    let answer = world.post(&course.lineitems, &second, &body("quiz")).await.expect(404);
    let never = world.post(&course.lineitems, &second, &body("never")).await.expect(404);
    assert_eq!(answer.comparable(), never.comparable());
    let first = world.narrow_token(tool, "1").await;
    let made = world.post(&course.lineitems, &first, &body("quiz")).await.expect(201).json();
    let list = world.get(&format!("{}?resource_link_id=quiz", course.lineitems), &second).await;
    assert_eq!(list.expect(200).json(), json!([]));
    let list = world.get(&format!("{}?resource_link_id=quiz", course.lineitems), &first).await;
    assert_eq!(ids(&list.expect(200).json()), [made["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn pages_of_a_narrow_token_hold_its_own_line_items_and_end_with_the_last_ags_79_142() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, item, .. } = &scene;
    let (first, second) = (world.narrow_token(tool, "1").await, world.narrow_token(tool, "2").await);
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(world.line_item(course, &second, 5).await);
        world.line_item(course, &first, 5).await;
    }
    let mut seen = Vec::new();
    let mut url = Some(format!("{}?limit=1", course.lineitems));
    while let Some(page) = url {
        let answer = world.get(&page, &second).await.expect(200);
        let list = answer.json();
        assert_eq!(ids(&list).len(), 1, "{page}");
        seen.push(ids(&list)[0].to_owned());
        url = answer.next();
    }
    assert_eq!(seen, own);
    assert!(!seen.contains(item));
}

#[tokio::test]
async fn a_deployment_that_ends_takes_its_tokens_with_it_ags_32() {
    let scene = Scene::new().await;
    let Scene { world, tool, .. } = &scene;
    let first = world.narrow_token(tool, "1").await;
    world.register(tool, |tool| tool.deployments = ["2".parse().unwrap()].into()).await;
    for call in &CALLS {
        check_unauthenticated(&scene.call(call, &first).await, &format!("{call:?}"));
    }
    scene.is_unchanged().await;
}
