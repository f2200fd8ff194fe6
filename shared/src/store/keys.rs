//! Keys, made of typed ids. See the chart in the module above.

use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{Item, StoreError};
use crate::domain::{
    ClientId, ContextId, DeploymentId, IdError, IdempotencyKey, LineItemId, ResourceLinkId, Role, ScoreTime,
    Timestamp, UserId,
};

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const GSI1_PK: &str = "gsi1pk";
pub(super) const GSI1_SK: &str = "gsi1sk";
/// The index, which holds keys only.
pub(super) const GSI1: &str = "gsi1";
pub(super) const EXPIRES_AT: &str = "expires_at";

const TOOL: &str = "TOOL";
const TOOL_PREFIX: &str = "TOOL#";
const CONTEXT: &str = "CTX";
const LINK_PREFIX: &str = "LINK#";
/// The partition of the index in which the line items are that were deleted.
pub(super) const DELETED: &str = "DELETED";
const ITEM_PREFIX: &str = "ITEM#";
const USER_PREFIX: &str = "USER#";
/// What the sort key of a score in the history starts with, before its time.
pub(super) const SCORE_PREFIX: &str = "SCORE#";
/// The same of a decision.
pub(super) const DECISION_PREFIX: &str = "DECISION#";

/// Ids that a client chose may hold any printable character: the separator and the escape itself are escaped.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'#').add(b'%');

fn escape(id: &str) -> impl std::fmt::Display {
    utf8_percent_encode(id, ESCAPED)
}

/// The id that was escaped.
pub(super) fn unescape(escaped: &str) -> String {
    percent_decode_str(escaped).decode_utf8_lossy().into_owned()
}

/// What tells one body from another: 32 hex digits.
pub(super) fn fingerprint(body: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(body)[..16])
}

/// A line item, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineItemRef<'a> {
    /// The context.
    pub context: &'a ContextId,
    /// The tool whose it is.
    pub client: &'a ClientId,
    /// Its id.
    pub id: LineItemId,
}

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    pub(super) fn tool(client: &ClientId) -> Self {
        Self::new(tool(client), TOOL)
    }

    pub(super) fn tool_keys(client: &ClientId) -> Self {
        Self::new(tool(client), "KEYS")
    }

    pub(super) fn assertion(client: &ClientId, jti: &str) -> Self {
        Self::new(format!("JTI#{}#{}", escape(client.as_str()), escape(jti)), "JTI")
    }

    pub(super) fn signing_key(kid: &str) -> Self {
        Self::new(signing_keys(), format!("KEY#{}", escape(kid)))
    }

    pub(super) fn placement(context: &ContextId, client: &ClientId) -> Self {
        Self::new(placed(context, client), "PLACEMENT")
    }

    pub(super) fn context(context: &ContextId) -> Self {
        Self::new(self::context(context), CONTEXT)
    }

    /// That a tool has, or had, a place in the context.
    pub(super) fn guest(context: &ContextId, client: &ClientId) -> Self {
        Self::new(self::context(context), tool(client))
    }

    pub(super) fn link(context: &ContextId, client: &ClientId, link: &ResourceLinkId) -> Self {
        Self::new(placed(context, client), format!("{LINK_PREFIX}{}", escape(link.as_str())))
    }

    pub(super) fn line_item(context: &ContextId, client: &ClientId, item: LineItemId) -> Self {
        Self::new(placed(context, client), format!("{ITEM_PREFIX}{item}"))
    }

    /// Under a narrowed token apart for its deployment, so that it meets nothing of another's (AGS 34).
    pub(super) fn creation(
        context: &ContextId,
        client: &ClientId,
        narrowed_to: Option<&DeploymentId>,
        key: &IdempotencyKey,
    ) -> Self {
        let key = fingerprint(key.as_str().as_bytes());
        let sk = match narrowed_to {
            Some(deployment) => format!("CREATION#{}#{key}", escape(deployment.as_str())),
            None => format!("CREATION#{key}"),
        };
        Self::new(placed(context, client), sk)
    }

    pub(super) fn result(item: LineItemId, user: &UserId) -> Self {
        Self::new(results(item), self::user(user))
    }

    pub(super) fn history(item: LineItemId, user: &UserId, time: ScoreTime, fingerprint: &str) -> Self {
        Self::new(self::history(item, user), format!("{SCORE_PREFIX}{time}#{fingerprint}"))
    }

    pub(super) fn decision(item: LineItemId, user: &UserId, at: Timestamp, fingerprint: &str) -> Self {
        let nanos = at.unix_nanos();
        Self::new(self::history(item, user), format!("{DECISION_PREFIX}{nanos:019}#{fingerprint}"))
    }

    /// An entry of the history, by the sort key that it was listed with.
    pub(super) fn entry(item: LineItemId, user: &UserId, sk: &str) -> Self {
        Self::new(self::history(item, user), sk)
    }

    pub(super) fn into_attributes(self) -> Item {
        let text = AttributeValue::S;
        Item::from([(PK.to_owned(), text(self.pk)), (SK.to_owned(), text(self.sk))])
    }

    /// By which the items of a batch are told apart.
    pub(super) fn pair(&self) -> (String, String) {
        (self.pk.clone(), self.sk.clone())
    }

    /// The key of a raw item, for telling the items of a batch apart.
    pub(super) fn of(item: &Item) -> Option<Self> {
        let text = |name| item.get(name)?.as_s().ok().cloned();
        Some(Self { pk: text(PK)?, sk: text(SK)? })
    }
}

