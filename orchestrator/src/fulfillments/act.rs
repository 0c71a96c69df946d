use std::collections::BTreeSet;

use engine::model::{
    FulfillmentId, FulfillmentStatus, FulfillmentView, OrderId, OrderStatus, Permission,
    PickedLine, RejectCause, StockMove, Trouble,
};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::pickup::{self, Attempt};
use super::short_pick;
use crate::clock::from_micros;
use crate::network::Network;
use crate::orders::{OrderState, fulfillment_views, set_status};
use crate::repair::Seen;
use crate::store::tables::fulfillments::{Column, Entity};
use crate::store::{NewEvent, Tx};
use crate::tracking::{self, Travel};
use crate::{Actor, Error, Orchestrator, Result, exceptions, promises, repair, routing, stock};

/// What a node does with a fulfillment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FulfillmentAction {
    Accept,
    Reject {
        reason: String,
        cause: Option<RejectCause>,
    },
    /// Less is there than was to be picked: it goes on with what is. Lines that are left out are whole.
    ShortPick {
        lines: Vec<PickedLine>,
    },
    Pack,
    Ship {
        service: Option<String>,
        tracking_number: Option<String>,
    },
    Deliver,
    /// The customer can come for it.
    ReadyForPickup,
    /// The customer has come, and named the code.
    PickedUp {
        code: String,
    },
}

impl FulfillmentAction {
    fn leads_to(&self) -> FulfillmentStatus {
        match self {
            FulfillmentAction::Accept | FulfillmentAction::ShortPick { .. } => {
                FulfillmentStatus::Accepted
            }
            FulfillmentAction::Reject { .. } => FulfillmentStatus::Rejected,
            FulfillmentAction::Pack => FulfillmentStatus::Packed,
            FulfillmentAction::Ship { .. } => FulfillmentStatus::Shipped,
            FulfillmentAction::Deliver => FulfillmentStatus::Delivered,
            FulfillmentAction::ReadyForPickup => FulfillmentStatus::ReadyForPickup,
            FulfillmentAction::PickedUp { .. } => FulfillmentStatus::PickedUp,
        }
    }

    /// The states in which it is possible. The one place that says so.
    fn possible_in(&self) -> &'static [FulfillmentStatus] {
        use FulfillmentStatus as S;
        match self {
            FulfillmentAction::Accept => &[S::Assigned],
            FulfillmentAction::Reject { .. } => &[S::Assigned, S::Accepted],
            FulfillmentAction::Pack | FulfillmentAction::ShortPick { .. } => &[S::Accepted],
            FulfillmentAction::Ship { .. } => &[S::Packed],
            FulfillmentAction::Deliver => &[S::Shipped],
            // What is collected was packed first, once.
            FulfillmentAction::ReadyForPickup => &[S::Accepted, S::Packed],
            FulfillmentAction::PickedUp { .. } => &[S::ReadyForPickup],
        }
    }

    /// Whether it is for what the customer collects, or for what is sent; `None` where it is for both.
    fn is_for_collection(&self) -> Option<bool> {
        match self {
            FulfillmentAction::Pack | FulfillmentAction::Ship { .. } => Some(false),
            FulfillmentAction::ReadyForPickup | FulfillmentAction::PickedUp { .. } => Some(true),
            _ => None,
        }
    }

    fn verb(&self) -> &'static str {
        match self {
            FulfillmentAction::Accept => "accept",
            FulfillmentAction::Reject { .. } => "reject",
            FulfillmentAction::ShortPick { .. } => "short_pick",
            FulfillmentAction::Pack => "pack",
            FulfillmentAction::Ship { .. } => "ship",
            FulfillmentAction::Deliver => "deliver",
            FulfillmentAction::ReadyForPickup => "ready_for_pickup",
            FulfillmentAction::PickedUp { .. } => "picked_up",
        }
    }

    fn event(&self) -> &'static str {
        match self {
            FulfillmentAction::Accept => "fulfillment.accepted",
            FulfillmentAction::Reject { .. } => "fulfillment.rejected",
            FulfillmentAction::ShortPick { .. } => "fulfillment.short_picked",
            FulfillmentAction::Pack => "fulfillment.packed",
            FulfillmentAction::Ship { .. } => "fulfillment.shipped",
            FulfillmentAction::Deliver => "fulfillment.delivered",
            FulfillmentAction::ReadyForPickup => "fulfillment.ready_for_pickup",
            FulfillmentAction::PickedUp { .. } => "fulfillment.picked_up",
        }
    }
}

