//! Requests that we send: to the table, to KMS, and to the hosts on which tools publish their keys.
//!
//! All of them go through one kind of HTTP client, which is a good part of a function's size: each further kind, such as
//! that of the SDK itself, would be there a second time.

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError, SharedDnsResolver};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// What does TLS.
const TLS: Provider = Provider::Rustls(CryptoMode::AwsLc);

/// The client for an AWS service, at `endpoint` if that is another than AWS's. It asks no proxy.
#[must_use]
pub fn service_client(endpoint: Option<&str>) -> SharedHttpClient {
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
