//! `infra/openapi.yaml`, which every answer that a test gets is held to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use reqwest::header::HeaderMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::sources;

const FILE: &str = "infra/openapi.yaml";
/// The name under which the schemas of the file refer to each other; nothing is fetched.
const URL: &str = "https://ags.example.edu/openapi.json";
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

static DESCRIPTION: LazyLock<Description> =
    LazyLock::new(|| Description::read(&sources::read(FILE)).expect("a sound description"));

/// What the service says of itself.
pub struct Description {
    document: Value,
    schemas: Schemas,
    operations: Vec<Operation>,
    /// The answers that no operation gives, by their names among the components.
    elsewhere: BTreeMap<&'static str, Response>,
    /// Every header that some answer is described with, in lower case.
    headers: BTreeSet<String>,
}

/// A method of a path.
#[derive(Debug)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// The method, in upper case.
    pub method: String,
    /// The path, with the names of its parameters in braces.
    pub path: String,
    /// The scopes, any one of which opens it; none where no token is needed.
    pub scopes: BTreeSet<String>,
    /// The parameters in the query and in headers.
    pub parameters: BTreeSet<String>,
    /// By the media types that a request may have.
    bodies: Vec<SchemaIndex>,
    responses: BTreeMap<u16, Response>,
}

#[derive(Debug)]
struct Response {
    headers: BTreeMap<String, Header>,
    content: BTreeMap<String, SchemaIndex>,
}

#[derive(Debug)]
struct Header {
    required: bool,
    integer: bool,
    schema: SchemaIndex,
}

impl Operation {
    /// Whether requests have a body.
    pub fn has_body(&self) -> bool {
        !self.bodies.is_empty()
    }

    /// The statuses that it is described with.
    pub fn statuses(&self) -> impl Iterator<Item = u16> {
        self.responses.keys().copied()
    }
}

