//! Progress that the LMS reports for links to learning objects of its own.

use ags_shared::domain::{
    Invalid, Members, MissingScore, Policy, Progress, ProgressError, ProgressStatus, Score, ScoreOutcome,
    ScoreTime, Submission, Timestamp, UserId,
};
use ags_shared::http::{JsonBody, Lms, Problem, ProblemKind, WritePlatform};
use ags_shared::services::Services;
use ags_shared::store::{LineItemRef, ScoreRecord};
use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::grades::Record;
use crate::place::ProgressPlace;

/// Reads the body as the score that it stands for.
fn parse(body: &[u8], user: UserId, now: Timestamp) -> Result<(Score, Progress), Invalid> {
    let members = Members::parse(body)?;
    let status: ProgressStatus = members.required_text("status")?;
    let of_percentage = |error: ProgressError| Invalid::member("percentage", error);
    let progress = Progress::new(status, members.decimal("percentage")?).map_err(of_percentage)?;
    let at = members.text("at")?.unwrap_or(now);
    let score = Score {
        user,
        time: ScoreTime::new(at, now).map_err(|error| Invalid::member("at", error))?,
        activity: progress.activity,
        grading: progress.grading,
        points: progress.points.clone(),
        comment: None,
        scoring_user: None,
        submission: Submission::default(),
    };
    Ok((score, progress))
}

/// The score as a tool would have sent it, for the history.
fn body(score: &Score) -> String {
    let mut body = json!({
        "userId": score.user.as_str(),
        "timestamp": score.time.timestamp(),
        "activityProgress": score.activity.as_str(),
        "gradingProgress": score.grading.as_str(),
    });
    if let Some(points) = &score.points {
        body["scoreGiven"] = json!(points.given);
        body["scoreMaximum"] = json!(points.maximum);
    }
    body.to_string()
}

/// `PUT …/links/{link}/progress/{user}`: a score on the link's own line item; the answer is the grade as it is then.
pub(crate) async fn put(
    State(services): State<Services>,
    Lms { actor, .. }: Lms<WritePlatform>,
    ProgressPlace { context, client, link, user }: ProgressPlace,
    JsonBody(sent): JsonBody,
) -> Result<Response, Problem> {
    let now = services.now();
    let (score, progress) = parse(&sent, user, now)?;
    let link = services.store.link_fetch(&context, &client, &link).await?;
    let link = link.ok_or_else(|| Problem::missing("link"))?;
    let coupled = link.line_item.filter(|_| link.definition.settings.gradable);
    let refused = || Problem::new(ProblemKind::NotGradable, "The link has no line item, or is not gradable.");
    let item = coupled.ok_or_else(refused)?;
    let found = Record::read(&services, &context, &client, item, &score.user).await?;
    let rules = found.item.score_rules(found.defaults);
    rules.admit(score.handed_in())?;
    let missing_score = if progress.keeps_points { MissingScore::Keep } else { rules.policy.missing_score };
    let record = ScoreRecord {
        line_item: LineItemRef { context: &context, client: &client, id: item },
        score: &score,
        body: &body(&score),
        policy: Policy { missing_score, ..rules.policy },
        client: &actor.client,
        token_id: &actor.token_id,
        received_at: now,
    };
    match services.store.score_record(&record).await? {
        ScoreOutcome::Recorded | ScoreOutcome::Replayed => {
            let record = Record::read(&services, &context, &client, item, &score.user).await?;
            record.send(&services.links, &context, &client)
        }
        ScoreOutcome::Stale => {
            let detail = "A later score of this user is on record; this one changed nothing.";
            Err(Problem::new(ProblemKind::StaleScore, detail))
        }
    }
}
