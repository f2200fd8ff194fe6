//! The environment variables, read once at start; nothing else reads any.
//!
//! | variable | meaning |
//! |---|---|
//! | `AGS_BASE_URL` | the public address, also the issuer of tokens, for example `https://ags.example.edu` |
//! | `AGS_TABLE` | the name of the table |
//! | `AGS_SIGNING_KMS_KEY` | token function only: the KMS key that signs tokens, by its ARN, id or alias |
//! | `AGS_SIGNING_KEY_FILE` | token function only, in the place of a KMS key: a file of P-256 private keys in PEM, of which the first signs |
//! | `AGS_JWKS_PORTS` | token and platform functions, optional: ports beside 443 on which the key sets of tools may be fetched, for example `8443,9443` |
//! | `AGS_JWKS_ALLOW_LOOPBACK` | for laptops only, never in the cloud: `true` lets the key sets of tools be fetched from this machine, also without TLS, on any port |
//! | `AWS_LAMBDA_FUNCTION_NAME`, `AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL` | set by Lambda |
//! | `RUST_LOG` | optional: the level of the log, or of single parts of it, as `level` or `target=level`, with commas in between |
//! | `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | set by Lambda |
//! | `AWS_ENDPOINT_URL_DYNAMODB` | another DynamoDB-compatible server than AWS's |
//! | `AWS_ENDPOINT_URL_KMS` | another KMS-compatible server than AWS's |

use std::path::PathBuf;

use crate::links::{BaseUrlError, Links};

/// A variable is missing or wrong. The text names the variable, never a secret.
#[derive(thiserror::Error)]
pub enum ConfigError {
    /// Not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// `AGS_BASE_URL` cannot be used.
    #[error("the environment variable AGS_BASE_URL {0}")]
    BaseUrl(#[source] BaseUrlError),
    /// Not exactly one of the two says what signs.
    #[error(
        "exactly one of the environment variables AGS_SIGNING_KMS_KEY and AGS_SIGNING_KEY_FILE must be set"
    )]
    SigningKey,
    /// `AGS_SIGNING_KEY_FILE` names no file that can be read, or no key.
    #[error("the environment variable AGS_SIGNING_KEY_FILE names {file}: {reason}")]
    SigningKeyFile {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another value than the variable can have.
    #[error("the environment variable {0} must be {1}")]
    Value(&'static str, &'static str),
}

