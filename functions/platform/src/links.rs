//! Resource links and their settings.

use ags_shared::domain::{
    ClientId, Column, ContextId, Dates, Decimal, Invalid, LinkDefinition, Members, Registration,
    ResourceLink, ScoreMaximum, Timestamp,
};
use ags_shared::http::{
    JSON, JsonBody, Lms, Problem, Query, ReadPlatform, Rest, WritePlatform, json, listing,
};
use ags_shared::services::Services;
use ags_shared::store::{Found, Wanted};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::place::{CoursePlace, LinkPlace, ToolPlace};
use crate::placements::only_tool;
use crate::{cursor, settings};

/// The points that full marks on a link earn where the LMS does not say.
const SCORE_MAXIMUM: &str = "100";
/// The members that a Deep Linking `lineItem` stands for.
const COLUMN: [&str; 5] = ["score_maximum", "label", "resource_id", "tag", "grades_released"];

/// A link as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    id: &'a str,
    tool: &'a str,
    deployment: &'a str,
    title: &'a str,
    #[serde(flatten)]
    settings: settings::Sent,
    score_maximum: &'a ScoreMaximum,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grades_released: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission: Option<Window>,
    /// What is said above of the line item was so when it was made; here it is as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    line_item_url: Option<String>,
    version: u64,
}

#[derive(Serialize)]
struct Window {
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Timestamp>,
}

impl<'a> Sent<'a> {
    fn new(services: &Services, context: &ContextId, client: &'a ClientId, link: &'a ResourceLink) -> Self {
        let LinkDefinition { deployment, title, settings, window, column } = &link.definition;
        let dates = Window { start: window.start(), end: window.end() };
        Self {
            id: link.id.as_str(),
            tool: client.as_str(),
            deployment: deployment.as_str(),
            title: title.as_str(),
            settings: (*settings).into(),
            score_maximum: &column.score_maximum,
            label: column.label.as_ref().map(|label| label.as_str()),
            resource_id: column.resource_id.as_ref().map(|id| id.as_str()),
            tag: column.tag.as_ref().map(|tag| tag.as_str()),
            grades_released: column.grades_released,
            submission: (*window != Dates::default()).then_some(dates),
            line_item_url: link.line_item.map(|item| services.links.line_item(context, item)),
            version: link.version,
        }
    }
}

/// Reads what the LMS says about a link of `tool`; what it leaves out is as the tool's links have it by default.
fn parse(body: &[u8], tool: &Registration, placed: &str) -> Result<LinkDefinition, Invalid> {
    let members = Members::parse(body)?;
    let deployment = match members.text("deployment")? {
        Some(deployment) => deployment,
        None => placed.parse().map_err(|error| Invalid::member("deployment", error))?,
    };
    if !tool.deployments.contains(&deployment) {
        return Err(Invalid::member("deployment", "must be one of the tool's"));
    }
    Ok(LinkDefinition {
        deployment,
        title: members.required_text("title")?,
        settings: tool.defaults.with(settings::parse(&members)?),
        window: window(&members)?,
        column: column(&members)?,
    })
}

fn window(members: &Members<'_>) -> Result<Dates, Invalid> {
    let Some(submission) = members.object("submission")? else { return Ok(Dates::default()) };
    let (start, end): (Option<Timestamp>, Option<Timestamp>) =
        (submission.text("start")?, submission.text("end")?);
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        return Err(submission.complain("end", "must not be earlier than start"));
    }
    Dates::new(start, end).map_err(|error| submission.complain("end", error))
}

/// What the coupled line item is like when it is made: as the members of the link say, or as the `lineItem` of the
/// Deep Linking item does that the link was made of (AGS 69).
fn column(members: &Members<'_>) -> Result<Column, Invalid> {
    let maximum = |members: &Members<'_>, name: &str, number: Option<Decimal>| {
        let number = number.map(ScoreMaximum::try_from).transpose();
        number.map_err(|error| members.complain(name, error))
    };
    let Some(item) = members.object("line_item")? else {
        let given = maximum(members, "score_maximum", members.decimal("score_maximum")?)?;
        let usual = || SCORE_MAXIMUM.parse().map_err(|error| members.complain("score_maximum", error));
        return Ok(Column {
            score_maximum: given.map_or_else(usual, Ok)?,
            label: members.text("label")?,
            resource_id: members.text("resource_id")?,
            tag: members.text("tag")?,
            grades_released: members.boolean("grades_released")?,
        });
    };
    if let Some(name) = COLUMN.into_iter().find(|name| members.raw(name).is_some()) {
        return Err(Invalid::member(name, "must not stand beside line_item"));
    }
    let given = maximum(&item, "scoreMaximum", item.decimal("scoreMaximum")?)?;
    Ok(Column {
        score_maximum: given.ok_or_else(|| item.missing("scoreMaximum"))?,
        label: item.text("label")?,
        resource_id: item.text("resourceId")?,
        tag: item.text("tag")?,
        grades_released: item.boolean("gradesReleased")?,
    })
}

/// `PUT …/links/{link}`.
pub(crate) async fn put(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    LinkPlace { context, client, link }: LinkPlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let Found { tool, placement, .. } =
        services.store.access_fetch(&client, &context, Wanted::Context).await?;
    let tool = only_tool(tool)?;
    let placement = placement.ok_or_else(|| Problem::missing("placement"))?;
    let definition = parse(&body, &tool, placement.deployment.as_str())?;
    let (new_item, now) = (services.new_line_item_id()?, services.now());
    let link = services.store.link_define(&context, &client, &link, &definition, new_item, now).await?;
    json(StatusCode::OK, JSON, &Sent::new(&services, &context, &client, &link))
}

/// `GET …/links/{link}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    LinkPlace { context, client, link }: LinkPlace,
) -> Result<Response, Problem> {
    let link = services.store.link_fetch(&context, &client, &link).await?;
    let link = link.ok_or_else(|| Problem::missing("link"))?;
    json(StatusCode::OK, JSON, &Sent::new(&services, &context, &client, &link))
}

/// `GET …/links`.
pub(crate) async fn list(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    CoursePlace { course }: CoursePlace,
    ToolPlace { context, client }: ToolPlace,
    query: Query,
) -> Result<Response, Problem> {
    let (limit, after) = (cursor::limit(&query)?, cursor::after(&query)?);
    let found = services.store.link_list(&context, &client, after.as_ref(), limit).await?;
    let url = services.links.platform(&["contexts", course.as_str(), "tools", client.as_str(), "links"]);
    let next = |link: &ResourceLink| cursor::next(&url, limit, &link.id.as_str());
    let last = found.entries.last().filter(|_| found.more);
    let rest = last.map_or(Rest::Complete(None), |last| Rest::Next(next(last)));
    listing(&found.entries, |link| Sent::new(&services, &context, &client, link), next, rest)
}

/// `DELETE …/links/{link}`: its line items go with it (AGS 72).
pub(crate) async fn delete(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    LinkPlace { context, client, link }: LinkPlace,
) -> Result<Response, Problem> {
    services.store.link_delete(&context, &client, &link, services.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
