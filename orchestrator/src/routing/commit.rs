//! Writes a plan: stock and capacity by condition, fulfillments, the decision and the event, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::model::{
    DecisionId, FulfillmentId, FulfillmentStatus, LineId, OrderStatus, StockMove, Trigger,
};
use engine::routing::{Package, Plan};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::problem::{PICKUP, Planned};
use super::wake_backorders;
use crate::network::Network;
use crate::orders::{Fulfillment, OrderState};
use crate::store::sql::{self, values};
use crate::store::tables::{decisions, fulfillment_lines, fulfillments, networks};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Result, stock};

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Routed,
    Backordered,
    /// Nothing better than before.
    Unchanged,
    /// The engine refused the problem; a person has to look.
    Failed,
}

pub(super) async fn commit(
    tx: &mut Tx,
    network: &Arc<Network>,
    planned: Planned,
) -> Result<Outcome> {
    let mut state = OrderState::load(tx, planned.id).await?;
    if state.order.version != planned.version || state.order.plan_due_at.is_none() {
        return Err(Error::Conflict("the order has changed".to_owned()));
    }
    if tx.network_version() != network.version() {
        return Err(Error::Conflict("the network has changed".to_owned()));
    }
    let router = Actor::system(tx.merchant(), "Router");
    let plan = match &planned.plan {
        Ok(plan) => plan,
        Err(why) => return give_up(tx, &mut state, &router, why).await,
    };
    let trigger = planned.due.trigger;
    let again = trigger == Trigger::StockArrived || trigger == Trigger::Reroute;
    if again && planned.due.run > 1 && is_no_news(&planned, plan) {
        state.plan_no_more();
        mark_waiting(&mut state, plan);
        let status = state.save(tx).await?;
        if trigger == Trigger::Reroute {
            let summary = format!(
                "Order #{} planned again: nothing better than before",
                state.order.number
            );
            let data = json!({ "number": state.order.number, "status": status });
            tx.emit(NewEvent::new("order.reroute_kept", planned.id, &router, summary).data(data));
        }
        return Ok(Outcome::Unchanged);
    }
    let mut moves = Vec::new();
    let moving: BTreeSet<Uuid> = planned
        .due
        .movable
        .iter()
        .map(|held| held.fulfillment_id)
        .collect();
    for i in 0..state.fulfillments.len() {
        let f = &state.fulfillments[i];
        if moving.contains(&f.row.id) {
            if !matches!(
                f.status,
                FulfillmentStatus::Assigned | FulfillmentStatus::Accepted
            ) {
                return Err(Error::Conflict("the node has gone on with it".to_owned()));
            }
            moves.extend(
                state
                    .release(tx, i, FulfillmentStatus::Cancelled, "Re-routed")
                    .await?,
            );
        }
    }
    let freed: BTreeSet<String> = moves.iter().map(|moved| moved.sku.clone()).collect();
    let decision = DecisionId(Uuid::now_v7());
    moves.extend(reserve(tx, &state, network, &planned, plan).await?);
    let made = write_fulfillments(tx, &mut state, network, &planned, plan, decision).await?;
    write_decision(tx, network, &planned, plan, decision).await?;
    state.plan_no_more();
    mark_waiting(&mut state, plan);
    let status = state.save(tx).await?;
    let number = state.order.number;
    let waiting = state.order.waiting_units;
    let (kind, summary) = describe(number, plan, waiting);
    let data = json!({ "number": number, "status": status, "decision": decision, "run": planned.due.run,
        "trigger": trigger, "fulfillments": made, "waiting_units": waiting, "cost": plan.cost.total,
        "optimal": plan.optimal });
    let event = NewEvent::new(kind, planned.id, &router, summary).data(data);
    tx.emit(event.moves("reserved", moves).of_order(planned.id));
    wake_backorders(tx, &freed).await?;
    Ok(if status == OrderStatus::Backordered {
        Outcome::Backordered
    } else {
        Outcome::Routed
    })
}

/// Whether the plan leaves everything as it is.
fn is_no_news(planned: &Planned, plan: &Plan) -> bool {
    let mut now: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for held in &planned.due.movable {
        let service = held.service.clone().unwrap_or_else(|| PICKUP.to_owned());
        *now.entry((held.node.clone(), service, LineId(held.line_id).to_string()))
            .or_default() += held.quantity;
    }
    let mut then: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for package in &plan.packages {
        for part in &package.lines {
            let key = (
                package.node.clone(),
                package.service.clone(),
                part.line.clone(),
            );
            *then.entry(key).or_default() += i64::from(part.quantity);
        }
    }
    now == then
}

