//! Requests that we send: to the table, to KMS, and to the hosts on which tools publish their keys.
//!
//! All of them go through one kind of HTTP client, which is a good part of a function's size: each further kind, such as
//! that of the SDK itself, would be there a second time.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError, SharedDnsResolver};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::{RetryConfig, SharedCredentialsProvider, TimeoutConfig};

use crate::config::AwsCredentials;

/// How often a call of an AWS service is tried in all.
pub(crate) const TRIES: u32 = 4;
/// The longest wait before the second try; each further one may be twice as long.
pub(crate) const WAIT: Duration = Duration::from_millis(200);
/// How long a call may take, with all its tries.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);

/// What does TLS.
const TLS: Provider = Provider::Rustls(CryptoMode::AwsLc);

/// How an AWS service is called, at `endpoint` if that is another than AWS's.
///
/// One source of credentials is known, which is given: what is made of this can never go looking for others on the
/// machine or ask the instance metadata service. A try takes two seconds at most.
#[must_use]
pub fn service(region: &str, credentials: &AwsCredentials, endpoint: Option<&str>) -> SdkConfig {
    let keys = credentials.clone();
    let credentials =
        Credentials::new(keys.access_key_id, keys.secret_access_key, keys.session_token, None, "environment");
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(PATIENCE)
        .build();
    let mut settings = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES).with_initial_backoff(WAIT))
        .http_client(client(endpoint));
    settings.set_endpoint_url(endpoint.map(str::to_owned));
    settings.build()
}

/// An HTTP client that asks no proxy.
fn client(endpoint: Option<&str>) -> SharedHttpClient {
    // Without TLS nobody has to be trusted, and a machine without certificates will do.
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let trust = if plain { TrustStore::empty() } else { TrustStore::default() };
    let client = Builder::new().tls_provider(TLS).tls_context(context(trust));
    client.build_with_resolver(SharedDnsResolver::new(SystemNames))
}

/// A connection that looks names up with `names`, and believes the authorities in `trust`.
pub(crate) fn connector(
    settings: ConnectorBuilder,
    names: SharedDnsResolver,
    trust: TrustStore,
) -> Connector {
    settings.tls_provider(TLS).tls_context(context(trust)).build_with_resolver(names)
}

fn context(trust: TrustStore) -> TlsContext {
    TlsContext::builder().with_trust_store(trust).build().unwrap_or_default()
}

/// The names of the machine's resolver.
#[derive(Debug)]
pub(crate) struct SystemNames;

impl ResolveDns for SystemNames {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
