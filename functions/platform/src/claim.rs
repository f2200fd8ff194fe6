//! What an LMS puts into its launches.

use std::collections::BTreeMap;

use ags_shared::domain::{Claim, ContextId, FieldDigest, LineItem, LineItemFilter, Scope, Timestamp, UserId};
use ags_shared::http::{JSON, Lms, Problem, Query, ReadPlatform, json};
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store::{Found, Wanted};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::place::{LinkPlace, ToolPlace};
use crate::placements::only_tool;

/// The claims and the values of substitution variables for one message (AGS 20); without a claim neither (AGS 18).
#[derive(Default, Serialize)]
struct Sent {
    claims: Claims,
    variables: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deep_linking_settings: Option<DeepLinking>,
}

#[derive(Default, Serialize)]
struct Claims {
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        skip_serializing_if = "Option::is_none"
    )]
    endpoint: Option<Endpoint>,
}

#[derive(Serialize)]
struct Endpoint {
    scope: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lineitems: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lineitem: Option<String>,
}

#[derive(Serialize)]
struct DeepLinking {
    accept_lineitem: bool,
}

impl Sent {
    fn new(links: &Links, context: &ContextId, claim: Option<&Claim>) -> Self {
        let Some(claim) = claim else { return Self::default() };
        let lineitems = claim.has_line_items().then(|| links.line_items(context));
        let lineitem = claim.line_item.map(|item| links.line_item(context, item));
        let date = |date: Option<Timestamp>| date.map(|date| date.to_string());
        let variables = [
            ("LineItems.url", lineitems.clone()),
            ("LineItem.url", lineitem.clone()),
            ("ResourceLink.submission.startDateTime", date(claim.window.start())),
            ("ResourceLink.submission.endDateTime", date(claim.window.end())),
        ];
        let scope = claim.scopes.iter().map(Scope::name).collect();
        Self {
            claims: Claims { endpoint: Some(Endpoint { scope, lineitems, lineitem }) },
            variables: variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            deep_linking_settings: None,
        }
    }
}

/// The launch of a user whom no score can name has no use for the claim, and the LMS is told so at once (AGS 19, 90).
fn check_user(query: &Query) -> Result<(), Problem> {
    let user = query.value("user_id")?.map(str::parse::<UserId>).transpose();
    user.map(drop).map_err(|error| Problem::parameter("user_id", error))
}

/// `GET …/links/{link}/claim`.
pub(crate) async fn of_link(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    LinkPlace { context, client, link }: LinkPlace,
    query: Query,
) -> Result<Response, Problem> {
    check_user(&query)?;
    let store = &services.store;
    let Found { tool: found, placement, link, .. } =
        store.access_fetch(&client, &context, Wanted::Link(&link)).await?;
    let (tool, link) = (only_tool(found)?, link.ok_or_else(|| Problem::missing("link"))?);
    let of_link = LineItemFilter {
        resource_link: Some(FieldDigest::of(link.id.as_str())),
        ..LineItemFilter::default()
    };
    // Two are as good as any number: then none of them is the one (AGS 12).
    let items = store.line_item_list(&context, &client, &of_link, None, None, 2).await?.entries;
    let items: Vec<_> = items.iter().map(|item: &LineItem| item.id).collect();
    let claim = Claim::of_link(&tool, placement.as_ref(), &link, &items);
    json(StatusCode::OK, JSON, &Sent::new(&services.links, &context, claim.as_ref()))
}

/// `GET …/tools/{client}/claim`: for messages without a link, such as deep linking, which makes the line item of a link
/// that it brings (AGS 69).
pub(crate) async fn of_context(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    ToolPlace { context, client }: ToolPlace,
    query: Query,
) -> Result<Response, Problem> {
    check_user(&query)?;
    let Found { tool: found, placement, .. } =
        services.store.access_fetch(&client, &context, Wanted::Context).await?;
    let claim = Claim::of_context(&only_tool(found)?, placement.as_ref());
    let deep_linking_settings = claim.is_some().then_some(DeepLinking { accept_lineitem: true });
    let sent = Sent::new(&services.links, &context, claim.as_ref());
    json(StatusCode::OK, JSON, &Sent { deep_linking_settings, ..sent })
}
