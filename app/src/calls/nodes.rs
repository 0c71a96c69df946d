use engine::model::{CalendarDay, Node, NodeChange};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// A node with what the screen of its calendar needs beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalendarDesk {
    pub node: Node,
    /// Codes of the services that it may have times for.
    pub services: Vec<String>,
    /// Countries whose holidays are known.
    pub countries: Vec<String>,
    /// What it looks like as it is, for who may change it; for others the coming days.
    pub change: Option<NodeChange>,
    pub days: Vec<CalendarDay>,
}

/// One node, to change when it works and how much it can do.
#[server]
pub async fn load_node_calendar(code: String) -> Result<Packed, AppError> {
    use engine::calendar::Holidays;
    use orchestrator::{PageRequest, network};
    let (orc, actor) = super::backend()?;
    let node = network::node(&orc, &actor, &code).await?;
    let page = PageRequest::first(PageRequest::MAX);
    let services = network::services(&orc, &actor, &page).await?.items;
    let countries = Holidays::countries();
    let (mut change, mut days) = (None, Vec::new());
    if actor.may(engine::model::Permission::ChangeNetwork) {
        change = Some(orchestrator::promises::node_change(&orc, &actor, node.clone()).await?);
    } else {
        days = network::calendar(&orc, &actor, &code, 20).await?;
    }
    Packed::new(&CalendarDesk {
        node,
        change,
        days,
        services: services.into_iter().map(|service| service.code).collect(),
        countries: countries.into_iter().map(str::to_owned).collect(),
    })
}

/// What the node would look like and move if it were stored like this.
#[server(input = Json)]
pub async fn preview_node(node: Node) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::promises::node_change(&orc, &actor, node).await?)
}

/// Changes a node that nobody else has changed meanwhile.
#[server(input = Json)]
pub async fn change_node(before: Node, node: Node) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::network::change_node(&orc, &actor, Some(before), node).await?;
    Ok(())
}

/// What pausing it touches.
#[server]
pub async fn load_node_pause(code: String) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::network::pausing(&orc, &actor, &code).await?)
}
