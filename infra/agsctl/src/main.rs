//! The operator's program.

use std::path::PathBuf;

use agsctl::doctor::Doctor;
use agsctl::signing_keys::SigningKeys;
use agsctl::tool_host::ToolHost;
use agsctl::{dev, engine, platform, watch};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Runs and operates lambda-ags.
#[derive(Parser)]
#[command(name = "agsctl")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve everything in one process, on 127.0.0.1, over a table in a file; no AWS is involved.
    Dev(Local),
    /// The same, with each function in a process of its own behind `cargo lambda watch`.
    Watch(Local),
    /// Examine a service from outside: whether it does what tools and an LMS rely on.
    ///
    /// Ends with status 0 only if every check passed.
    Doctor(Doctor),
    /// Look after the keys that access tokens are signed with.
    ///
    /// The table is the one that `AGS_TABLE` and `AWS_REGION` name, with the credentials in the variables of AWS; or
    /// the one of a directory.
    Keys {
        /// A directory of `agsctl dev`, which may be running.
        #[arg(long, global = true)]
        dir: Option<PathBuf>,
        #[command(subcommand)]
        action: KeysAction,
    },
}

#[derive(Subcommand)]
enum KeysAction {
    /// Show every key, and what it is good for.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the next key, which signs as soon as everybody knows it.
    Rotate {
        /// Sign with it at once, in an emergency: who verifies tokens learns of it only by reading the keys again.
        #[arg(long)]
        now: bool,
        /// A key of KMS to take instead of making one: its ARN, id or alias. It must sign on `ECC_NIST_P256`.
        #[arg(long, value_name = "KEY", conflicts_with = "dir")]
        kms_key: Option<String>,
    },
    /// Refuse the tokens of a key, and never sign with it again. If none is left that can sign, make one first.
    Revoke {
        /// Its name, as `list` shows it; one in 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

#[derive(Args)]
struct Local {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// Where the table, the keys and demo.json are kept.
    #[arg(long, default_value = ".local")]
    dir: PathBuf,
    /// How the demo tools register their public keys.
    #[arg(long, value_enum, default_value_t = ToolKeys::Pem)]
    tool_keys: ToolKeys,
}

#[derive(Clone, Copy, ValueEnum)]
enum ToolKeys {
    /// As they are: the demo tool in PEM, the other one as a JSON Web Key Set.
    Pem,
    /// By the address of a web server that is started for them, too, on a free port.
    Url,
}

impl ToolKeys {
    async fn host(self) -> anyhow::Result<Option<ToolHost>> {
        Ok(match self {
            Self::Pem => None,
            Self::Url => Some(ToolHost::bind().await?),
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    let filter = filter.add_directive(engine::LOG_FILTER.parse()?);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let mut command = Cli::command().subcommands(platform::commands());
    let matches = command.get_matches_mut();
    if let Some((group, matches)) = matches.subcommand()
        && platform::GROUPS.iter().any(|(name, _)| *name == group)
    {
        return platform::run(group, matches).await;
    }
    match Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit()).command {
        Command::Dev(local) => dev::run(local.port, &local.dir, local.tool_keys.host().await?).await,
        Command::Watch(local) => watch::run(local.port, &local.dir, local.tool_keys.host().await?).await,
        Command::Doctor(doctor) => doctor.run().await,
        Command::Keys { dir, action } => {
            let keys = SigningKeys::open(dir.as_deref()).await?;
            match action {
                KeysAction::List { json } => keys.list(json).await,
                KeysAction::Rotate { now, kms_key } => keys.rotate(now, kms_key.as_deref()).await,
                KeysAction::Revoke { kid } => keys.revoke(&kid).await,
            }
        }
    }
}
