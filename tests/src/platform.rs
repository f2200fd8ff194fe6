//! What every test sets up: an engine with a fresh table, tools with keys, contexts, links, line items.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use ags_shared::auth::LocalSigner;
use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::clock::Clock;
use ags_shared::config::{Config, KeyFetchConfig, StoreConfig};
use ags_shared::domain::{
    Column, ContextId, Dates, LineItem, LineItemId, LinkDefinition, LmsContextId, Placement, PublicHalf,
    PublicKeys, Registration, ResourceLink, Role, Settings,
};
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store;
use ags_token::Issuer;
use agsctl::keys::{ToolKey, new_signing_key, new_tool_key};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Table, Tool, Wire};

/// Making an RSA key takes a while, so each name gets one for all tests.
static TOOL_KEYS: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

/// A table, and what the platform's side puts into it.
pub struct Platform {
    /// How the service is configured for this table.
    pub config: Config,
    /// What the functions have; for setting the scene, not for what is tested.
    pub services: Services,
    /// The table, for tests that look at raw items.
    pub table: Table,
    /// The signing key of access tokens.
    pub signer: Arc<LocalSigner>,
    /// The same in PEM.
    pub signing_key: String,
    /// What fetches the key sets of tools: in the cloud's way, unless the test says otherwise.
    pub fetcher: Arc<KeyFetcher>,
}

/// A context in which a tool is placed.
#[derive(Debug, Clone)]
pub struct Course {
    /// The context.
    pub context: ContextId,
    /// The container of line items.
    pub lineitems: String,
}

impl Platform {
    /// An empty table for a service at the address `base`.
    pub async fn new(base: &str, clock: Arc<dyn Clock>) -> Self {
        let table = Table::new().await;
        let store = table.config().clone();
        Self::over(base, clock, table, store).with_key().await
    }

    /// As [`new`](Self::new), before any signing key is published.
    pub async fn without_key(base: &str, clock: Arc<dyn Clock>) -> Self {
        let table = Table::new().await;
        let store = table.config().clone();
        Self::over(base, clock, table, store)
    }

    /// As [`new`](Self::new), on an engine of its own wherever the tests have their tables: for what is never dropped.
    pub async fn embedded(base: &str, clock: Arc<dyn Clock>) -> Self {
        let table = Table::embedded().await;
        let store = table.config().clone();
        Self::over(base, clock, table, store).with_key().await
    }

    /// As [`without_key`](Self::without_key) over `table`, with a wire between it and the service.
    pub(crate) async fn behind_a_wire(base: &str, clock: Arc<dyn Clock>, table: Table) -> (Self, Wire) {
        let wire = Wire::to(&table).await;
        let store = StoreConfig { endpoint: Some(wire.endpoint().to_owned()), ..table.config().clone() };
        (Self::over(base, clock, table, store), wire)
    }

    /// A platform whose service reaches `table` as `store` says, before any signing key is published.
    pub(crate) fn over(base: &str, clock: Arc<dyn Clock>, table: Table, store: StoreConfig) -> Self {
        let config = Config { links: Links::new(base).expect("a base URL"), store };
        let services = Services::with_clock(&config, clock);
        let signing_key = new_signing_key().expect("a key");
        let signer = Arc::new(LocalSigner::from_pem(signing_key.as_bytes()).expect("a P-256 key"));
        let fetcher = Arc::new(KeyFetcher::new(KeyFetchConfig::default()));
        Self { config, services, table, signer, signing_key, fetcher }
    }

    /// Publishes the signing key, which signs from now on.
    pub(crate) async fn with_key(self) -> Self {
        let own = self.signer.public_half().clone();
        self.publish(own, self.services.now().unix_seconds()).await;
        self
    }

    /// Publishes a key that signs from that second on.
    pub(crate) async fn publish(&self, key: PublicHalf, second: i64) {
        let added = self.services.store.signing_key_add(&key.signing_from(second)).await;
        assert!(added.expect("a table"), "the key is there already");
    }

    /// What the token endpoint is made of.
    pub fn issuer(&self) -> Issuer {
        Issuer { services: self.services.clone(), signer: self.signer.clone(), fetcher: self.fetcher.clone() }
    }

    /// Registers a tool with every scope and the deployments `1` and `2`.
    pub async fn tool(&self, client_id: &str) -> Tool {
        let tool = Self::client(client_id);
        self.register(&tool, |_| {}).await;
        tool
    }

    /// Registers an LMS with every scope.
    pub async fn lms(&self, client_id: &str) -> Tool {
        let lms = Self::client(client_id);
        self.register(&lms, |registration| {
            registration.role = Role::Lms;
            registration.scopes = Role::Lms.scopes();
            registration.deployments.clear();
        })
        .await;
        lms
    }

    /// What a client has before it is registered.
    pub fn client(client_id: &str) -> Tool {
        let pem = {
            let mut keys = TOOL_KEYS.lock().expect("no test panics while it holds the lock");
            let pem = keys.entry(client_id.to_owned());
            pem.or_insert_with(|| new_tool_key().expect("a key")).clone()
        };
        let key = ToolKey::from_pem(pem.as_bytes()).expect("an RSA key");
        Tool { client_id: client_id.to_owned(), key }
    }

