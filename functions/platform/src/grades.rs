//! Grades as the LMS reads them.

use ags_shared::domain::{
    ClientId, ContextId, Decimal, Grade, InstructorComment, LineItem, LineItemId, Override, Points, Policy,
    Retention, ScoreMaximum, UserId,
};
use ags_shared::http::{JSON, Lms, Problem, ReadPlatform, json};
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store::Wanted;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::place::GradePlace;

/// A grade as it is sent: the result as the tool reads it, and all that it is made of, as it was sent.
#[derive(Serialize)]
pub(crate) struct Sent<'a> {
    tool: &'a str,
    line_item_url: String,
    line_item_id: String,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_link_id: Option<&'a str>,
    user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<SentResult<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisional: Option<SentPoints<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_result: Option<SentPoints<'a>>,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    decided: Option<SentOverride<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructor_comment: Option<SentComment<'a>>,
    /// Where the instructor's comment stands before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scoring_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_progress: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grading_progress: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scored_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
}

/// Points on the line item's present scale.
#[derive(Serialize)]
struct SentResult<'a> {
    score: Decimal,
    maximum: &'a ScoreMaximum,
}

/// Points as they were given.
#[derive(Serialize)]
pub(crate) struct SentPoints<'a> {
    score: &'a Decimal,
    maximum: &'a ScoreMaximum,
}

impl<'a> From<&'a Points> for SentPoints<'a> {
    fn from(points: &'a Points) -> Self {
        Self { score: &points.given, maximum: &points.maximum }
    }
}

#[derive(Serialize)]
struct SentOverride<'a> {
    #[serde(flatten)]
    points: SentPoints<'a>,
    by: &'a str,
    reason: &'a str,
    at: String,
}

impl<'a> From<&'a Override> for SentOverride<'a> {
    fn from(decided: &'a Override) -> Self {
        Self {
            points: (&decided.points).into(),
            by: decided.by.as_str(),
            reason: decided.reason.as_str(),
            at: decided.at.to_string(),
        }
    }
}

#[derive(Serialize)]
struct SentComment<'a> {
    text: &'a str,
    by: &'a str,
    at: String,
}

impl<'a> From<&'a InstructorComment> for SentComment<'a> {
    fn from(comment: &'a InstructorComment) -> Self {
        Self { text: comment.text.as_str(), by: comment.by.as_str(), at: comment.at.to_string() }
    }
}

impl<'a> Sent<'a> {
    pub(crate) fn new(
        links: &Links,
        context: &ContextId,
        client: &'a ClientId,
        item: &'a LineItem,
        grade: &'a Grade,
    ) -> Self {
        let maximum = &item.definition.score_maximum;
        Self {
            tool: client.as_str(),
            line_item_url: links.line_item(context, item.id),
            line_item_id: item.id.to_string(),
            label: item.definition.label.as_str(),
            resource_link_id: item.resource_link.as_ref().map(|link| link.as_str()),
            user_id: grade.user.as_str(),
            result: grade.result_score(maximum).map(|score| SentResult { score, maximum }),
            provisional: grade.provisional_points.as_ref().map(SentPoints::from),
            tool_result: grade.final_points.as_ref().map(SentPoints::from),
            decided: grade.decided.as_ref().map(SentOverride::from),
            comment: grade.result_comment(),
            instructor_comment: grade.instructor_comment.as_ref().map(SentComment::from),
            tool_comment: grade.instructor_comment.as_ref().and(grade.comment.as_deref()),
            scoring_user_id: grade.result_scoring_user().map(|user| user.as_str()),
            activity_progress: grade.activity.map(|activity| activity.as_str()),
            grading_progress: grade.grading.map(|grading| grading.as_str()),
            started_at: grade.started_at.map(|at| at.to_string()),
            submitted_at: grade.submitted_at.map(|at| at.to_string()),
            scored_at: grade.scored_at.map(|at| at.to_string()),
            received_at: grade.received_at.map(|at| at.to_string()),
        }
    }
}

/// A line item, and what is on record there for one user.
pub(crate) struct Record {
    pub(crate) item: LineItem,
    pub(crate) grade: Option<Grade>,
    /// What counts for line items without a link.
    pub(crate) defaults: Policy,
}

impl Record {
    /// Reads it.
    ///
    /// # Errors
    /// 404 (also for a deleted line item) or 503.
    pub(crate) async fn read(
        services: &Services,
        context: &ContextId,
        client: &ClientId,
        item: LineItemId,
        user: &UserId,
    ) -> Result<Self, Problem> {
        let found = services.store.access_fetch(client, context, Wanted::Grade(item, user)).await?;
        let defaults = found.tool.map(|tool| tool.defaults.policy).unwrap_or_default();
        let item = found.line_item.ok_or_else(|| Problem::missing("line item"))?;
        Ok(Self { item, grade: found.grade, defaults })
    }

    /// How long its history is kept.
    pub(crate) fn retention(&self) -> Retention {
        self.item.score_rules(self.defaults).policy.history
    }

    /// The grade as an answer.
    ///
    /// # Errors
    /// 404 where nothing is on record.
    pub(crate) fn send(
        &self,
        links: &Links,
        context: &ContextId,
        client: &ClientId,
    ) -> Result<Response, Problem> {
        let grade = self.grade.as_ref().ok_or_else(|| Problem::missing("grade"))?;
        json(StatusCode::OK, JSON, &Sent::new(links, context, client, &self.item, grade))
    }
}

/// `GET …/lineitems/{item}/grades/{user}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    GradePlace { course, client, item, user }: GradePlace,
) -> Result<Response, Problem> {
    let context = ContextId::of(&course);
    let record = Record::read(&services, &context, &client, item, &user).await?;
    record.send(&services.links, &context, &client)
}
