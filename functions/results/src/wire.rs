//! Results as JSON (AGS 5, 123–128).

use ags_shared::domain::{ContextId, Decimal, Grade, LineItem, ScoreMaximum};
use ags_shared::links::Links;
use serde::Serialize;

/// A result as it is sent: on the scale of the line item as it is now, members without a value left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent<'a> {
    id: String,
    score_of: String,
    user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_score: Option<Decimal>,
    result_maximum: &'a ScoreMaximum,
    #[serde(skip_serializing_if = "Option::is_none")]
    scoring_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
}

impl<'a> Sent<'a> {
    pub(crate) fn new(links: &Links, context: &ContextId, item: &'a LineItem, grade: &'a Grade) -> Self {
        let maximum = &item.definition.score_maximum;
        Self {
            id: links.result(context, item.id, &grade.user),
            score_of: links.line_item(context, item.id),
            user_id: grade.user.as_str(),
            result_score: grade.result_score(maximum),
            result_maximum: maximum,
            scoring_user_id: grade.result_scoring_user().map(|user| user.as_str()),
            comment: grade.result_comment(),
        }
    }
}
