use std::collections::BTreeMap;

use engine::model::{FulfillmentId, Page, PickedLine, RejectCause, WorkFilter, WorkItem, WorkStep};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Rows of a page of work.
#[cfg(feature = "ssr")]
const ROWS: u64 = 50;
/// Nodes to choose from.
#[cfg(feature = "ssr")]
const MOST_NODES: usize = 1_000;

/// A page of work, and what one chooses from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    pub items: Page<WorkItem>,
    pub counts: BTreeMap<WorkStep, u64>,
    /// Code and name of the nodes that the reader may see.
    pub nodes: Vec<(String, String)>,
    /// Code and words of the carrier services.
    pub services: Vec<(String, String)>,
    /// Those that are open beside the list, wherever they stand in it.
    pub open: Vec<WorkItem>,
}

/// What is to be done, what has to leave first being first.
#[server(input = Json)]
pub async fn load_work(
    filter: WorkFilter,
    cursor: Option<String>,
    open: Vec<FulfillmentId>,
) -> Result<Packed, AppError> {
    use orchestrator::{PageRequest, fulfillments, network};
    let (orc, actor) = super::backend()?;
    let page = PageRequest {
        limit: ROWS,
        cursor,
        with_total: false,
    };
    let mut nodes = super::network::node_names(&orc, &actor, MOST_NODES).await?;
    if let orchestrator::Who::User {
        role: engine::model::Role::NodeStaff,
        nodes: own,
        ..
    } = &actor.who
    {
        nodes.retain(|(code, _)| own.contains(code));
    }
    let services = network::services(&orc, &actor, &PageRequest::first(PageRequest::MAX)).await?;
    let services = services.items.into_iter().map(|service| {
        let words = format!("{} {}", service.carrier, service.level);
        (service.code, words)
    });
    Packed::new(&Workload {
        items: fulfillments::work(&orc, &actor, &filter, &page).await?,
        counts: fulfillments::work_counts(&orc, &actor, filter.node.as_deref()).await?,
        nodes,
        services: services.collect(),
        open: fulfillments::work_items(&orc, &actor, &open).await?,
    })
}

/// These fulfillments as they are now.
#[server(input = Json)]
pub async fn load_work_items(ids: Vec<FulfillmentId>) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::fulfillments::work_items(&orc, &actor, &ids).await?)
}

/// What goes into a package.
#[server]
pub async fn load_slip(id: String) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let id = id
        .parse()
        .map_err(|error: engine::model::IdError| AppError::NotFound(error.to_string()))?;
    Packed::new(&orchestrator::fulfillments::slip(&orc, &actor, id).await?)
}

/// What somebody at a node does, as it is kept until the server has heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    Accept,
    Reject {
        cause: RejectCause,
        reason: String,
    },
    ShortPick {
        lines: Vec<PickedLine>,
    },
    Pack,
    Ship {
        service: Option<String>,
        tracking_number: Option<String>,
    },
    Ready,
    HandOut {
        code: String,
    },
}

/// Does it, once for each `key`, however often it is sent; answers with the fulfillment as it is now.
#[server(input = Json)]
pub async fn do_work(key: String, id: FulfillmentId, deed: Deed) -> Result<Packed, AppError> {
    use orchestrator::fulfillments::{self, FulfillmentAction as A};
    let (orc, actor) = super::backend()?;
    let body = serde_json::to_vec(&(id, &deed)).map_err(|e| AppError::Failed(e.to_string()))?;
    let ticket = orchestrator::Ticket::new(&key, "do_work", &body)?;
    let action = match deed {
        Deed::Accept => A::Accept,
        Deed::Reject { cause, reason } => A::Reject {
            reason,
            cause: Some(cause),
        },
        Deed::ShortPick { lines } => A::ShortPick { lines },
        Deed::Pack => A::Pack,
        Deed::Ship {
            service,
            tracking_number,
        } => A::Ship {
            service,
            tracking_number,
        },
        Deed::Ready => A::ReadyForPickup,
        Deed::HandOut { code } => A::PickedUp { code },
    };
    let done = fulfillments::act(&orc, &actor.clone().with_ticket(ticket), id, action).await;
    if let Err(orchestrator::Error::KeyRunning) = done {
        // The same call is on its way a second time: its answer comes when it is asked again.
        return Err(AppError::Offline);
    }
    done?;
    let item = fulfillments::work_items(&orc, &actor, &[id]).await?.pop();
    let item = item.ok_or_else(|| AppError::NotFound(format!("there is no fulfillment '{id}'")))?;
    Packed::new(&item)
}
