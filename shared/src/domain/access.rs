//! Who may do what, where: the standing of a tool as it is now, whatever its token says.

use std::collections::BTreeSet;

use super::{ClientId, DeploymentId, JwksUrl, Operation, ResourceLinkId, ScopeSet};

/// How a tool's public keys were registered (AGS 144).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKeys {
    /// A JSON Web Key Set, as it is.
    Set(String),
    /// The address at which the tool publishes its key set.
    Url(JwksUrl),
}

impl PublicKeys {
    /// Whether the tool publishes its key set at this address.
    #[must_use]
    pub fn is_at(&self, address: &JwksUrl) -> bool {
        matches!(self, Self::Url(url) if url == address)
    }
}

/// A tool as the institution registered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its `client_id`.
    pub client: ClientId,
    /// Its name, for people.
    pub name: String,
    /// Whether it may use the service at all.
    pub enabled: bool,
    /// The scopes it may hold.
    pub scopes: ScopeSet,
    /// Where its public keys are.
    pub keys: PublicKeys,
    /// The deployments it has (AGS 142).
    pub deployments: BTreeSet<DeploymentId>,
}

impl Registration {
    /// Whether the tool may do this now, with a token that is narrowed to `deployment` or not at all. Disabling it,
    /// ending a deployment or narrowing its scopes takes effect on the next request, with tokens that were issued
    /// before (AGS 32).
    ///
    /// # Errors
    /// [`AccessDenied::Disabled`], [`AccessDenied::Deployment`] or [`AccessDenied::Scope`].
    pub fn authorize(
        &self,
        operation: Operation,
        deployment: Option<&DeploymentId>,
    ) -> Result<(), AccessDenied> {
        if !self.enabled {
            return Err(AccessDenied::Disabled);
        }
        if deployment.is_some_and(|narrowed| !self.deployments.contains(narrowed)) {
            return Err(AccessDenied::Deployment);
        }
        if !self.scopes.permits(operation) {
            return Err(AccessDenied::Scope(operation));
        }
        Ok(())
    }
}

/// A tool's place in a context: without it the context does not exist for the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The deployment under which the tool is placed; line items that name no link belong to it (AGS 34).
    pub deployment: DeploymentId,
}

/// A resource link of a tool in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceLink {
    /// The LMS's id of the link.
    pub id: ResourceLinkId,
    /// The deployment it was made under.
    pub deployment: DeploymentId,
    /// Its title, for people.
    pub title: String,
}

/// Why a request with a valid token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    /// The client is not registered any more: the token is as good as revoked.
    #[error("the client is not registered")]
    Unknown,
    /// The client is disabled: likewise.
    #[error("the client is disabled")]
    Disabled,
    /// The deployment to which the token is narrowed has ended: likewise.
    #[error("the deployment of the token is not one of the client's")]
    Deployment,
    /// Neither the token nor the registration may lack the scope.
    #[error("the scope does not cover the operation")]
    Scope(Operation),
    /// The tool is not placed in the context, or there is none; to the caller the same as [`Absent`](Self::Absent).
    #[error("the client is not placed in the context")]
    NotPlaced,
    /// Not there, or not this tool's: the two are never told apart (AGS 35).
    #[error("there is no such resource")]
    Absent,
}
