//! The command line. Each command is a file with its help, its arguments and what it does.

mod access;
mod import;
mod ledger;
mod rows;
mod times;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use engine::model::MerchantView;
use orchestrator::{Actor, Options, Orchestrator, accounts};
use server::config::{Config, LogFormat};
use server::demo;
use server::serve::{Server, ctrl_c_or_terminate};

/// Baton takes orders in from any channel, decides which node fulfills what, and shows why.
///
/// Without a command it serves: the API under /api/v1, its description at /docs, and the pages.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
EXAMPLES
  baton                                     serve at http://127.0.0.1:3000, database in var/baton.db
  baton serve --demo                        the same, with a demo merchant whose orders keep coming
  baton import products products.csv        bring a catalog in
  baton key add --name Shop --scope orders_write
  baton route < problems.jsonl              the engine on its own

CONFIGURATION
  Everything has a default. A file baton.toml (or --config FILE) sets 'address', 'database_url', 'log', 'log_format',
  'public_url', 'trusted_proxies', 'read_connections', 'router_batch', 'router_window', 'promises_per_key', 'promises_per_address',
  'demo_speed', 'demo_trouble' and 'site_root';
  variables such as BATON_ADDRESS and BATON_DATABASE_URL win over it. docs/operations.md describes each."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    serve: ServeArgs,
}

/// What every command understands.
#[derive(Args)]
struct Common {
    /// Configuration file; baton.toml where there is one
    #[arg(long, global = true, env = "BATON_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

#[derive(Args, Clone)]
struct ServeArgs {
    /// Where to listen, such as 0.0.0.0:8080
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
    /// Fill an empty database with a demo merchant and play its orders
    ///
    /// Sign in as demo@baton.example with the password baton-demo; API key sk_demo_baton. Refuses a database that
    /// holds anything else.
    #[arg(long)]
    demo: bool,
    /// Seconds of demo time per second: 144 is a day in 10 minutes, 0 plays no orders
    #[arg(long, value_name = "SPEED")]
    demo_speed: Option<f64>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the pages (what happens without a command, too)
    ///
    /// On an empty database the log shows a link that leads through creating the merchant and its owner. Ends on
    /// Ctrl C or SIGTERM after the requests in hand.
    #[command(after_help = "\
EXAMPLES
  baton serve
  baton serve --address 0.0.0.0:8080
  baton serve --demo --demo-speed 600
  BATON_DATABASE_URL=postgres://baton:secret@db/baton baton serve")]
    Serve(ServeArgs),
    /// Make the database and bring its tables up to date
    ///
    /// Serving does this by itself; the command is for deployments that want it done before.
    Migrate,
    /// Create the merchant and its owner, without the browser
    ///
    /// Does what the one-time link in the log leads to. The password is read as for 'baton user add'.
    #[command(after_help = "\
EXAMPLES
  echo 'a long password' | baton init --merchant 'Tea House' --name 'Ana Lopez' --email ana@example.com --password-stdin
  baton init --merchant 'Tea House' --currency EUR --time-zone Europe/Berlin --name Ana --email ana@example.com")]
    Init(access::InitArgs),
    /// Bring products, nodes, services or counted stock in from a CSV file
    Import(import::ImportArgs),
    /// People who sign in
    #[command(subcommand)]
    User(access::UserCommand),
    /// API keys
    #[command(subcommand)]
    Key(access::KeyCommand),
    /// The engine on its own: a routing problem a line in, the cheapest plan a line out
    ///
    /// Reads JSON lines from standard input and writes one plan for each, in the same order. A line that is no problem
    /// gets {"error": {...}}, which names the field, and the exit status is 1 at the end. No database is touched.
    ///
    /// With --joint it reads one JSON object instead, {"orders": [...], "nodes": [...], "services": [...], "policy":
    /// {...}}, and plans its orders together on the stock and capacity that they share: {"plans": [...], "bound": ...,
    /// "total": ..., "one_by_one": ...}. No plans for them cost less than the bound; one_by_one is what they would
    /// cost, each planned alone in the order given.
    #[command(after_help = "\
EXAMPLES
  baton route < problems.jsonl > plans.jsonl
  baton route --timing < problems.jsonl > plans.jsonl     count, p50, p99 and max in microseconds on standard error
  baton route --joint --timing < orders.json > plans.json orders and milliseconds on standard error")]
    Route {
        /// Tell on standard error how long the plans took, in microseconds
        #[arg(long)]
        timing: bool,
        /// Plan all orders of one JSON object together
        #[arg(long)]
        joint: bool,
    },
    /// Walk the event logs and name the first event that does not fit
    ///
    /// Each event carries the hash of the one before it, so a changed or missing one shows. Exit status 1 if one does.
    Verify,
    /// Make every decision about an order once more and compare
    ///
    /// Each stored decision has its inputs; the engine has to answer byte for byte the same. Exit status 1 if not.
    #[command(
        after_help = "EXAMPLES\n  baton replay --order web:1001\n  baton replay --order ord_0192…"
    )]
    Replay {
        /// ord_… or channel:external_id
        #[arg(long)]
        order: String,
        #[command(flatten)]
        merchant: MerchantArg,
    },
}

/// Which merchant, where there are several.
#[derive(Args)]
struct MerchantArg {
    /// The merchant's id or name; needed where there are several
    #[arg(long, value_name = "MERCHANT")]
    merchant: Option<String>,
}

