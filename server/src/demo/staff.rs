use std::collections::HashMap;

use engine::model::{FulfillmentRow, FulfillmentStatus, StockAdjustment, StockFilter, StockOnly};
use orchestrator::fulfillments::{self, FulfillmentAction};
use orchestrator::{Actor, Error, Orchestrator, PageRequest, Result};

use super::data::Data;
use super::pick;

/// People of the nodes and carriers, who do what is due.
pub struct Staff {
    /// Seconds of demo time per second.
    speed: f64,
    nodes: Vec<String>,
    /// Units that each shelf held at the start, by node and SKU.
    opening: HashMap<(String, String), i64>,
    ticks: usize,
}

impl Staff {
    pub fn new(data: &Data, speed: f64) -> Self {
        Staff {
            speed,
            nodes: data.nodes.iter().map(|node| node.code.clone()).collect(),
            opening: data
                .shelves
                .iter()
                .map(|row| ((row.node.clone(), row.sku.clone()), row.on_hand))
                .collect(),
            ticks: 0,
        }
    }

    /// One round: at most 60 fulfillments in each state, and one node's empty shelves.
    pub async fn work(&mut self, orc: &Orchestrator, actor: &Actor) -> Result<()> {
        use FulfillmentStatus as S;
        for status in [S::Packed, S::Accepted, S::Assigned, S::Shipped] {
            let page = PageRequest::first(60);
            let due = fulfillments::list(orc, actor, None, Some(status), &page).await?;
            for row in due.items {
                self.take_on(orc, actor, &row).await?;
            }
        }
        self.ticks += 1;
        // A round over all nodes takes a demo day or less.
        if self.ticks.is_multiple_of(4) {
            let node = self.nodes[(self.ticks / 4) % self.nodes.len()].clone();
            self.receive(orc, actor, &node).await?;
        }
        Ok(())
    }

    async fn take_on(&self, orc: &Orchestrator, actor: &Actor, row: &FulfillmentRow) -> Result<()> {
        let fulfillment = &row.fulfillment;
        let key = fulfillment.id.to_string();
        let minutes = |least: u64, most: u64| {
            least + pick(&format!("{key} {}", fulfillment.status), most - least)
        };
        // Minutes of demo time in this state, and what comes after.
        let (minutes, action) = match fulfillment.status {
            FulfillmentStatus::Assigned if pick(&format!("{key} rejects"), 100) < 2 => {
                let reason = ["damaged", "not found on the shelf"][pick(&key, 2) as usize];
                (
                    minutes(30, 120),
                    FulfillmentAction::Reject {
                        reason: reason.to_owned(),
                    },
                )
            }
            FulfillmentStatus::Assigned => (minutes(20, 150), FulfillmentAction::Accept),
            FulfillmentStatus::Accepted => (minutes(30, 180), FulfillmentAction::Pack),
            FulfillmentStatus::Packed => {
                let number = format!("1B{:012}", pick(&key, 1_000_000_000_000));
                let ship = FulfillmentAction::Ship {
                    service: fulfillment.service.clone(),
                    tracking_number: fulfillment.service.as_ref().map(|_| number),
                };
                (minutes(60, 240), ship)
            }
            FulfillmentStatus::Shipped => {
                let days = u64::from(fulfillment.transit_days.unwrap_or(1));
                (days * 1_440 + minutes(0, 600), FulfillmentAction::Deliver)
            }
            _ => return Ok(()),
        };
        let waited = (orc.now() - fulfillment.updated_at).num_milliseconds() as f64 / 1_000.0;
        if waited * self.speed < minutes as f64 * 60.0 {
            return Ok(());
        }
        match fulfillments::act(orc, actor, fulfillment.id, action).await {
            // Somebody else was faster, or the order is held.
            Ok(_) | Err(Error::Conflict(_) | Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Fills a node's empty shelves to what they held at the start; where there was nothing, nothing comes.
    async fn receive(&self, orc: &Orchestrator, actor: &Actor, node: &str) -> Result<()> {
        let filter = StockFilter {
            node: Some(node.to_owned()),
            only: Some(StockOnly::OutOfStock),
            ..StockFilter::default()
        };
        let page = PageRequest::first(PageRequest::MAX);
        let empty = orchestrator::stock::list(orc, actor, &filter, &page).await?;
        let arrivals: Vec<_> = empty
            .items
            .into_iter()
            .filter_map(|row| {
                let opening = self.opening.get(&(row.node.clone(), row.sku.clone()))?;
                let delta = opening + row.reserved - row.on_hand;
                (*opening > 0 && delta > 0).then(|| StockAdjustment {
                    node: row.node,
                    sku: row.sku,
                    delta,
                    reason: "received".to_owned(),
                })
            })
            .collect();
        if !arrivals.is_empty() {
            orchestrator::stock::adjust(orc, actor, arrivals).await?;
        }
        Ok(())
    }
}
