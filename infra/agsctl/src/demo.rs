//! A small course site to try the service with: an LMS, two tools, two contexts, a resource link with its line item in each.
//!
//! The LMS is registered in the table, as an operator does it. All else it makes itself, over HTTP.

use std::path::{Path, PathBuf};

use ags_shared::domain::{Registration, Role, Settings};
use ags_shared::services::Services;
use anyhow::Context;
use jsonwebtoken::Algorithm;
use reqwest::{Client, Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::keys::{self, ToolKey};
use crate::oauth::{self, Signer};
use crate::tool_host::ToolHost;

const DEPLOYMENT: &str = "1";
const FILE: &str = "demo.json";

/// What a program needs in order to drive the service: the contents of `demo.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Demo {
    /// Issuer of tokens, and the base of every URL.
    pub issuer: String,
    /// The token endpoint.
    pub token_url: String,
    /// The service's public keys.
    pub jwks_url: String,
    /// What every URL of the LMS's side starts with.
    pub platform_url: String,
    /// The first context, in which both tools are placed.
    #[serde(flatten)]
    pub context: DemoContext,
    /// Learners; any other user id is as good.
    pub users: [String; 2],
    /// The LMS, which may use everything below `platform_url`.
    pub lms: DemoClient,
    /// The tool that has the links and line items named here.
    pub tool: DemoClient,
    /// A tool that has nothing in the first context, and no place in the second.
    pub other_tool: DemoClient,
    /// The second context, in which `tool` alone is placed.
    pub second_context: DemoContext,
}

/// A context, with a resource link of `tool` and its line item.
#[derive(Debug, Clone, Serialize)]
pub struct DemoContext {
    /// The LMS's own id.
    pub context_id: String,
    /// The container of line items.
    pub lineitems_url: String,
    /// The LMS's id of the link.
    pub resource_link_id: String,
    /// The line item that belongs to the link.
    pub lineitem_url: String,
}

/// A client, with the file of its private key (PKCS #8 in PEM).
#[derive(Debug, Clone, Serialize)]
pub struct DemoClient {
    /// OAuth 2 client id.
    pub client_id: String,
    /// The name of its key.
    pub kid: String,
    /// Absolute path, readable by the owner only.
    pub private_key_pem_file: PathBuf,
    /// Where it publishes its key set, if it is registered so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
}

impl DemoClient {
    /// A client whose key is in `dir`, where it is made if it is missing.
    fn prepare(dir: &Path, client_id: &str, host: Option<&ToolHost>) -> anyhow::Result<Self> {
        let file = dir.join(format!("{client_id}-key.pem"));
        let key = ToolKey::from_pem(&keys::read_or_create(&file, keys::new_tool_key)?)?;
        let jwks_url = host.map(|host| host.jwks_url(client_id)).transpose()?;
        Ok(Self { client_id: client_id.to_owned(), kid: key.kid, private_key_pem_file: file, jwks_url })
    }

    /// Its key.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn key(&self) -> anyhow::Result<ToolKey> {
        ToolKey::from_pem(&std::fs::read(&self.private_key_pem_file)?)
    }

    /// It, with its key.
    pub(crate) fn signer(&self) -> anyhow::Result<Signer> {
        let ToolKey { kid, private: key, .. } = self.key()?;
        Ok(Signer { client_id: self.client_id.clone(), kid: Some(kid), algorithm: Algorithm::RS256, key })
    }
}

/// What is fixed about a demo context.
struct Course {
    context_id: &'static str,
    title: &'static str,
    link: &'static str,
    link_title: &'static str,
}

const COURSES: [Course; 2] = [
    Course {
        context_id: "demo-course-1",
        title: "First course",
        link: "demo-quiz-1",
        link_title: "Quiz of the first week",
    },
    Course {
        context_id: "demo-course-2",
        title: "Second course",
        link: "demo-quiz-2",
        link_title: "Quiz of the second week",
    },
];

/// Who takes part, before anybody but the LMS is known to the service.
#[derive(Debug, Clone)]
pub struct Cast {
    lms: DemoClient,
    /// Those that publish their keys on a host do so.
    pub tools: [DemoClient; 2],
}

impl Cast {
    /// Makes the keys that are missing in `dir`, and registers the LMS. On `host`, if there is one, the tools publish their
    /// keys.
    ///
    /// # Errors
    /// If the table or the directory fails.
    pub async fn prepare(services: &Services, dir: &Path, host: Option<&ToolHost>) -> anyhow::Result<Self> {
        let lms = DemoClient::prepare(dir, "demo-lms", None)?;
        let registration = Registration {
            client: lms.client_id.parse()?,
            role: Role::Lms,
            name: "Demo LMS".to_owned(),
            enabled: true,
            scopes: Role::Lms.scopes(),
            keys: ags_shared::domain::PublicKeys::Set(lms.key()?.jwks()),
            deployments: [].into(),
            contact: None,
            defaults: Settings::default(),
        };
        if !services.store.client_put(&registration).await? {
            anyhow::bail!("{} is registered as a tool", lms.client_id);
        }
        let tool = |client_id| DemoClient::prepare(dir, client_id, host);
        Ok(Self { lms, tools: [tool("demo-tool")?, tool("other-tool")?] })
    }

