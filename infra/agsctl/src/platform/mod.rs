//! What an LMS can do over HTTP, in the hands of an operator: the same requests go to the same router, in this process,
//! over the table that the environment or a directory names.
#![expect(clippy::print_stdout, reason = "it talks to a person at a terminal, or to a program")]

mod members;
mod operations;
mod show;

use std::path::PathBuf;

use ags_shared::config::{Config, KeyFetchConfig};
use ags_shared::http::{Actor, JSON, Operator, app};
use ags_shared::links::Links;
use ags_shared::services::Services;
use anyhow::{Context, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, Uri};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::Value;
use tower::ServiceExt;

use crate::demo;
use crate::place::LocalTable;
pub use operations::{GROUPS, Gives, OPERATIONS, Operation, Takes};

/// The commands, for the command line that has others, too.
#[must_use]
pub fn commands() -> Vec<Command> {
    let dir = Arg::new("dir")
        .long("dir")
        .value_parser(value_parser!(PathBuf))
        .help("A directory of `agsctl dev`, which may be running, instead of the table of the environment");
    let json = Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("For programs: an object as it is, a list as one line for each entry");
    let group = |(name, about): (&'static str, &'static str)| {
        let verbs = OPERATIONS.iter().filter(|operation| operation.group == name).map(verb);
        Command::new(name)
            .about(about)
            .subcommand_required(true)
            .arg(dir.clone().global(true))
            .arg(json.clone().global(true))
            .subcommands(verbs)
    };
    GROUPS.into_iter().map(group).collect()
}

fn verb(operation: &Operation) -> Command {
    let mut command = Command::new(operation.verb).about(operation.about);
    for name in parameters(operation) {
        command = command.arg(Arg::new(name).required(true).allow_hyphen_values(true));
    }
    for (option, _) in operation.query {
        command = command.arg(Arg::new(*option).long(*option).allow_hyphen_values(true));
    }
    if operation.takes == Takes::Members {
        let help = "name=text, name:=JSON or name=@file; the description of the HTTP surface has the names";
        command = command.arg(Arg::new("member").num_args(0..).help(help));
    }
    command
}

/// The parameters of the route, in their order.
fn parameters(operation: &Operation) -> impl Iterator<Item = &'static str> {
    operation.route.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// Runs the command that `matches` names.
///
/// # Errors
/// If the table cannot be reached, or the request is refused.
pub async fn run(group: &str, matches: &ArgMatches) -> anyhow::Result<()> {
    let (verb, arguments) = matches.subcommand().context("no command")?;
    let fits = |operation: &&Operation| operation.group == group && operation.verb == verb;
    let operation = OPERATIONS.iter().find(fits).context("no such command")?;
    let json = arguments.get_flag("json");
    let desk = Desk::open(arguments.get_one::<PathBuf>("dir")).await?;
    desk.carry_out(operation, arguments, json).await
}

/// The router, and where its table is.
struct Desk {
    router: Router,
    links: Links,
    /// Held as long as it is in use.
    _table: Option<LocalTable>,
}

impl Desk {
    async fn open(dir: Option<&PathBuf>) -> anyhow::Result<Self> {
        // On a laptop the demo tools publish their keys on this machine.
        let key_fetch = match dir {
            Some(_) => KeyFetchConfig { allow_loopback: true, ports: Vec::new() },
            None => KeyFetchConfig::from_env()?,
        };
        let (config, table) = match dir {
            Some(dir) => {
                let table = LocalTable::open(dir).await?;
                (Config { links: Links::new(&demo::issuer(dir)?)?, store: table.store.clone() }, Some(table))
            }
            None => (Config::from_env()?, None),
        };
        let links = config.links.clone();
        let router = app(ags_platform::operators_router(Services::new(&config), key_fetch), &links);
        Ok(Self { router, links, _table: table })
    }

    /// Makes the requests of an operation, and shows the answers.
    async fn carry_out(&self, operation: &Operation, matches: &ArgMatches, json: bool) -> anyhow::Result<()> {
        let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
        let segment = |segment: &'static str| match segment.strip_prefix('{') {
            Some(name) => text(name.trim_end_matches('}')).unwrap_or_default(),
            None => segment,
        };
        let segments: Vec<_> = operation.route.split('/').skip(2).map(segment).collect();
        let mut url = self.links.platform(&segments);
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (option, parameter) in operation.query {
            if let Some(value) = text(option) {
                query.append_pair(parameter, value);
            }
        }
        let query = query.finish();
        if !query.is_empty() {
            url = format!("{url}?{query}");
        }
        let body = match operation.takes {
            Takes::Nothing => None,
            Takes::Always(body) => Some(body.to_owned()),
            Takes::Members => {
                let members: Vec<_> =
                    matches.get_many::<String>("member").into_iter().flatten().cloned().collect();
                Some(members::object(&members)?.to_string())
            }
        };
        let mut next = Some(url);
        while let Some(url) = next.take() {
            let answer = self.send(operation.method, &url, body.as_deref()).await?;
            match (operation.gives, &answer["entries"]) {
                (Gives::Pages, Value::Array(entries)) if json => {
                    for entry in entries {
                        println!("{entry}");
                    }
                }
                (Gives::Pages, Value::Array(entries)) if entries.is_empty() => {}
                (Gives::Pages, Value::Array(entries)) => print!("{}", show::table(entries)),
                (Gives::Nothing, _) => {}
                _ if json => println!("{answer:#}"),
                _ => print!("{}", show::one(&answer)),
            }
            next = match operation.gives {
                Gives::Pages => answer["next"].as_str().map(str::to_owned),
                Gives::Reports if answer["done"] == false => Some(url),
                _ => None,
            };
        }
        Ok(())
    }

    /// The answer to a request, null where it has no body.
    async fn send(&self, method: &str, url: &str, body: Option<&str>) -> anyhow::Result<Value> {
        let uri: Uri = url.parse()?;
        let mut request =
            Request::builder().method(method).uri(uri.path_and_query().map_or("/", |path| path.as_str()));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, JSON);
        }
        let mut request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_owned())))?;
        let actor = Actor { client: "agsctl".parse()?, token_id: "agsctl".to_owned() };
        request.extensions_mut().insert(Operator(actor));
        let answer = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await?;
        let answer: Value =
            if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).context("not JSON")? };
        if !status.is_success() {
            let (title, detail) = (&answer["title"], &answer["detail"]);
            bail!("{} ({status}): {}", text(title), text(detail));
        }
        Ok(answer)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
