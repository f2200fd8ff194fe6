//! What no line holds, whoever asks for what.

use std::collections::BTreeSet;

use ags_tests::{Event, SCORE};
use serde_json::{Value, json};

use super::Office;

/// As a user id, a client id, a key id, a context, or anything else: it would end a text, a line or an object.
const HOSTILE: &str = r#"x","outcome":"issued","_aws":{"CloudWatchMetrics":[]},"forged":"\n{}"#;

#[tokio::test]
async fn no_line_names_a_user_or_holds_a_token_or_a_body_ags_90() {
    let mut office = Office::new().await;
    let token = office.tools_token().await;
    let lms = office.lms_token().await;
    let user = "learner-4711";
    let at_user = "learner%2D4711";
    let body = json!({ "userId": user, "comment": "well-done-4711", "note 4711": "4711" }).to_string();
    let item = office.item.clone();
    let grade = office.platform(&format!(
        "contexts/algebra%201/tools/tool/lineitems/{}/grades/{at_user}",
        item.rsplit('/').next().unwrap()
    ));
    let get = |url: &str, token: &str| Event::new("GET", url).bearer(token);
    for (name, event) in [
        ("scores", office.score(&token, user, 5, 0)),
        ("scores", office.score(&token, user, 5, -60)),
        ("scores", office.score(&lms, user, 5, 0)),
        ("scores", office.body(&token, &body)),
        ("scores", office.body(&token, &format!("{body}4711"))),
        ("results", get(&format!("{item}/results/{at_user}"), &token)),
        ("results", get(&format!("{item}/results/{at_user}/x"), &token)),
        ("results", get(&format!("{item}/results?user_id={at_user}"), &token)),
        ("results", get(&format!("{item}/results?user_id=%00{at_user}"), &token)),
        ("platform", get(&grade, &lms)),
        ("platform", get(&grade, &token)),
        ("platform", get(&format!("{grade}/history"), &lms)),
        ("platform", get(&office.platform(&format!("users/{at_user}")), &lms)),
        ("platform", Event::new("DELETE", &office.platform(&format!("users/{at_user}"))).bearer(&lms)),
    ] {
        office.ask(name, &event).await;
    }
    office.wire.refuse("BatchGetItem", "");
    office.ask("results", &get(&format!("{item}/results/{at_user}"), &token)).await.0.expect(500);
    let secrets =
        [&token, &lms].map(|token| token.split('.').map(str::to_owned).collect::<Vec<_>>()).concat();
    for line in office.lines().await {
        let line = line.to_string();
        assert!(!line.contains("4711"), "{line}");
        assert!(secrets.iter().all(|secret| !line.contains(secret)), "{line}");
    }
}

/// Each line is parsed, and has the names that honest lines have.
#[tokio::test]
async fn nobody_breaks_a_line_or_forges_a_field_or_a_metric_ags_154() {
    let known: BTreeSet<String> = names(&Office::day().await);
    let mut office = Office::new().await;
    let strange = office.stack.tool(HOSTILE).await;
    let url = office.stack.token_url();
    let assertion = strange.assertion(&url, office.stack.services.now().unix_seconds());
    let kid = format!("{HOSTILE}\r\n");
    let unfit = assertion.header(|header| header.kid = Some(kid)).sign();
    office.ask("token", &Event::token(&url, &unfit, SCORE)).await.0.expect(400);
    let (token, line) = office.token(&strange, SCORE).await;
    assert_eq!(line["client_id"], HOSTILE);
    let tool = office.tools_token().await;
    for event in [
        office.score(&token, HOSTILE, 5, 0),
        office.score(&tool, HOSTILE, 5, 0),
        office.body(&tool, HOSTILE),
        office.body(&tool, &json!({ HOSTILE: HOSTILE }).to_string()),
        office.score(HOSTILE, "ada", 5, 0),
    ] {
        office.ask("scores", &event).await;
    }
    for line in office.lines().await {
        let forged: Vec<_> = names(std::slice::from_ref(&line)).difference(&known).cloned().collect();
        assert!(forged.is_empty(), "{forged:?}: {line}");
        let told = line["outcome"]
            .as_str()
            .is_none_or(|outcome| ["issued", "refused", "accepted"].contains(&outcome));
        assert!(told, "{line}");
        assert!(
            line["_aws"].is_null() || line["_aws"]["CloudWatchMetrics"].as_array().unwrap().len() == 2,
            "{line}"
        );
    }
}

/// The names of the fields of these lines.
fn names(lines: &[Value]) -> BTreeSet<String> {
    lines.iter().flat_map(|line| line.as_object().unwrap().keys().cloned()).collect()
}