impl Description {
    /// The description in the repository.
    pub fn get() -> &'static Self {
        &DESCRIPTION
    }

    fn read(yaml: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let document: Value = serde_saphyr::from_str(yaml)?;
        let mut reader = Reader { document: &document, compiler: Compiler::new(), schemas: Schemas::new() };
        reader.compiler.set_default_draft(Draft::V2020_12);
        reader.compiler.enable_format_assertions();
        reader.compiler.add_resource(URL, document.clone())?;
        let operations = reader.operations()?;
        let mut elsewhere = BTreeMap::new();
        for name in ["NotFound", "MethodNotAllowed", "Options", "SlashesTooMany"] {
            elsewhere.insert(name, reader.response(&format!("/components/responses/{name}"))?);
        }
        let schemas = reader.schemas;
        let responses = operations.iter().flat_map(|operation| operation.responses.values());
        let responses = responses.chain(elsewhere.values());
        let headers = responses.flat_map(|response| response.headers.keys().cloned()).collect();
        Ok(Self { document, schemas, operations, elsewhere, headers })
    }

    /// The whole of it.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Every path.
    pub fn paths(&self) -> BTreeSet<&str> {
        self.operations.iter().map(|operation| operation.path.as_str()).collect()
    }

    /// Whether a request with this body is as the operation is described.
    pub fn takes(&self, operation: &Operation, body: &Value) -> bool {
        !operation.bodies.is_empty()
            && operation.bodies.iter().all(|schema| self.schemas.validate(body, *schema).is_ok())
    }

    /// Checks an answer to `method` on `target`, a path or a URL.
    ///
    /// # Errors
    /// What of it is not described.
    pub fn check(
        &self,
        method: &str,
        target: &str,
        status: u16,
        headers: &HeaderMap,
        body: &str,
    ) -> Result<(), String> {
        let path = path_of(target);
        let here: Vec<_> =
            self.operations.iter().filter(|operation| leads_to(&operation.path, &path)).collect();
        let with = |method: &str| here.iter().find(|operation| operation.method == method);
        let elsewhere = |name: &str, only: u16| {
            let known = (status == only).then(|| &self.elsewhere[name]);
            known.ok_or_else(|| format!("{name} is described as {only}, not {status}"))
        };
        let leads_on = status == 307 && sent_path_of(target) != path;
        let response = match with(method).or_else(|| with("GET").filter(|_| method == "HEAD")) {
            _ if leads_on => elsewhere("SlashesTooMany", 307)?,
            Some(operation) => operation.responses.get(&status).ok_or("the status is not described")?,
            None if here.is_empty() => elsewhere("NotFound", 404)?,
            None if method == "OPTIONS" => elsewhere("Options", 204)?,
            None => elsewhere("MethodNotAllowed", 405)?,
        };
        self.check_headers(response, headers)?;
        if let Some(allow) = headers.get("allow").and_then(|allow| allow.to_str().ok()) {
            let allowed: BTreeSet<_> = allow.split(',').collect();
            let mut described: BTreeSet<_> = here.iter().map(|operation| operation.method.as_str()).collect();
            if described.contains("GET") {
                described.insert("HEAD");
            }
            if allowed != described {
                return Err(format!("Allow is {allow}, but {described:?} are described"));
            }
        }
        self.check_body(response, method, headers, body)
    }

    /// What is described is there where it must be, and is as it must be; what is described elsewhere only is not there.
    fn check_headers(&self, response: &Response, headers: &HeaderMap) -> Result<(), String> {
        for name in headers.keys().map(|name| name.as_str()) {
            if self.headers.contains(name) && !response.headers.contains_key(name) {
                return Err(format!("the header {name} is not described"));
            }
        }
        for (name, header) in &response.headers {
            let Some(value) = headers.get(name) else {
                if header.required {
                    return Err(format!("the header {name} is missing"));
                }
                continue;
            };
            let text = value.to_str().map_err(|error| format!("{name}: {error}"))?;
            let number = || text.parse::<u64>().ok().map(Value::from);
            let value = header.integer.then(number).flatten().unwrap_or_else(|| text.into());
            self.schemas.validate(&value, header.schema).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(())
    }

    fn check_body(
        &self,
        response: &Response,
        method: &str,
        headers: &HeaderMap,
        body: &str,
    ) -> Result<(), String> {
        let media = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some(schema) = response.content.get(media.split(';').next().unwrap_or_default()) else {
            let none = response.content.is_empty() && media.is_empty() && body.is_empty();
            return if none { Ok(()) } else { Err(format!("the media type {media:?} is not described")) };
        };
        if method == "HEAD" {
            return if body.is_empty() { Ok(()) } else { Err("HEAD has no body".to_owned()) };
        }
        let body = json(body, 2).map_err(|error| error.to_string())?;
        self.schemas.validate(&body, *schema).map_err(|error| error.to_string())
    }
}

/// Whether `path` is one of those that `pattern` stands for, in which names in braces stand for any segment, and one with
/// an asterisk at the end for any number of them.
pub fn leads_to(pattern: &str, path: &str) -> bool {
    if let Some((start, _)) = pattern.split_once("{*") {
        return path.len() > start.len() && path.starts_with(start);
    }
    let fits = |(pattern, segment): (&str, &str)| pattern.starts_with('{') || pattern == segment;
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(fits)
}

/// The path as it was sent: without query and address.
fn sent_path_of(target: &str) -> &str {
    let target = target.split(['?', '#']).next().unwrap_or_default();
    match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => rest.find('/').map_or("", |start| &rest[start..]),
        _ => target,
    }
}

/// The path as the service reads it: without needless slashes, too (AGS 23).
fn path_of(target: &str) -> String {
    sent_path_of(target)
        .split('/')
        .filter(|segment| !segment.is_empty())
        .flat_map(|segment| ["/", segment])
        .collect()
}

/// A body. What no [`Value`] can hold is emptied so many levels down: numbers beyond a double, and more depth than a
/// stack, both of which are JSON, and kept where the service keeps what it does not know.
fn json(text: &str, levels: u8) -> serde_json::Result<Value> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    serde_json::from_str::<&RawValue>(text).map_err(|_| error)?;
    Ok(match (text.trim_start().chars().next(), levels) {
        (Some('{'), 0) => Value::Object(Map::new()),
        (Some('['), 0) => Value::Array(Vec::new()),
        (Some('{'), _) => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
            let member = |(name, raw): (String, &RawValue)| Ok((name, json(raw.get(), levels - 1)?));
            Value::Object(members.into_iter().map(member).collect::<serde_json::Result<_>>()?)
        }
        (Some('['), _) => {
            let entries: Vec<&RawValue> = serde_json::from_str(text)?;
            entries.iter().map(|raw| json(raw.get(), levels - 1)).collect::<serde_json::Result<_>>()?
        }
        _ => Value::from(1),
    })
}

