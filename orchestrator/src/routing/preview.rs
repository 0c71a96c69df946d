//! What would become of an order if it were planned otherwise; nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use engine::model::{FixEffect, MerchantId, OrderId};
use engine::routing::Plan;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::load::{Batch, Placement, as_if_moved};
use super::problem::{Desk, World};
use crate::promises::{Deadline, Moment, Within, yardstick};
use crate::store::tables::{fulfillments, orders};
use crate::{Error, Orchestrator, Result};

/// A way that was tried out.
pub(crate) struct Tried {
    pub placement: Placement,
    /// `East with ground and West with express`; empty when nothing can be sent.
    pub ways: String,
    pub effect: FixEffect,
    /// Whether that is how it goes now.
    pub is_now: bool,
}

/// Everything that trying ways out needs.
struct Desktop {
    network: std::sync::Arc<crate::network::Network>,
    batch: Batch,
    yardstick: Deadline,
    /// What the packages that may move cost now, and their nodes and services.
    cost_now: f64,
    ways_now: BTreeSet<(String, Option<String>)>,
}

/// What each of the placements would do.
pub(crate) async fn try_out(
    orc: &Orchestrator,
    merchant: MerchantId,
    order: OrderId,
    placements: Vec<Placement>,
) -> Result<Vec<Tried>> {
    let desktop = Desktop::load(orc, merchant, order).await?;
    let now = orc.now();
    let all = move || {
        let tried = placements.into_iter().map(|p| desktop.try_one(p, now));
        tried.collect::<Result<Vec<_>>>()
    };
    tokio::task::spawn_blocking(all)
        .await
        .map_err(Error::internal)?
}

/// The nodes that could send all that is open of the order, with what that would do, the cheapest first.
pub(crate) async fn other_nodes(
    orc: &Orchestrator,
    merchant: MerchantId,
    order: OrderId,
    most: usize,
) -> Result<Vec<Tried>> {
    let desktop = Desktop::load(orc, merchant, order).await?;
    let now = orc.now();
    let all = move || {
        let mut tried = Vec::new();
        for placement in desktop.single_nodes(now) {
            tried.push(desktop.try_one(placement, now)?);
        }
        tried.retain(|tried| !tried.is_now && !tried.ways.is_empty());
        let key = |tried: &Tried| (tried.effect.waiting, tried.effect.cost.unwrap_or(f64::MAX));
        tried.sort_by(|a, b| {
            let (a, b) = (key(a), key(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        tried.truncate(most);
        Ok(tried)
    };
    tokio::task::spawn_blocking(all)
        .await
        .map_err(Error::internal)?
}

impl Desktop {
    async fn load(orc: &Orchestrator, merchant: MerchantId, order: OrderId) -> Result<Self> {
        let network = orc.network(merchant).await?;
        let row = orders::Entity::find_by_id(order.0)
            .filter(orders::Column::MerchantId.eq(merchant.0))
            .one(orc.reader())
            .await?;
        let row = row.ok_or_else(|| Error::not_found("order", order.to_string()))?;
        let open = fulfillments::Entity::find()
            .filter(fulfillments::Column::OrderId.eq(order.0))
            .filter(fulfillments::Column::Status.is_in(["assigned", "accepted"]))
            .all(orc.reader())
            .await?;
        let yardstick = yardstick(orc, merchant, &row).await?;
        let batch = as_if_moved(orc, merchant, &network, row).await?;
        Ok(Desktop {
            network,
            batch,
            yardstick,
            cost_now: open.iter().map(|f| f.cost).sum(),
            ways_now: open.into_iter().map(|f| (f.node, f.service)).collect(),
        })
    }

    fn world(&self) -> World {
        let batch = &self.batch;
        let (available, divided) = (batch.available.clone(), batch.divided.clone());
        let mut world = World::of(available, divided, batch.assigned.clone());
        for due in &batch.orders {
            due.its_own().for_each(|held| world.give_back(held));
        }
        world
    }

    fn desk(&self, now: chrono::DateTime<chrono::Utc>) -> Desk<'_> {
        Desk {
            network: &self.network,
            products: &self.batch.products,
            now,
        }
    }

    /// Each node that holds some of every line, as the only one.
    fn single_nodes(&self, now: chrono::DateTime<chrono::Utc>) -> Vec<Placement> {
        let Some(due) = self.batch.orders.first() else {
            return Vec::new();
        };
        let inputs = self.desk(now).look(&self.world(), due).inputs;
        let skus: BTreeSet<_> = inputs.order.lines.iter().map(|line| &line.sku).collect();
        let whole = inputs
            .stock
            .iter()
            .filter(|(_, holds)| skus.iter().all(|sku| holds.contains_key(*sku)));
        whole
            .map(|(node, _)| Placement {
                nodes: skus
                    .iter()
                    .map(|sku| ((*sku).clone(), node.clone()))
                    .collect::<BTreeMap<_, _>>(),
                any_service: false,
            })
            .collect()
    }

    fn try_one(&self, placement: Placement, now: chrono::DateTime<chrono::Utc>) -> Result<Tried> {
        let due = self.batch.orders.first();
        let mut due = due
            .cloned()
            .ok_or_else(|| Error::Internal("no order to try".to_owned()))?;
        due.placed = Some(placement.clone());
        let made = self.desk(now).make(&self.world(), &due, None);
        let plan = made.plan.map_err(Error::Conflict)?;
        let ways: BTreeSet<_> = plan
            .packages
            .iter()
            .map(|p| {
                let service = (p.service != super::PICKUP).then(|| p.service.clone());
                (p.node.clone(), service)
            })
            .collect();
        let at = Moment {
            network: &self.network,
            full: &made.seen.full,
            now,
        };
        let arrives = self.yardstick.arrives(&at, &plan);
        Ok(Tried {
            placement,
            is_now: ways == self.ways_now && plan.unfilled.is_empty(),
            ways: words(&ways),
            effect: FixEffect {
                cost: (!plan.packages.is_empty()).then(|| cost_of(&plan) - self.cost_now),
                arrives: arrives.map(|(day, _)| day.format("%a, %b %-d").to_string()),
                probability: arrives.map(|(_, probability)| probability),
                keeps_promise: made.within.as_ref().map(Within::is_kept),
                waiting: plan.unfilled.iter().map(|u| i64::from(u.quantity)).sum(),
            },
        })
    }
}

fn cost_of(plan: &Plan) -> f64 {
    let costs = plan.packages.iter().map(|package| &package.cost);
    costs
        .map(|cost| cost.shipping + cost.handling + cost.opportunity + cost.late)
        .sum()
}

fn words(ways: &BTreeSet<(String, Option<String>)>) -> String {
    let each = ways.iter().map(|(node, service)| match service {
        Some(service) => format!("{node} with {service}"),
        None => format!("{node}, collected"),
    });
    each.collect::<Vec<_>>().join(" and ")
}
