//! A small course site to try the service with: two tools, two contexts, a resource link with its line item in each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ags_shared::auth::jwks_from_pem;
use ags_shared::domain::{
    ClientId, Column, ContextId, Dates, DeploymentId, LineItemId, LinkDefinition, LmsContextId, Placement,
    PublicKeys, Registration, ResourceLinkId, Role, Settings,
};
use ags_shared::services::Services;
use anyhow::Context;
use serde::Serialize;

use crate::keys::{self, ToolKey};
use crate::tool_host::ToolHost;

const DEPLOYMENT: &str = "1";

/// What a program needs in order to drive the service: the contents of `demo.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Demo {
    /// Issuer of tokens, and the base of every URL.
    pub issuer: String,
    /// The token endpoint.
    pub token_url: String,
    /// The service's public keys.
    pub jwks_url: String,
    /// The first context, in which both tools are placed.
    #[serde(flatten)]
    pub context: DemoContext,
    /// Learners; any other user id is as good.
    pub users: [String; 2],
    /// The tool that has the links and line items named here.
    pub tool: DemoTool,
    /// A tool that has nothing in the first context, and no place in the second.
    pub other_tool: DemoTool,
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

/// A tool, with the file of its private key (PKCS #8 in PEM).
#[derive(Debug, Clone, Serialize)]
pub struct DemoTool {
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

/// What is fixed about a demo context.
struct Course {
    context_id: &'static str,
    link: &'static str,
    title: &'static str,
}

const COURSES: [Course; 2] = [
    Course { context_id: "demo-course-1", link: "demo-quiz-1", title: "Quiz of the first week" },
    Course { context_id: "demo-course-2", link: "demo-quiz-2", title: "Quiz of the second week" },
];

/// Makes what is missing of the demo, and writes `demo.json` for the present address. The tools are registered with their
/// keys, or by the address where they publish them.
///
/// Every step can be repeated: a process that dies on the way leaves nothing that the next start does not complete.
///
/// # Errors
/// If the table or the directory fails.
pub async fn prepare(services: &Services, dir: &Path, host: Option<&ToolHost>) -> anyhow::Result<Demo> {
    let [one, another] = match host {
        Some(host) => [Keys::At(host), Keys::At(host)],
        None => [Keys::Pem, Keys::Set],
    };
    let tool = DemoTool::prepare(services, dir, "demo-tool", "Demo tool", one).await?;
    let other = DemoTool::prepare(services, dir, "other-tool", "Other tool", another).await?;
    let [first, second] = COURSES;
    let demo = Demo {
        issuer: services.links.issuer().to_owned(),
        token_url: services.links.token(),
        jwks_url: services.links.jwks(),
        context: first.prepare(services, &[&tool, &other]).await?,
        users: ["demo-learner-1".to_owned(), "demo-learner-2".to_owned()],
        second_context: second.prepare(services, &[&tool]).await?,
        tool,
        other_tool: other,
    };
    let json = serde_json::to_vec_pretty(&demo)?;
    keys::write_private(&dir.join("demo.json"), &json)?;
    Ok(demo)
}

/// The ways in which a tool registers its key.
enum Keys<'a> {
    Set,
    Pem,
    At(&'a ToolHost),
}

impl DemoTool {
    async fn prepare(
        services: &Services,
        dir: &Path,
        client_id: &str,
        name: &str,
        registers: Keys<'_>,
    ) -> anyhow::Result<Self> {
        let file = dir.join(format!("{client_id}-key.pem"));
        let pem = keys::read_or_create(&file, keys::new_tool_key)?;
        let key = ToolKey::from_pem(&pem)?;
        let client: ClientId = client_id.parse()?;
        let keys = match registers {
            Keys::Set => PublicKeys::Set(key.jwks()),
            Keys::Pem => PublicKeys::Set(jwks_from_pem(key.public_pem())?),
            Keys::At(host) => PublicKeys::Url(host.jwks_url(client_id)?.parse()?),
        };
        let jwks_url = match &keys {
            PublicKeys::Url(url) => Some(url.to_string()),
            PublicKeys::Set(_) => None,
        };
        // A registration that somebody changed stays as it is, unless its key is gone or has moved.
        let registered = services.store.tool_fetch(&client).await?;
        if registered.is_none_or(|(registered, _)| registered.keys != keys) {
            let tool = Registration {
                client,
                role: Role::Tool,
                name: name.to_owned(),
                enabled: true,
                scopes: Role::Tool.scopes(),
                keys,
                deployments: BTreeSet::from([DEPLOYMENT.parse()?]),
                contact: None,
                defaults: Settings::default(),
            };
            services.store.client_put(&tool).await?;
        }
        Ok(Self { client_id: client_id.to_owned(), kid: key.kid, private_key_pem_file: file, jwks_url })
    }
}

impl Course {
    /// Places the tools; the first has the link and the line item.
    async fn prepare(&self, services: &Services, tools: &[&DemoTool]) -> anyhow::Result<DemoContext> {
        let deployment: DeploymentId = DEPLOYMENT.parse()?;
        let context = ContextId::of(&self.context_id.parse::<LmsContextId>()?);
        for tool in tools {
            let placement = Placement { deployment: deployment.clone() };
            services.store.placement_put(&context, &tool.client_id.parse()?, &placement).await?;
        }
        let owner: ClientId = tools.first().context("a course without a tool")?.client_id.parse()?;
        let definition = LinkDefinition {
            deployment,
            title: self.title.parse()?,
            settings: Settings::default(),
            window: Dates::default(),
            column: Column {
                label: None,
                score_maximum: "100".parse()?,
                resource_id: None,
                tag: None,
                grades_released: None,
            },
        };
        let item = link_with_line_item(services, &context, &owner, self.link.parse()?, definition).await?;
        Ok(DemoContext {
            context_id: self.context_id.to_owned(),
            lineitems_url: services.links.line_items(&context),
            resource_link_id: self.link.to_owned(),
            lineitem_url: services.links.line_item(&context, item),
        })
    }
}

/// The coupled line item of the link, which is made with it where there is none.
async fn link_with_line_item(
    services: &Services,
    context: &ContextId,
    owner: &ClientId,
    id: ResourceLinkId,
    definition: LinkDefinition,
) -> anyhow::Result<LineItemId> {
    let (new, now) = (services.new_line_item_id()?, services.now());
    let link = services.store.link_define(context, owner, &id, &definition, new, now).await?;
    link.line_item.context("a link that is not gradable")
}

/// The address at which the demo in `dir` was served last.
///
/// # Errors
/// If there is none.
pub(crate) fn issuer(dir: &Path) -> anyhow::Result<String> {
    #[derive(serde::Deserialize)]
    struct Served {
        issuer: String,
    }
    let file = dir.join("demo.json");
    let json = std::fs::read(&file).with_context(|| file.display().to_string())?;
    let served: Served = serde_json::from_slice(&json).with_context(|| file.display().to_string())?;
    Ok(served.issuer)
}
