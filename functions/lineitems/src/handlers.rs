//! The handlers.

use ags_shared::domain::{
    Columns, ContextId, DeploymentId, IdError, IdempotencyKey, Invalid, LineItem, LineItemCursor,
    LineItemFilter, LinkRules, ResourceLinkId,
};
use ags_shared::http::{
    Authorized, ContextPath, JsonBody, LINE_ITEM, LINE_ITEM_CONTAINER, LineItemPath, Problem, ProblemKind,
    Query, ReadLineItems, WriteLineItems, changed, etag, if_match, if_none_match, json, page,
};
use ags_shared::services::Services;
use ags_shared::store::{CreateOutcome, Repeatable, StoreError, UpdateOutcome};
use axum::extract::State;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::wire::{Body, Sent};

/// How often the link of a new line item is read, at most.
const LINK_READS: u32 = 4;

/// `GET …/lineitems`.
pub(crate) async fn list(
    State(services): State<Services>,
    caller: Authorized<ReadLineItems>,
    ContextPath(context): ContextPath,
    query: Query,
) -> Result<Response, Problem> {
    let (limit, filter, after) = match query.value("cursor")? {
        // A next link carries everything; filters that a client adds to it again change nothing (AGS 81).
        Some(cursor) => {
            let cursor =
                LineItemCursor::decode(cursor).map_err(|error| Problem::parameter("cursor", error))?;
            (cursor.limit, cursor.filter, Some(cursor.after))
        }
        None => (query.limit()?, filter(&query)?, None),
    };
    caller.context(&services, &context).await?;
    let (store, client) = (&services.store, &caller.grant.client);
    let seen = caller.grant.deployment.as_ref();
    let found = store.line_item_list(&context, client, &filter, seen, after, limit.get()).await?;
    let next = |last: &LineItem| {
        let cursor = LineItemCursor { limit, filter, after: last.id };
        format!("{}?cursor={}", services.links.line_items(&context), cursor.encode())
    };
    page(LINE_ITEM_CONTAINER, &found, |item| Sent::new(&services.links, &context, item), next)
}

fn filter(query: &Query) -> Result<LineItemFilter, Problem> {
    Ok(LineItemFilter {
        resource_link: query.filter("resource_link_id")?,
        resource_id: query.filter("resource_id")?,
        tag: query.filter("tag")?,
    })
}

/// `POST …/lineitems`: each makes a line item (AGS 61), but one that is repeated under its `Idempotency-Key`.
pub(crate) async fn create(
    State(services): State<Services>,
    caller: Authorized<WriteLineItems>,
    ContextPath(context): ContextPath,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let body = Creation { body: Body::parse(&body)?, bytes: &body, key: key.as_ref() };
    // Each time the link is read anew, which somebody may change in the meantime.
    for _ in 0..LINK_READS {
        if let Some(item) = body.attempt(&services, &caller, &context).await? {
            let mut response = send(StatusCode::CREATED, &services, &context, &item)?;
            let location = services.links.line_item(&context, item.id);
            response.headers_mut().insert(LOCATION, location.parse().map_err(Problem::internal)?);
            return Ok(response);
        }
    }
    Err(StoreError::Unavailable("the link went on changing".to_owned()).into())
}

/// A request for a line item.
struct Creation<'a> {
    body: Body,
    bytes: &'a [u8],
    key: Option<&'a IdempotencyKey>,
}