/// What an action came to. A code that was wrong is counted, so that it is written although nothing else is done.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Answer {
    Done(Box<FulfillmentView>),
    WrongCode { wrong_code: String },
}

/// Moves a fulfillment on. Repeated in the state that it led to, it changes nothing.
pub async fn act(
    orc: &Orchestrator,
    actor: &Actor,
    id: FulfillmentId,
    action: FulfillmentAction,
) -> Result<FulfillmentView> {
    actor.check(Permission::WorkFulfillments)?;
    check(&action)?;
    let by = actor.clone();
    // Only what leaves is foreseen.
    let travel = if matches!(action, FulfillmentAction::Ship { .. }) {
        Travel::of(orc, actor.merchant).await?
    } else {
        Travel::untaught(orc, actor.merchant).await?
    };
    let answer = orc
        .write_once(actor, move |tx| {
            async move {
                if let Attempt::Wrong(detail) = apply(tx, &travel, &by, id, action).await? {
                    return Ok(Answer::WrongCode { wrong_code: detail });
                }
                let row = Entity::find_by_id(id.0).all(tx.conn()).await?;
                let view = fulfillment_views(tx.conn(), &by, row).await?.pop();
                let view = view.ok_or_else(|| Error::not_found("fulfillment", id.to_string()))?;
                Ok(Answer::Done(Box::new(view)))
            }
            .boxed()
        })
        .await?;
    match answer {
        Answer::Done(view) => Ok(*view),
        Answer::WrongCode { wrong_code } => Err(Error::field("#/code", wrong_code)),
    }
}

fn check(action: &FulfillmentAction) -> Result<()> {
    let fits = |text: &str, most: usize| !text.trim().is_empty() && text.len() <= most;
    match action {
        FulfillmentAction::Reject { reason, .. } if !fits(reason, 500) => Err(Error::field(
            "#/reason",
            "a reason of 1 to 500 characters is needed",
        )),
        FulfillmentAction::Ship {
            tracking_number: Some(number),
            ..
        } if !fits(number, 100) => Err(Error::field(
            "#/tracking_number",
            "a tracking number has 1 to 100 characters",
        )),
        FulfillmentAction::ShortPick { lines } => short_pick::check(lines),
        FulfillmentAction::PickedUp { code } => pickup::check(code),
        _ => Ok(()),
    }
}

