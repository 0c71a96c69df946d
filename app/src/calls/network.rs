use engine::model::{CalendarDay, Channel, FulfillmentRow, NodeStatus, NodeView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Packed;
use crate::AppError;

/// Every node with its load.
#[server]
pub async fn nodes() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::network::node_views(&orc, &actor).await?)
}

/// A node, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeDetail {
    pub node: NodeView,
    /// The next 14 days.
    pub calendar: Vec<CalendarDay>,
    /// The work that it has not handed over yet, at most 50 rows.
    pub work: Vec<FulfillmentRow>,
}

/// One node with its calendar and its work.
#[server]
pub async fn load_node_detail(code: String) -> Result<Packed, AppError> {
    use engine::model::FulfillmentStatus as S;
    use orchestrator::{PageRequest, fulfillments, network};
    let (orc, actor) = super::backend()?;
    let node = network::node_view(&orc, &actor, &code).await?;
    let calendar = network::calendar(&orc, &actor, &code, 14).await?;
    let mut work = Vec::new();
    for status in [S::Packed, S::Accepted, S::ReadyForPickup, S::Assigned] {
        let page = PageRequest::first(50 - work.len() as u64);
        work.extend(
            fulfillments::list(&orc, &actor, Some(&code), Some(status), &page)
                .await?
                .items,
        );
        if work.len() >= 50 {
            break;
        }
    }
    Packed::new(&NodeDetail {
        node,
        calendar,
        work,
    })
}

/// Pauses a node or lets it take part again.
#[server]
pub async fn set_node_status(code: String, status: NodeStatus) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::network::set_node_status(&orc, &actor, &code, status).await?;
    Ok(())
}

/// What filters offer: the merchant's channels, and its nodes as code and name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    pub channels: Vec<Channel>,
    pub nodes: Vec<(String, String)>,
}

impl Choices {
    /// What a filter by node offers.
    pub fn nodes_or_any(&self) -> Vec<(String, String)> {
        or_any(self.nodes.iter().cloned())
    }
}

/// These values, after the one that stands for all of them.
pub fn or_any(values: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let any = (String::new(), "Any".to_owned());
    std::iter::once(any).chain(values).collect()
}

/// The merchant's channels and nodes.
#[server]
pub async fn load_choices() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&Choices {
        channels: orchestrator::network::channels(&orc, &actor).await?,
        // Past this a select is of no use; the field takes any code all the same.
        nodes: node_names(&orc, &actor, 1_000).await?,
    })
}

/// Code and name of the merchant's nodes; ends with the page that reaches `enough`.
#[cfg(feature = "ssr")]
pub(super) async fn node_names(
    orc: &orchestrator::Orchestrator,
    actor: &orchestrator::Actor,
    enough: usize,
) -> Result<Vec<(String, String)>, AppError> {
    use orchestrator::PageRequest;
    let mut names = Vec::new();
    let mut page = PageRequest::first(PageRequest::MAX);
    loop {
        let part = orchestrator::network::nodes(orc, actor, &page).await?;
        names.extend(part.items.into_iter().map(|node| (node.code, node.name)));
        if part.next_cursor.is_none() || names.len() >= enough {
            return Ok(names);
        }
        page.cursor = part.next_cursor;
    }
}
