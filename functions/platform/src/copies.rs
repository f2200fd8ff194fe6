//! Copies of courses.

use ags_shared::domain::{ContextId, Course, Invalid, LineItemId, LinkMap, LmsContextId, Members};
use ags_shared::http::{JSON, JsonBody, Lms, Problem, Query, WritePlatform, json};
use ags_shared::services::Services;
use ags_shared::store::{CopyPage, CopyPosition, CopyStage, CourseCopy};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::cursor;
use crate::place::CoursePlace;

/// A [`CopyPosition`] in a cursor.
#[derive(Serialize, Deserialize)]
struct Cursor {
    tool: String,
    /// Whether the links are done.
    linked: bool,
    after: Option<String>,
}

impl From<&CopyPosition> for Cursor {
    fn from(at: &CopyPosition) -> Self {
        let (linked, after) = match &at.stage {
            CopyStage::Links(after) => (false, after.as_ref().map(ToString::to_string)),
            CopyStage::LineItems(after) => (true, after.as_ref().map(ToString::to_string)),
        };
        Self { tool: at.tool.to_string(), linked, after }
    }
}

impl Cursor {
    /// `None` if nobody was given this.
    fn into_position(self) -> Option<CopyPosition> {
        let after = self.after.as_deref();
        let stage = if self.linked {
            CopyStage::LineItems(after.map(str::parse).transpose().ok()?)
        } else {
            CopyStage::Links(after.map(str::parse).transpose().ok()?)
        };
        Some(CopyPosition { tool: self.tool.parse().ok()?, stage })
    }
}

/// What a page has copied, or found copied, as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    line_items: Vec<SentItem>,
    links: Vec<SentLink<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct SentItem {
    from: String,
    to: String,
    from_id: String,
    to_id: String,
}

#[derive(Serialize)]
struct SentLink<'a> {
    tool: &'a str,
    from: &'a str,
    to: &'a str,
}

/// `POST /platform/contexts/{context}/copies`: sent again, with the same body, to `next` until there is none. The answer
/// names what was copied: of what the old course has not, or not any more, nothing.
pub(crate) async fn post(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    CoursePlace { course: old }: CoursePlace,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let at = match cursor::decode::<Cursor>(&query)? {
        Some(cursor) => Some(cursor.into_position().ok_or_else(cursor::refused)?),
        None => None,
    };
    let members = Members::parse(&body)?;
    let new: LmsContextId = members.required_text("to")?;
    if new == old {
        return Err(Invalid::member("to", "must be another context").into());
    }
    let (links, title) = (LinkMap::read(&members, "links")?, members.text("title")?);
    let (from, to) = (ContextId::of(&old), ContextId::of(&new));
    let course = services.store.context_fetch(&from).await?.ok_or_else(|| Problem::missing("context"))?;
    services.store.context_add(&Course { id: new, title: title.unwrap_or(course.title) }).await?;
    let copy = CourseCopy { from: &from, to: &to, links: &links };
    let page = services.store.course_copy(copy, at, services.now()).await?;
    json(StatusCode::OK, JSON, &sent(&services, copy, &old, &page))
}

fn sent<'a>(services: &Services, copy: CourseCopy<'_>, old: &LmsContextId, page: &'a CopyPage) -> Sent<'a> {
    let links = &services.links;
    let item = |(from, to): &(LineItemId, LineItemId)| SentItem {
        from: links.line_item(copy.from, *from),
        to: links.line_item(copy.to, *to),
        from_id: from.to_string(),
        to_id: to.to_string(),
    };
    let here = links.platform(&["contexts", old.as_str(), "copies"]);
    let next = |at: &CopyPosition| format!("{here}?cursor={}", cursor::encode(&Cursor::from(at)));
    Sent {
        line_items: page.line_items.iter().map(item).collect(),
        links: page
            .links
            .iter()
            .map(|link| SentLink {
                tool: link.client.as_str(),
                from: link.from.as_str(),
                to: link.to.as_str(),
            })
            .collect(),
        next: page.next.as_ref().map(next),
    }
}
