//! What an LMS puts into its launches.

use std::collections::BTreeSet;

use ags_tests::{LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE};
use serde_json::{Value, json};

use super::office::{CLAIM, Office};
use crate::calls::SCOPES;

const NOTHING: &str = r#"{"claims":{},"variables":{}}"#;

/// What is listed in `scope` of a claim.
fn scopes(claim: &Value) -> BTreeSet<String> {
    let scopes = claim["scope"].as_array().into_iter().flatten();
    scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_launch_of_a_graded_link_carries_the_claim_and_the_variables_ags_1_11_16_20() {
    let office = Office::new().await;
    let window = json!({ "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z" });
    let url = office.quiz_item(&json!({ "submission": window })).await;
    let mut launch = office.launch().await;
    let scope = launch["claims"][CLAIM].as_object_mut().unwrap().remove("scope").unwrap();
    assert_eq!(scope.as_array().unwrap().len(), 4);
    let list = &office.course.lineitems;
    assert_eq!(
        launch,
        json!({
            "claims": { CLAIM: { "lineitems": list, "lineitem": url } },
            "variables": {
                "LineItems.url": list,
                "LineItem.url": url,
                "ResourceLink.submission.startDateTime": window["start"],
                "ResourceLink.submission.endDateTime": window["end"],
            },
        })
    );
    // The tool finds there what it is told.
    assert_eq!(office.read(&url).await.expect(200).json()["id"], url);
    assert_eq!(office.read(list).await.expect(200).json()[0]["id"], url);
}

#[tokio::test]
async fn the_line_item_is_named_while_the_link_has_one_and_only_one_ags_12_71() {
    let office = Office::new().await;
    let coupled = office.quiz_item(&json!({})).await;
    let named = async || {
        let launch = office.launch().await;
        let name = launch["claims"][CLAIM].get("lineitem").cloned();
        assert_eq!(launch["variables"].get("LineItem.url").cloned(), name);
        name
    };
    assert_eq!(named().await, Some(json!(coupled)));
    office.item(5).await;
    assert_eq!(named().await, Some(json!(coupled)), "one without a link is none of its own");
    let own = office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(named().await, None);
    let third = office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(named().await, None);
    office.delete(&third, &office.token).await.expect(204);
    assert_eq!(named().await, None);
    office.delete(&own, &office.token).await.expect(204);
    assert_eq!(named().await, Some(json!(coupled)));
}

#[tokio::test]
async fn a_line_item_that_the_tool_made_is_named_where_it_is_the_only_one_ags_12_71() {
    let office = Office::new().await;
    // A link from before it was coupled to anything.
    office.link(&office.tool, &office.course, "quiz").await;
    assert_eq!(office.launch().await["claims"][CLAIM].get("lineitem"), None);
    let own = office.own_item().await.expect(201).json()["id"].clone();
    assert_eq!(office.launch().await["claims"][CLAIM]["lineitem"], own);
}

#[tokio::test]
async fn a_tool_that_only_posts_scores_is_not_told_of_the_container_ags_13() {
    let office = Office::new().await;
    let url = office.quiz_item(&json!({})).await;
    for (held, has_container) in
        [(SCORE, false), (RESULT_READONLY, false), (LINEITEM_READONLY, true), (LINEITEM, true)]
    {
        office.change_tool(&json!({ "scopes": [held] })).await;
        let launch = office.launch().await;
        let claim = &launch["claims"][CLAIM];
        assert_eq!(claim["lineitem"], url);
        for list in [claim.get("lineitems"), launch["variables"].get("LineItems.url")] {
            assert_eq!(list.is_some(), has_container, "{held}: {launch}");
        }
    }
}

#[tokio::test]
async fn the_claim_lists_what_the_token_endpoint_grants_ags_14_15() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    // All sets of scopes there are.
    for set in 0..16_usize {
        let held: Vec<_> = (0..4).filter(|bit| set >> bit & 1 == 1).map(|bit| SCOPES[bit]).collect();
        office.change_tool(&json!({ "scopes": held })).await;
        let listed = scopes(&office.launch().await["claims"][CLAIM]);
        let context = office.ask("contexts/course/tools/tool/claim").await.expect(200).json();
        assert_eq!(scopes(&context["claims"][CLAIM]), listed);
        // Asked for everything, and for what the claim lists, it grants that.
        let everything = SCOPES.join(" ");
        let own: Vec<_> = listed.iter().map(String::as_str).collect();
        for asked in [everything, own.join(" ")] {
            let answer = office.request_token(&office.assertion(&office.tool).sign(), &asked).await;
            if listed.is_empty() {
                assert_ne!(answer.status, 200);
                continue;
            }
            let granted = answer.expect(200).json()["scope"].as_str().unwrap().to_owned();
            assert_eq!(granted.split(' ').map(str::to_owned).collect::<BTreeSet<_>>(), listed, "{held:?}");
        }
    }
}