impl std::fmt::Debug for ConfigError {
    /// The same as for people: it is what a process that ends with this error writes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// AWS credentials as Lambda hands them to a function.
///
/// There is no other source: no file, and no instance metadata service.
#[derive(Clone)]
pub struct AwsCredentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`; absent for long-lived keys.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AwsCredentials")
    }
}

/// Where the table is.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Its name.
    pub table: String,
    /// The AWS region.
    pub region: String,
    /// What signs the requests.
    pub credentials: AwsCredentials,
    /// A DynamoDB-compatible server other than AWS's.
    pub endpoint: Option<String>,
}

/// Whom to ask at AWS, and as whom.
#[derive(Debug, Clone)]
struct Aws {
    region: String,
    credentials: AwsCredentials,
}

impl Aws {
    fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            region: required("AWS_REGION")?,
            credentials: AwsCredentials {
                access_key_id: required("AWS_ACCESS_KEY_ID")?,
                secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
                session_token: optional("AWS_SESSION_TOKEN"),
            },
        })
    }
}

impl StoreConfig {
    /// The table that the variables name.
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is missing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::of_table(required("AGS_TABLE")?)
    }

    /// The table of that name, where the variables of AWS say that it is.
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is missing.
    pub fn of_table(table: String) -> Result<Self, ConfigError> {
        let Aws { region, credentials } = Aws::from_env()?;
        Ok(Self { table, region, credentials, endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB") })
    }
}

/// Where the keys of KMS are.
#[derive(Debug, Clone)]
pub struct KmsConfig {
    /// The AWS region.
    pub region: String,
    /// What signs the requests.
    pub credentials: AwsCredentials,
    /// A KMS-compatible server other than AWS's.
    pub endpoint: Option<String>,
}

impl KmsConfig {
    /// KMS where the variables of AWS say that it is.
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is missing.
    pub fn from_env() -> Result<Self, ConfigError> {
        let Aws { region, credentials } = Aws::from_env()?;
        Ok(Self { region, credentials, endpoint: optional("AWS_ENDPOINT_URL_KMS") })
    }
}

/// What every function needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// The public address.
    pub links: Links,
    /// Where the table is.
    pub store: StoreConfig,
}

impl Config {
    /// Reads the variables that every function needs.
    ///
    /// # Errors
    /// [`ConfigError`] for the first that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            links: Links::new(&required("AGS_BASE_URL")?).map_err(ConfigError::BaseUrl)?,
            store: StoreConfig::from_env()?,
        })
    }
}

/// Where the key sets of tools may be fetched, beside port 443 of public addresses with TLS, which is always allowed. The
/// default allows nothing more.
#[derive(Debug, Clone, Default)]
pub struct KeyFetchConfig {
    /// Further ports.
    pub ports: Vec<u16>,
    /// Any port of this machine, and plain http to it: for laptops. It opens to whoever registers a tool what listens on
    /// this machine alone.
    pub allow_loopback: bool,
}

impl KeyFetchConfig {
    /// Reads the variables that say it, which the functions need that fetch key sets or register tools.
    ///
    /// # Errors
    /// [`ConfigError`] for the first that is wrong; none is required.
    pub fn from_env() -> Result<Self, ConfigError> {
        let ports = optional("AGS_JWKS_PORTS").unwrap_or_default();
        let ports = ports.split(',').map(str::trim).filter(|port| !port.is_empty());
        let ports: Result<_, _> = ports.map(str::parse).collect();
        let allow_loopback = match optional("AGS_JWKS_ALLOW_LOOPBACK").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(ConfigError::Value("AGS_JWKS_ALLOW_LOOPBACK", "true or false")),
        };
        let wrong = |_| ConfigError::Value("AGS_JWKS_PORTS", "a list of ports, such as 8443,9443");
        Ok(Self { ports: ports.map_err(wrong)?, allow_loopback })
    }
}

/// How a function writes its log, by the settings of the function.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Whether lines are JSON.
    pub json: bool,
    /// The level from which on there are lines, if it is set.
    pub level: Option<String>,
    /// What `RUST_LOG` says of single parts, as `level` or `target=level`, with commas in between.
    pub parts: Option<String>,
    /// The name of the function, which its metrics have; none outside Lambda.
    pub function: Option<String>,
}

impl LogConfig {
    /// Reads the variables that say it; none is required.
    #[must_use]
    pub fn from_env() -> Self {
        Self {
            json: optional("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json")),
            level: optional("AWS_LAMBDA_LOG_LEVEL"),
            parts: optional("RUST_LOG"),
            function: optional("AWS_LAMBDA_FUNCTION_NAME"),
        }
    }
}

/// What signs access tokens.
#[derive(Debug)]
pub enum SigningConfig<F> {
    /// A key of KMS.
    Kms {
        /// Its ARN, id or alias.
        key: String,
        /// Where it is.
        kms: KmsConfig,
    },
    /// The keys of a file.
    File(F),
}

impl<F> SigningConfig<F> {
    /// Reads the variables that say it; `open` reads the keys of a file.
    ///
    /// # Errors
    /// [`ConfigError`] if not exactly one of the two is named, or `open` refuses the file.
    pub fn from_env<E: std::fmt::Display>(
        open: impl FnOnce(PathBuf) -> Result<F, E>,
    ) -> Result<Self, ConfigError> {
        match (optional("AGS_SIGNING_KMS_KEY"), optional("AGS_SIGNING_KEY_FILE")) {
            (Some(key), None) => Ok(Self::Kms { key, kms: KmsConfig::from_env()? }),
            (None, Some(file)) => {
                let fail =
                    |error: E| ConfigError::SigningKeyFile { file: file.clone(), reason: error.to_string() };
                open(PathBuf::from(&file)).map(Self::File).map_err(fail)
            }
            _ => Err(ConfigError::SigningKey),
        }
    }
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
