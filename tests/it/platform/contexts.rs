//! Courses, and the places of tools in them.

use ags_tests::World;
use serde_json::json;

#[tokio::test]
async fn a_course_is_what_the_lms_said_last() {
    let world = World::new().await;
    let token = world.lms_token().await;
    let url = world.platform_url("contexts/course~2f1");
    world.get(&url, &token).await.expect(404);
    for title in ["Algebra", "Algebra I"] {
        let put = world.put(&url, &token, &json!({ "title": title })).await.expect(200).json();
        assert_eq!((&put["id"], &put["title"]), (&json!("course/1"), &json!(title)));
        assert_eq!(world.get(&url, &token).await.expect(200).json(), put);
    }
    world.put(&url, &token, &json!({ "title": " " })).await.refuses(
        400,
        "invalid-member",
        "title",
        "a blank title",
    );
}

#[tokio::test]
async fn a_tool_finds_a_course_while_it_is_placed_there_ags_36() {
    let world = World::new().await;
    let (token, tool) = (world.lms_token().await, world.tool("tool").await);
    let own = world.full_token(&tool).await;
    let course = world.platform_url("contexts/A");
    let made = world.put(&course, &token, &json!({ "title": "A" })).await.expect(200).json();
    let list = made["lineitems_url"].as_str().unwrap();
    let place = format!("{course}/tools/tool");
    world.get(list, &own).await.expect(404);
    for _ in 0..2 {
        world.put(&place, &token, &json!({ "deployment": "1" })).await.expect(200);
        world.get(list, &own).await.expect(200);
    }
    assert_eq!(
        world.get(&place, &token).await.expect(200).json(),
        json!({ "tool": "tool", "deployment": "1" })
    );
    for _ in 0..2 {
        world.delete(&place, &token).await.expect(204);
        world.get(list, &own).await.expect(404);
    }
    world.get(&place, &token).await.expect(404);
}

#[tokio::test]
async fn a_placement_names_a_tool_a_course_and_a_deployment_that_there_are() {
    let world = World::new().await;
    let token = world.lms_token().await;
    world.tool("tool").await;
    let course = world.platform_url("contexts/A");
    let one = json!({ "deployment": "1" });
    world.put(&format!("{course}/tools/tool"), &token, &one).await.expect(404);
    world.put(&course, &token, &json!({ "title": "A" })).await.expect(200);
    for stranger in ["nobody", "lms"] {
        world.put(&format!("{course}/tools/{stranger}"), &token, &one).await.expect(404);
    }
    let other = world.put(&format!("{course}/tools/tool"), &token, &json!({ "deployment": "3" })).await;
    other.refuses(400, "invalid-member", "deployment", "not the tool's");
}
