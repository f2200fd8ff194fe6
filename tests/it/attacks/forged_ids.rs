//! Ids that try to look like a part of another's: separators and escapes in client ids, users and names of assertions.

use std::collections::BTreeMap;

use ags_tests::{SCORE, World};
use reqwest::Url;
use serde_json::Value;

use crate::calls::calls_on_a_line_item;

/// Client ids of which each could be taken for a part of another, wherever they were joined without care.
const CLIENTS: [&str; 8] = ["a", "a#TOOL", "a%23TOOL", "a#PLACEMENT", "a#", "a%", "a%23", "a%2523"];

/// Users likewise.
const USERS: [&str; 12] =
    ["x", "x#y", "x%23y", "x%2523y", "x#", "x%", "x%2", "#", "%", "x#SCORE", "USER#x", "x/y"];

#[tokio::test]
async fn no_client_id_reaches_another_clients_line_items_ags_34() {
    let world = World::new().await;
    let mut tools = Vec::new();
    for client in CLIENTS {
        let tool = world.tool(client).await;
        let course = world.place(&tool, "A").await;
        let token = world.full_token(&tool).await;
        let item = world.line_item(&course, &token, 10).await;
        tools.push((client, course, token, item));
    }
    for (client, course, token, own) in &tools {
        let list = world.get(&course.lineitems, token).await.expect(200).json();
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|item| &item["id"]).collect();
        assert_eq!(ids, [own], "{client}");
        for (other, _, _, item) in tools.iter().filter(|(_, _, _, item)| item != own) {
            for call in calls_on_a_line_item() {
                let answer = call.send(&world, &course.lineitems, item, token).await;
                assert_eq!(answer.status, 404, "{client} on what {other} has: {call:?}");
            }
        }
    }
    for (client, _, token, own) in &tools {
        assert_eq!(world.get(own, token).await.expect(200).json()["label"], "Essay", "{client}");
    }
}

#[tokio::test]
async fn no_client_id_shares_the_standing_of_another_ags_32() {
    let world = World::new().await;
    let mut tools = Vec::new();
    for client in CLIENTS {
        let tool = world.tool(client).await;
        let course = world.place(&tool, "A").await;
        let token = world.full_token(&tool).await;
        tools.push((tool, course, token));
    }
    for (disabled, ..) in &tools {
        world.register(disabled, |tool| tool.enabled = false).await;
        for (tool, course, token) in &tools {
            let expected = if tool.client_id == disabled.client_id { 401 } else { 200 };
            let answer = world.get(&course.lineitems, token).await;
            assert_eq!(
                answer.status, expected,
                "{} while {} is disabled",
                tool.client_id, disabled.client_id
            );
        }
        world.register(disabled, |_| {}).await;
    }
    for (removed, course, _) in &tools {
        world.remove(removed, course).await;
        for (tool, course, token) in &tools {
            let expected = if tool.client_id == removed.client_id { 404 } else { 200 };
            let answer = world.get(&course.lineitems, token).await;
            assert_eq!(answer.status, expected, "{} without {}", tool.client_id, removed.client_id);
        }
        world.place(removed, "A").await;
    }
}

#[tokio::test]
async fn no_user_id_reaches_another_users_result_ags_122_123() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let course = world.place(&tool, "A").await;
    let token = world.full_token(&tool).await;
    let item = world.line_item(&course, &token, 100).await;
    let scores = || USERS.into_iter().zip(1..);
    let mut urls = BTreeMap::new();
    for (user, given) in scores() {
        let absent = Url::parse_with_params(&format!("{item}/results"), [("user_id", user)]).unwrap();
        assert_eq!(world.get(absent.as_str(), &token).await.expect(200).text, "[]", "{user} before");
        let answer = world.post_score(&item, &token, &world.score(user, given, 100)).await.expect(200);
        urls.insert(answer.json()["resultUrl"].as_str().unwrap().to_owned(), user);
    }
    assert_eq!(urls.len(), USERS.len(), "one URL for each user");
    for (user, given) in scores() {
        let url = urls.iter().find(|(_, owner)| **owner == user).unwrap().0;
        let single = world.get(url, &token).await.expect(200).json();
        let query = Url::parse_with_params(&format!("{item}/results"), [("user_id", user)]).unwrap();
        let filtered = world.get(query.as_str(), &token).await.expect(200).json();
        for result in [&single, &filtered[0]] {
            assert_eq!(result["userId"], user);
            assert_eq!(result["resultScore"], given, "{user}");
            assert_eq!(result["id"], *url, "{user}");
        }
        assert_eq!(filtered.as_array().map(Vec::len), Some(1), "{user}");
    }
    let listed = world.results(&item, &token).await;
    let listed: BTreeMap<_, _> = listed
        .iter()
        .filter_map(|result| Some((result["userId"].as_str()?, &result["resultScore"])))
        .collect();
    let expected: Vec<_> = scores().map(|(user, given)| (user, Value::from(given))).collect();
    assert_eq!(listed, expected.iter().map(|(user, given)| (*user, given)).collect());
}

#[tokio::test]
async fn no_client_uses_up_another_clients_assertion_ags_141() {
    let world = World::new().await;
    for (client, jti) in [("a", "b#c"), ("a#b", "c"), ("a", "b%23c"), ("a%23b", "c"), ("a", "b"), ("a#", "b")]
    {
        let tool = world.tool(client).await;
        let assertion = world.assertion(&tool).claim("jti", jti).sign();
        world.request_token(&assertion, SCORE).await.expect(200);
        assert_eq!(
            world.request_token(&assertion, SCORE).await.refusal(),
            "invalid_client",
            "{client} {jti}"
        );
    }
}

#[tokio::test]
async fn a_token_keeps_the_client_id_it_was_issued_to_ags_31() {
    let world = World::new().await;
    for client in CLIENTS {
        let tool = world.tool(client).await;
        let token = world.token(&tool, &[SCORE]).await;
        assert_eq!(ags_tests::jwt::parts(&token).1["sub"], client);
    }
}