    /// Makes, as the LMS, what is missing of the demo in the service that runs, and writes `demo.json` into `dir`. What is
    /// there stays as it is; only the tools' keys are those of today.
    ///
    /// Every step can be repeated: a process that dies on the way leaves nothing that the next start does not complete.
    ///
    /// # Errors
    /// If the service refuses something, or the directory fails.
    pub async fn seed(self, services: &Services, dir: &Path) -> anyhow::Result<Demo> {
        let links = &services.links;
        let http = oauth::client()?;
        let scope = ags_shared::domain::Scope::Platform.at(links.issuer());
        let token = oauth::token(&http, &links.token(), &self.lms.signer()?, &scope).await?;
        let lms = Lms { http, token, base: links.platform(&[]) };
        let Self { lms: registered, tools: [tool, other] } = self;
        for (client, name, pem) in [(&tool, "Demo tool", true), (&other, "Other tool", false)] {
            lms.register(client, name, pem).await?;
        }
        let [first, second] = COURSES;
        let demo = Demo {
            issuer: links.issuer().to_owned(),
            token_url: links.token(),
            jwks_url: links.jwks(),
            platform_url: lms.base.clone(),
            context: lms.course(&first, &[&tool, &other]).await?,
            users: ["demo-learner-1".to_owned(), "demo-learner-2".to_owned()],
            second_context: lms.course(&second, &[&tool]).await?,
            lms: registered,
            tool,
            other_tool: other,
        };
        keys::write_private(&dir.join(FILE), &serde_json::to_vec_pretty(&demo)?)?;
        Ok(demo)
    }
}

/// The LMS at work.
struct Lms {
    http: Client,
    token: String,
    base: String,
}

impl Lms {
    /// Registers a tool; one that is registered gets the key of today.
    async fn register(&self, tool: &DemoClient, name: &str, as_pem: bool) -> anyhow::Result<()> {
        let key = tool.key()?;
        let mut members = match &tool.jwks_url {
            Some(url) => json!({ "jwks_url": url }),
            None if as_pem => json!({ "public_key_pem": key.public_pem() }),
            None => json!({ "jwks": serde_json::from_str::<Value>(&key.jwks())? }),
        };
        let path = format!("tools/{}", tool.client_id);
        if self.call(Method::PATCH, &path, &members).await?.is_none() {
            members["name"] = name.into();
            members["deployments"] = json!([DEPLOYMENT]);
            self.put(&path, &members).await?;
        }
        Ok(())
    }

    /// A course with these tools, of which the first has the link.
    async fn course(&self, course: &Course, tools: &[&DemoClient]) -> anyhow::Result<DemoContext> {
        let path = format!("contexts/{}", course.context_id);
        let context = self.ensure(&path, &json!({ "title": course.title })).await?;
        for tool in tools {
            let place = format!("{path}/tools/{}", tool.client_id);
            self.ensure(&place, &json!({ "deployment": DEPLOYMENT })).await?;
        }
        let owner = tools.first().context("a course without a tool")?;
        let path = format!("{path}/tools/{}/links/{}", owner.client_id, course.link);
        let body = json!({ "title": course.link_title });
        let mut link = self.ensure(&path, &body).await?;
        if link["line_item_url"].is_null() {
            link = self.put(&path, &body).await?;
        }
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a URL is missing");
        Ok(DemoContext {
            context_id: course.context_id.to_owned(),
            lineitems_url: text(&context["lineitems_url"])?,
            resource_link_id: course.link.to_owned(),
            lineitem_url: text(&link["line_item_url"])?,
        })
    }

    /// What is at `path`, which is put there if nothing is.
    async fn ensure(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        match self.call(Method::GET, path, &Value::Null).await? {
            Some(found) => Ok(found),
            None => self.put(path, body).await,
        }
    }

    async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, body).await?.with_context(|| format!("PUT {path} was answered 404"))
    }

    /// The answer to a request; `None` where there is nothing.
    async fn call(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Option<Value>> {
        let url = format!("{}/{path}", self.base);
        let mut request = self.http.request(method.clone(), url).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = answer.text().await?;
        if !status.is_success() {
            anyhow::bail!("{method} {path} was answered {status}: {text}");
        }
        Ok(Some(serde_json::from_str(&text)?))
    }
}

/// The address at which the demo in `dir` was served last.
///
/// # Errors
/// If there is none.
pub(crate) fn issuer(dir: &Path) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Served {
        issuer: String,
    }
    let file = dir.join(FILE);
    let json = std::fs::read(&file).with_context(|| file.display().to_string())?;
    let served: Served = serde_json::from_slice(&json).with_context(|| file.display().to_string())?;
    Ok(served.issuer)
}
