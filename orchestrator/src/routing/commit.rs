//! Writes a plan: stock and capacity by condition, fulfillments, the decision and the event, or nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use engine::model::{
    DecisionId, FulfillmentId, FulfillmentStatus, LineId, OrderId, OrderStatus, StockMove, Trigger,
    Trouble, format_money,
};
use engine::routing::{Package, Plan};
use sea_orm::{FromQueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use super::problem::{PICKUP, Planned};
use super::{timing, wake_backorders};
use crate::fulfillments::{accept_by, ship_by};
use crate::network::Network;
use crate::orders::{Fulfillment, OrderState};
use crate::promises::Within;
use crate::repair::{self, AfterPlan};
use crate::stock::Taking;
use crate::store::sql::{self, values};
use crate::store::tables::{decisions, fulfillment_lines, fulfillments, networks, node_days};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Result, promises, stock};

/// What a commit did to one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Routed,
    Backordered,
    /// Nothing better than before.
    Unchanged,
    /// The engine refused the problem; a person has to look.
    Failed,
    /// The order has changed since it was planned, and has to be planned again.
    Overtaken,
}

/// What the orders of a commit need and become, written together.
#[derive(Default)]
struct Rows {
    /// Units to reserve.
    units: Taking,
    /// Units that nodes work on, by node and local day.
    days: BTreeMap<(String, String), i64>,
    fulfillments: Vec<fulfillments::Model>,
    fulfillment_lines: Vec<fulfillment_lines::Model>,
    decisions: Vec<decisions::Model>,
    states: Vec<OrderState>,
    /// SKUs of which something was given back.
    freed: BTreeSet<String>,
    /// How the orders stand now.
    after: Vec<AfterPlan>,
}

/// Commits the plans of one batch: all of them, or, when what they need together is no longer there, none. An order
/// that has changed meanwhile is left out.
pub(super) async fn commit(
    tx: &mut Tx,
    network: &Arc<Network>,
    batch: &[Planned],
) -> Result<Vec<Outcome>> {
    if tx.network_version() != network.version() {
        return Err(Error::Conflict("the network has changed".to_owned()));
    }
    let mut states = unchanged(tx, batch).await?;
    let mut rows = Rows::default();
    let mut outcomes = Vec::with_capacity(batch.len());
    for planned in batch {
        outcomes.push(match states.remove(&planned.id) {
            Some(state) => commit_one(tx, network, planned, state, &mut rows).await?,
            None => Outcome::Overtaken,
        });
    }
    reserve(tx, network, &rows).await?;
    sql::insert(tx.conn(), rows.fulfillments).await?;
    sql::insert(tx.conn(), rows.fulfillment_lines).await?;
    if !rows.decisions.is_empty() {
        keep_network(tx, network).await?;
    }
    sql::insert(tx.conn(), rows.decisions).await?;
    OrderState::write_many(tx, &mut rows.states).await?;
    repair::after_plans(tx, rows.after).await?;
    wake_backorders(tx, &rows.freed).await?;
    Ok(outcomes)
}

/// Those of the orders that are as they were when they were planned. Every change of an order, its lines or its
/// fulfillments changes its version, so an order that was planned for the first time need not be read again.
async fn unchanged(tx: &Tx, batch: &[Planned]) -> Result<HashMap<OrderId, OrderState>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        version: i64,
    }
    let sql = format!(
        "SELECT id, version FROM orders WHERE merchant_id = ? AND plan_due_at IS NOT NULL AND id IN {}",
        sql::list(batch.len())
    );
    let mut bound = values![tx.merchant().0];
    bound.extend(batch.iter().map(|planned| Value::from(planned.id.0)));
    let rows: Vec<Row> = sql::all(tx.conn(), &sql, bound).await?;
    let versions: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row.version)).collect();
    let same = |planned: &&Planned| versions.get(&planned.id.0) == Some(&planned.version);
    let (new, old): (Vec<_>, Vec<_>) = batch
        .iter()
        .filter(same)
        .partition(|planned| planned.due.run == 1);
    let mut states: HashMap<_, _> = new
        .into_iter()
        .map(|planned| {
            let (order, lines) = (planned.due.order.clone(), planned.due.lines.clone());
            (planned.id, OrderState::unplanned(order, lines))
        })
        .collect();
    let old: Vec<_> = old.into_iter().map(|planned| planned.id).collect();
    let old = OrderState::load_many(tx, &old).await?;
    states.extend(old.into_iter().map(|state| (state.id(), state)));
    Ok(states)
}

