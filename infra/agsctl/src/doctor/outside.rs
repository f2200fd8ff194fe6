//! Checks for which nobody has to be anybody.

use ags_shared::domain::{ContextId, LmsContextId};
use jiff::fmt::rfc2822;
use reqwest::header::{CACHE_CONTROL, DATE, WWW_AUTHENTICATE};
use serde_json::Value;

use super::probe::{Probe, Reply};
use super::report::Wrong;
use crate::oauth;

/// How far the clocks may differ, in seconds. Scores and assertions from more than 60 seconds ahead are refused.
const CLOCKS_MAX: i64 = 30;

/// That somebody answers at the address, with a certificate that holds; the answer to a request for the metadata.
pub(super) async fn reach(probe: &Probe) -> Result<(Reply, String), Wrong> {
    let base = probe.links.issuer();
    let reply = probe.get(&format!("{base}/.well-known/oauth-authorization-server")).await?;
    let how = if base.starts_with("https://") { "over TLS" } else { "without TLS, on this machine" };
    Ok((reply, format!("{base} answers {how}")))
}

pub(super) fn clock(reply: &Reply) -> Result<String, Wrong> {
    const ADVICE: &str = "Set the clock of this machine by a time server. The one of AWS is right.";
    let date = rfc2822::DateTimeParser::new().parse_timestamp(reply.header(&DATE));
    let date = date.map_err(|_| Wrong::new("the answer has no Date header to compare with", ADVICE))?;
    let ahead = reply.at - date.as_second();
    let said = format!(
        "{} s {}",
        ahead.abs(),
        if ahead < 0 { "behind the service" } else { "ahead of the service" }
    );
    if ahead.abs() > CLOCKS_MAX {
        return Err(Wrong::new(format!("this machine is {said}"), ADVICE));
    }
    Ok(said)
}

pub(super) fn metadata(probe: &Probe, reply: &Reply) -> Result<String, Wrong> {
    let links = &probe.links;
    if reply.status != 200 {
        return Err(
            reply.instead_of("200", "The address leads elsewhere, or its routes are missing: deploy again.")
        );
    }
    for (name, expected) in
        [("issuer", links.issuer()), ("token_endpoint", &links.token()), ("jwks_uri", &links.jwks())]
    {
        let said = reply.text(name);
        if said != expected {
            return Err(Wrong::new(
                format!("{name} is {said:?} instead of {expected:?}"),
                "Examine the service at its issuer, and make AGS_BASE_URL of every function that address.",
            ));
        }
    }
    Ok(format!("the issuer is {}", links.issuer()))
}

/// A positive max-age, and nothing that forbids to keep the answer.
fn is_cacheable(control: &str) -> bool {
    let mut directives = control.split(',').map(str::trim);
    let age = |directive: &str| directive.strip_prefix("max-age=")?.parse::<u32>().ok();
    directives.clone().any(|directive| age(directive).is_some_and(|seconds| seconds > 0))
        && !directives.any(|directive| matches!(directive, "no-store" | "no-cache"))
}

pub(super) async fn key_set(probe: &Probe) -> Result<String, Wrong> {
    let reply = probe.get(&probe.links.jwks()).await?;
    if reply.status != 200 {
        return Err(reply.instead_of("200", "The route of the key set is missing: deploy again."));
    }
    let signs =
        |key: &&Value| key["alg"] == "ES256" && key["kid"].as_str().is_some_and(|kid| !kid.is_empty());
    let keys = reply.body["keys"].as_array().into_iter().flatten().filter(signs).count();
    if keys == 0 {
        return Err(Wrong::new(
            "it has no ES256 key with a kid",
            "The first token publishes the first key; agsctl keys list shows them, agsctl keys rotate --now makes one.",
        ));
    }
    let control = reply.header(&CACHE_CONTROL);
    if !is_cacheable(control) {
        return Err(Wrong::new(
            format!("nobody may keep it: Cache-Control is {control:?}"),
            "Something in between changes headers; let it pass Cache-Control on.",
        ));
    }
    Ok(format!("keys that verify tokens: {keys}"))
}

/// What is no assertion is refused as RFC 6749 wants it, and nobody may keep the answer.
pub(super) async fn refused_assertion(probe: &Probe) -> Result<String, Wrong> {
    let request = oauth::request_with(&probe.http, &probe.links.token(), "agsctl-doctor", "agsctl-doctor");
    let reply = probe.send(request).await?;
    let advice = "Something else answers at the token endpoint: see the route ANY /token.";
    if reply.status != 400 || reply.text("error").is_empty() {
        return Err(reply.instead_of("400 with an error of RFC 6749", advice));
    }
    let control = reply.header(&CACHE_CONTROL);
    if control != "no-store" {
        return Err(Wrong::new(
            format!("Cache-Control is {control:?} instead of \"no-store\""),
            "Something in between changes headers; a token could stay in a cache.",
        ));
    }
    Ok(format!("400 {}", reply.text("error")))
}

/// Whoever shows no token is told which kind is wanted.
pub(super) async fn refused_request(probe: &Probe) -> Result<String, Wrong> {
    let nowhere = "agsctl-doctor".parse::<LmsContextId>();
    let nowhere = nowhere.map_err(|error| Wrong::new(error.to_string(), "This is a defect of agsctl."))?;
    let reply = probe.get(&probe.links.line_items(&ContextId::of(&nowhere))).await?;
    let advice =
        "Something else answers below /contexts: see its routes, and that no authorizer stands before them.";
    if reply.status != 401 {
        return Err(reply.instead_of("401", advice));
    }
    let challenge = reply.header(&WWW_AUTHENTICATE);
    if !challenge.to_ascii_lowercase().starts_with("bearer") {
        return Err(Wrong::new(
            format!("WWW-Authenticate is {challenge:?} instead of a Bearer challenge"),
            advice,
        ));
    }
    Ok("401 with a Bearer challenge".to_owned())
}

pub(super) async fn unknown_path(probe: &Probe) -> Result<String, Wrong> {
    let reply = probe.get(&format!("{}/agsctl-doctor", probe.links.issuer())).await?;
    if reply.status != 404 {
        return Err(reply.instead_of("404", "The address leads elsewhere, or another service shares it."));
    }
    Ok("404".to_owned())
}
