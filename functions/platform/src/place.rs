//! What a path names.

use std::fmt;
use std::str::FromStr;

use ags_shared::domain::{ClientId, ContextId, LineItemId, LmsContextId, ResourceLinkId, UserId, segment};
use ags_shared::http::{Problem, record};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

/// The parameters of a path, percent-decoded.
struct Parameters(RawPathParams);

impl Parameters {
    /// The id `name`. One that nothing can have, or that is not escaped as it must be, is a mistake of the LMS, which is
    /// told so.
    fn id<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<T, Problem> {
        let value = self.0.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        let id = segment::unescape(value).map_err(|error| Problem::parameter(name, error))?;
        id.parse().map_err(|error| Problem::parameter(name, error))
    }
}

/// One part of a path.
trait Part: Sized {
    fn read(parameters: &Parameters) -> Result<Self, Problem>;
}

macro_rules! parts {
    ($($type:ty = $name:literal;)*) => {$(
        impl Part for $type {
            fn read(parameters: &Parameters) -> Result<Self, Problem> {
                parameters.id($name)
            }
        }
    )*};
}

parts! {
    ClientId = "client";
    ResourceLinkId = "link";
    UserId = "user";
}

impl Part for LmsContextId {
    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        parameters.id("context").inspect(|id| record::context(&ContextId::of(id)))
    }
}

impl Part for ContextId {
    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        LmsContextId::read(parameters).map(|id| Self::of(&id))
    }
}

impl Part for LineItemId {
    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        parameters.id("item").inspect(|item| record::line_item(*item))
    }
}

/// Places that paths name, each with the ids that lead there.
macro_rules! places {
    ($($(#[$doc:meta])* $place:ident { $($part:ident: $type:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $place { $(pub(crate) $part: $type),* }

        impl<S: Send + Sync> FromRequestParts<S> for $place {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let parameters = RawPathParams::from_request_parts(parts, state).await;
                let parameters = Parameters(parameters.map_err(|_| Problem::not_found())?);
                Ok(Self { $($part: Part::read(&parameters)?),* })
            }
        }
    )*};
}

places! {
    /// A course, by the LMS's own id.
    CoursePlace { course: LmsContextId }
    /// A tool.
    ClientPlace { client: ClientId }
    /// A resource link of a tool in a context.
    LinkPlace { context: ContextId, client: ClientId, link: ResourceLinkId }
    /// A tool's place in a context.
    ToolPlace { context: ContextId, client: ClientId }
    /// A tool in a course.
    GuestPlace { course: LmsContextId, client: ClientId }
    /// A link of a tool in a course.
    CourseLinkPlace { course: LmsContextId, client: ClientId, link: ResourceLinkId }
    /// A user's progress on a link.
    ProgressPlace { context: ContextId, client: ClientId, link: ResourceLinkId, user: UserId }
    /// A line item of a tool in a course.
    ItemPlace { course: LmsContextId, client: ClientId, item: LineItemId }
    /// A user's grade on a line item.
    GradePlace { course: LmsContextId, client: ClientId, item: LineItemId, user: UserId }
    /// A person.
    PersonPlace { user: UserId }
}
