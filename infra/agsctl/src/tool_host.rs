//! The web server of the demo tools: each publishes its key set there, as tools do that register by its address.

use std::net::Ipv4Addr;

use ags_shared::http::JSON;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::demo::Demo;
use crate::keys::ToolKey;

/// A free port of the loopback interface, where nothing is published yet.
pub struct ToolHost(TcpListener);

impl ToolHost {
    /// Takes a port.
    ///
    /// # Errors
    /// If none is free.
    pub async fn bind() -> anyhow::Result<Self> {
        Ok(Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?))
    }

    /// Where the tool `client_id` publishes its key set.
    ///
    /// # Errors
    /// If the port is lost.
    pub fn jwks_url(&self, client_id: &str) -> anyhow::Result<String> {
        Ok(format!("http://{}{}", self.0.local_addr()?, path(client_id)))
    }

    /// Publishes the key sets of the demo tools until the process ends.
    ///
    /// # Errors
    /// If the file of a key cannot be read.
    pub fn publish(self, demo: &Demo) -> anyhow::Result<()> {
        let mut routes = Router::new();
        for tool in [&demo.tool, &demo.other_tool] {
            let jwks = ToolKey::from_pem(&std::fs::read(&tool.private_key_pem_file)?)?.jwks();
            let answer = get(async move || ([(CONTENT_TYPE, JSON)], jwks));
            routes = routes.route(&path(&tool.client_id), answer);
        }
        tokio::spawn(axum::serve(self.0, routes).into_future());
        Ok(())
    }
}

fn path(client_id: &str) -> String {
    format!("/{client_id}/jwks.json")
}
