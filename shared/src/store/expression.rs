//! An update expression, put together attribute by attribute.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// What an update sets and removes. Every attribute is named by a placeholder, so none clashes with a reserved word.
#[derive(Debug, Default)]
pub(super) struct Changes {
    sets: Vec<String>,
    removes: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

/// The parts of an `UpdateItem` call.
pub(super) struct Expression {
    pub(super) update: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Changes {
    /// Makes `#name` and `:name` available to the condition, too.
    pub(super) fn value(&mut self, name: &str, value: AttributeValue) {
        self.names.insert(format!("#{name}"), name.to_owned());
        self.values.insert(format!(":{name}"), value);
    }

    /// Makes `:name` available to the condition.
    pub(super) fn placeholder(&mut self, name: &str, value: AttributeValue) {
        self.values.insert(format!(":{name}"), value);
    }

    /// Makes `#name` available to the condition.
    pub(super) fn name(&mut self, name: &str) {
        self.names.insert(format!("#{name}"), name.to_owned());
    }

    /// Makes `#name` stand for the attribute, or the member of a map, that is called otherwise.
    pub(super) fn rename(&mut self, name: &str, called: &str) {
        self.names.insert(format!("#{name}"), called.to_owned());
    }

    pub(super) fn set(&mut self, name: &str, value: AttributeValue) {
        self.value(name, value);
        self.sets.push(format!("#{name} = :{name}"));
    }

    pub(super) fn set_text(&mut self, name: &str, value: impl Into<String>) {
        self.set(name, AttributeValue::S(value.into()));
    }

    /// Sets the member `name` of the map `outer`.
    pub(super) fn set_within(&mut self, outer: &str, name: &str, value: AttributeValue) {
        self.name(outer);
        self.value(name, value);
        self.sets.push(format!("#{outer}.#{name} = :{name}"));
    }

    /// Sets the attribute only where there is none yet.
    pub(super) fn set_first(&mut self, name: &str, value: impl Into<String>) {
        self.value(name, AttributeValue::S(value.into()));
        self.sets.push(format!("#{name} = if_not_exists(#{name}, :{name})"));
    }

    /// Adds one to a number.
    pub(super) fn count(&mut self, name: &str) {
        self.value(name, AttributeValue::N("1".to_owned()));
        self.sets.push(format!("#{name} = #{name} + :{name}"));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.name(name);
        self.removes.push(format!("#{name}"));
    }

    /// Sets the attribute, or removes it where there is no value.
    pub(super) fn set_or_remove(&mut self, name: &str, value: Option<impl Into<String>>) {
        match value {
            Some(value) => self.set_text(name, value),
            None => self.remove(name),
        }
    }

    pub(super) fn finish(self) -> Expression {
        let clause = |verb: &str, parts: &[String]| {
            if parts.is_empty() { String::new() } else { format!("{verb} {}", parts.join(", ")) }
        };
        let update = [clause("SET", &self.sets), clause("REMOVE", &self.removes)].join(" ");
        Expression { update: update.trim().to_owned(), names: self.names, values: self.values }
    }
}
