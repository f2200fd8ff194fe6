//! What a role allows: the part of IAM's language that the template speaks. Whatever else stands in a policy ends the
//! test, so that nothing is taken for allowed that AWS would refuse.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// What somebody wants to do.
#[derive(Debug, Clone)]
pub struct Access {
    /// For example `dynamodb:Query`.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: String,
    /// What else is known of it, by the names of condition keys.
    pub context: BTreeMap<String, Vec<String>>,
}

/// A part of a statement that allows something: an action, a resource, or a value of a condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The `Sid` of the statement.
    pub statement: String,
    /// The part, as it stands there.
    pub part: String,
}

/// The policies of a role.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Role {
    policies: Vec<Policy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policy {
    version: Version,
    statement: Vec<Statement>,
}

#[derive(Debug, Deserialize)]
enum Version {
    #[serde(rename = "2012-10-17")]
    Current,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    sid: String,
    effect: Effect,
    action: OneOrMany,
    resource: OneOrMany,
    #[serde(default)]
    condition: BTreeMap<Operator, BTreeMap<String, OneOrMany>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Operator {
    StringEquals,
    StringLike,
    Null,
    #[serde(rename = "ForAllValues:StringEquals")]
    AllEqual,
    #[serde(rename = "ForAllValues:StringLike")]
    AllLike,
}

/// The condition keys that [`Access`]es have; a condition on another one would never see a value.
const KEYS: [&str; 3] = ["dynamodb:LeadingKeys", "kms:SigningAlgorithm", "kms:MessageType"];

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }

    fn any_like(&self, text: &str) -> bool {
        self.texts().iter().any(|pattern| like(pattern, text))
    }
}

impl Operator {
    /// Whether the values of a key meet it.
    fn holds(self, wanted: &OneOrMany, values: &[String]) -> bool {
        let equal = |value: &String| wanted.texts().contains(value);
        let alike = |value: &String| wanted.any_like(value);
        match self {
            Self::Null => match wanted.texts() {
                [text] if text == "true" => values.is_empty(),
                [text] if text == "false" => !values.is_empty(),
                other => panic!("Null is true or false, not {other:?}"),
            },
            Self::StringEquals => one(values).is_some_and(equal),
            Self::StringLike => one(values).is_some_and(alike),
            Self::AllEqual => values.iter().all(equal),
            Self::AllLike => values.iter().all(alike),
        }
    }
}

/// The value of a key that has one.
fn one(values: &[String]) -> Option<&String> {
    assert!(values.len() <= 1, "a condition on one value, and there are {values:?}");
    values.first()
}

impl Statement {
    fn is_about(&self, access: &Access) -> bool {
        let none = Vec::new();
        let values = |key: &str| access.context.get(key).unwrap_or(&none);
        self.action.any_like(&access.action)
            && self.resource.any_like(&access.resource)
            && self
                .condition
                .iter()
                .all(|(operator, keys)| keys.iter().all(|(key, wanted)| operator.holds(wanted, values(key))))
    }

    /// Its parts, each with the key of a condition, or `None`, and the text.
    fn parts(&self) -> impl Iterator<Item = (Part<'_>, &str)> {
        let conditions = self.condition.iter().filter(|(operator, _)| **operator != Operator::Null);
        let values = conditions.flat_map(|(_, keys)| keys);
        let values = values.map(|(key, texts)| (Part::Value(key.as_str()), texts));
        let plain = [(Part::Action, &self.action), (Part::Resource, &self.resource)];
        let parts = plain.into_iter().chain(values);
        parts.flat_map(|(part, texts)| texts.texts().iter().map(move |text| (part, text.as_str())))
    }

    fn grant(&self, part: Part<'_>, text: &str) -> Grant {
        let part = match part {
            Part::Action | Part::Resource => text.to_owned(),
            Part::Value(key) => format!("{key} = {text}"),
        };
        Grant { statement: self.sid.clone(), part }
    }
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Action,
    Resource,
    Value(&'a str),
}

impl Part<'_> {
    /// Whether the access needs this text of the part.
    fn is_needed(self, text: &str, access: &Access) -> bool {
        match self {
            Self::Action => like(text, &access.action),
            Self::Resource => like(text, &access.resource),
            Self::Value(key) => access.context.get(key).into_iter().flatten().any(|value| like(text, value)),
        }
    }
}

impl Role {
    /// The role with these policies, as `Policies` of a template has their documents.
    ///
    /// # Panics
    /// If there is anything in them that this module does not know.
    pub fn new(policies: serde_json::Value) -> Self {
        let role: Self = serde_json::from_value(policies).expect("policies in the language of the template");
        role.check();
        role
    }

    fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.policies.iter().flat_map(|Policy { version: Version::Current, statement }| statement)
    }

    /// Ends the test over a condition key that no access has.
    pub(super) fn check(&self) {
        for statement in self.statements() {
            for key in statement.condition.values().flat_map(BTreeMap::keys) {
                let known = KEYS.contains(&key.as_str()) || key.starts_with("aws:ResourceTag/");
                assert!(known, "{}: nobody here knows {key}", statement.sid);
            }
        }
    }

    /// What of the role allows this; `None` if it is refused. A statement that denies wins over all that allow.
    pub fn allows(&self, access: &Access) -> Option<BTreeSet<Grant>> {
        let about: Vec<_> = self.statements().filter(|statement| statement.is_about(access)).collect();
        if about.is_empty() || about.iter().any(|statement| statement.effect == Effect::Deny) {
            return None;
        }
        let needed = about.iter().flat_map(|statement| {
            let needed = statement.parts().filter(|(part, text)| part.is_needed(text, access));
            needed.map(|(part, text)| statement.grant(part, text))
        });
        Some(needed.collect())
    }

    /// Everything that it allows, part by part.
    pub fn grants(&self) -> BTreeSet<Grant> {
        let allowing = self.statements().filter(|statement| statement.effect == Effect::Allow);
        let grants =
            allowing.flat_map(|statement| statement.parts().map(|(part, text)| statement.grant(part, text)));
        grants.collect()
    }
}

/// Whether `text` is like `pattern`, in which `*` is any text and `?` any one character.
fn like(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = &pattern[1..];
            like(rest, text) || text.char_indices().any(|(at, c)| like(rest, &text[at + c.len_utf8()..]))
        }
        (Some(wanted), Some(c)) if wanted == '?' || wanted == c => {
            like(&pattern[wanted.len_utf8()..], &text[c.len_utf8()..])
        }
        _ => false,
    }
}