/// Brings one order to where its plan wants it; what is to be written is left in `rows`.
async fn commit_one(
    tx: &mut Tx,
    network: &Network,
    planned: &Planned,
    mut state: OrderState,
    rows: &mut Rows,
) -> Result<Outcome> {
    let router = Actor::system(tx.merchant(), "Router");
    let plan = match &planned.plan {
        Ok(plan) => plan,
        Err(why) => {
            give_up(tx, &mut state, &router, why)?;
            rows.after.push(AfterPlan {
                refused: Some(why.clone()),
                ..after(planned, &state)
            });
            rows.states.push(state);
            return Ok(Outcome::Failed);
        }
    };
    let trigger = planned.due.trigger;
    let again = matches!(
        trigger,
        Trigger::StockArrived | Trigger::Reroute | Trigger::PromiseAtRisk
    );
    if again && planned.due.run > 1 && is_no_news(planned, plan) {
        state.plan_no_more();
        mark_waiting(&mut state, plan);
        let status = state.settle(tx)?;
        if trigger == Trigger::Reroute {
            let summary = format!(
                "Order #{} planned again: nothing better than before",
                state.order.number
            );
            let data = json!({ "number": state.order.number, "status": status });
            tx.emit(NewEvent::new("order.reroute_kept", planned.id, &router, summary).data(data));
        }
        if trigger == Trigger::PromiseAtRisk {
            forget_trouble(tx, &mut state).await?;
            rows.after.push(AfterPlan {
                done: "It stays where it is: that is still the best, and in time".to_owned(),
                ..after(planned, &state)
            });
        }
        rows.states.push(state);
        return Ok(Outcome::Unchanged);
    }
    let before: f64 = moving(planned, &state).map(|f| f.row.cost).sum();
    let mut moves = release_moving(tx, planned, &mut state).await?;
    if !planned.due.kept.is_empty() {
        moves.extend(promises::give_up(tx, planned.id).await?);
    }
    rows.freed
        .extend(moves.iter().map(|moved| moved.sku.clone()));
    let decision = DecisionId(Uuid::now_v7());
    moves.extend(needs(&state, planned, plan, rows)?);
    let made = make_fulfillments(tx, &mut state, network, planned, plan, decision, rows)?;
    rows.decisions
        .push(decision_row(tx, network, planned, plan, decision)?);
    state.plan_no_more();
    state.order.plan_within = None;
    mark_waiting(&mut state, plan);
    let status = state.settle(tx)?;
    let number = state.order.number;
    let waiting = state.order.waiting_units;
    let (kind, mut summary) = describe(number, plan, waiting);
    if trigger.is_repair() {
        summary = format!("{summary} ({})", trigger.label().to_lowercase());
    }
    rows.after.push(AfterPlan {
        done: what_was_done(&state, plan, before),
        moved: moving(planned, &state).map(|f| f.row.id).collect(),
        ..after(planned, &state)
    });
    let data = json!({ "number": number, "status": status, "decision": decision, "run": planned.due.run,
        "trigger": trigger, "fulfillments": made, "waiting_units": waiting, "cost": plan.cost.total,
        "optimal": plan.optimal });
    let event = NewEvent::new(kind, planned.id, &router, summary).data(data);
    tx.emit(event.moves("reserved", moves).of_order(planned.id));
    if let Some(within) = &planned.within {
        promises::record(tx, planned.id, number, &router, within).await?;
    }
    rows.states.push(state);
    Ok(if status == OrderStatus::Backordered {
        Outcome::Backordered
    } else {
        Outcome::Routed
    })
}

/// How the order stands after its plan, as far as trouble is concerned.
fn after(planned: &Planned, state: &OrderState) -> AfterPlan {
    let unfilled = planned
        .plan
        .as_ref()
        .ok()
        .and_then(|plan| plan.unfilled.first());
    let within = planned.within.as_ref();
    AfterPlan {
        order: planned.id,
        number: state.order.number,
        trigger: planned.due.trigger,
        waiting: state.order.waiting_units,
        reason: unfilled.map(|unfilled| unfilled.reason.as_str().to_owned()),
        late: within.and_then(|within| within.why_not.clone()),
        keeps: within.is_some_and(Within::is_kept),
        done: String::new(),
        refused: None,
        moved: Vec::new(),
    }
}

