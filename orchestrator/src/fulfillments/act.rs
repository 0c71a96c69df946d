use std::collections::BTreeSet;

use engine::model::{
    FulfillmentId, FulfillmentStatus, FulfillmentView, OrderId, OrderStatus, Permission, Trouble,
};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::clock::from_micros;
use crate::orders::{OrderState, fulfillment_views, set_status};
use crate::repair::{self, Seen};
use crate::store::tables::fulfillments::{Column, Entity};
use crate::store::{NewEvent, Tx};
use crate::tracking::{self, Travel};
use crate::{Actor, Error, Orchestrator, Result, promises, routing, stock};

/// What a node does with a fulfillment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FulfillmentAction {
    Accept,
    Reject {
        reason: String,
    },
    Pack,
    Ship {
        service: Option<String>,
        tracking_number: Option<String>,
    },
    Deliver,
}

impl FulfillmentAction {
    fn leads_to(&self) -> FulfillmentStatus {
        match self {
            FulfillmentAction::Accept => FulfillmentStatus::Accepted,
            FulfillmentAction::Reject { .. } => FulfillmentStatus::Rejected,
            FulfillmentAction::Pack => FulfillmentStatus::Packed,
            FulfillmentAction::Ship { .. } => FulfillmentStatus::Shipped,
            FulfillmentAction::Deliver => FulfillmentStatus::Delivered,
        }
    }

    /// The states in which it is possible. The one place that says so.
    fn possible_in(&self) -> &'static [FulfillmentStatus] {
        use FulfillmentStatus as S;
        match self {
            FulfillmentAction::Accept => &[S::Assigned],
            FulfillmentAction::Reject { .. } => &[S::Assigned, S::Accepted],
            FulfillmentAction::Pack => &[S::Accepted],
            FulfillmentAction::Ship { .. } => &[S::Packed],
            FulfillmentAction::Deliver => &[S::Shipped],
        }
    }

    fn verb(&self) -> &'static str {
        match self {
            FulfillmentAction::Accept => "accept",
            FulfillmentAction::Reject { .. } => "reject",
            FulfillmentAction::Pack => "pack",
            FulfillmentAction::Ship { .. } => "ship",
            FulfillmentAction::Deliver => "deliver",
        }
    }
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
    let travel = Travel::of(orc, actor.merchant).await?;
    orc.write_once(actor, move |tx| {
        async move {
            apply(tx, &travel, &by, id, action).await?;
            let row = Entity::find_by_id(id.0).all(tx.conn()).await?;
            let view = fulfillment_views(tx.conn(), &by, row).await?.pop();
            view.ok_or_else(|| Error::not_found("fulfillment", id.to_string()))
        }
        .boxed()
    })
    .await
}

fn check(action: &FulfillmentAction) -> Result<()> {
    let fits = |text: &str, most: usize| !text.trim().is_empty() && text.len() <= most;
    match action {
        FulfillmentAction::Reject { reason } if !fits(reason, 500) => Err(Error::field(
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
        _ => Ok(()),
    }
}

pub(crate) async fn apply(
    tx: &mut Tx,
    travel: &Travel,
    actor: &Actor,
    id: FulfillmentId,
    action: FulfillmentAction,
) -> Result<()> {
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
    let status = state.fulfillments[i].status;
    if status == action.leads_to() {
        return Ok(());
    }
    if !action.possible_in().contains(&status) {
        let text = format!(
            "the fulfillment is {}: {} is not possible",
            status.label().to_lowercase(),
            action.verb()
        );
        return Err(Error::Conflict(text));
    }
    if let FulfillmentAction::Ship {
        service: Some(service),
        ..
    } = &action
    {
        let known =
            crate::store::tables::services::Entity::find_by_id((tx.merchant().0, service.clone()));
        if known.one(tx.conn()).await?.is_none() {
            return Err(Error::field(
                "#/service",
                format!("unknown service '{service}'"),
            ));
        }
    }
    let before_us = state.fulfillments[i].row.updated_at;
    let (moves, cause, reason) = carry_out(tx, &mut state, i, &action).await?;
    let order_status: OrderStatus = state.save(tx).await?;
    let f = &state.fulfillments[i];
    let number = state.order.number;
    let because = reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let summary = format!(
        "{} of order #{number} {}{because}",
        f.row.node,
        f.status.label().to_lowercase()
    );
    let data = json!({ "fulfillment": id, "node": f.row.node, "fulfillment_status": f.status, "number": number,
        "status": order_status, "tracking_number": f.row.tracking_number, "reason": reason });
    let freed: BTreeSet<String> = if cause == "released" {
        moves.iter().map(|moved| moved.sku.clone()).collect()
    } else {
        BTreeSet::new()
    };
    let order = state.id();
    let event = NewEvent::new(kind(&action), order, actor, summary).data(data);
    let seq = tx.emit(event.moves(cause, moves).reason(reason).of_order(order));
    let collected = f.row.service.is_none();
    if action == FulfillmentAction::Deliver || (action == FulfillmentAction::Pack && collected) {
        let network = &travel.network;
        promises::delivered(tx, network, &state, i, before_us, seq, actor).await?;
    }
    if matches!(action, FulfillmentAction::Ship { .. }) {
        tracking::shipped(tx, travel, &state, i, actor).await?;
    }
    routing::wake_backorders(tx, &freed).await
}

fn kind(action: &FulfillmentAction) -> &'static str {
    match action {
        FulfillmentAction::Accept => "fulfillment.accepted",
        FulfillmentAction::Reject { .. } => "fulfillment.rejected",
        FulfillmentAction::Pack => "fulfillment.packed",
        FulfillmentAction::Ship { .. } => "fulfillment.shipped",
        FulfillmentAction::Deliver => "fulfillment.delivered",
    }
}

type Moved = (Vec<engine::model::StockMove>, &'static str, Option<String>);

async fn carry_out(
    tx: &mut Tx,
    state: &mut OrderState,
    i: usize,
    action: &FulfillmentAction,
) -> Result<Moved> {
    match action {
        FulfillmentAction::Accept | FulfillmentAction::Pack | FulfillmentAction::Deliver => {
            set_status(tx, &mut state.fulfillments[i], action.leads_to(), None).await?;
            Ok((Vec::new(), "", None))
        }
        FulfillmentAction::Reject { reason } => {
            let node = state.fulfillments[i].row.node.clone();
            let moves = state
                .release(tx, i, FulfillmentStatus::Rejected, reason)
                .await?;
            // The node is not asked again for this order, for a time.
            let f = &state.fulfillments[i];
            let skus = f.lines.iter().map(|line| line.sku.as_str());
            repair::leave_out(tx, state.id(), &node, skus, Trouble::Rejected).await?;
            let seen = Seen {
                trouble: Trouble::Rejected,
                fulfillment: Some(f.id()),
                cause: format!("{node} rejected order #{}: {reason}", state.order.number),
                evidence: json!({ "reason": reason }),
                due_at: f.row.ship_by.map(from_micros),
                node: Some(node),
            };
            repair::begin(tx, state, seen).await?;
            Ok((moves, "released", Some(reason.clone())))
        }
        FulfillmentAction::Ship {
            service,
            tracking_number,
        } => {
            let f = &mut state.fulfillments[i];
            f.row.service = service.clone().or(f.row.service.take());
            f.row.tracking_number.clone_from(tracking_number);
            set_status(tx, f, FulfillmentStatus::Shipped, None).await?;
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
            Ok((moves, "shipped", None))
        }
    }
}