/// The partition of the signing keys.
pub(super) const fn signing_keys() -> &'static str {
    "KEYS"
}

/// The partition of what one tool has in one context.
pub(super) fn placed(context: &ContextId, client: &ClientId) -> String {
    format!("CTX#{context}#{}", tool(client))
}

/// The partition of the results of a line item.
pub(super) fn results(item: LineItemId) -> String {
    format!("{ITEM_PREFIX}{item}")
}

/// The partition of the history of a user on a line item.
pub(super) fn history(item: LineItemId, user: &UserId) -> String {
    format!("{}#{}", results(item), self::user(user))
}

/// The partition of a context and of the tools that have, or had, a place in it.
pub(super) fn context(context: &ContextId) -> String {
    format!("CTX#{context}")
}

/// What every sort key of a tool that has, or had, a place in a context starts with.
pub(super) const fn guest_prefix() -> &'static str {
    TOOL_PREFIX
}

/// What every sort key of a resource link starts with.
pub(super) const fn link_prefix() -> &'static str {
    LINK_PREFIX
}

/// What every sort key of a line item starts with.
pub(super) const fn line_item_prefix() -> &'static str {
    ITEM_PREFIX
}

/// What every sort key of a result starts with.
pub(super) const fn result_prefix() -> &'static str {
    USER_PREFIX
}

fn tool(client: &ClientId) -> String {
    format!("{TOOL_PREFIX}{}", escape(client.as_str()))
}

/// The client whose registration is under `key`.
pub(super) fn client_of(key: &Key) -> Result<ClientId, IdError> {
    unescape(key.pk.strip_prefix(TOOL_PREFIX).unwrap_or_default()).parse()
}

/// The partition of the index in which all clients of a role are.
pub(super) const fn index_partition(role: Role) -> &'static str {
    match role {
        Role::Tool => "TOOLS",
        Role::Lms => "LMS",
    }
}