/// Where it goes now, and what that costs more.
fn what_was_done(state: &OrderState, plan: &Plan, before: f64) -> String {
    let ways: BTreeSet<String> = plan
        .packages
        .iter()
        .map(|package| format!("{} with {}", package.node, package.service))
        .collect();
    let ways = ways.into_iter().collect::<Vec<_>>().join(" and ");
    let cost = |p: &Package| p.cost.shipping + p.cost.handling + p.cost.opportunity + p.cost.late;
    let now: f64 = plan.packages.iter().map(cost).sum();
    let more = (now - before).round() as i64;
    let currency = state.order.currency.parse();
    match (before > 0.0, currency) {
        (true, Ok(currency)) if more != 0 => {
            let amount = format_money(more.abs(), currency);
            let word = if more > 0 { "more" } else { "less" };
            format!("Now from {ways}: {amount} {word}")
        }
        _ => format!("Now from {ways}"),
    }
}

/// Fulfillments that the plan moves.
fn moving<'s>(planned: &Planned, state: &'s OrderState) -> impl Iterator<Item = &'s Fulfillment> {
    let ids: BTreeSet<Uuid> = planned
        .due
        .movable
        .iter()
        .map(|held| held.fulfillment_id)
        .collect();
    let all = state.fulfillments.iter();
    all.filter(move |f| ids.contains(&f.row.id))
}

/// What stays as it is is in trouble no longer.
async fn forget_trouble(tx: &Tx, state: &mut OrderState) -> Result<()> {
    let sql = "UPDATE fulfillments SET trouble = NULL WHERE order_id = ? AND merchant_id = ? AND trouble IS NOT NULL
               AND status IN ('assigned', 'accepted')";
    sql::run(tx.conn(), sql, values![state.order.id, tx.merchant().0]).await?;
    for f in &mut state.fulfillments {
        f.row.trouble = None;
    }
    Ok(())
}

