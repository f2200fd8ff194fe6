//! A token, as a registered tool gets one.

use ags_shared::domain::{Operation, Scope, ScopeSet};

use super::probe::Probe;
use super::report::Wrong;
use crate::oauth::{self, Signer};

/// What the token endpoint gave.
pub(super) struct Granted {
    pub(super) token: String,
    scopes: ScopeSet,
}

/// Asks for every scope that a tool can have.
pub(super) async fn get(probe: &Probe, tool: &Signer) -> Result<(Granted, String), Wrong> {
    let wanted: ScopeSet = Scope::OF_TOOLS.into_iter().collect();
    let issuer = probe.links.issuer();
    let request = oauth::request(&probe.http, &probe.links.token(), tool, &wanted.at(issuer));
    let request = request.map_err(|error| {
        Wrong::new(format!("no assertion can be signed: {error}"), "Give an RSA key, or one on P-256.")
    })?;
    let reply = probe.send(request).await?;
    let client = &tool.client_id;
    if reply.status != 200 {
        let advice = match reply.text("error") {
            "invalid_client" => format!(
                "See with agsctl tools show {client} that this client is registered with the public half of this key; if \
                 it has several keys, name this one with --kid."
            ),
            "unauthorized_client" => {
                format!("The tool is disabled; agsctl tools enable {client} lets it in again.")
            }
            "invalid_scope" => {
                format!("The tool may do nothing; agsctl tools change {client} scopes:=… says what it may.")
            }
            _ => "Something in between changes the request: see the route ANY /token.".to_owned(),
        };
        return Err(reply.instead_of("200", advice));
    }
    let scopes = ScopeSet::parse(reply.text("scope"), issuer).unwrap_or_default();
    let token = oauth::token_in(&reply.body).map_err(|error| {
        Wrong::new(
            error.to_string(),
            "Something else answers at the token endpoint: see the route ANY /token.",
        )
    })?;
    let names: Vec<_> = scopes.iter().map(short).collect();
    Ok((Granted { token, scopes }, format!("{client} may use {}", names.join(", "))))
}

/// Whether the tool holds what a dry run needs.
pub(super) fn scopes(tool: &Signer, granted: &Granted) -> Result<String, Wrong> {
    let needed =
        [Operation::WriteLineItems, Operation::ReadLineItems, Operation::PostScores, Operation::ReadResults];
    let missing = needed.iter().filter(|operation| !granted.scopes.permits(**operation));
    let missing: Vec<_> =
        missing.filter_map(|operation| operation.accepts().first().copied().map(short)).collect();
    if missing.is_empty() {
        return Ok("what a dry run needs".to_owned());
    }
    let client = &tool.client_id;
    Err(Wrong::new(
        format!("{client} does not hold {}", missing.join(", ")),
        format!(
            "If it is to send scores, agsctl tools change {client} scopes:=… gives them; otherwise leave --context out."
        ),
    ))
}

/// A scope by its last part, as people call it.
fn short(scope: Scope) -> &'static str {
    let name = scope.name();
    name.rsplit('/').next().unwrap_or(name)
}
