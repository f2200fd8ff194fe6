//! Each function with the environment of the template to the letter, and with its role, from its first event on.

use ags_shared::domain::Timestamp;
use ags_shared::store::{Precondition, UpdateOutcome};
use ags_tests::{Deployed, Deployment, Event, LINEITEM, RESULT_READONLY, SCORE};
use serde_json::json;

const JSON: &str = "application/json";

/// A score of somebody, made now.
fn score(site: &Deployed) -> String {
    let score = json!({
        "userId": "ann",
        "scoreGiven": 4,
        "scoreMaximum": 10,
        "timestamp": site.services.now().to_string(),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    });
    score.to_string()
}

/// Among others, the token function publishes the key of the template with its first token.
#[tokio::test]
async fn a_tool_gets_from_token_to_result_and_its_lms_reads_it_with_the_roles_of_the_template() {
    let site = Deployed::new().await;
    let base = site.services.links.issuer().to_owned();
    assert!(base.starts_with("https://"), "{base}");
    let (tool, lms) = (site.tool("tool").await, site.lms("lms").await);
    let course = site.place(&tool, "course").await;
    let url = site.services.links.token();
    let mut token = site.start("token").await;
    let mut tokens = Vec::new();
    for (client, scope) in
        [(&tool, [LINEITEM, SCORE, RESULT_READONLY].join(" ")), (&lms, format!("{base}/scope/platform"))]
    {
        let assertion = client.assertion(&url, site.services.now().unix_seconds()).sign();
        let answer = token.answer(&Event::token(&url, &assertion, &scope)).await.expect(200);
        tokens.push(answer.json()["access_token"].as_str().expect("a token").to_owned());
    }
    let ring = site.services.store.signing_key_list().await.expect("a table");
    let [key] = ring.as_slice() else { panic!("{ring:?}") };
    let named = key.public.private.as_deref().expect("a key of KMS");
    assert!(Deployment::get().key.arn.ends_with(named), "{named}");

    let body = json!({ "label": "Essay", "scoreMaximum": 20 }).to_string();
    let create = Event::new("POST", &course.lineitems).bearer(&tokens[0]).body(JSON, body);
    let item = site.start("lineitems").await.answer(&create).await.expect(201).header("location").to_owned();
    assert!(item.starts_with(&format!("{base}/contexts/")), "{item}");
    let post = Event::new("POST", &format!("{item}/scores")).bearer(&tokens[0]).body(JSON, score(&site));
    site.start("scores").await.answer(&post).await.expect(200);
    let get = Event::new("GET", &format!("{item}/results")).bearer(&tokens[0]);
    let results = site.start("results").await.answer(&get).await.expect(200).json();
    assert_eq!(results[0]["resultScore"], 8);

    let course = format!("{base}/platform/contexts/course");
    let mut platform = site.start("platform").await;
    let put = Event::new("PUT", &course).bearer(&tokens[1]).body(JSON, json!({ "title": "C" }).to_string());
    platform.answer(&put).await.expect(200);
    let grades = Event::new("GET", &format!("{course}/grades")).bearer(&tokens[1]);
    let grades = platform.answer(&grades).await.expect(200).json();
    assert_eq!(grades["entries"][0]["user_id"], "ann");
}

/// The role lets the token function note that it asked, and what came of it.
#[tokio::test]
async fn a_key_set_that_cannot_be_fetched_is_noted_with_the_role_of_the_template() {
    let site = Deployed::new().await;
    let tool = site.tool_at("tool", "https://localhost/jwks").await;
    let url = site.services.links.token();
    let assertion = tool.assertion(&url, site.services.now().unix_seconds()).sign();
    let answer = site.start("token").await.answer(&Event::token(&url, &assertion, SCORE)).await;
    assert_eq!(answer.refusal(), "invalid_client");
    assert_eq!(
        site.raw_items("TOOL#tool").await.len(),
        2,
        "the registration, and what is known of the key set"
    );
}

#[tokio::test]
async fn what_was_deleted_more_than_30_days_ago_ends_with_the_role_of_the_template() {
    let site = Deployed::new().await;
    let tool = site.tool("tool").await;
    let course = site.place(&tool, "course").await;
    let item = site.coupled_line_item(&tool, &course, "quiz").await;
    let url = site.services.links.token();
    let assertion = tool.assertion(&url, site.services.now().unix_seconds()).sign();
    let token = site.start("token").await.answer(&Event::token(&url, &assertion, SCORE)).await.expect(200);
    let bearer = token.json()["access_token"].as_str().expect("a token").to_owned();
    let post = Event::new("POST", &format!("{item}/scores")).bearer(&bearer).body(JSON, score(&site));
    site.start("scores").await.answer(&post).await.expect(200);
    assert_eq!((site.rows(&item).await.len(), site.history(&item, "ann").await.len()), (1, 1));

    let month_ago = site.services.now().unix_nanos() - 31 * 24 * 60 * 60 * 1_000_000_000;
    let month_ago = Timestamp::from_unix_nanos(month_ago).expect("a time");
    let id = item.rsplit('/').next().expect("a URL").parse().expect("an id");
    let client = tool.client_id.parse().expect("a client id");
    let any = Precondition::None;
    let deleted = site.services.store.line_item_delete(&course.context, &client, id, &any, month_ago);
    assert!(matches!(deleted.await.expect("a table"), UpdateOutcome::Updated(_)));
    site.start("purge").await.invoke(&json!({ "detail-type": "Scheduled Event" })).await;
    let id = id.to_string();
    for row in site.all_items().await {
        assert!(!format!("{row:?}").contains(&format!("ITEM#{id}")), "{row:?}");
    }
}
