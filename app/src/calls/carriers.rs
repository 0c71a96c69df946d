use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use engine::model::Service;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Rows of a page.
#[cfg(feature = "ssr")]
const ROWS: u64 = 50;

/// A page of the carriers' services, by code.
#[server]
pub async fn load_carriers(cursor: Option<String>) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: false,
    };
    Packed::new(&orchestrator::network::services(&orc, &actor, &page).await?)
}

/// A service with what its screen needs beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CarrierDesk {
    pub service: Service,
    /// Code and name of every node.
    pub nodes: Vec<(String, String)>,
    /// Nodes that have cut-offs or pickups of their own for it.
    pub times: Vec<NodeTimes>,
}

/// When a node is done with a service's orders, and when its carrier comes there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeTimes {
    pub code: String,
    pub name: String,
    /// `HH:MM` by weekday.
    pub cutoffs: BTreeMap<String, String>,
    pub pickups: BTreeMap<String, Vec<String>>,
}

/// One service.
#[server]
pub async fn load_carrier(code: String) -> Result<Packed, AppError> {
    use orchestrator::{PageRequest, network};
    let (orc, actor) = super::backend()?;
    let service = network::service(&orc, &actor, &code).await?;
    let (mut nodes, mut times) = (Vec::new(), Vec::new());
    let mut page = PageRequest::first(PageRequest::MAX);
    loop {
        let part = network::nodes(&orc, &actor, &page).await?;
        for mut node in part.items {
            nodes.push((node.code.clone(), node.name.clone()));
            let cutoffs = node.cutoffs.remove(&code).unwrap_or_default();
            let pickups = node.pickups.remove(&code).unwrap_or_default();
            let has_it = service
                .nodes
                .as_ref()
                .is_none_or(|nodes| nodes.contains(&node.code));
            if has_it && !(cutoffs.is_empty() && pickups.is_empty()) {
                times.push(NodeTimes {
                    code: node.code,
                    name: node.name,
                    cutoffs,
                    pickups,
                });
            }
        }
        page.cursor = part.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    Packed::new(&CarrierDesk {
        service,
        nodes,
        times,
    })
}

/// What it states against what was observed, with a page of its lanes.
#[server]
pub async fn load_service_times(code: String, cursor: Option<String>) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: true,
    };
    Packed::new(&orchestrator::promises::service_times(&orc, &actor, &code, &page).await?)
}

/// Sends nothing with a service until a time, or with `None` sends with it again.
#[server(input = Json)]
pub async fn suspend_service(code: String, until: Option<DateTime<Utc>>) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::network::suspend_service(&orc, &actor, &code, until).await?;
    Ok(())
}

/// Makes a service, or changes one that nobody else has changed meanwhile.
#[server(input = Json)]
pub async fn change_service(before: Option<Service>, service: Service) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::network::change_service(&orc, &actor, before, service).await?;
    Ok(())
}
