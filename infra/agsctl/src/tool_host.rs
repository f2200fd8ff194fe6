//! The web server of the demo tools: each publishes its key set there, as tools do that register by its address.

use std::net::Ipv4Addr;

use ags_shared::http::JSON;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::demo::DemoClient;

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

    /// Publishes the key sets of the tools until the process ends.
    ///
    /// # Errors
    /// If the file of a key cannot be read.
    pub fn publish(self, tools: &[DemoClient]) -> anyhow::Result<()> {
        let mut routes = Router::new();
        for tool in tools {
            let jwks = tool.key()?.jwks();
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