/// The same in a transaction that has begun.
pub(crate) async fn apply(
    tx: &mut Tx,
    travel: &Travel,
    actor: &Actor,
    id: FulfillmentId,
    action: FulfillmentAction,
) -> Result<Attempt> {
    let row = Entity::find_by_id(id.0)
        .filter(Column::MerchantId.eq(tx.merchant().0))
        .one(tx.conn())
        .await?;
    let row = row.ok_or_else(|| Error::not_found("fulfillment", id.to_string()))?;
    actor.check_at(Permission::WorkFulfillments, &row.node)?;
    let mut state = OrderState::load(tx, OrderId(row.order_id)).await?;
    let missing = || Error::not_found("fulfillment", id.to_string());
    let i = state
        .fulfillments
        .iter()
        .position(|f| f.id() == id)
        .ok_or_else(missing)?;
    if is_done(&state, i, &action)? {
        return Ok(Attempt::Right);
    }
    check_state(&state, i, &action)?;
    check_service(tx, &action).await?;
    if let FulfillmentAction::PickedUp { code } = &action {
        let attempt = pickup::try_code(tx, &state, i, code, actor).await?;
        if let Attempt::Wrong(_) = attempt {
            return Ok(attempt);
        }
    }
    let network = &travel.network;
    let before_us = state.fulfillments[i].row.updated_at;
    let done = carry_out(tx, network, &mut state, i, &action).await?;
    let order_status = state.save(tx).await?;
    let f = &state.fulfillments[i];
    let number = state.order.number;
    let because = done
        .reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let what = match &action {
        FulfillmentAction::ShortPick { .. } => "short".to_owned(),
        _ => f.status.label().to_lowercase(),
    };
    let summary = format!("{} of order #{number} {what}{because}", f.row.node);
    let mut data = json!({ "fulfillment": id, "node": f.row.node, "fulfillment_status": f.status, "number": number,
        "status": order_status, "tracking_number": f.row.tracking_number, "reason": done.reason });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, done.more) {
        data.extend(more);
    }
    // What has been given back can be had by others; what was not on the shelf cannot.
    let freed: BTreeSet<String> = match done.cause {
        "released" => done.moves.iter().map(|moved| moved.sku.clone()).collect(),
        _ => BTreeSet::new(),
    };
    let order = state.id();
    let event = NewEvent::new(action.event(), order, actor, summary).data(data);
    let event = event.moves(done.cause, done.moves).reason(done.reason);
    let seq = tx.emit(event.of_order(order));
    if matches!(
        action,
        FulfillmentAction::Deliver
            | FulfillmentAction::ReadyForPickup
            | FulfillmentAction::PickedUp { .. }
    ) {
        promises::delivered(tx, network, &state, i, before_us, seq, actor).await?;
    }
    if matches!(action, FulfillmentAction::Ship { .. }) {
        tracking::shipped(tx, travel, &state, i, actor).await?;
    }
    if order_status == OrderStatus::Delivered {
        exceptions::moot(tx, order, "The customer has all of it").await?;
    }
    if state.fulfillments[i].status.has_left() {
        exceptions::over(tx, id, "It has left the node").await?;
    }
    routing::wake_backorders(tx, &freed).await?;
    Ok(Attempt::Right)
}

/// Whether the action has led here already.
fn is_done(state: &OrderState, i: usize, action: &FulfillmentAction) -> Result<bool> {
    match action {
        FulfillmentAction::ShortPick { lines } => short_pick::is_done(state, i, lines),
        _ => Ok(state.fulfillments[i].status == action.leads_to()),
    }
}

fn check_state(state: &OrderState, i: usize, action: &FulfillmentAction) -> Result<()> {
    let f = &state.fulfillments[i];
    if !action.possible_in().contains(&f.status) {
        let text = format!(
            "the fulfillment is {}: {} is not possible",
            f.status.label().to_lowercase(),
            action.verb()
        );
        return Err(Error::Conflict(text));
    }
    let collected = f.row.service.is_none();
    if action.is_for_collection().is_some_and(|is| is != collected) {
        let how = if collected {
            "collected by the customer"
        } else {
            "sent to the customer"
        };
        let text = format!(
            "the fulfillment is {} and will be {how}: {} is not possible",
            f.status.label().to_lowercase(),
            action.verb()
        );
        return Err(Error::Conflict(text));
    }
    Ok(())
}

async fn check_service(tx: &Tx, action: &FulfillmentAction) -> Result<()> {
    use crate::store::tables::services::Entity as Services;
    let FulfillmentAction::Ship {
        service: Some(service),
        ..
    } = action
    else {
        return Ok(());
    };
    let known = Services::find_by_id((tx.merchant().0, service.clone()));
    if known.one(tx.conn()).await?.is_none() {
        let detail = format!("unknown service '{service}'");
        return Err(Error::field("#/service", detail));
    }
    Ok(())
}

/// What an action has done, for its event.
#[derive(Default)]
pub(super) struct Done {
    pub moves: Vec<StockMove>,
    pub cause: &'static str,
    pub reason: Option<String>,
    /// What the event tells beside what every event of a fulfillment does.
    pub more: Value,
}

