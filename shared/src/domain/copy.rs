//! The copy of a course: everything in it that tools see is the same, but for its ids and its links (AGS 73).

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{ContextId, Invalid, LineItem, LineItemId, Members, ResourceLink, ResourceLinkId};

/// The links of a course that are copied, each with its id in the copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkMap(BTreeMap<ResourceLinkId, ResourceLinkId>);

impl LinkMap {
    /// Reads the member `name` of a body, an object of old ids and new ones; nothing is copied where it is absent.
    ///
    /// # Errors
    /// [`Invalid`] if it is anything else, or two links would become one.
    pub fn read(body: &Members<'_>, name: &str) -> Result<Self, Invalid> {
        let Some(members) = body.object(name)? else { return Ok(Self::default()) };
        let mut links = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for (old, new) in members.all_strings()? {
            let complain = |reason: String| Invalid::member(format!("{name}.{old}"), reason);
            let from = old.parse().map_err(|error| complain(format!("is named by no link: it {error}")))?;
            let to: ResourceLinkId = new.parse().map_err(|error| complain(format!("{error}")))?;
            if !taken.insert(to.clone()) {
                return Err(complain("must not be what another link becomes".to_owned()));
            }
            links.insert(from, to);
        }
        Ok(Self(links))
    }

    /// What this link becomes, if it is copied.
    #[must_use]
    pub fn get(&self, link: &ResourceLinkId) -> Option<&ResourceLinkId> {
        self.0.get(link)
    }
}

impl LineItemId {
    /// The id of this line item's copy in another context, for the link that its own becomes there; always the same, so
    /// that a repeated copy finds it. The bits of time are those of the original: copies list in its order.
    #[must_use]
    pub fn in_copy(self, context: &ContextId, link: Option<&ResourceLinkId>) -> Self {
        // Both before the link are of one length, so that nothing moves from one to the next.
        let digest = Sha256::new()
            .chain_update(self.as_bytes())
            .chain_update(context.as_str())
            .chain_update(link.map_or("", |link| link.as_str()))
            .finalize();
        let mut bytes = *self.as_bytes();
        bytes[8..].copy_from_slice(&digest[..8]);
        // The variant of RFC 9562; the version is among the bits of time.
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self::from_bytes(bytes)
    }
}

impl LineItem {
    /// This line item in another context, of the link that its own has become there, if it has one.
    #[must_use]
    pub fn in_copy(&self, context: &ContextId, link: Option<&ResourceLink>) -> Self {
        let deployment = link.map_or(&self.deployment, |link| &link.definition.deployment);
        Self {
            id: self.id.in_copy(context, link.map(|link| &link.id)),
            definition: self.definition.clone(),
            resource_link: link.map(|link| link.id.clone()),
            deployment: deployment.clone(),
            coupled: self.coupled,
            link_rules: link.map(|link| link.definition.rules(link.version)),
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_line_item_has_an_id_of_its_own_in_the_order_of_the_old_ones_ags_73() {
        let at = |text: &str| text.parse().unwrap();
        let context = |id: &str| ContextId::of(&id.parse().unwrap());
        let old = LineItemId::new(at("2026-11-21T10:00:00.000100Z"), [255; 8]);
        let later = LineItemId::new(at("2026-11-21T10:00:00.000101Z"), [0; 8]);
        let new = old.in_copy(&context("a"), None);
        assert_eq!(new, old.in_copy(&context("a"), None));
        assert!(new != old && new != old.in_copy(&context("b"), None));
        let of_link = |link: &str| old.in_copy(&context("a"), Some(&link.parse().unwrap()));
        assert!(of_link("x") == of_link("x") && of_link("x") != of_link("y") && of_link("x") != new);
        let other = LineItemId::new(at("2026-11-21T10:00:00.000100Z"), [254; 8]);
        assert_ne!(new, other.in_copy(&context("a"), None));
        assert!(new < later.in_copy(&context("a"), None));
        let uuid = uuid::Uuid::from_bytes(*new.as_bytes());
        assert_eq!((uuid.get_version_num(), uuid.get_variant()), (7, uuid::Variant::RFC4122));
    }

    #[test]
    fn no_two_links_become_one() {
        let read = |json: &str| LinkMap::read(&Members::parse(json.as_bytes()).unwrap(), "links");
        let map = read(r#"{"links": {"a": "b", "b": "a"}}"#).unwrap();
        assert_eq!(map.get(&"a".parse().unwrap()), Some(&"b".parse().unwrap()));
        assert_eq!(read("{}"), Ok(LinkMap::default()));
        for (json, complaint) in [
            (r#"{"links": {"a": "c", "b": "c"}}"#, "links.b must not be what another link becomes"),
            (r#"{"links": {"a": 1}}"#, "links.a must be a string"),
            (r#"{"links": {"a": null}}"#, "links.a is required"),
            (r#"{"links": {"a": ""}}"#, "links.a must not be empty"),
            (r#"{"links": {"": "a"}}"#, "links. is named by no link: it must not be empty"),
            (r#"{"links": []}"#, "links must be an object"),
        ] {
            assert_eq!(read(json).unwrap_err().to_string(), complaint);
        }
    }
}
