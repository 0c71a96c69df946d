//! `baton user` and `baton key`: who may enter.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use engine::model::{Currency, KeyKind, Role, Scope};
use orchestrator::Orchestrator;
use orchestrator::accounts::{self, NewKey, NewMerchant, NewUser};

use super::{MerchantArg, actor};
use crate::cli::rows::plainly;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Let a person sign in
    ///
    /// Without --password-stdin or the variable BATON_PASSWORD a password is made up and shown once.
    #[command(after_help = "\
EXAMPLES
  baton user add --email ana@example.com --name 'Ana Lopez' --role manager
  baton user add --email max@example.com --name Max --role node_staff --node store-7 --node store-9
  echo 'a long password' | baton user add --email ana@example.com --name Ana --role viewer --password-stdin

ROLES
  owner        everything, people and keys included
  manager      everything but people and keys
  agent        orders with their customers; reads the rest
  node_staff   the stock and the work of their own nodes
  viewer       reads; no customers")]
    Add(AddUser),
    /// Show who may sign in
    List(MerchantArg),
}

#[derive(Args)]
pub struct InitArgs {
    /// The merchant's name
    #[arg(long)]
    merchant: String,
    /// ISO 4217
    #[arg(long, default_value = "USD")]
    currency: Currency,
    /// IANA name
    #[arg(long, default_value = "America/New_York")]
    time_zone: String,
    /// The owner's name
    #[arg(long)]
    name: String,
    /// The owner's e-mail
    #[arg(long)]
    email: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub struct AddUser {
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// owner, manager, agent, node_staff or viewer
    #[arg(long)]
    role: Role,
    /// Code of a node that a node_staff person works at; may be repeated
    #[arg(long = "node", value_name = "CODE")]
    nodes: Vec<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    merchant: MerchantArg,
}

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make an API key; its secret is shown this once
    #[command(after_help = "\
EXAMPLES
  baton key add --name Shop --scope orders_write --scope stock_read
  baton key add --name 'Warehouse system' --scope stock_write --scope fulfillments_write
  baton key add --name 'Product pages' --publishable --origin https://shop.example.com

SCOPES
  orders_read, orders_write, stock_read, stock_write, network_read, network_write,
  fulfillments_read, fulfillments_write, events_read, promises
  A scope to write includes the one to read.")]
    Add(AddKey),
    /// Show the keys, without their secrets
    List(MerchantArg),
}

#[derive(Args)]
pub struct AddKey {
    /// What timelines call it
    #[arg(long)]
    name: String,
    /// What the key may be used for; may be repeated
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        required_unless_present = "publishable"
    )]
    scopes: Vec<Scope>,
    /// A key for the shop's pages: promises only
    #[arg(long, conflicts_with = "scopes")]
    publishable: bool,
    /// Where a publishable key may be used from; may be repeated
    #[arg(long = "origin", value_name = "URL")]
    origins: Vec<String>,
    #[command(flatten)]
    merchant: MerchantArg,
}

pub async fn user(orc: &Orchestrator, command: UserCommand) -> Result<ExitCode> {
    match command {
        UserCommand::Add(args) => add_user(orc, args).await?,
        UserCommand::List(merchant) => {
            for user in accounts::users(orc, &actor(orc, &merchant).await?).await? {
                println!(
                    "{}\t{}\t{}\t{}",
                    user.email,
                    user.role,
                    user.name,
                    user.nodes.join(",")
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add_user(orc: &Orchestrator, args: AddUser) -> Result<()> {
    let actor = actor(orc, &args.merchant).await?;
    let Password {
        text: password,
        made_up,
    } = password(args.password_stdin)?;
    let new = NewUser {
        email: args.email,
        name: args.name,
        role: args.role,
        nodes: args.nodes,
        password,
    };
    let user = accounts::add_user(orc, &actor, new)
        .await
        .map_err(plainly)?;
    println!(
        "{} may sign in as {}.",
        user.email,
        user.role.label().to_lowercase()
    );
    tell_made_up(made_up);
    Ok(())
}

struct Password {
    text: String,
    /// The same, where nobody has given one.
    made_up: Option<String>,
}

fn password(from_stdin: bool) -> Result<Password> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .context("the password could not be read")?;
        return Ok(Password {
            text: line.trim_end_matches(['\r', '\n']).to_owned(),
            made_up: None,
        });
    }
    if let Ok(text) = std::env::var("BATON_PASSWORD") {
        return Ok(Password {
            text,
            made_up: None,
        });
    }
    let text = accounts::new_password();
    Ok(Password {
        made_up: Some(text.clone()),
        text,
    })
}

fn tell_made_up(password: Option<String>) {
    if let Some(password) = password {
        println!("Password, shown this once: {password}");
    }
}

pub async fn init(orc: &Orchestrator, args: InitArgs) -> Result<ExitCode> {
    let Password { text, made_up } = password(args.password_stdin)?;
    let new = NewMerchant {
        merchant_name: args.merchant,
        currency: args.currency,
        time_zone: args.time_zone,
        owner_name: args.name,
        owner_email: args.email,
        owner_password: text,
    };
    let viewer = accounts::create_first_merchant(orc, new)
        .await
        .map_err(plainly)?;
    println!(
        "{} is there; {} owns it.",
        viewer.merchant.name, viewer.user.email
    );
    tell_made_up(made_up);
    Ok(ExitCode::SUCCESS)
}

pub async fn key(orc: &Orchestrator, command: KeyCommand) -> Result<ExitCode> {
    match command {
        KeyCommand::Add(args) => {
            let actor = actor(orc, &args.merchant).await?;
            let kind = if args.publishable {
                KeyKind::Publishable
            } else {
                KeyKind::Secret
            };
            let new = NewKey {
                name: args.name,
                kind,
                scopes: args.scopes,
                origins: args.origins,
            };
            let (_, secret) = accounts::add_key(orc, &actor, new).await.map_err(plainly)?;
            println!("{secret}");
            eprintln!("This is the only time that the key is shown.");
        }
        KeyCommand::List(merchant) => {
            for key in accounts::keys(orc, &actor(orc, &merchant).await?).await? {
                let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                let state = if key.revoked_at.is_some() {
                    "revoked"
                } else {
                    "in use"
                };
                println!(
                    "{}\t…{}\t{state}\t{}\t{}",
                    key.id,
                    key.last4,
                    key.name,
                    scopes.join(",")
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
