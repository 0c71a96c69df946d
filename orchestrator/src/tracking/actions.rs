//! What customers do with their orders themselves.

use engine::model::{Address, ExceptionKind, LineId, OrderAction, OrderId, OrderStatus, PromiseId};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::codes::{forbidden, needs_code};
use super::{Access, Tier};
use crate::exceptions::{self, NewException};
use crate::orders::{self, AddressChange, OrderState};
use crate::store::NewEvent;
use crate::store::tables::order_lines;
use crate::{Actor, Error, Orchestrator, Result, Ticket, Who};

/// What a customer finds wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    NotReceived,
    Damaged,
    Missing,
    Wrong,
    Other,
}

impl Problem {
    pub const ALL: [Problem; 5] = [
        Problem::NotReceived,
        Problem::Damaged,
        Problem::Missing,
        Problem::Wrong,
        Problem::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Problem::NotReceived => "not_received",
            Problem::Damaged => "damaged",
            Problem::Missing => "missing",
            Problem::Wrong => "wrong",
            Problem::Other => "other",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Problem::NotReceived => "it was not received",
            Problem::Damaged => "something is damaged",
            Problem::Missing => "something is missing",
            Problem::Wrong => "something is wrong",
            Problem::Other => "something else",
        }
    }
}

fn customer(access: &Access, ticket: Option<Ticket>) -> Actor {
    Actor {
        merchant: access.merchant,
        who: Who::OnBehalf("Customer".to_owned()),
        idempotency: ticket,
    }
}

/// A line that can still be cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellable {
    pub line: LineId,
    /// Units that have not left.
    pub units: i64,
    /// What is given back for them, in minor units.
    pub refund: i64,
}

/// What can be cancelled of the order.
pub async fn cancellable(orc: &Orchestrator, access: &Access) -> Result<Vec<Cancellable>> {
    let rows = order_lines::Entity::find()
        .filter(order_lines::Column::OrderId.eq(access.order.0))
        .filter(order_lines::Column::MerchantId.eq(access.merchant.0))
        .all(orc.reader())
        .await?;
    let left = rows.into_iter().map(|line| {
        let units = line.quantity - line.cancelled - line.shipped;
        Cancellable {
            line: LineId(line.id),
            units,
            refund: units * line.unit_price,
        }
    });
    Ok(left.filter(|line| line.units > 0).collect())
}

/// Whether a code is needed before these lines are cancelled: whenever there is money to give back.
pub fn cancel_needs_code(access: &Access, chosen: &[Cancellable]) -> bool {
    needs_code(access) && chosen.iter().any(|line| line.refund > 0)
}

/// Cancels lines of the order, or all of it.
pub async fn cancel(
    orc: &Orchestrator,
    access: &Access,
    lines: &[LineId],
    ticket: Ticket,
) -> Result<()> {
    let all = cancellable(orc, access).await?;
    let chosen: Vec<_> = all
        .iter()
        .filter(|line| lines.contains(&line.line))
        .cloned()
        .collect();
    if access.tier < Tier::Browser || cancel_needs_code(access, &chosen) {
        return Err(forbidden());
    }
    let (by, order) = (customer(access, Some(ticket)), access.order.to_string());
    let reason = Some("by the customer".to_owned());
    if !chosen.is_empty() && chosen.len() == all.len() {
        orders::act(orc, &by, &order, OrderAction::Cancel, reason).await?;
    } else {
        orders::cancel_lines(orc, &by, &order, lines, reason).await?;
    }
    Ok(())
}

/// The address of the order, for whoever has entered the code.
pub async fn address(orc: &Orchestrator, access: &Access) -> Result<Address> {
    if needs_code(access) {
        return Err(forbidden());
    }
    let order = orders::get(orc, &customer(access, None), &access.order.to_string()).await?;
    order
        .ship_to
        .ok_or_else(|| Error::Conflict("the order is collected: it has no address".to_owned()))
}

/// Looks what another address would mean.
pub async fn preview_address(
    orc: &Orchestrator,
    access: &Access,
    address: &Address,
) -> Result<AddressChange> {
    if needs_code(access) {
        return Err(forbidden());
    }
    let order = access.order.to_string();
    orders::preview_address(orc, &customer(access, None), &order, address).await
}

/// Sends the order elsewhere, held to the promise that was shown.
pub async fn change_address(
    orc: &Orchestrator,
    access: &Access,
    address: Address,
    promise: Option<PromiseId>,
    ticket: Ticket,
) -> Result<()> {
    if needs_code(access) {
        return Err(forbidden());
    }
    let (by, order) = (customer(access, Some(ticket)), access.order.to_string());
    orders::change_address(orc, &by, &order, address, promise).await?;
    Ok(())
}

/// Tells the merchant's people that something is wrong, with what the carrier says beside it.
pub async fn report_problem(
    orc: &Orchestrator,
    access: &Access,
    problem: Problem,
    text: &str,
    ticket: Ticket,
) -> Result<()> {
    if access.tier < Tier::Browser {
        return Err(forbidden());
    }
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(1_000)
        .collect();
    let (by, id) = (customer(access, Some(ticket)), access.order);
    let actor = by.clone();
    orc.write_once(&by, move |tx| {
        async move {
            let state = OrderState::load(tx, id).await?;
            if !state.fulfillments.iter().any(|f| f.status.has_left()) || state.status()? == OrderStatus::Cancelled {
                return Err(Error::Conflict("nothing of the order has been sent".to_owned()));
            }
            let number = state.order.number;
            let cause = format!("The customer of order #{number} says that {}", problem.says());
            let parcels: Vec<_> = state.fulfillments.iter().map(|f| {
                json!({ "node": f.row.node, "status": f.status, "service": f.row.service,
                    "tracking_number": f.row.tracking_number, "since": crate::clock::from_micros(f.row.updated_at) })
            }).collect();
            let kind = match problem {
                Problem::NotReceived => ExceptionKind::NotReceived,
                _ => ExceptionKind::CustomerRequest,
            };
            exceptions::raise(tx, NewException {
                kind,
                order: Some(id),
                fulfillment: None,
                node: None,
                cause,
                evidence: json!({ "problem": problem.as_str(), "says": text, "packages": parcels }),
                due_at: None,
            }).await?;
            let summary = format!("The customer reports: {}", problem.says());
            let event = NewEvent::new("order.problem_reported", OrderId(state.order.id), &actor, summary);
            tx.emit(event.data(json!({ "number": number, "problem": problem.as_str() })));
            Ok(())
        }
        .boxed()
    })
    .await
}
