//! Bodies as an operator writes them: `name=text`, `name:=JSON`, `name=@file`.

use anyhow::{Context, bail};
use serde_json::{Map, Value};

/// The object that `members` make.
///
/// # Errors
/// If one of them is none of the three forms, its JSON is none, its file cannot be read, or a name comes twice.
pub(super) fn object(members: &[String]) -> anyhow::Result<Value> {
    let mut object = Map::new();
    for member in members {
        let (name, value) = member
            .split_once('=')
            .filter(|(name, _)| !name.trim_end_matches(':').is_empty())
            .with_context(|| format!("{member:?} must be name=text, name:=JSON or name=@file"))?;
        let (name, value) = match (name.strip_suffix(':'), value.strip_prefix('@')) {
            (Some(name), _) => {
                let json = serde_json::from_str(value);
                (name, json.with_context(|| format!("{name} must be JSON after :="))?)
            }
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
                (name, Value::String(text))
            }
            (None, None) => (name, Value::String(value.to_owned())),
        };
        if object.insert(name.to_owned(), value).is_some() {
            bail!("{name} is given twice");
        }
    }
    Ok(object.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(members: &[&str]) -> anyhow::Result<Value> {
        object(&members.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_member_is_text_unless_it_is_said_to_be_json() {
        let object = read(&["title=A = B", "score_maximum:=10", "deployments:=[\"1\"]", "tag="]).unwrap();
        assert_eq!(object, json!({ "title": "A = B", "score_maximum": 10, "deployments": ["1"], "tag": "" }));
        assert_eq!(read(&[]).unwrap(), json!({}));
    }

    #[test]
    fn what_is_no_member_is_refused() {
        for wrong in [&["title"][..], &["=x"], &[":=1"], &["a:=x"], &["a=1", "a:=2"], &["a=@/no/such/file"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