/// The engine refuses what no input check has foreseen: the order says so instead of trying for ever.
async fn give_up(
    tx: &mut Tx,
    state: &mut OrderState,
    router: &Actor,
    why: &str,
) -> Result<Outcome> {
    state.plan_no_more();
    state.order.plan_attempts = i64::from(u16::MAX);
    state.order.note = Some(format!("Cannot be planned: {why}"));
    let status = state.save(tx).await?;
    let number = state.order.number;
    let data = json!({ "number": number, "status": status, "reason": why });
    let summary = format!("Order #{number} cannot be planned: {why}");
    tx.emit(NewEvent::new("order.needs_attention", state.id(), router, summary).data(data));
    Ok(Outcome::Failed)
}

/// Takes the plan's units and the nodes' capacity, row by row in one order that is the same everywhere.
async fn reserve(
    tx: &Tx,
    state: &OrderState,
    network: &Network,
    planned: &Planned,
    plan: &Plan,
) -> Result<Vec<StockMove>> {
    let mut rows: BTreeMap<(String, &str), i64> = BTreeMap::new();
    let mut units: BTreeMap<&str, i64> = BTreeMap::new();
    for package in &plan.packages {
        for part in &package.lines {
            let line = line_of(state, &part.line)?;
            *rows
                .entry((state.lines[line].sku.clone(), &package.node))
                .or_default() += i64::from(part.quantity);
            *units.entry(&package.node).or_default() += i64::from(part.quantity);
        }
    }
    let mut moves = Vec::with_capacity(rows.len());
    for ((sku, node), quantity) in rows {
        if !stock::reserve(tx, node, &sku, quantity).await? {
            return Err(Error::Conflict(format!(
                "{node} no longer has {quantity} of {sku}"
            )));
        }
        moves.push(StockMove {
            node: node.to_owned(),
            sku,
            on_hand: 0,
            reserved: quantity,
        });
    }
    for (node, quantity) in units {
        let Some(day) = planned.work_days.get(node) else {
            continue;
        };
        let limit = network
            .node(node)
            .and_then(|node| node.node.daily_capacity)
            .map_or(i64::MAX, i64::from);
        let sql = "INSERT INTO node_days (merchant_id, node, day, units) VALUES (?, ?, ?, ?)
                   ON CONFLICT (merchant_id, node, day) DO UPDATE SET units = node_days.units + excluded.units
                   WHERE node_days.units + excluded.units <= ?";
        let bound = values![tx.merchant().0, node, day.to_string(), quantity, limit];
        if sql::run(tx.conn(), sql, bound).await? == 0 {
            return Err(Error::Conflict(format!(
                "{node} has no capacity left on {day}"
            )));
        }
    }
    Ok(moves)
}

fn line_of(state: &OrderState, line: &str) -> Result<usize> {
    let id: LineId = line.parse().map_err(Error::internal)?;
    let found = state.lines.iter().position(|line| line.id == id.0);
    found.ok_or_else(|| Error::Internal(format!("the plan has a line {id} that the order has not")))
}

