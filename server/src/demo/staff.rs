use std::collections::HashMap;

use engine::model::{
    FulfillmentRow, FulfillmentStatus, FulfillmentView, PickedLine, RejectCause, StockAdjustment,
    StockFilter,
};
use orchestrator::fulfillments::{self, FulfillmentAction};
use orchestrator::{Actor, Error, Orchestrator, PageRequest, Result};

use super::carriers::Carriers;
use super::data::Data;
use super::pick;
use super::stock::Shelf;

/// Fulfillments in one state that a round looks at, at most.
const MOST_IN_A_ROUND: usize = 5_000;

/// People of the nodes and carriers, who do what is due.
pub struct Staff {
    /// Seconds of demo time per second.
    speed: f64,
    /// Of a hundred, how often each kind of trouble happens.
    trouble: u64,
    nodes: Vec<String>,
    /// By node and SKU.
    shelves: HashMap<(String, String), Shelf>,
    rounds: usize,
    carriers: Carriers,
}

impl Staff {
    pub fn new(data: &Data, speed: f64, trouble: u32) -> Self {
        let shelves = data.shelves.iter().cloned();
        Staff {
            speed,
            trouble: u64::from(trouble),
            nodes: data.nodes.iter().map(|node| node.code.clone()).collect(),
            shelves: shelves
                .map(|shelf| ((shelf.node.clone(), shelf.sku.clone()), shelf))
                .collect(),
            rounds: 0,
            carriers: Carriers::new(speed),
        }
    }

    /// One round: everything that is due, and one node's empty shelves.
    pub async fn work(&mut self, orc: &Orchestrator, actor: &Actor) -> Result<()> {
        use FulfillmentStatus as S;
        // What comes last first, so that nothing goes two steps in one round.
        for status in [
            S::Shipped,
            S::ReadyForPickup,
            S::Packed,
            S::Accepted,
            S::Assigned,
        ] {
            let mut page = PageRequest::first(PageRequest::MAX);
            let mut seen = 0;
            loop {
                let due = fulfillments::list(orc, actor, None, Some(status), &page).await?;
                seen += due.items.len();
                for row in due.items {
                    self.take_on(orc, actor, &row).await?;
                }
                if due.next_cursor.is_none() || seen >= MOST_IN_A_ROUND {
                    break;
                }
                page.cursor = due.next_cursor;
            }
        }
        self.carriers.scan(orc, actor).await?;
        self.rounds += 1;
        // All nodes have had their turn within a demo day.
        if self.rounds.is_multiple_of(4) {
            let turn = self.rounds / 4;
            let node = self.nodes[turn % self.nodes.len()].clone();
            self.receive(orc, actor, &node, turn / self.nodes.len())
                .await?;
        }
        Ok(())
    }