type Failure = Box<dyn std::error::Error>;

struct Reader<'a> {
    document: &'a Value,
    compiler: Compiler,
    schemas: Schemas,
}

impl Reader<'_> {
    /// What is at `pointer`, or where its `$ref` leads; and where that is.
    fn follow(&self, pointer: &str) -> Result<(String, Value), Failure> {
        let found = self.document.pointer(pointer).ok_or_else(|| format!("nothing is at {pointer}"))?;
        match found["$ref"].as_str() {
            Some(target) => self.follow(target.strip_prefix('#').ok_or("a reference to another file")?),
            None => Ok((pointer.to_owned(), found.clone())),
        }
    }

    /// The pointers to what a list holds, followed.
    fn entries(&self, pointer: &str) -> Result<Vec<(String, Value)>, Failure> {
        let count = self.document.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| self.follow(&format!("{pointer}/{index}"))).collect()
    }

    fn members(&self, pointer: &str) -> Vec<(String, String)> {
        let members = self.document.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
        members.map(|(name, _)| (name.clone(), format!("{pointer}/{}", escaped(name)))).collect()
    }

    fn operations(&mut self) -> Result<Vec<Operation>, Failure> {
        let mut operations = Vec::new();
        for (path, pointer) in self.members("/paths") {
            for (method, pointer) in self.members(&pointer) {
                if !METHODS.contains(&method.as_str()) {
                    continue;
                }
                let (_, operation) = self.follow(&pointer)?;
                let mut responses = BTreeMap::new();
                for (status, pointer) in self.members(&format!("{pointer}/responses")) {
                    responses.insert(status.parse()?, self.response(&pointer)?);
                }
                let parameters = self.entries(&format!("{pointer}/parameters"))?;
                let parameters = parameters
                    .iter()
                    .filter_map(|(_, parameter)| Some(parameter["name"].as_str()?.to_owned()));
                let parameters = parameters.collect();
                let mut bodies = Vec::new();
                if operation.get("requestBody").is_some() {
                    let (pointer, _) = self.follow(&format!("{pointer}/requestBody"))?;
                    for (_, pointer) in self.members(&format!("{pointer}/content")) {
                        bodies.push(self.schema(&format!("{pointer}/schema"))?);
                    }
                }
                operations.push(Operation {
                    id: operation["operationId"].as_str().ok_or("an operation without id")?.to_owned(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    scopes: scopes(&operation["security"])?,
                    parameters,
                    bodies,
                    responses,
                });
            }
        }
        Ok(operations)
    }

    fn response(&mut self, pointer: &str) -> Result<Response, Failure> {
        let (pointer, _) = self.follow(pointer)?;
        let mut headers = BTreeMap::new();
        for (name, pointer) in self.members(&format!("{pointer}/headers")) {
            let (pointer, header) = self.follow(&pointer)?;
            let schema = self.schema(&format!("{pointer}/schema"))?;
            let integer = header["schema"]["type"] == "integer";
            let required = header["required"] == true;
            headers.insert(name.to_lowercase(), Header { required, integer, schema });
        }
        let mut content = BTreeMap::new();
        for (media, pointer) in self.members(&format!("{pointer}/content")) {
            content.insert(media, self.schema(&format!("{pointer}/schema"))?);
        }
        Ok(Response { headers, content })
    }

    fn schema(&mut self, pointer: &str) -> Result<SchemaIndex, Failure> {
        Ok(self.compiler.compile(&format!("{URL}#{pointer}"), &mut self.schemas)?)
    }
}

/// The scopes of an operation: alternatives of one scope each, and never nothing said.
fn scopes(security: &Value) -> Result<BTreeSet<String>, Failure> {
    let alternatives = security.as_array().ok_or("an operation must say whether it needs a token")?;
    let only = |alternative: &Value| alternative["accessToken"][0].as_str().map(str::to_owned);
    let scopes: Option<_> = alternatives.iter().map(only).collect();
    Ok(scopes.ok_or("each alternative has one scope of accessToken")?)
}