impl Creation<'_> {
    /// The line item, as it was made; `None` if its link was changed meanwhile.
    async fn attempt(
        &self,
        services: &Services,
        caller: &Authorized<WriteLineItems>,
        context: &ContextId,
    ) -> Result<Option<LineItem>, Problem> {
        let (deployment, link_rules) = self.owner(services, caller, context).await?;
        let Body { definition, resource_link } = self.body.clone();
        let id = services.new_line_item_id()?;
        let item =
            LineItem { id, definition, resource_link, deployment, coupled: false, link_rules, version: 1 };
        let (store, client, now) = (&services.store, &caller.grant.client, services.now());
        let Some(key) = self.key else {
            let is_made = store.line_item_create(context, client, &item, now).await?;
            return Ok(is_made.then_some(item));
        };
        let narrowed_to = caller.grant.deployment.as_ref();
        let request = Repeatable { key, narrowed_to, body: self.bytes };
        match store.line_item_create_once(context, client, item, request, now).await? {
            CreateOutcome::Created(item) => Ok(Some(*item)),
            CreateOutcome::LinkChanged => Ok(None),
            CreateOutcome::OtherBody => {
                let detail = "This Idempotency-Key came with another body; a new line item needs a new key.";
                Err(Problem::new(ProblemKind::IdempotencyKeyReused, detail))
            }
        }
    }

    /// The deployment that the line item belongs to, and what its link says about it.
    async fn owner(
        &self,
        services: &Services,
        caller: &Authorized<WriteLineItems>,
        context: &ContextId,
    ) -> Result<(DeploymentId, Option<LinkRules>), Problem> {
        let Some(link) = &self.body.resource_link else {
            let placement = caller.context(services, context).await?;
            return Ok((caller.grant.deployment.clone().unwrap_or(placement.deployment), None));
        };
        // The link must exist in this context and be this tool's (AGS 53).
        let detail = "resourceLinkId names no resource link of this tool in this context.";
        let link = caller.link(services, context, link).await?;
        let link = link.ok_or_else(|| Problem::new(ProblemKind::NotFound, detail))?;
        if link.definition.settings.columns == Columns::Single {
            // The link has its coupled line item and no other (AGS 70).
            let detail =
                "The platform has settled that this resource link has one line item, which is there.";
            return Err(Problem::new(ProblemKind::SingleColumn, detail));
        }
        let rules = link.definition.rules(link.version);
        Ok((link.definition.deployment, Some(rules)))
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    const NAME: &str = "Idempotency-Key";
    let mut values = headers.get_all(NAME).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Problem::header(NAME, "must be given once")),
        (Some(value), None) => {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            text.try_into().map(Some).map_err(|error: IdError| Problem::header(NAME, error))
        }
    }
}

/// `GET …/lineitems/{item}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    caller: Authorized<ReadLineItems>,
    LineItemPath { context, item }: LineItemPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let item = caller.line_item(&services, &context, item).await?;
    if if_none_match(&headers, &item) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag(&item))]).into_response());
    }
    send(StatusCode::OK, &services, &context, &item)
}

/// `PUT …/lineitems/{item}`: a full replacement (AGS 63).
pub(crate) async fn replace(
    State(services): State<Services>,
    caller: Authorized<WriteLineItems>,
    LineItemPath { context, item }: LineItemPath,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = Body::parse(&body)?;
    let current = caller.line_item(&services, &context, item).await?;
    check_link(body.resource_link.as_ref(), &current)?;
    let allowed = if_match(&headers)?;
    let (store, client) = (&services.store, &caller.grant.client);
    let definition = &body.definition;
    match store.line_item_update(&context, client, item, definition, &allowed, services.now()).await? {
        UpdateOutcome::Updated(item) => send(StatusCode::OK, &services, &context, &item),
        UpdateOutcome::Conflict => Err(changed()),
        UpdateOutcome::Missing => Err(Problem::not_found()),
    }
}

/// A line item stays with its link, or without one; leaving the member out is no change (AGS 64).
fn check_link(named: Option<&ResourceLinkId>, item: &LineItem) -> Result<(), Invalid> {
    if named.is_some() && named != item.resource_link.as_ref() {
        return Err(Invalid::member("resourceLinkId", "must not change"));
    }
    Ok(())
}

/// `DELETE …/lineitems/{item}`.
pub(crate) async fn delete(
    State(services): State<Services>,
    caller: Authorized<WriteLineItems>,
    LineItemPath { context, item }: LineItemPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if caller.line_item(&services, &context, item).await?.coupled {
        let detail = "The platform made this line item with its resource link and removes it with that link.";
        return Err(Problem::new(ProblemKind::CoupledLineItem, detail));
    }
    let allowed = if_match(&headers)?;
    let (store, client) = (&services.store, &caller.grant.client);
    match store.line_item_delete(&context, client, item, &allowed, services.now()).await? {
        UpdateOutcome::Updated(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        UpdateOutcome::Conflict => Err(changed()),
        UpdateOutcome::Missing => Err(Problem::not_found()),
    }
}

fn send(
    status: StatusCode,
    services: &Services,
    context: &ContextId,
    item: &LineItem,
) -> Result<Response, Problem> {
    let mut response = json(status, LINE_ITEM, &Sent::new(&services.links, context, item))?;
    response.headers_mut().insert(ETAG, etag(item).parse().map_err(Problem::internal)?);
    Ok(response)
}