    async fn take_on(&self, orc: &Orchestrator, actor: &Actor, row: &FulfillmentRow) -> Result<()> {
        let fulfillment = &row.fulfillment;
        let Some((minutes, action)) = self.next(fulfillment) else {
            return Ok(());
        };
        let waited = (orc.now() - fulfillment.updated_at).num_milliseconds() as f64 / 1_000.0;
        if waited * self.speed < minutes as f64 * 60.0 {
            return Ok(());
        }
        let done = fulfillments::act(orc, actor, fulfillment.id, action).await;
        match done {
            // Somebody else was faster, or the order is held.
            Ok(_) | Err(Error::Conflict(_) | Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What comes after the state that a fulfillment is in, and after how many minutes of demo time.
    fn next(&self, fulfillment: &FulfillmentView) -> Option<(u64, FulfillmentAction)> {
        let key = fulfillment.id.to_string();
        let status = fulfillment.status;
        let minutes =
            |least: u64, most: u64| least + pick(&format!("{key} {status}"), most - least);
        let goes_wrong = |what: &str| pick(&format!("{key} {what}"), 100) < self.trouble;
        let units: i64 = fulfillment.lines.iter().map(|line| line.quantity).sum();
        Some(match status {
            FulfillmentStatus::Assigned if goes_wrong("rejects") => {
                let (reason, cause) = [
                    ("damaged", RejectCause::Damaged),
                    ("not found on the shelf", RejectCause::OutOfStock),
                    ("too much to do", RejectCause::Busy),
                ][pick(&key, 3) as usize];
                let reject = FulfillmentAction::Reject {
                    reason: reason.to_owned(),
                    cause: Some(cause),
                };
                (minutes(30, 120), reject)
            }
            // Nobody looks at it; after a while it goes elsewhere by itself.
            FulfillmentStatus::Assigned if goes_wrong("sleeps") => return None,
            FulfillmentStatus::Assigned => (minutes(5, 40), FulfillmentAction::Accept),
            FulfillmentStatus::Accepted if goes_wrong(&format!("is short {units}")) => {
                let line = fulfillment.lines.first()?;
                let picked = PickedLine {
                    line: line.line,
                    picked: line.quantity - 1,
                };
                let short = FulfillmentAction::ShortPick {
                    lines: vec![picked],
                };
                (minutes(30, 180), short)
            }
            FulfillmentStatus::Accepted if fulfillment.service.is_none() => {
                (minutes(30, 180), FulfillmentAction::ReadyForPickup)
            }
            FulfillmentStatus::ReadyForPickup => {
                let code = fulfillment.pickup_code.clone().unwrap_or_default();
                (minutes(120, 2_880), FulfillmentAction::PickedUp { code })
            }
            FulfillmentStatus::Accepted => (minutes(30, 180), FulfillmentAction::Pack),
            FulfillmentStatus::Packed => {
                let number = format!("1B{:012}", pick(&key, 1_000_000_000_000));
                let ship = FulfillmentAction::Ship {
                    service: fulfillment.service.clone(),
                    tracking_number: fulfillment.service.as_ref().map(|_| number),
                };
                let forgotten = if goes_wrong("lies about") { 2_000 } else { 0 };
                (minutes(60, 240) + forgotten, ship)
            }
            // Its carrier says when it is there.
            FulfillmentStatus::Shipped if fulfillment.tracking_number.is_some() => return None,
            FulfillmentStatus::Shipped => {
                let days = u64::from(fulfillment.transit_days.unwrap_or(1));
                (days * 1_440 + minutes(0, 600), FulfillmentAction::Deliver)
            }
            _ => return None,
        })
    }

    /// Fills up those of a node's shelves that have become low. Now and then nothing comes, and the shelf waits for the
    /// next delivery.
    async fn receive(
        &self,
        orc: &Orchestrator,
        actor: &Actor,
        node: &str,
        delivery: usize,
    ) -> Result<()> {
        let filter = StockFilter {
            node: Some(node.to_owned()),
            ..StockFilter::default()
        };
        let mut page = PageRequest::first(PageRequest::MAX);
        let mut arrivals = Vec::new();
        loop {
            let rows = orchestrator::stock::list(orc, actor, &filter, &page).await?;
            for row in rows.items {
                let key = (row.node, row.sku);
                let Some(shelf) = self.shelves.get(&key) else {
                    continue;
                };
                let late = pick(&format!("{node} {} {delivery}", key.1), 100) < 15;
                if row.available * 2 > shelf.full || late {
                    continue;
                }
                let (node, sku) = key;
                arrivals.push(StockAdjustment {
                    node,
                    sku,
                    delta: shelf.full + row.reserved - row.on_hand,
                    reason: "received".to_owned(),
                });
            }
            if rows.next_cursor.is_none() {
                break;
            }
            page.cursor = rows.next_cursor;
        }
        arrivals.retain(|arrival| arrival.delta > 0);
        if !arrivals.is_empty() {
            orchestrator::stock::adjust(orc, actor, arrivals).await?;
        }
        Ok(())
    }
}
