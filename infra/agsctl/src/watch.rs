//! `agsctl watch`: each function in a process of its own behind `cargo lambda watch`, over the table of `agsctl dev`.

use std::net::Ipv4Addr;
use std::path::Path;
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::place::Place;
use crate::tool_host::ToolHost;
use crate::{dev, oauth};

/// Serves until Ctrl-C, SIGTERM, or the end of `cargo lambda watch`.
///
/// # Errors
/// If the port or the directory is in use, `cargo lambda` is not installed, or the first exchange fails.
pub async fn run(port: u16, dir: &Path, host: Option<ToolHost>) -> anyhow::Result<()> {
    let port = free_port(port).await?;
    let place = Place::open(dir, &format!("http://127.0.0.1:{port}"), host).await?;
    // Listened for before there is a child that could be left behind.
    let interrupted = pin!(dev::interrupted()?);
    let mut emulator = emulator(&place, port)?;
    tokio::select! {
        status = emulator.wait() => bail!("cargo lambda watch ended: {}", status?),
        served = introduce(&place, dir) => served?,
        () = interrupted => {}
    }
    emulator.kill().await?;
    place.engine.stop().await
}

/// The emulator ends without an error when its port is taken, so that is found out before it starts.
async fn free_port(port: u16) -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} of 127.0.0.1 cannot be used; choose another with PORT=…"))?;
    Ok(listener.local_addr()?.port())
}

fn emulator(place: &Place, port: u16) -> anyhow::Result<Child> {
    let store = &place.config.store;
    Command::new("cargo")
        // Its default address is every interface; its own CORS answers would hide ours.
        .args(["lambda", "watch", "--invoke-address", "127.0.0.1", "--disable-cors", "--invoke-port"])
        .arg(port.to_string())
        .env("AGS_BASE_URL", place.config.links.issuer())
        .env("AGS_TABLE", &store.table)
        .env("AGS_SIGNING_KEY_FILE", &place.signing_key_file)
        // The demo tools publish their keys on this machine.
        .env("AGS_JWKS_ALLOW_LOOPBACK", "true")
        .env("AWS_ENDPOINT_URL_DYNAMODB", place.engine.endpoint())
        .env("AWS_REGION", &store.region)
        .env("AWS_ACCESS_KEY_ID", &store.credentials.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &store.credentials.secret_access_key)
        // A real one of the developer's would be sent along.
        .env_remove("AWS_SESSION_TOKEN")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("cargo lambda watch cannot be started")
}

/// Waits until the emulator listens, and shows what it does; then for ever.
async fn introduce(place: &Place, dir: &Path) -> anyhow::Result<()> {
    let http = oauth::client()?;
    let listening = async {
        while http.get(place.config.links.issuer()).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), listening)
        .await
        .context("cargo lambda watch does not listen")?;
    dev::introduce(place, dir).await?;
    std::future::pending().await
}
