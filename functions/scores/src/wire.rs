//! Scores as JSON (AGS 6, 85–96).

use std::borrow::Cow;

use ags_shared::domain::{
    Comment, Comments, Decimal, Invalid, Members, Points, Policy, Score, ScoreError, ScoreMaximum, ScoreTime,
    Submission, Timestamp, UserId, without_member,
};

/// Reads the body of a score that arrives at `now`.
///
/// Unknown members are kept in the history with the body, and change nothing else (AGS 58).
///
/// # Errors
/// [`Invalid`], which names the first member that breaks a rule.
pub fn parse(body: &[u8], now: Timestamp) -> Result<Score, Invalid> {
    let members = Members::parse_kept(body)?;
    let score_error = |error: ScoreError| Invalid::member(error.member(), error);
    let submission = match members.object("submission")? {
        Some(times) => Submission::new(times.text("startedAt")?, times.text("submittedAt")?),
        None => Ok(Submission::default()),
    };
    Ok(Score {
        user: members.required_text::<UserId>("userId")?,
        time: ScoreTime::new(members.required_text("timestamp")?, now).map_err(score_error)?,
        activity: members.required_text("activityProgress")?,
        grading: members.required_text("gradingProgress")?,
        points: points(&members)?,
        comment: Comment::parse(members.string("comment")?.unwrap_or_default()).map_err(score_error)?,
        scoring_user: members.text("scoringUserId")?,
        submission: submission.map_err(score_error)?,
    })
}

/// What of a score and its body is kept.
///
/// # Errors
/// [`Invalid`] if the body is no object.
pub fn keep(score: Score, body: &str, policy: Policy) -> Result<(Score, Cow<'_, str>), Invalid> {
    Ok(match policy.comments {
        Comments::Keep => (score, body.into()),
        Comments::Drop => (Score { comment: None, ..score }, without_member(body, "comment")?.into()),
    })
}

/// `scoreGiven` needs a `scoreMaximum`; a `scoreMaximum` alone is harmless, but must be one (AGS 88).
fn points(members: &Members<'_>) -> Result<Option<Points>, Invalid> {
    let given = members.decimal("scoreGiven")?;
    let maximum = |number: Decimal| {
        ScoreMaximum::try_from(number).map_err(|error| Invalid::member("scoreMaximum", error))
    };
    match (given, members.decimal("scoreMaximum")?.map(maximum).transpose()?) {
        (Some(given), Some(maximum)) => Ok(Some(Points { given, maximum })),
        (Some(_), None) => Err(Invalid::member("scoreMaximum", "is required with scoreGiven")),
        (None, _) => Ok(None),
    }
}
