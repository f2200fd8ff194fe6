//! What a launch tells a tool about the service (AGS 11).

use super::{
    Dates, DeploymentId, LineItemId, Operation, Placement, Registration, ResourceLink, Role, ScopeSet,
};

/// The claim of a launch, which is there only where the tool can use some of the service (AGS 18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What the tool may ask for: all that the token endpoint would grant it now (AGS 14), the narrow scope beside the wide one
    /// (AGS 15).
    pub scopes: ScopeSet,
    /// The line item of the link, if it has one and only one (AGS 12).
    pub line_item: Option<LineItemId>,
    /// When the link opens and closes.
    pub window: Dates,
}

impl Claim {
    /// The claim of a message to `tool` that is about no link, such as deep linking.
    #[must_use]
    pub fn of_context(tool: &Registration, placement: Option<&Placement>) -> Option<Self> {
        let deployment = &placement?.deployment;
        Self::of_deployment(tool, deployment)
    }

    /// The claim of a launch of `link`; `line_items` are those that name it and are not deleted, or the first two of them,
    /// whoever has made them (AGS 71).
    #[must_use]
    pub fn of_link(
        tool: &Registration,
        placement: Option<&Placement>,
        link: &ResourceLink,
        line_items: &[LineItemId],
    ) -> Option<Self> {
        placement.filter(|_| link.definition.settings.gradable)?;
        let line_item = match line_items {
            [only] => Some(*only),
            _ => None,
        };
        let claim = Self::of_deployment(tool, &link.definition.deployment)?;
        Some(Self { line_item, window: link.definition.window, ..claim })
    }

    fn of_deployment(tool: &Registration, deployment: &DeploymentId) -> Option<Self> {
        let scopes = tool.grant(&Role::Tool.scopes());
        let is_usable = tool.enabled && tool.deployments.contains(deployment) && !scopes.is_empty();
        is_usable.then_some(Self { scopes, line_item: None, window: Dates::default() })
    }

    /// Whether the tool has a use for the container of line items (AGS 13).
    #[must_use]
    pub fn has_line_items(&self) -> bool {
        [Operation::ReadLineItems, Operation::WriteLineItems]
            .into_iter()
            .any(|operation| self.scopes.permits(operation))
    }
}