async fn carry_out(
    tx: &mut Tx,
    network: &Network,
    state: &mut OrderState,
    i: usize,
    action: &FulfillmentAction,
) -> Result<Done> {
    match action {
        FulfillmentAction::Accept | FulfillmentAction::Pack | FulfillmentAction::Deliver => {
            set_status(tx, &mut state.fulfillments[i], action.leads_to(), None).await?;
            Ok(Done::default())
        }
        FulfillmentAction::Reject { reason, cause } => {
            state.fulfillments[i].row.cause = cause.map(|cause| cause.to_string());
            let moves = state
                .release(tx, i, FulfillmentStatus::Rejected, reason)
                .await?;
            let lines = &state.fulfillments[i].lines;
            let skus: BTreeSet<String> = lines.iter().map(|line| line.sku.clone()).collect();
            let is_empty = matches!(cause, Some(RejectCause::OutOfStock | RejectCause::Damaged));
            ask_elsewhere(tx, state, i, Trouble::Rejected, reason, &skus, is_empty).await?;
            Ok(Done {
                moves,
                cause: "released",
                reason: Some(reason.clone()),
                more: json!({ "cause": cause }),
            })
        }
        FulfillmentAction::ShortPick { lines } => {
            let done = short_pick::carry_out(tx, network, state, i, lines).await?;
            let skus: BTreeSet<String> = done.moves.iter().map(|m| m.sku.clone()).collect();
            let why = done.reason.clone().unwrap_or_default();
            ask_elsewhere(tx, state, i, Trouble::ShortPick, &why, &skus, true).await?;
            Ok(done)
        }
        FulfillmentAction::Ship {
            service,
            tracking_number,
        } => {
            let f = &mut state.fulfillments[i];
            f.row.service = service.clone().or(f.row.service.take());
            f.row.tracking_number.clone_from(tracking_number);
            Ok(Done {
                moves: leave(tx, state, i, FulfillmentStatus::Shipped).await?,
                cause: "shipped",
                ..Done::default()
            })
        }
        FulfillmentAction::ReadyForPickup => {
            pickup::keep(tx, network, &mut state.fulfillments[i]);
            set_status(tx, &mut state.fulfillments[i], action.leads_to(), None).await?;
            Ok(Done::default())
        }
        FulfillmentAction::PickedUp { .. } => Ok(Done {
            moves: leave(tx, state, i, FulfillmentStatus::PickedUp).await?,
            cause: "picked_up",
            ..Done::default()
        }),
    }
}

/// The goods are no longer the node's.
async fn leave(
    tx: &Tx,
    state: &mut OrderState,
    i: usize,
    to: FulfillmentStatus,
) -> Result<Vec<StockMove>> {
    let f = &mut state.fulfillments[i];
    set_status(tx, f, to, None).await?;
    let mut moves = Vec::with_capacity(f.lines.len());
    for (sku, quantity) in f.taken() {
        let channel = &state.order.channel;
        moves.push(stock::take_out(tx, &f.row.node, &sku, channel, quantity).await?);
    }
    for sent in &f.lines {
        if let Some(line) = state.lines.iter_mut().find(|line| line.id == sent.line_id) {
            line.shipped += sent.quantity;
        }
    }
    Ok(moves)
}

/// What the node does not do is planned again, and the node is not asked again by this order for a time. Where the shelf
/// turned out to be empty, nobody else is told that there is something on it either.
async fn ask_elsewhere(
    tx: &mut Tx,
    state: &mut OrderState,
    i: usize,
    trouble: Trouble,
    why: &str,
    skus: &BTreeSet<String>,
    shelf_is_empty: bool,
) -> Result<()> {
    let f = &state.fulfillments[i];
    let (order, node) = (state.id(), f.row.node.clone());
    repair::leave_out(tx, order, &node, skus.iter().map(String::as_str), trouble).await?;
    let word = match trouble {
        Trouble::ShortPick => "is short for",
        _ => "rejected",
    };
    let seen = Seen {
        trouble,
        fulfillment: Some(f.id()),
        cause: format!("{node} {word} order #{}: {why}", state.order.number),
        evidence: json!({ "reason": why, "skus": skus }),
        due_at: f.row.ship_by.map(from_micros),
        node: Some(node.clone()),
    };
    repair::begin(tx, state, seen).await?;
    if shelf_is_empty {
        let skus: Vec<_> = skus.iter().cloned().collect();
        repair::node_failed(tx, &node, &skus, why, order).await?;
    }
    Ok(())
}
