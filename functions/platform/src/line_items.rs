//! The line items of a tool, deleted ones among them, which can be restored.

use ags_shared::domain::{ClientId, ContextId, KeptLineItem, LineItem, LineItemId, ScoreMaximum, Timestamp};
use ags_shared::http::{
    JSON, Lms, Problem, ProblemKind, Query, ReadPlatform, Rest, WritePlatform, json, listing,
};
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store::{LineItemRef, RestoreOutcome};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::cursor;
use crate::place::{GuestPlace, ItemPlace};

#[derive(Serialize, Deserialize)]
struct Cursor {
    limit: u16,
    after: String,
}

/// A line item as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    id: String,
    url: String,
    tool: &'a str,
    label: &'a str,
    score_maximum: &'a ScoreMaximum,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_link_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grades_released: Option<bool>,
    coupled: bool,
    deployment: &'a str,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
}

impl<'a> Sent<'a> {
    fn new(
        links: &Links,
        context: &ContextId,
        client: &'a ClientId,
        item: &'a LineItem,
        deleted_at: Option<Timestamp>,
    ) -> Self {
        let definition = &item.definition;
        Self {
            id: item.id.to_string(),
            url: links.line_item(context, item.id),
            tool: client.as_str(),
            label: definition.label.as_str(),
            score_maximum: &definition.score_maximum,
            resource_link_id: item.resource_link.as_ref().map(|link| link.as_str()),
            resource_id: definition.resource_id.as_ref().map(|id| id.as_str()),
            tag: definition.tag.as_ref().map(|tag| tag.as_str()),
            start_date_time: definition.dates.start(),
            end_date_time: definition.dates.end(),
            grades_released: definition.grades_released,
            coupled: item.coupled,
            deployment: item.deployment.as_str(),
            version: item.version,
            deleted_at,
        }
    }
}

/// `GET …/tools/{client}/lineitems`.
pub(crate) async fn list(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    GuestPlace { course, client }: GuestPlace,
    query: Query,
) -> Result<Response, Problem> {
    let refused = |_| Problem::parameter("cursor", "must be taken unchanged from a next link");
    let (limit, after) = match cursor::decode::<Cursor>(&query)? {
        Some(Cursor { limit, after }) => (limit, Some(after.parse::<LineItemId>().map_err(refused)?)),
        None => (u16::try_from(query.limit()?.get()).unwrap_or(u16::MAX), None),
    };
    let limit = limit.clamp(1, 1_000);
    let context = ContextId::of(&course);
    let page = services.store.line_item_list_kept(&context, &client, after, limit.into()).await?;
    let url = |last: &KeptLineItem| {
        let segments = ["contexts", course.as_str(), "tools", client.as_str(), "lineitems"];
        let cursor = cursor::encode(&Cursor { limit, after: last.line_item.id.to_string() });
        format!("{}?cursor={cursor}", services.links.platform(&segments))
    };
    let last = page.entries.last().filter(|_| page.more);
    let rest = last.map_or(Rest::Complete(None), |last| Rest::Next(url(last)));
    let (links, context, client) = (&services.links, &context, &client);
    listing(
        &page.entries,
        |kept| Sent::new(links, context, client, &kept.line_item, kept.deleted_at),
        url,
        rest,
    )
}

/// `POST …/lineitems/{item}/restore`: a line item that is there stays as it is.
pub(crate) async fn restore(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    ItemPlace { course, client, item }: ItemPlace,
) -> Result<Response, Problem> {
    let context = ContextId::of(&course);
    let reference = LineItemRef { context: &context, client: &client, id: item };
    match services.store.line_item_restore(&reference, services.now()).await? {
        RestoreOutcome::Live(item) => {
            json(StatusCode::OK, JSON, &Sent::new(&services.links, &context, &client, &item, None))
        }
        RestoreOutcome::TooLate => {
            Err(Problem::new(ProblemKind::NotRestorable, "It was deleted more than 30 days ago."))
        }
        RestoreOutcome::WithoutLink => {
            Err(Problem::new(ProblemKind::NotRestorable, "Its link is gone; make that again first."))
        }
        RestoreOutcome::Missing => Err(Problem::missing("line item")),
    }
}
