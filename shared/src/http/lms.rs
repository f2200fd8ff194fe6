//! From a bearer token of an LMS to what it may do on its side.

use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::access::{Protects, check_accept, granted};
use super::{Problem, record};
use crate::auth::access_token::Grant;
use crate::domain::{AccessDenied, ClientId};
use crate::services::Services;

/// Who acts on the LMS's side, for the record of who did what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The LMS, or what stands for the operator.
    pub client: ClientId,
    /// The token it came with, or another name of the occasion.
    pub token_id: String,
}

/// Stands in the extensions of a request that the operator's program makes in its own process, instead of a token: who has
/// the table has everything that the platform's routes give. Nothing that comes over a network can bring one.
#[derive(Debug, Clone)]
pub struct Operator(pub Actor);

/// An LMS whose token is valid and covers the operation `P`, and which holds that scope now; or the operator.
#[derive(Debug)]
pub struct Lms<P> {
    /// Who it is.
    pub actor: Actor,
    operation: PhantomData<P>,
}

impl<S, P> FromRequestParts<S> for Lms<P>
where
    S: Send + Sync,
    Services: FromRef<S>,
    P: Protects,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let actor = match parts.extensions.get::<Operator>() {
            Some(Operator(actor)) => {
                record::caller(&actor.client, &actor.token_id);
                actor.clone()
            }
            None => lms::<P>(parts, &Services::from_ref(state)).await?,
        };
        check_accept(&parts.headers)?;
        Ok(Self { actor, operation: PhantomData })
    }
}

/// The LMS whose token came with the request, if it may do the operation `P` now.
async fn lms<P: Protects>(parts: &Parts, services: &Services) -> Result<Actor, Problem> {
    let Grant { client, deployment, token_id, .. } = granted::<P>(parts, services).await?;
    let (registration, _) = services.store.tool_fetch(&client).await?.ok_or(AccessDenied::Unknown)?;
    match registration.authorize(P::OPERATION, deployment.as_ref()) {
        Ok(()) => Ok(Actor { client, token_id }),
        Err(AccessDenied::Scope(operation)) => {
            Err(Problem::insufficient_scope(operation, services.links.issuer()))
        }
        Err(denied) => Err(denied.into()),
    }
}
