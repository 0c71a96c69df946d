//! `baton`: the command line.

use std::io::{self, BufReader};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use engine::model::{Currency, KeyKind, MerchantView, Scope};
use orchestrator::{Actor, Options, Orchestrator, accounts, events};

/// Order orchestration that a merchant can host alone.
#[derive(Parser)]
#[command(name = "baton", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Settings {
    /// Where to listen.
    #[arg(
        long,
        env = "BATON_ADDRESS",
        default_value = "127.0.0.1:3000",
        global = true
    )]
    address: std::net::SocketAddr,
    /// The ledger: sqlite://PATH, or postgres://USER:PASSWORD@HOST/DATABASE.
    #[arg(
        long,
        env = "BATON_DATABASE_URL",
        default_value = "sqlite://var/baton.db",
        global = true
    )]
    database_url: String,
    /// What to log, such as info or orchestrator=debug.
    #[arg(long, env = "BATON_LOG", default_value = "info", global = true)]
    log: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and plan orders (the default).
    Serve,
    /// Bring the database up to date and stop.
    Migrate,
    /// Create the merchant with its owner. The password is read from standard input.
    Init {
        /// The merchant's name.
        #[arg(long)]
        merchant: String,
        /// ISO 4217.
        #[arg(long, default_value = "USD")]
        currency: Currency,
        /// IANA name.
        #[arg(long, default_value = "America/New_York")]
        time_zone: String,
        /// The owner's name.
        #[arg(long)]
        name: String,
        /// The owner's e-mail.
        #[arg(long)]
        email: String,
    },
    /// Make an API key with every scope and print its secret, once.
    KeyAdd {
        /// What the key is for.
        name: String,
    },
    /// Walk the event log and name the first event that does not fit.
    Verify,
    /// Solve routing problems: one JSON problem a line in, one JSON plan a line out.
    Route {
        /// Print count, p50, p99 and maximum solve time in microseconds to standard error.
        #[arg(long)]
        timing: bool,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.settings.log).with_context(|| {
        format!(
            "BATON_LOG is '{}', which is no log filter such as info",
            cli.settings.log
        )
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    let open = || Orchestrator::open(Options::new(&cli.settings.database_url));
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(open().await?, cli.settings.address).await?,
        Command::Migrate => open().await?.close().await,
        Command::Init {
            merchant,
            currency,
            time_zone,
            name,
            email,
        } => {
            let mut password = String::new();
            io::stdin().read_line(&mut password)?;
            let orc = open().await?;
            let new = accounts::NewMerchant {
                merchant_name: merchant,
                currency,
                time_zone,
                owner_name: name,
                owner_email: email,
                owner_password: password.trim_end_matches(['\r', '\n']).to_owned(),
            };
            let viewer = accounts::create_merchant(&orc, new).await?;
            println!("{}", viewer.merchant.id);
            orc.close().await;
        }
        Command::KeyAdd { name } => {
            let orc = open().await?;
            let actor = Actor::system(only_merchant(&orc).await?.id, "Command line");
            let new = accounts::NewKey {
                name,
                kind: KeyKind::Secret,
                scopes: Scope::ALL.to_vec(),
                origins: Vec::new(),
            };
            println!("{}", accounts::add_key(&orc, &actor, new).await?.1);
            orc.close().await;
        }
        Command::Verify => {
            let orc = open().await?;
            let report = events::verify(&orc, only_merchant(&orc).await?.id).await?;
            if let Some((seq, why)) = report.first_bad {
                bail!("event {seq} does not fit: {why}");
            }
            println!("{} events, all fit", report.events);
        }
        Command::Route { timing } => {
            let mut errors = io::stderr();
            let timing: Option<&mut dyn io::Write> = if timing { Some(&mut errors) } else { None };
            let output = io::BufWriter::new(io::stdout());
            if !engine::routing::jsonl::run(BufReader::new(io::stdin()), output, timing)? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn only_merchant(orc: &Orchestrator) -> anyhow::Result<MerchantView> {
    accounts::merchants(orc)
        .await?
        .into_iter()
        .next()
        .context("there is no merchant yet: run 'baton init' first")
}

async fn serve(orc: Orchestrator, address: std::net::SocketAddr) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set BATON_ADDRESS to another one"))?;
    tracing::info!("serving http://{address}");
    let router = tokio::spawn(server::workers::route(orc.clone()));
    let stop = async {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        let terminated = async {
            match &mut terminate {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated => {}
        }
    };
    axum::serve(listener, server::api::router(orc.clone()))
        .with_graceful_shutdown(stop)
        .await?;
    router.abort();
    orc.close().await;
    Ok(())
}