/// Writes the packages as work for their nodes; returns what the event tells of them.
async fn write_fulfillments(
    tx: &Tx,
    state: &mut OrderState,
    network: &Network,
    planned: &Planned,
    plan: &Plan,
    decision: DecisionId,
) -> Result<Vec<serde_json::Value>> {
    let mut told = Vec::with_capacity(plan.packages.len());
    let (mut rows, mut line_rows) = (Vec::new(), Vec::new());
    for package in &plan.packages {
        let id = FulfillmentId(Uuid::now_v7());
        let mut lines = Vec::with_capacity(package.lines.len());
        for part in &package.lines {
            let line = line_of(state, &part.line)?;
            let line = &mut state.lines[line];
            line.allocated += i64::from(part.quantity);
            lines.push(fulfillment_lines::Model {
                fulfillment_id: id.0,
                line_id: line.id,
                sku: line.sku.clone(),
                quantity: i64::from(part.quantity),
            });
        }
        let row = row_of(tx, network, planned, package, id, decision);
        told.push(
            json!({ "id": id, "node": row.node, "service": row.service, "units": row.units }),
        );
        line_rows.extend(
            lines
                .iter()
                .cloned()
                .map(IntoActiveModel::into_active_model),
        );
        rows.push(row.clone().into_active_model());
        state.fulfillments.push(Fulfillment {
            row,
            status: FulfillmentStatus::Assigned,
            lines,
        });
    }
    if !rows.is_empty() {
        fulfillments::Entity::insert_many(rows)
            .exec_without_returning(tx.conn())
            .await?;
        fulfillment_lines::Entity::insert_many(line_rows)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(told)
}

fn row_of(
    tx: &Tx,
    network: &Network,
    planned: &Planned,
    package: &Package,
    id: FulfillmentId,
    decision: DecisionId,
) -> fulfillments::Model {
    let node = network.node(&package.node);
    let work_day = planned.work_days.get(&package.node).copied();
    let ship_by = node
        .zip(work_day)
        .and_then(|(node, day)| node.calendar.close_of(day));
    let service = (package.service != PICKUP).then(|| package.service.clone());
    let cost = &package.cost;
    fulfillments::Model {
        id: id.0,
        merchant_id: tx.merchant().0,
        order_id: planned.id.0,
        decision_id: Some(decision.0),
        node: package.node.clone(),
        transit_days: service
            .as_ref()
            .and_then(|code| transit_days(network, planned, &package.node, code)),
        service,
        status: FulfillmentStatus::Assigned.to_string(),
        units: package
            .lines
            .iter()
            .map(|part| i64::from(part.quantity))
            .sum(),
        cost: cost.shipping + cost.handling + cost.opportunity + cost.late,
        work_day: work_day.map(|day| day.to_string()),
        ship_by: ship_by.map(|at| at.timestamp_micros()),
        tracking_number: None,
        reason: None,
        created_at: tx.now_us(),
        updated_at: tx.now_us(),
    }
}

/// Days in transit that the service states for the way from the node to the customer.
fn transit_days(network: &Network, planned: &Planned, node: &str, service: &str) -> Option<i64> {
    let from = network.node(node)?.node.location?;
    let to = &planned.inputs.order.destination;
    let km = engine::geo::distance_km(from.lat, from.lon, to.lat, to.lon);
    let service = network
        .snapshot
        .services
        .iter()
        .find(|s| s.code == service)?;
    service
        .zones
        .iter()
        .find(|zone| zone.up_to_km >= km)
        .map(|zone| i64::from(zone.transit_days))
}

async fn write_decision(
    tx: &Tx,
    network: &Network,
    planned: &Planned,
    plan: &Plan,
    decision: DecisionId,
) -> Result<()> {
    let known = "SELECT count(*) AS n FROM networks WHERE merchant_id = ? AND hash = ?";
    if sql::number(
        tx.conn(),
        known,
        values![tx.merchant().0, network.hash.clone()],
    )
    .await?
        == 0
    {
        let row = networks::Model {
            merchant_id: tx.merchant().0,
            hash: network.hash.clone(),
            content: network.content.clone(),
            created_at: tx.now_us(),
        };
        let nothing = OnConflict::columns([networks::Column::MerchantId, networks::Column::Hash])
            .do_nothing()
            .to_owned();
        networks::Entity::insert(row.into_active_model())
            .on_conflict(nothing)
            .exec_without_returning(tx.conn())
            .await?;
    }
    let to_json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    let row = decisions::Model {
        id: decision.0,
        merchant_id: tx.merchant().0,
        order_id: planned.id.0,
        run: planned.due.run,
        trigger_kind: planned.due.trigger.to_string(),
        decided_at: tx.now_us(),
        took_us: planned.took_us,
        network_hash: network.hash.clone(),
        inputs: to_json(serde_json::to_string(&planned.inputs))?,
        plan: to_json(serde_json::to_string(plan))?,
        ruled_out: to_json(serde_json::to_string(&planned.ruled_out))?,
    };
    decisions::Entity::insert(row.into_active_model())
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Keeps with each line why some of it waits.
fn mark_waiting(state: &mut OrderState, plan: &Plan) {
    for line in &mut state.lines {
        let id = LineId(line.id).to_string();
        let unfilled = plan.unfilled.iter().find(|unfilled| unfilled.line == id);
        line.waiting_reason = unfilled.map(|unfilled| unfilled.reason.as_str().to_owned());
    }
}

fn describe(number: i64, plan: &Plan, waiting: i64) -> (&'static str, String) {
    let nodes: BTreeSet<_> = plan
        .packages
        .iter()
        .map(|package| package.node.as_str())
        .collect();
    let nodes = nodes.into_iter().collect::<Vec<_>>().join(", ");
    match (plan.packages.len(), waiting) {
        (0, _) => (
            "order.backordered",
            format!("Order #{number} waits: nothing of it can be sent now"),
        ),
        (1, 0) => ("order.routed", format!("Order #{number} routed to {nodes}")),
        (n, 0) => (
            "order.routed",
            format!("Order #{number} routed in {n} packages: {nodes}"),
        ),
        (_, waiting) => (
            "order.routed",
            format!("Order #{number} routed in part to {nodes}; {waiting} units wait"),
        ),
    }
}
