//! The operator's program.

use std::path::PathBuf;

use agsctl::tool_host::ToolHost;
use agsctl::{dev, engine, watch};
use clap::{Args, Parser, Subcommand, ValueEnum};
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
    #[arg(long, value_enum, default_value_t = ToolKeys::Set)]
    tool_keys: ToolKeys,
}

#[derive(Clone, Copy, ValueEnum)]
enum ToolKeys {
    /// As they are: one tool as a JSON Web Key Set, the other in PEM.
    Set,
    /// By the address of a web server that is started for them, too, on a free port.
    Url,
}

impl ToolKeys {
    async fn host(self) -> anyhow::Result<Option<ToolHost>> {
        Ok(match self {
            Self::Set => None,
            Self::Url => Some(ToolHost::bind().await?),
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    let filter = filter.add_directive(engine::LOG_FILTER.parse()?);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Cli::parse().command {
        Command::Dev(local) => dev::run(local.port, &local.dir, local.tool_keys.host().await?).await,
        Command::Watch(local) => watch::run(local.port, &local.dir, local.tool_keys.host().await?).await,
    }
}