#[tokio::test]
async fn there_is_no_claim_where_the_tool_can_use_nothing_ags_18() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    let url = office.platform_url("contexts/course/tools/tool");
    let launch = async || office.get(&format!("{url}/links/quiz/claim"), &office.lms).await.expect(200).text;
    let message = async || office.get(&format!("{url}/claim"), &office.lms).await.expect(200).text;
    let whole = [launch().await, message().await];
    for (off, on) in [
        (json!({ "enabled": false }), json!({ "enabled": true })),
        (json!({ "scopes": [] }), json!({ "scopes": SCOPES })),
        (json!({ "deployments": ["9"] }), json!({ "deployments": ["1"] })),
    ] {
        office.change_tool(&off).await;
        assert_eq!([launch().await, message().await], [NOTHING, NOTHING], "{off}");
        office.change_tool(&on).await;
        assert_eq!([launch().await, message().await], whole, "{on}");
    }
    office.quiz(&json!({ "gradable": false })).await;
    assert_eq!([launch().await, message().await], [NOTHING, &whole[1]]);
    office.quiz(&json!({})).await;
    office.remove(&office.tool, &office.course).await;
    assert_eq!([launch().await, message().await], [NOTHING, NOTHING]);
}

#[tokio::test]
async fn a_link_of_a_deployment_that_has_ended_has_no_claim_ags_18() {
    let office = Office::new().await;
    office.quiz(&json!({ "deployment": "2" })).await;
    office.change_tool(&json!({ "deployments": ["1"] })).await;
    assert_eq!(office.launch().await, serde_json::from_str::<Value>(NOTHING).unwrap());
    let message = office.ask("contexts/course/tools/tool/claim").await.expect(200).json();
    assert!(message["claims"][CLAIM].is_object(), "that of the placement goes on");
}

#[tokio::test]
async fn deep_linking_carries_the_claim_without_a_line_item_and_says_that_it_takes_one_ags_11_69() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    let mut message = office.ask("contexts/course/tools/tool/claim").await.expect(200).json();
    message["claims"][CLAIM].as_object_mut().unwrap().remove("scope").unwrap();
    let list = &office.course.lineitems;
    assert_eq!(
        message,
        json!({
            "claims": { CLAIM: { "lineitems": list } },
            "variables": { "LineItems.url": list },
            "deep_linking_settings": { "accept_lineitem": true },
        })
    );
}

#[tokio::test]
async fn a_launch_is_for_a_user_to_whom_a_score_can_go_ags_19_90() {
    let office = Office::new().await;
    office.quiz(&json!({})).await;
    for path in ["links/quiz/claim", "claim"] {
        let path = format!("contexts/course/tools/tool/{path}");
        let plain = office.ask(&path).await.expect(200).json();
        let longest = "x".repeat(255);
        for user in ["ada", "a%2Fb%20c", "..", &longest] {
            assert_eq!(office.ask(&format!("{path}?user_id={user}")).await.expect(200).json(), plain);
        }
        for user in ["%C3%A9", "a%0Ab", &format!("{longest}x"), "a&user_id=b"] {
            let answer = office.ask(&format!("{path}?user_id={user}")).await;
            answer.refuses(400, "invalid-parameter", "user_id", user);
        }
    }
}

#[tokio::test]
async fn a_claim_is_of_a_tool_and_a_link_that_there_are() {
    let office = Office::new().await;
    for path in [
        "tools/tool/links/quiz/claim",
        "tools/nobody/links/quiz/claim",
        "tools/lms/claim",
        "tools/nobody/claim",
    ] {
        office.ask(&format!("contexts/course/{path}")).await.expect(404);
    }
    let elsewhere = office.ask("contexts/elsewhere/tools/tool/claim").await.expect(200);
    assert_eq!(elsewhere.text, NOTHING, "the tool has no place there");
}
