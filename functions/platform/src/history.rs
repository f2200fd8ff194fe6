//! How a grade came about.

use ags_shared::domain::{ContextId, Decision};
use ags_shared::http::{Lms, Problem, Query, ReadPlatform, Rest, listing};
use ags_shared::services::Services;
use ags_shared::store::{HistoryEntry, HistoryEvent, HistoryPosition, LineItemRef};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cursor;
use crate::grades::SentPoints;
use crate::place::GradePlace;

/// The most entries of a page.
const LIMIT_MAX: u16 = 100;

#[derive(Serialize, Deserialize)]
struct Cursor {
    limit: u16,
    after: HistoryPosition,
}

/// An entry as it is sent.
#[derive(Serialize)]
#[serde(untagged)]
enum Sent<'a> {
    Score {
        kind: &'static str,
        timestamp: String,
        received_at: String,
        outcome: &'static str,
        client: &'a str,
        token_id: &'a str,
        score: Option<&'a RawValue>,
    },
    Decision {
        kind: &'static str,
        at: String,
        by: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(flatten)]
        points: Option<SentPoints<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
        client: &'a str,
        token_id: &'a str,
    },
}

impl<'a> From<&'a HistoryEntry> for Sent<'a> {
    fn from(entry: &'a HistoryEntry) -> Self {
        let (client, token_id) = (entry.client.as_str(), entry.token_id.as_str());
        match &entry.event {
            HistoryEvent::Score { received_at, applied, body } => Self::Score {
                kind: "score",
                timestamp: entry.at.to_string(),
                received_at: received_at.to_string(),
                outcome: if *applied { "applied" } else { "stale" },
                client,
                token_id,
                // It was JSON when it came.
                score: serde_json::from_str(body).ok(),
            },
            HistoryEvent::Decision(Decision { by, act }) => Self::Decision {
                kind: act.kind(),
                at: entry.at.to_string(),
                by: by.as_str(),
                reason: act.reason().map(|reason| reason.as_str()),
                points: act.points().map(SentPoints::from),
                text: act.text().map(|text| text.as_str()),
                client,
                token_id,
            },
        }
    }
}

/// `GET …/grades/{user}/history`: also of a line item that was deleted.
pub(crate) async fn list(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    GradePlace { course, client, item, user }: GradePlace,
    query: Query,
) -> Result<Response, Problem> {
    let (limit, after) = match cursor::decode::<Cursor>(&query)? {
        Some(Cursor { limit, after }) => (limit, Some(after)),
        None => (u16::try_from(query.limit()?.get()).unwrap_or(LIMIT_MAX), None),
    };
    let limit = limit.clamp(1, LIMIT_MAX);
    let context = ContextId::of(&course);
    let reference = LineItemRef { context: &context, client: &client, id: item };
    if services.store.line_item_kept(&reference).await?.is_none() {
        return Err(Problem::missing("line item"));
    }
    let (entries, next) =
        services.store.history_list(item, &user, after.as_ref(), limit, services.now()).await?;
    let url = |after: &HistoryPosition| {
        let (item, user) = (item.to_string(), user.as_str());
        let segments = [
            "contexts",
            course.as_str(),
            "tools",
            client.as_str(),
            "lineitems",
            &item,
            "grades",
            user,
            "history",
        ];
        let cursor = cursor::encode(&Cursor { limit, after: after.clone() });
        format!("{}?cursor={cursor}", services.links.platform(&segments))
    };
    let rest = next.as_ref().map_or(Rest::Complete(None), |after| Rest::Next(url(after)));
    listing(&entries, Sent::from, |last| url(&last.position), rest)
}