    /// Registers a tool whose key set is at an address.
    pub async fn tool_at(&self, client_id: &str, url: &str) -> Tool {
        let tool = self.tool(client_id).await;
        let url = url.parse().expect("a URL");
        self.register(&tool, |tool| tool.keys = PublicKeys::Url(url)).await;
        tool
    }

    /// Registers a tool again, with a change.
    pub async fn register(&self, tool: &Tool, change: impl FnOnce(&mut Registration)) {
        let mut registration = Registration {
            client: tool.client_id.parse().expect("a client id"),
            role: Role::Tool,
            name: tool.client_id.clone(),
            enabled: true,
            scopes: Role::Tool.scopes(),
            keys: PublicKeys::Set(tool.key.jwks()),
            deployments: ["1", "2"].map(|id| id.parse().expect("a deployment id")).into(),
            contact: None,
            defaults: Settings::default(),
        };
        change(&mut registration);
        assert!(self.services.store.client_put(&registration).await.expect("a table"), "another role");
    }

    /// Places a tool in a context, under the deployment `1`.
    pub async fn place(&self, tool: &Tool, lms_context: &str) -> Course {
        let context = ContextId::of(&lms_context.parse::<LmsContextId>().expect("a context id"));
        let placement = Placement { deployment: "1".parse().expect("a deployment id") };
        let client = tool.client_id.parse().expect("a client id");
        self.services.store.placement_put(&context, &client, &placement).await.expect("a table");
        Course { lineitems: self.services.links.line_items(&context), context }
    }

    /// Takes a tool out of a context.
    pub async fn remove(&self, tool: &Tool, course: &Course) {
        let client = tool.client_id.parse().expect("a client id");
        self.services.store.placement_delete(&course.context, &client).await.expect("a table");
    }

    /// Makes a resource link of a tool known, under the deployment `1`.
    pub async fn link(&self, tool: &Tool, course: &Course, id: &str) {
        self.link_under(tool, course, id, "1").await;
    }

    /// Makes a resource link of a tool known, under a deployment.
    pub async fn link_under(&self, tool: &Tool, course: &Course, id: &str, deployment: &str) {
        self.put_link(tool, course, new_link(id, deployment), None).await;
    }

    /// Stores a link over whatever is known of it, with a new coupled line item or without one.
    async fn put_link(&self, tool: &Tool, course: &Course, mut link: ResourceLink, new: Option<LineItemId>) {
        let client = tool.client_id.parse().expect("a client id");
        let (store, now) = (&self.services.store, self.services.now());
        let found = store.link_fetch(&course.context, &client, &link.id).await.expect("a table");
        let replaces = found.map(|link| link.version);
        link.version += replaces.unwrap_or_default();
        link.line_item = new;
        let coupled = new.map(|id| LineItem::coupled(&link, id));
        let made = store.link_write(&course.context, &client, &link, replaces, coupled.as_ref(), now);
        assert!(made.await.expect("a table"), "somebody else changes the link, too");
    }

    /// Makes a link together with its line item, as the platform does; the line item's URL.
    pub async fn coupled_line_item(&self, tool: &Tool, course: &Course, link: &str) -> String {
        let id = self.services.new_line_item_id().expect("random numbers");
        self.put_link(tool, course, new_link(link, "1"), Some(id)).await;
        self.services.links.line_item(&course.context, id)
    }

    /// The raw items of a partition of the table.
    pub async fn raw_items(&self, partition: &str) -> Vec<HashMap<String, AttributeValue>> {
        raw_items(self.table.config(), partition).await
    }

    /// Every raw item of the table.
    pub async fn all_items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let config = self.table.config();
        let pages =
            store::connect(config).scan().table_name(&config.table).consistent_read(true).into_paginator();
        pages.items().send().collect::<Result<_, _>>().await.expect("a table")
    }

    /// The history entries of one user on one line item.
    pub async fn history(&self, item: &str, user: &str) -> Vec<HashMap<String, AttributeValue>> {
        self.raw_items(&format!("ITEM#{}#USER#{user}", id_of(item))).await
    }

    /// The rows of a line item's results.
    pub async fn rows(&self, item: &str) -> Vec<HashMap<String, AttributeValue>> {
        self.raw_items(&format!("ITEM#{}", id_of(item))).await
    }
}

/// A link of 100 points with the settings that a link has where nothing else is said.
fn new_link(id: &str, deployment: &str) -> ResourceLink {
    ResourceLink {
        id: id.parse().expect("a link id"),
        definition: LinkDefinition {
            deployment: deployment.parse().expect("a deployment id"),
            title: id.parse().expect("a title"),
            settings: Settings::default(),
            window: Dates::default(),
            column: Column {
                label: None,
                score_maximum: "100".parse().expect("a maximum"),
                resource_id: None,
                tag: None,
                grades_released: None,
            },
        },
        line_item: None,
        version: 1,
    }
}

/// The raw items of a partition of a table.
pub async fn raw_items(config: &StoreConfig, partition: &str) -> Vec<HashMap<String, AttributeValue>> {
    let pages = store::connect(config)
        .query()
        .table_name(&config.table)
        .consistent_read(true)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
        .into_paginator();
    pages.items().send().collect::<Result<_, _>>().await.expect("a table")
}

/// The id at the end of a line item's URL.
fn id_of(item: &str) -> &str {
    item.rsplit('/').next().expect("a line item URL")
}
