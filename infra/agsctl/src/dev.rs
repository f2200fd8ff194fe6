//! `agsctl dev`: every router in one process, and what it tells a newcomer.
#![expect(clippy::print_stdout, reason = "it talks to a person at a terminal")]

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ags_shared::auth::LocalSigner;
use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::config::KeyFetchConfig;
use ags_shared::http::app;
use ags_token::Issuer;
use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::demo::Demo;
use crate::exchange::{self, Step};
use crate::place::Place;
use crate::tool_host::ToolHost;

/// How long requests under way may take after the signal to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// If the port or the directory is in use, or the first exchange fails.
pub async fn run(port: u16, dir: &Path, host: Option<ToolHost>) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} of 127.0.0.1 cannot be used; choose another with PORT=…"))?;
    let base = format!("http://{}", listener.local_addr()?);
    let place = Place::open(dir, &base, host).await?;
    let issuer = Issuer {
        services: place.services.clone(),
        signer: Arc::new(LocalSigner::open(place.signing_key_file.clone())?),
        fetcher: Arc::new(KeyFetcher::new(KeyFetchConfig { allow_loopback: true, ports: Vec::new() })),
    };
    let routes = app(all_routes(issuer), &place.config.links);
    let interrupted = interrupted()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, routes).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let server = tokio::spawn(server.into_future());

    let introduction = async {
        introduce(&place, dir).await?;
        std::future::pending().await
    };
    tokio::select! {
        failed = introduction => return failed,
        () = interrupted => {}
    }
    drop(stop);
    // Requests under way are answered; a client that never ends its request does not keep the process.
    let ended = timeout(PATIENCE, async {
        server.await??;
        place.engine.stop().await
    });
    ended.await.unwrap_or(Ok(()))
}

/// Every function's routes in one.
pub fn all_routes(issuer: Issuer) -> Router {
    let services = issuer.services.clone();
    let key_fetch = issuer.fetcher.config().clone();
    ags_token::router(issuer)
        .merge(ags_lineitems::router(services.clone()))
        .merge(ags_scores::router(services.clone()))
        .merge(ags_results::router(services.clone()))
        .merge(ags_platform::router(services, key_fetch))
}

/// Listens for Ctrl-C and SIGTERM from now on; what it returns resolves at the first.
pub(crate) fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Makes the demo in the service that runs at `place`, plays the exchange, and tells what happened and how to go on.
pub(crate) async fn introduce(place: &Place, dir: &Path) -> anyhow::Result<()> {
    let demo = place.cast.clone().seed(&place.services, &place.dir).await?;
    tell(&exchange::play(&demo).await?, &demo, dir);
    Ok(())
}

fn tell(steps: &[Step], demo: &Demo, dir: &Path) {
    println!("\nlambda-ags serves at {} (RUST_LOG=info shows every request)\n", demo.issuer);
    println!("A tool just returned a grade, over HTTP:");
    for (number, Step { request, status, meaning }) in steps.iter().enumerate() {
        println!("  {}. {request:<48} {status}  {meaning}", number + 1);
    }
    println!(
        "\nTo point a tool at this platform, give it:
  issuer                {}
  client id             {}
  deployment id         1
  access token URL      {}
  platform key set URL  {}
and put this into its launches:
  \"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint\": {{
    \"scope\": [
      \"https://purl.imsglobal.org/spec/lti-ags/scope/lineitem\",
      \"https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly\",
      \"https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly\",
      \"https://purl.imsglobal.org/spec/lti-ags/scope/score\"
    ],
    \"lineitems\": \"{}\",
    \"lineitem\": \"{}\"
  }}",
        demo.issuer,
        demo.tool.client_id,
        demo.token_url,
        demo.jwks_url,
        demo.context.lineitems_url,
        demo.context.lineitem_url,
    );
    println!(
        "\nTo be its LMS, sign as {} and ask for the scope {}/scope/platform; what to do with it below {}
is in functions/platform/README.md. Or, as its operator: agsctl grades list {} --dir {}",
        demo.lms.client_id,
        demo.issuer,
        demo.platform_url,
        demo.context.context_id,
        dir.display(),
    );
    println!("\nPrivate keys, and all of this for programs: {}", dir.join("demo.json").display());
    println!("Ctrl-C stops; the data stays in {}.", dir.display());
}
