//! The floor: a function that makes the same calls of DynamoDB as ours for each request, with keys and rows as ours are,
//! and does nothing else. It knows no tokens, checks nothing, keeps no log, and answers `{}`.
//!
//! A header says which request it stands for.

mod calls;

use std::env::{self, VarError};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Region};
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use calls::Floor;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let floor = Floor {
        dynamodb: client()?,
        table: variable("AGS_TABLE")?,
        client: variable("FLOOR_CLIENT")?,
        context: variable("FLOOR_CONTEXT")?,
        item: variable("FLOOR_ITEM")?,
    };
    run(service_fn(async |request: Request| {
        let name = request.headers().get("x-floor").map(|name| name.to_str()).transpose()?;
        floor.call(name.unwrap_or_default()).await?;
        Ok::<_, Error>("{}")
    }))
    .await
}

/// A client with nothing set that could be left out.
fn client() -> Result<Client, Error> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        None,
        None,
        "environment",
    );
    let http = HttpBuilder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(variable("AWS_REGION")?))
        .endpoint_url(variable("AWS_ENDPOINT_URL_DYNAMODB")?)
        .credentials_provider(credentials)
        .http_client(http);
    Ok(Client::from_conf(config.build()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a function of its own, which has no configuration to speak of"
)]
fn variable(name: &str) -> Result<String, VarError> {
    env::var(name)
}
