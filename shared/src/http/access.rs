//! From a bearer token to what it opens.
//!
//! A handler that forgot to ask for an [`Authorized`] has nothing to read or write a line item with.

use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::media::accepts_json;
use super::problem::ProblemKind;
use super::{Problem, record};
use crate::auth::access_token::Grant;
use crate::domain::{
    AccessDenied, ContextId, DeploymentId, Grade, LineItem, LineItemId, Operation, Placement, Policy,
    ResourceLink, ResourceLinkId, ScoreRules, UserId,
};
use crate::services::Services;
use crate::store::{Found, Wanted};

/// An operation, as a type, so that a handler's signature says what it needs.
pub trait Protects: Send + Sync {
    /// The operation.
    const OPERATION: Operation;
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Protects for $name {
            const OPERATION: Operation = Operation::$name;
        }
    )*};
}

operations! {
    /// GET the container or one line item.
    ReadLineItems
    /// POST, PUT or DELETE a line item.
    WriteLineItems
    /// POST a score.
    PostScores
    /// GET results.
    ReadResults
    /// Read on the LMS's side.
    ReadPlatform
    /// Change something on the LMS's side.
    WritePlatform
}

/// A caller whose token is valid and covers the operation `P`.
#[derive(Debug)]
pub struct Authorized<P> {
    /// What the token proves.
    pub grant: Grant,
    operation: PhantomData<P>,
}

impl<S, P> FromRequestParts<S> for Authorized<P>
where
    S: Send + Sync,
    Services: FromRef<S>,
    P: Protects,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let grant = granted::<P>(parts, &Services::from_ref(state)).await?;
        check_accept(&parts.headers)?;
        Ok(Self { grant, operation: PhantomData })
    }
}

/// What the token of a request proves, if it covers the operation `P`.
pub(super) async fn granted<P: Protects>(parts: &Parts, services: &Services) -> Result<Grant, Problem> {
    let grant = services.authenticate(bearer(&parts.headers)?).await?;
    record::caller(&grant.client, &grant.token_id);
    if !grant.scopes.permits(P::OPERATION) {
        return Err(Problem::insufficient_scope(P::OPERATION, services.links.issuer()));
    }
    Ok(grant)
}

/// Whoever takes no JSON gets no answer.
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    if accepts_json(headers) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::NotAcceptable, "Accept must admit application/json."))
}

/// The token of the `Authorization` header and of nowhere else (AGS 39); the scheme in any case (AGS 38).
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(only), None) = (values.next(), values.next()) else {
        return Err(Problem::invalid_token("no_token", "there is not one Authorization header"));
    };
    match only.to_str().unwrap_or_default().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Problem::invalid_token("no_token", "the Authorization header is not Bearer")),
    }
}

/// What a tool has in a context, whatever the request is about.
struct Standing {
    placement: Placement,
    /// How the scores of its line items without a link are taken.
    defaults: Policy,
}

impl<P: Protects> Authorized<P> {
    /// Reads what the request is about together with the tool's standing, which is checked as it is now.
    async fn find(
        &self,
        services: &Services,
        context: &ContextId,
        wanted: Wanted<'_>,
    ) -> Result<(Standing, Found), Problem> {
        let mut found = services.store.access_fetch(&self.grant.client, context, wanted).await?;
        let tool = found.tool.take().ok_or(AccessDenied::Unknown)?;
        tool.authorize(P::OPERATION, self.grant.deployment.as_ref())?;
        let placement = found.placement.take().ok_or(AccessDenied::NotPlaced)?;
        // A token that is narrowed to a deployment sees what belongs to that deployment only (AGS 34, 142).
        let sees = |owner: &DeploymentId| self.grant.deployment.as_ref().is_none_or(|own| own == owner);
        // Of a link that is not graded it sees nothing at all.
        found.line_item = found.line_item.filter(|item| item.is_open() && sees(&item.deployment));
        found.link =
            found.link.filter(|link| link.definition.settings.gradable && sees(&link.definition.deployment));
        Ok((Standing { placement, defaults: tool.defaults.policy }, found))
    }

    /// The tool's placement in a context.
    ///
    /// # Errors
    /// 401, 403, 404 or 503.
    pub async fn context(&self, services: &Services, context: &ContextId) -> Result<Placement, Problem> {
        Ok(self.find(services, context, Wanted::Context).await?.0.placement)
    }

    /// A resource link of the tool, if there is such a one in the context.
    ///
    /// # Errors
    /// 401, 403, 404 or 503.
    pub async fn link(
        &self,
        services: &Services,
        context: &ContextId,
        link: &ResourceLinkId,
    ) -> Result<Option<ResourceLink>, Problem> {
        Ok(self.find(services, context, Wanted::Link(link)).await?.1.link)
    }

    /// A line item of the tool.
    ///
    /// # Errors
    /// 401, 403, 404 or 503.
    pub async fn line_item(
        &self,
        services: &Services,
        context: &ContextId,
        item: LineItemId,
    ) -> Result<LineItem, Problem> {
        let (_, found) = self.find(services, context, Wanted::LineItem(item)).await?;
        Ok(found.line_item.ok_or(AccessDenied::Absent)?)
    }

    /// How the scores of a line item of the tool are taken now.
    ///
    /// # Errors
    /// 401, 403, 404 or 503.
    pub async fn score_rules(
        &self,
        services: &Services,
        context: &ContextId,
        item: LineItemId,
    ) -> Result<ScoreRules, Problem> {
        let (standing, found) = self.find(services, context, Wanted::LineItem(item)).await?;
        Ok(found.line_item.ok_or(AccessDenied::Absent)?.score_rules(standing.defaults))
    }

    /// A line item of the tool, and one user's grade on it, if there is a result.
    ///
    /// # Errors
    /// 401, 403, 404 (for the line item only) or 503.
    pub async fn grade(
        &self,
        services: &Services,
        context: &ContextId,
        item: LineItemId,
        user: &UserId,
    ) -> Result<(LineItem, Option<Grade>), Problem> {
        let (_, found) = self.find(services, context, Wanted::Grade(item, user)).await?;
        Ok((found.line_item.ok_or(AccessDenied::Absent)?, found.grade.filter(Grade::is_result)))
    }
}
