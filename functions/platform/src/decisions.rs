//! What instructors decide: points and comments that stand before the tool's.

use std::fmt;
use std::str::FromStr;

use ags_shared::domain::{Act, Comment, ContextId, Decision, Invalid, Members, Points, ScoreMaximum, UserId};
use ags_shared::http::{Actor, JsonBody, Lms, Problem, Query, WritePlatform};
use ags_shared::services::Services;
use ags_shared::store::{DecisionRecord, LineItemRef};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::grades::Record;
use crate::place::GradePlace;

/// `PUT …/grades/{user}/override`: these points count, whatever the tool sends.
pub(crate) async fn override_put(
    State(services): State<Services>,
    Lms { actor, .. }: Lms<WritePlatform>,
    place: GradePlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    decide_and_send(&services, &actor, &place, |record| override_from(&body, record)).await
}

/// The maximum is the line item's own, unless another is given.
fn override_from(body: &Bytes, record: &Record) -> Result<Decision, Invalid> {
    let members = Members::parse(body)?;
    let maximum = members.decimal("maximum")?.map(ScoreMaximum::try_from).transpose();
    let maximum = maximum.map_err(|error| Invalid::member("maximum", error))?;
    let points = Points {
        given: members.decimal("score")?.ok_or_else(|| members.missing("score"))?,
        maximum: maximum.unwrap_or_else(|| record.item.definition.score_maximum.clone()),
    };
    let reason = members.required_text("reason")?;
    Ok(Decision { by: members.required_text("by")?, act: Act::Override { points, reason } })
}

/// `PUT …/grades/{user}/comment`: this comment shows, whatever the tool sends.
pub(crate) async fn comment_put(
    State(services): State<Services>,
    Lms { actor, .. }: Lms<WritePlatform>,
    place: GradePlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    decide_and_send(&services, &actor, &place, |_| comment_from(&body)).await
}

fn comment_from(body: &Bytes) -> Result<Decision, Invalid> {
    let members = Members::parse(body)?;
    let text = members.string("text")?.ok_or_else(|| members.missing("text"))?;
    let text = Comment::parse(text).map_err(|error| Invalid::member("text", error))?;
    let text = text.ok_or_else(|| Invalid::member("text", "must not be blank"))?;
    Ok(Decision { by: members.required_text("by")?, act: Act::Comment(text) })
}

/// `DELETE …/grades/{user}/override?by=…&reason=…`: the tool's points count again.
pub(crate) async fn override_delete(
    State(services): State<Services>,
    Lms { actor, .. }: Lms<WritePlatform>,
    place: GradePlace,
    query: Query,
) -> Result<Response, Problem> {
    let act = Act::RemoveOverride { reason: required(&query, "reason")? };
    take_back(&services, &actor, &place, Decision { by: required(&query, "by")?, act }).await
}

/// `DELETE …/grades/{user}/comment?by=…`: the tool's comment shows again.
pub(crate) async fn comment_delete(
    State(services): State<Services>,
    Lms { actor, .. }: Lms<WritePlatform>,
    place: GradePlace,
    query: Query,
) -> Result<Response, Problem> {
    let by: UserId = required(&query, "by")?;
    take_back(&services, &actor, &place, Decision { by, act: Act::RemoveComment }).await
}

fn required<T: FromStr<Err: fmt::Display>>(query: &Query, name: &str) -> Result<T, Problem> {
    let text = query.value(name)?.ok_or_else(|| Problem::parameter(name, "is required"))?;
    text.parse().map_err(|error| Problem::parameter(name, error))
}

/// Records a decision; the answer is the grade as it is then.
async fn decide_and_send(
    services: &Services,
    actor: &Actor,
    place: &GradePlace,
    decision: impl FnOnce(&Record) -> Result<Decision, Invalid>,
) -> Result<Response, Problem> {
    let GradePlace { course, client, item, user } = place;
    let context = ContextId::of(course);
    let record = Record::read(services, &context, client, *item, user).await?;
    decide(services, actor, place, &record, &decision(&record)?).await?;
    let record = Record::read(services, &context, client, *item, user).await?;
    record.send(&services.links, &context, client)
}

async fn take_back(
    services: &Services,
    actor: &Actor,
    place: &GradePlace,
    decision: Decision,
) -> Result<Response, Problem> {
    let GradePlace { course, client, item, user } = place;
    let record = Record::read(services, &ContextId::of(course), client, *item, user).await?;
    decide(services, actor, place, &record, &decision).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn decide(
    services: &Services,
    actor: &Actor,
    place: &GradePlace,
    record: &Record,
    decision: &Decision,
) -> Result<(), Problem> {
    let context = ContextId::of(&place.course);
    let record = DecisionRecord {
        line_item: LineItemRef { context: &context, client: &place.client, id: place.item },
        user: &place.user,
        decision,
        client: &actor.client,
        token_id: &actor.token_id,
        at: services.now(),
        history: record.retention(),
    };
    Ok(services.store.decision_record(&record).await?)
}