/// Runs a command to its exit status.
pub fn run(cli: Cli) -> Result<ExitCode> {
    let Cli {
        command,
        common,
        serve,
    } = cli;
    let command = command.unwrap_or(Command::Serve(serve));
    if let Command::Route { timing, joint } = command {
        return route(timing, joint);
    }
    let loaded = Config::load(
        common.config.as_deref(),
        std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }),
    )?;
    let mut config = loaded.config;
    if let Some(url) = &common.database_url {
        config.set("database_url", url, "--database-url")?;
    }
    start_log(&config, matches!(command, Command::Serve(_)))?;
    for warning in loaded.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        match command {
            Command::Serve(args) => serve_until_told(config, args).await,
            Command::Migrate => migrate(&config).await,
            Command::Init(args) => access::init(&open(&config).await?, args).await,
            Command::Import(args) => import::run(&open(&config).await?, args).await,
            Command::User(command) => access::user(&open(&config).await?, command).await,
            Command::Key(command) => access::key(&open(&config).await?, command).await,
            Command::Verify => ledger::verify(&open(&config).await?).await,
            Command::Replay { order, merchant } => {
                ledger::replay(&open(&config).await?, &order, merchant).await
            }
            Command::Route { timing, joint } => route(timing, joint),
        }
    })
}

async fn serve_until_told(mut config: Config, args: ServeArgs) -> Result<ExitCode> {
    if let Some(address) = args.address {
        config.address = address;
    }
    if let Some(speed) = args.demo_speed {
        config.set("demo_speed", &speed.to_string(), "--demo-speed")?;
    }
    let demo = args.demo.then(demo::Data::load).transpose()?;
    if let Some(data) = &demo
        && config.demo_speed > 0.0
        && config.demo_trouble > 0
    {
        demo::live_through(&config.database_url, data, config.demo_trouble).await?;
    }
    let mut server = Server::bind(config).await?;
    let orc = server.state.orchestrator.clone();
    if let Some(data) = demo {
        let merchant = demo::fill(&orc, &data, server.state.config.demo_speed).await?;
        println!(
            "Baton's demonstration is at http://{0}\n\n  sign in    {1}  password  {2}\n  API keys   {3}  {4}\n  a shop     http://{0}/demo/shop\n",
            server.address()?,
            demo::EMAIL,
            demo::PASSWORD,
            demo::SECRET_KEY,
            demo::PUBLISHABLE_KEY,
        );
        server.play(data, demo::actor(merchant));
    } else if accounts::merchants(&orc).await?.iter().any(|m| m.demo) {
        bail!(
            "this database holds the demonstration, whose keys everybody knows: start with --demo, or name another \
             database with BATON_DATABASE_URL"
        );
    }
    server.run(ctrl_c_or_terminate()).await?;
    Ok(ExitCode::SUCCESS)
}

async fn migrate(config: &Config) -> Result<ExitCode> {
    open(config).await?.close().await;
    println!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}

fn route(timing: bool, joint: bool) -> Result<ExitCode> {
    let mut times = std::io::stderr().lock();
    let timing: Option<&mut dyn std::io::Write> = if timing { Some(&mut times) } else { None };
    let output = std::io::BufWriter::new(std::io::stdout().lock());
    let input = std::io::stdin().lock();
    let all_fine = if joint {
        engine::routing::joint::json::run(input, output, timing)?
    } else {
        engine::routing::jsonl::run(input, output, timing)?
    };
    Ok(if all_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn open(config: &Config) -> Result<Orchestrator> {
    let options = Options {
        read_connections: 2,
        ..Options::new(&config.database_url)
    };
    Orchestrator::open(options)
        .await
        .context("the database cannot be used")
}

/// The merchant that is meant: the one that is named, or the only one.
async fn merchant(orc: &Orchestrator, named: &MerchantArg) -> Result<MerchantView> {
    let merchants = accounts::merchants(orc).await?;
    let list = || {
        merchants
            .iter()
            .map(|m| format!("{} ({})", m.name, m.id))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let found = match &named.merchant {
        Some(name) => merchants
            .iter()
            .find(|m| m.name == *name || m.id.to_string() == *name),
        None if merchants.len() > 1 => bail!(
            "there are several merchants: name one with --merchant: {}",
            list()
        ),
        None => merchants.first(),
    };
    match found {
        Some(merchant) => Ok(merchant.clone()),
        None if merchants.is_empty() => {
            bail!(
                "there is no merchant yet: run 'baton init', or start 'baton serve' and open the link that it logs"
            )
        }
        None => bail!("there is no such merchant; there are {}", list()),
    }
}

async fn actor(orc: &Orchestrator, named: &MerchantArg) -> Result<Actor> {
    Ok(Actor::system(
        merchant(orc, named).await?.id,
        "Command line",
    ))
}

/// The server logs what it does; other commands print their answer and log only what is odd.
fn start_log(config: &Config, serving: bool) -> Result<()> {
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::util::SubscriberInitExt;
    let filter: EnvFilter = if serving {
        config.log.parse()?
    } else {
        "warn".parse()?
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => builder.json().finish().try_init()?,
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .finish()
            .try_init()?,
    }
    Ok(())
}