/// Entries of the index: all clients of a role, all placements of a tool, all results of a user, all line items that were
/// deleted.
pub(super) fn index_of_clients(client: &ClientId, role: Role) -> [(&'static str, String); 2] {
    [(GSI1_PK, index_partition(role).to_owned()), (GSI1_SK, tool(client))]
}

pub(super) fn index_of_placements(context: &ContextId, client: &ClientId) -> [(&'static str, String); 2] {
    [(GSI1_PK, tool(client)), (GSI1_SK, self::context(context))]
}

/// A user's results stand in the order of contexts, tools and line items, and name all three.
pub(super) fn index_of_results(column: &LineItemRef<'_>, user: &UserId) -> [(&'static str, String); 2] {
    let LineItemRef { context, client, id } = column;
    [(GSI1_PK, self::user(user)), (GSI1_SK, format!("{}#{ITEM_PREFIX}{id}", placed(context, client)))]
}

/// The partition of the index in which a user's results are.
pub(super) fn user(user: &UserId) -> String {
    format!("{USER_PREFIX}{}", escape(user.as_str()))
}

/// The user whose result is under this key.
pub(super) fn user_of(key: &Key) -> Result<UserId, StoreError> {
    let escaped = key.sk.strip_prefix(USER_PREFIX).unwrap_or_default();
    unescape(escaped).parse().map_err(StoreError::unreadable(key))
}

/// What every entry of a user's results in one context starts with.
pub(super) fn index_prefix(context: &ContextId) -> String {
    format!("{}#", self::context(context))
}

/// The line item that the sort key of a result or of a deletion in the index names.
pub(super) fn column_in_index(sk: &str) -> Option<(ContextId, ClientId, LineItemId)> {
    let (_, from_context) = sk.split_once("CTX#")?;
    let [context, "TOOL", client, "ITEM", item] = from_context.split('#').collect::<Vec<_>>()[..] else {
        return None;
    };
    Some((context.parse().ok()?, unescape(client).parse().ok()?, item.parse().ok()?))
}

/// In the order of their deletion.
pub(super) fn index_of_deleted(
    column: &LineItemRef<'_>,
    deleted_at: Timestamp,
) -> [(&'static str, String); 2] {
    let LineItemRef { context, client, id } = column;
    let (time, placed) = (time_of_deletion(deleted_at.unix_nanos()), placed(context, client));
    [(GSI1_PK, DELETED.to_owned()), (GSI1_SK, format!("{time}#{placed}#{ITEM_PREFIX}{id}"))]
}

/// What the sort key of a line item begins with that was deleted at that time, in nanoseconds since 1970.
pub(super) fn time_of_deletion(nanos: i128) -> String {
    format!("{nanos:020}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_client_id_can_forge_a_separator() {
        let key = Key::assertion(&"a#b".parse().unwrap(), "c");
        assert_eq!(key.pk, "JTI#a%23b#c");
        assert_ne!(key, Key::assertion(&"a".parse().unwrap(), "b#c"));
        assert_ne!(key, Key::assertion(&"a%23b".parse().unwrap(), "c"));
    }

    #[test]
    fn the_longest_ids_fit_the_table() {
        let client = "#".repeat(255).parse().unwrap();
        assert!(Key::assertion(&client, &"#".repeat(255)).pk.len() <= 2_048);
        let context = ContextId::of(&"c".parse().unwrap());
        let link = Key::link(&context, &client, &"%".repeat(255).parse().unwrap());
        assert!(link.pk.len() <= 2_048 && link.sk.len() <= 1_024);
        let (deployment, key) = ("#".repeat(255).parse().unwrap(), "k".repeat(255).parse().unwrap());
        assert!(Key::creation(&context, &client, Some(&deployment), &key).sk.len() <= 1_024);
    }

    #[test]
    fn the_index_names_line_items_of_clients_of_any_name() {
        let context = ContextId::of(&"c".parse().unwrap());
        let client: ClientId = "CTX#a%23#ITEM#b".parse().unwrap();
        let id = LineItemId::from_bytes([7; 16]);
        let column = LineItemRef { context: &context, client: &client, id };
        let [_, (_, result)] = index_of_results(&column, &"u".parse().unwrap());
        let [_, (_, deleted)] = index_of_deleted(&column, Timestamp::EPOCH);
        for sk in [result, deleted] {
            assert_eq!(column_in_index(&sk), Some((context.clone(), client.clone(), id)), "{sk}");
        }
        assert_eq!(column_in_index("CTX#x"), None);
    }

    proptest! {
        /// Of few characters, so that without the escape many would meet.
        #[test]
        fn different_ids_have_different_keys(a in ("[#%235a]{1,4}", "[#%235a]{1,4}"), b in ("[#%235a]{1,4}", "[#%235a]{1,4}")) {
            let key = |ids: &(String, String)| Key::assertion(&ids.0.parse().unwrap(), &ids.1);
            prop_assert_eq!(key(&a) == key(&b), a == b);
        }
    }
}
