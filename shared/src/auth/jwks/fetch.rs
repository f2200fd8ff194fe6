//! One GET of a key set.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_runtime_api::client::dns::SharedDnsResolver;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use http_body_util::BodyExt;
use tokio::time::timeout;
use url::Host;

use super::freshness::lifetime;
use super::names::{CheckedNames, Reach, Refused};
use crate::auth::keys::{self, KeyError};
use crate::causes::causes;
use crate::config::KeyFetchConfig;
use crate::domain::JwksUrl;
use crate::outgoing::{self, SystemNames};

/// How long a fetch may take in all.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long of that the lookup of the name, the connection and TLS may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// The largest body, in bytes.
const BODY_MAX: usize = 64 * 1_024;
/// The one port that needs no permission.
const HTTPS: u16 = 443;

/// Why a key set could not be had. The texts are for the log and hold nothing of the body.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The URL leads where no request is sent.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No answer: the name, the connection, TLS, or HTTP itself failed. A name that leads where no request is sent is
    /// among these.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// It took too long.
    #[error("it took longer than {} s", PATIENCE.as_secs())]
    TimedOut,
    /// Another status than 200. Redirections are not followed: they would lead past the registration.
    #[error("the status is {0}")]
    Status(u16),
    /// The body is compressed, though nobody asked for that.
    #[error("the body has a Content-Encoding")]
    Encoded,
    /// The body is larger than 64 KiB.
    #[error("the body has more than {BODY_MAX} bytes")]
    TooLarge,
    /// The body breaks off.
    #[error("the body breaks off")]
    Incomplete,
    /// The body is not a key set.
    #[error("the body {0}")]
    Keys(#[from] KeyError),
}

/// A key set as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// A JSON Web Key Set of the usable keys, with nothing in it that is not needed.
    pub jwks: String,
    /// How long it may be used, in seconds.
    pub lifetime: i64,
}

/// Fetches key sets.
#[derive(Debug)]
pub struct KeyFetcher {
    config: KeyFetchConfig,
    names: SharedDnsResolver,
    trust: TrustStore,
}

impl KeyFetcher {
    /// Looks names up as the machine does, and trusts the certificate authorities that it trusts.
    #[must_use]
    pub fn new(config: KeyFetchConfig) -> Self {
        Self::within(config, SharedDnsResolver::new(SystemNames), TrustStore::default())
    }

    /// As [`new`](Self::new), in another world of names and certificates.
    #[must_use]
    pub fn within(config: KeyFetchConfig, names: SharedDnsResolver, trust: TrustStore) -> Self {
        Self { config, names, trust }
    }

    /// Where it fetches key sets.
    #[must_use]
    pub const fn config(&self) -> &KeyFetchConfig {
        &self.config
    }

    /// Fetches the key set at `url`, within five seconds.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, url: &JwksUrl) -> Result<Fetched, FetchError> {
        let reach = reach(&self.config, url)?;
        let fetched = timeout(PATIENCE, async {
            let answer = self.connector(reach).call(request(url)?).await;
            read(answer.map_err(|error| FetchError::NoAnswer(causes(&error)))?).await
        });
        fetched.await.unwrap_or(Err(FetchError::TimedOut))
    }

    /// An HTTP client for one request, which asks no proxy.
    ///
    /// There are minutes or hours between two fetches, and a frozen process keeps no connection alive; so the client is
    /// not kept, and every fetch looks the name up and checks it anew.
    fn connector(&self, reach: Reach) -> Connector {
        // Without TLS nobody has to be trusted, and a machine without certificates will do.
        let trust = if reach == Reach::Loopback { TrustStore::empty() } else { self.trust.clone() };
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_PATIENCE).build();
        let settings = Connector::builder().connector_settings(settings);
        let names = SharedDnsResolver::new(CheckedNames { names: self.names.clone(), reach });
        outgoing::connector(settings, names, trust)
    }
}

/// Whether a request is ever sent to `url`, as far as its text tells: what its name means shows only when it is asked.
///
/// # Errors
/// [`Refused`].
pub fn check(config: &KeyFetchConfig, url: &JwksUrl) -> Result<(), Refused> {
    reach(config, url).map(drop)
}

/// Which addresses the name of `url` may mean, if it may be asked at all.
fn reach(config: &KeyFetchConfig, url: &JwksUrl) -> Result<Reach, Refused> {
    let reach = match (url.is_https(), config.allow_loopback) {
        (true, false) => Reach::Public,
        (true, true) => Reach::PublicOrLoopback,
        (false, true) => Reach::Loopback,
        (false, false) => return Err(Refused::Plain),
    };
    let port = url.port().unwrap_or_default();
    if port != HTTPS && !config.ports.contains(&port) && !config.allow_loopback {
        return Err(Refused::Port(port));
    }
    // The HTTP client looks up names alone; an address goes straight to the connection.
    match url.host() {
        Some(Host::Ipv4(address)) => reach.check(address.into())?,
        Some(Host::Ipv6(address)) => reach.check(address.into())?,
        Some(Host::Domain(_)) | None => {}
    }
    Ok(reach)
}

fn request(url: &JwksUrl) -> Result<HttpRequest, FetchError> {
    let mut request = HttpRequest::get(url.as_str()).map_err(|error| FetchError::NoAnswer(causes(&error)))?;
    request.headers_mut().insert("accept", "application/json, application/jwk-set+json");
    // Some hosts refuse who does not introduce himself.
    request.headers_mut().insert("user-agent", "lambda-ags");
    Ok(request)
}

async fn read(answer: HttpResponse) -> Result<Fetched, FetchError> {
    if answer.status().as_u16() != 200 {
        return Err(FetchError::Status(answer.status().as_u16()));
    }
    let headers = answer.headers();
    if headers.get_all("content-encoding").any(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        return Err(FetchError::Encoded);
    }
    let lifetime = lifetime(headers.get_all("cache-control"), headers.get("age"));
    let mut body = answer.into_body();
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| FetchError::Incomplete)?;
        read.extend(frame.into_data().unwrap_or_default());
        if read.len() > BODY_MAX {
            return Err(FetchError::TooLarge);
        }
    }
    let jwks = std::str::from_utf8(&read).map_err(|_| KeyError::Syntax)?;
    Ok(Fetched { jwks: keys::usable_jwks(jwks)?, lifetime })
}
