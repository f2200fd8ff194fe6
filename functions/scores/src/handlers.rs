//! The handler.

use ags_shared::domain::{Invalid, ScoreOutcome};
use ags_shared::http::{
    Authorized, Ending, JSON, JsonBody, LineItemPath, Outcome, PostScores, Problem, ProblemKind, json,
};
use ags_shared::services::Services;
use ags_shared::store::{LineItemRef, ScoreRecord};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::wire;

/// `POST …/lineitems/{item}/scores`.
pub(crate) async fn record(
    State(services): State<Services>,
    caller: Authorized<PostScores>,
    LineItemPath { context, item }: LineItemPath,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let received_at = services.now();
    let body = str::from_utf8(&body).map_err(|error| Invalid::Body(error.to_string()))?;
    let score = wire::parse(body.as_bytes(), received_at)?;
    let rules = caller.score_rules(&services, &context, item).await?;
    rules.admit(score.handed_in())?;
    let (score, body) = wire::keep(score, body, rules.policy)?;
    let (client, token_id) = (&caller.grant.client, caller.grant.token_id.as_str());
    let line_item = LineItemRef { context: &context, client, id: item };
    let policy = rules.policy;
    let record = ScoreRecord { line_item, score: &score, body: &body, policy, client, token_id, received_at };
    let outcome = match services.store.score_record(&record).await? {
        ScoreOutcome::Recorded => Outcome::Accepted,
        ScoreOutcome::Replayed => Outcome::Replayed,
        ScoreOutcome::Stale => {
            let detail =
                "A score of this user with a later timestamp is on record; this one changed nothing.";
            return Err(Problem::new(ProblemKind::StaleScore, detail));
        }
    };
    // 200 with a JSON object: some tools refuse 204, others an empty or scalar body (AGS 118, 119).
    let result_url = services.links.result(&context, item, &score.user);
    let mut response = json(StatusCode::OK, JSON, &json!({ "resultUrl": result_url }))?;
    response.extensions_mut().insert(Ending::from(outcome));
    Ok(response)
}
