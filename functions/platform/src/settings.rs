//! The settings of links, and those that a tool's links have by default, as JSON.

use std::fmt::Display;

use ags_shared::domain::{Invalid, Members, Retention, SettingError, Settings, SettingsChange};
use serde::Serialize;

/// Reads the members of an object that are settings; those that it lacks stay as they are.
pub(crate) fn parse(members: &Members<'_>) -> Result<SettingsChange, Invalid> {
    Ok(SettingsChange {
        gradable: members.boolean("gradable")?,
        columns: members.text("columns")?,
        comments: members.text("comments")?,
        missing_score: members.text("missing_score")?,
        late: members.text("late")?,
        history: history(members)?,
    })
}

fn history(members: &Members<'_>) -> Result<Option<Retention>, Invalid> {
    const NAME: &str = "history_days";
    let refused = |error: &dyn Display| members.complain(NAME, error);
    let Some(number) = members.decimal(NAME)? else { return Ok(None) };
    let days = number.to_string().parse().map_err(|_| refused(&SettingError::Days))?;
    Retention::from_days(days).map(Some).map_err(|error| refused(&error))
}

/// Settings as they are sent.
#[derive(Debug, Serialize)]
pub(crate) struct Sent {
    gradable: bool,
    columns: &'static str,
    comments: &'static str,
    missing_score: &'static str,
    late: &'static str,
    history_days: u16,
}

impl From<Settings> for Sent {
    fn from(settings: Settings) -> Self {
        let Settings { gradable, columns, policy } = settings;
        Self {
            gradable,
            columns: columns.as_str(),
            comments: policy.comments.as_str(),
            missing_score: policy.missing_score.as_str(),
            late: policy.late.as_str(),
            history_days: policy.history.days(),
        }
    }
}