/// Gives back what the order has at nodes and moves; fails when a node has gone on with it.
async fn release_moving(
    tx: &Tx,
    planned: &Planned,
    state: &mut OrderState,
) -> Result<Vec<StockMove>> {
    let moving: BTreeSet<Uuid> = moving(planned, state).map(|f| f.row.id).collect();
    let mut moves = Vec::new();
    for i in 0..state.fulfillments.len() {
        let f = &state.fulfillments[i];
        if !moving.contains(&f.row.id) {
            continue;
        }
        if !matches!(
            f.status,
            FulfillmentStatus::Assigned | FulfillmentStatus::Accepted
        ) {
            return Err(Error::Conflict("the node has gone on with it".to_owned()));
        }
        let trouble: Option<Trouble> = f.row.trouble.as_deref().and_then(|t| t.parse().ok());
        let why = trouble.map_or("Re-routed", Trouble::label);
        let cancelled = FulfillmentStatus::Cancelled;
        moves.extend(state.release(tx, i, cancelled, why).await?);
    }
    Ok(moves)
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
fn give_up(tx: &mut Tx, state: &mut OrderState, router: &Actor, why: &str) -> Result<()> {
    state.stop_planning(&format!("Cannot be planned: {why}"));
    let status = state.settle(tx)?;
    let number = state.order.number;
    let data = json!({ "number": number, "status": status, "reason": why });
    let summary = format!("Order #{number} cannot be planned: {why}");
    tx.emit(NewEvent::new("order.needs_attention", state.id(), router, summary).data(data));
    Ok(())
}

/// Adds what the plan takes to what the batch takes, and tells what it moves.
fn needs(
    state: &OrderState,
    planned: &Planned,
    plan: &Plan,
    rows: &mut Rows,
) -> Result<Vec<StockMove>> {
    let mut units: BTreeMap<(String, String), i64> = BTreeMap::new();
    for package in &plan.packages {
        let key = (package.node.clone(), package.service.clone());
        let day = planned.work_days.get(&key);
        for part in &package.lines {
            let line = line_of(state, &part.line)?;
            let quantity = i64::from(part.quantity);
            let sku = state.lines[line].sku.clone();
            *units.entry((sku, package.node.clone())).or_default() += quantity;
            if let Some(day) = day {
                let key = (package.node.clone(), day.to_string());
                *rows.days.entry(key).or_default() += quantity;
            }
        }
    }
    let mut moves = Vec::with_capacity(units.len());
    for ((sku, node), quantity) in units {
        rows.units.add(&sku, &node, &state.order.channel, quantity);
        moves.push(StockMove {
            node,
            sku,
            on_hand: 0,
            reserved: quantity,
        });
    }
    Ok(moves)
}

/// Takes the batch's units of stock and of the nodes' capacity, by condition.
async fn reserve(tx: &Tx, network: &Network, rows: &Rows) -> Result<()> {
    if !stock::reserve(tx, network, &rows.units).await? {
        return Err(Error::Conflict("stock is no longer there".to_owned()));
    }
    let empty = rows.days.keys().map(|(node, day)| node_days::Model {
        merchant_id: tx.merchant().0,
        node: node.clone(),
        day: day.clone(),
        units: 0,
    });
    sql::insert_new(tx.conn(), empty.collect()).await?;
    let taken = rows.days.iter().map(|((node, day), units)| {
        let capacity = network
            .node(node)
            .and_then(|node| node.node.daily_capacity)
            .map_or(i64::MAX, i64::from);
        [
            node.as_str().into(),
            day.as_str().into(),
            (*units).into(),
            capacity.into(),
        ]
    });
    let touched = sql::run_with(
        tx.conn(),
        ["node", "day", "units", "capacity"],
        taken.collect(),
        "UPDATE node_days SET units = node_days.units + v.units FROM v
         WHERE node_days.merchant_id = ? AND node_days.node = v.node AND node_days.day = v.day
         AND node_days.units <= v.capacity - v.units",
        values![tx.merchant().0],
    )
    .await?;
    if touched != rows.days.len() as u64 {
        return Err(Error::Conflict("a node has no capacity left".to_owned()));
    }
    Ok(())
}

fn line_of(state: &OrderState, line: &str) -> Result<usize> {
    let id: LineId = line.parse().map_err(Error::internal)?;
    let found = state.lines.iter().position(|line| line.id == id.0);
    found.ok_or_else(|| Error::Internal(format!("the plan has a line {id} that the order has not")))
}

/// Makes of the packages work for their nodes; returns what the event tells of them.
fn make_fulfillments(
    tx: &Tx,
    state: &mut OrderState,
    network: &Network,
    planned: &Planned,
    plan: &Plan,
    decision: DecisionId,
    rows: &mut Rows,
) -> Result<Vec<serde_json::Value>> {
    let mut told = Vec::with_capacity(plan.packages.len());
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
        rows.fulfillment_lines.extend(lines.iter().cloned());
        rows.fulfillments.push(row.clone());
        state.fulfillments.push(Fulfillment {
            row,
            status: FulfillmentStatus::Assigned,
            lines,
        });
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
    let key = (package.node.clone(), package.service.clone());
    let work_day = planned.work_days.get(&key).copied();
    let carrier_comes =
        timing::leaves_by(network, &package.node, &package.service, work_day, tx.now());
    let begins_at = timing::begins_at(network, &package.node, work_day, tx.now());
    let ship_by = ship_by(network, &package.node, carrier_comes, begins_at);
    let accept_by = accept_by(network, &package.node, tx.now());
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
        trouble: None,
        late_since: None,
        accept_by: accept_by.map(|at| at.timestamp_micros()),
        cause: None,
        pickup_code: None,
        code_tries: 0,
        code_again_at: 0,
        collect_by: None,
    }
}

/// Days in transit that the service states for the way from the node to the customer.
fn transit_days(network: &Network, planned: &Planned, node: &str, service: &str) -> Option<i64> {
    let from = network.node(node)?.node.location?;
    let to = &planned.inputs.order.destination;
    let km = engine::geo::distance_km(from.lat, from.lon, to.lat, to.lon);
    let service = network.service(service)?;
    service
        .zones
        .iter()
        .find(|zone| zone.up_to_km >= km)
        .map(|zone| i64::from(zone.transit_days))
}

/// What decisions refer to is stored once.
async fn keep_network(tx: &Tx, network: &Network) -> Result<()> {
    let known = "SELECT count(*) AS n FROM networks WHERE merchant_id = ? AND hash = ?";
    let key = values![tx.merchant().0, network.hash.clone()];
    if sql::number(tx.conn(), known, key).await? == 0 {
        let row = networks::Model {
            merchant_id: tx.merchant().0,
            hash: network.hash.clone(),
            content: network.content.clone(),
            created_at: tx.now_us(),
        };
        sql::insert(tx.conn(), vec![row]).await?;
    }
    Ok(())
}

fn decision_row(
    tx: &Tx,
    network: &Network,
    planned: &Planned,
    plan: &Plan,
    decision: DecisionId,
) -> Result<decisions::Model> {
    let to_json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    Ok(decisions::Model {
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
    })
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
