//! Who may do what, where: the standing of a tool as it is now, whatever its token says.

use std::collections::BTreeSet;

use super::{
    ClientId, Dates, Definition, DeploymentId, JwksUrl, Label, LineItemId, LinkRules, LmsContextId, Marker,
    Operation, ResourceLinkId, Scope, ScopeSet, ScoreMaximum, Settings, SettingsChange,
};

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

/// What a client is to the service, which settles the scopes that it can hold: nothing makes a tool an LMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A learning tool.
    Tool,
    /// The course platform on whose behalf the service talks to tools.
    Lms,
}

impl Role {
    /// Every scope that such a client can hold.
    #[must_use]
    pub fn scopes(self) -> ScopeSet {
        match self {
            Self::Tool => Scope::OF_TOOLS.into_iter().collect(),
            Self::Lms => Scope::OF_LMS.into_iter().collect(),
        }
    }
}

/// A client, a tool or an LMS, as the institution registered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its `client_id`.
    pub client: ClientId,
    /// Tool or LMS; never changes.
    pub role: Role,
    /// Its name, for people.
    pub name: String,
    /// Whether it may use the service at all.
    pub enabled: bool,
    /// The scopes it may hold, as far as its role has them.
    pub scopes: ScopeSet,
    /// Where its public keys are.
    pub keys: PublicKeys,
    /// The deployments it has (AGS 142).
    pub deployments: BTreeSet<DeploymentId>,
    /// Whom to turn to about it, for people.
    pub contact: Option<String>,
    /// The settings of its links where the LMS says nothing else, and of its line items without a link.
    pub defaults: Settings,
}

impl Registration {
    /// What of `requested` the client is granted now (AGS 147).
    #[must_use]
    pub fn grant(&self, requested: &ScopeSet) -> ScopeSet {
        self.held().with_included().and(requested)
    }

    fn held(&self) -> ScopeSet {
        self.scopes.and(&self.role.scopes())
    }

    /// Whether the client may do this now, with a token that is narrowed to `deployment` or not at all. Disabling it,
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
        if !self.held().permits(operation) {
            return Err(AccessDenied::Scope(operation));
        }
        Ok(())
    }
}

/// What of a tool's registration somebody sets; the rest stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrationChange {
    /// Its name.
    pub name: Option<Label>,
    /// Whether it may use the service at all.
    pub enabled: Option<bool>,
    /// The scopes it may hold.
    pub scopes: Option<ScopeSet>,
    /// Where its public keys are.
    pub keys: Option<PublicKeys>,
    /// The deployments it has.
    pub deployments: Option<BTreeSet<DeploymentId>>,
    /// Whom to turn to; nobody any more where the inner one is `None`.
    pub contact: Option<Option<Label>>,
    /// The settings of its links where the LMS says nothing else.
    pub defaults: SettingsChange,
}

/// A tool's place in a context: without it the context does not exist for the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The deployment under which the tool is placed; line items that name no link belong to it (AGS 34).
    pub deployment: DeploymentId,
}

/// A context (course) of the LMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The LMS's own id.
    pub id: LmsContextId,
    /// Its title, for people.
    pub title: Label,
}

/// A resource link of a tool in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceLink {
    /// The LMS's id of the link.
    pub id: ResourceLinkId,
    /// What the LMS says about it.
    pub definition: LinkDefinition,
    /// Its coupled line item, which was made with it or when it became gradable (AGS 69).
    pub line_item: Option<LineItemId>,
    /// Counts the definitions it has had, from 1.
    pub version: u64,
}

/// What the LMS says about a resource link, and replaces as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkDefinition {
    /// The deployment it belongs to.
    pub deployment: DeploymentId,
    /// Its title, for people.
    pub title: Label,
    /// Whether and how it is graded.
    pub settings: Settings,
    /// When it opens, and when it closes.
    pub window: Dates,
    /// What its coupled line item is like when it is made.
    pub column: Column,
}

/// What the coupled line item of a link is like when it is made; from then on it is the tool's to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading; the title of the link where there is none.
    pub label: Option<Label>,
    /// The points that full marks earn.
    pub score_maximum: ScoreMaximum,
    /// The tool's id of the resource.
    pub resource_id: Option<Marker>,
    /// The tool's own mark.
    pub tag: Option<Marker>,
    /// The tool's wish that learners see their results.
    pub grades_released: Option<bool>,
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

impl LinkDefinition {
    /// What every line item of the link has a copy of, where this is the definition of that version.
    #[must_use]
    pub fn rules(&self, version: u64) -> LinkRules {
        let Settings { gradable, policy, .. } = self.settings;
        LinkRules { gradable, policy, window: self.window, version }
    }

    /// The definition of the coupled line item, when it is made.
    #[must_use]
    pub fn coupled(&self) -> Definition {
        let Column { label, score_maximum, resource_id, tag, grades_released } = self.column.clone();
        Definition {
            resource_id,
            tag,
            dates: self.window,
            grades_released,
            ..Definition::new(label.unwrap_or_else(|| self.title.clone()), score_maximum)
        }
    }
}
