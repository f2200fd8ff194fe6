//! Courses.

use ags_shared::domain::{ContextId, Course, Members};
use ags_shared::http::{JSON, JsonBody, Lms, Problem, ReadPlatform, WritePlatform, json};
use ags_shared::links::Links;
use ags_shared::services::Services;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::place::CoursePlace;

/// A course as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    id: &'a str,
    title: &'a str,
    /// The context as it appears in the URLs that tools get.
    context: String,
    lineitems_url: String,
}

impl<'a> Sent<'a> {
    fn new(links: &Links, course: &'a Course) -> Self {
        let context = ContextId::of(&course.id);
        Self {
            id: course.id.as_str(),
            title: course.title.as_str(),
            lineitems_url: links.line_items(&context),
            context: context.to_string(),
        }
    }
}

/// `PUT /platform/contexts/{context}`.
pub(crate) async fn put(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    CoursePlace { course }: CoursePlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let members = Members::parse(&body)?;
    let course = Course { id: course, title: members.required_text("title")? };
    services.store.context_put(&course).await?;
    json(StatusCode::OK, JSON, &Sent::new(&services.links, &course))
}

/// `GET /platform/contexts/{context}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    CoursePlace { course }: CoursePlace,
) -> Result<Response, Problem> {
    let course = services.store.context_fetch(&ContextId::of(&course)).await?;
    let course = course.ok_or_else(|| Problem::missing("context"))?;
    json(StatusCode::OK, JSON, &Sent::new(&services.links, &course))
}
