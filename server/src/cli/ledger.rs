//! `baton verify` and `baton replay`: whether the past is as it was.

use std::process::ExitCode;

use anyhow::Result;
use orchestrator::{Orchestrator, accounts, events, routing};

use super::{MerchantArg, actor};

pub async fn verify(orc: &Orchestrator) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for merchant in accounts::merchants(orc).await? {
        let report = events::verify(orc, merchant.id).await?;
        match report.first_bad {
            None => println!(
                "{}: {} events, each fits the one before it",
                merchant.name, report.events
            ),
            Some((seq, why)) => {
                println!(
                    "{}: event {seq} does not fit: {why}; {} events before it fit",
                    merchant.name, report.events
                );
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

pub async fn replay(orc: &Orchestrator, order: &str, merchant: MerchantArg) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for replay in routing::replay(orc, &actor(orc, &merchant).await?, order).await? {
        if replay.is_same() {
            println!("run {} ({}): the same", replay.run, replay.decision);
        } else {
            println!(
                "run {} ({}): different\n  then: {}\n  now:  {}",
                replay.run, replay.decision, replay.stored, replay.now
            );
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
