//! Paths and bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;

use super::media::holds_json;
use super::problem::ProblemKind;
use super::{Problem, record};
use crate::domain::{ContextId, LineItemId, UserId, segment};

/// Reads the path parameter `name`. An id that we could not have given out names nothing: 404, like any other.
async fn parameters<const N: usize, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    names: [&str; N],
) -> Result<[String; N], Problem> {
    let all = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
    let value = |name| {
        let found = all.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    Ok(names.map(value))
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// As [`id`], of one that somebody else chose.
fn chosen<T: std::str::FromStr>(segment: &str) -> Result<T, Problem> {
    id(&segment::unescape(segment).map_err(|_| Problem::not_found())?)
}

fn context_id(text: &str) -> Result<ContextId, Problem> {
    id(text).inspect(record::context)
}

fn line_item_id(text: &str) -> Result<LineItemId, Problem> {
    id(text).inspect(|item| record::line_item(*item))
}

/// The `{context}` of a path.
#[derive(Debug)]
pub struct ContextPath(pub ContextId);

impl<S: Send + Sync> FromRequestParts<S> for ContextPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let [context] = parameters(parts, state, ["context"]).await?;
        Ok(Self(context_id(&context)?))
    }
}

/// The `{context}` and `{item}` of a path.
#[derive(Debug)]
pub struct LineItemPath {
    /// The context.
    pub context: ContextId,
    /// The line item.
    pub item: LineItemId,
}

impl<S: Send + Sync> FromRequestParts<S> for LineItemPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let [context, item] = parameters(parts, state, ["context", "item"]).await?;
        Ok(Self { context: context_id(&context)?, item: line_item_id(&item)? })
    }
}

/// The `{context}`, `{item}` and `{user}` of a path.
#[derive(Debug)]
pub struct ResultPath {
    /// The context.
    pub context: ContextId,
    /// The line item.
    pub item: LineItemId,
    /// The user.
    pub user: UserId,
}

impl<S: Send + Sync> FromRequestParts<S> for ResultPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let [context, item, user] = parameters(parts, state, ["context", "item", "user"]).await?;
        Ok(Self { context: context_id(&context)?, item: line_item_id(&item)?, user: chosen(&user)? })
    }
}

/// A body that is declared as JSON and within the limit of [`app`](super::app()); nothing in it is read yet.
#[derive(Debug)]
pub struct JsonBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !holds_json(request.headers()) {
            let detail = "Content-Type must be application/json or a media type of AGS.";
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| {
            if rejection.status() == ProblemKind::TooLarge.status() {
                Problem::new(ProblemKind::TooLarge, "A body has at most 262144 bytes.")
            } else {
                Problem::new(ProblemKind::InvalidBody, "The body could not be read to its end.")
            }
        })
    }
}
