//! Requests with a token, or without one.

use ags_shared::auth::access_token::Grant;
use ags_shared::domain::{ScopeSet, Timestamp};
use ags_tests::{Event, LINEITEM, SCORE, Stack, jwt};

use super::{refused, start};

#[tokio::test]
async fn every_refused_bearer_leaves_one_line_with_its_true_reason_ags_37() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "A").await;
    let elsewhere = stack.place(&stack.tool("other").await, "B").await;
    let mut function = start("lineitems", stack.environment("lineitems")).await;
    let now = stack.services.now();
    let hour_ago =
        Timestamp::from_unix_nanos(i128::from(now.unix_seconds() - 3_600) * 1_000_000_000).unwrap();
    let issuer = stack.services.links.issuer().to_owned();
    let stranger = jwt::new_signer();
    let impostor = jwt::Impostor { kid: stack.signer.public_half().kid.clone(), key: jwt::new_signer() };
    let grant = |client: &str, scopes: &str, deployment: Option<&str>| Grant {
        client: client.parse().unwrap(),
        scopes: ScopeSet::from_names([scopes]),
        deployment: deployment.map(|id| id.parse().unwrap()),
        token_id: "1".to_owned(),
    };
    let good = grant("tool", LINEITEM, None);
    let own = stack.signer.as_ref();
    let genuine = jwt::mint_grant(own, &issuer, &good, now).await;
    let narrowed = jwt::mint_grant(own, &issuer, &grant("tool", LINEITEM, Some("3")), now).await;
    let cases = [
        ("malformed_token", "hunter2".to_owned()),
        ("unknown_key", jwt::mint_grant(&stranger, &issuer, &good, now).await),
        ("bad_signature", jwt::mint_grant(&impostor, &issuer, &good, now).await),
        ("foreign_token", jwt::mint_grant(own, "https://other.example", &good, now).await),
        ("expired", jwt::mint_grant(own, &issuer, &good, hour_ago).await),
        ("scope", jwt::mint_grant(own, &issuer, &grant("tool", SCORE, None), now).await),
        ("unknown_client", jwt::mint_grant(own, &issuer, &grant("nobody", LINEITEM, None), now).await),
        ("foreign_deployment", narrowed),
    ];
    let list = Event::new("GET", &course.lineitems);
    for (reason, token) in &cases {
        let line = refused(&mut function, &list.clone().bearer(token), reason).await;
        assert_eq!(line["route"], "/contexts/{context}/lineitems", "{line}");
    }
    refused(&mut function, &list, "no_token").await;
    refused(&mut function, &list.clone().header("authorization", "Basic hunter2"), "no_token").await;
    let foreign = Event::new("GET", &elsewhere.lineitems).bearer(&genuine);
    let line = refused(&mut function, &foreign, "not_placed").await;
    assert_eq!(line["client_id"], "tool", "proven: {line}");
    function.answer(&list.clone().bearer(&genuine)).await.expect(200);
    stack.register(&tool, |tool| tool.scopes = ScopeSet::from_names(SCORE.split(' '))).await;
    refused(&mut function, &list.clone().bearer(&genuine), "scope").await;
    stack.register(&tool, |tool| tool.enabled = false).await;
    refused(&mut function, &list.clone().bearer(&genuine), "disabled").await;
    let said = function.said();
    for (_, token) in &cases {
        assert!(token.split('.').all(|part| !said.contains(part)), "{token} in {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}
