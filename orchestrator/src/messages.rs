//! What customers are written. A message is written in the transaction of the event that it tells of ([`of_events`]),
//! so that it is there exactly if the event is; a worker takes what is due, sends it and says so. Without a mail server
//! it goes into a mailbox that can be looked at.

mod letter;
mod mailbox;
mod queue;

pub use letter::{Letter, letter};
pub use mailbox::{Mail, keep, mail, mailbox};
pub use queue::{Due, due, failed, sent};

use engine::model::{MessageKind, OrderId};
use sea_orm::prelude::Uuid;
use serde_json::Value;

use crate::Result;
use crate::store::tables::{events, messages};
use crate::store::{NewEvent, Tx, sql};

/// The messages that these events call for.
pub(crate) fn of_events(events: &[events::Model]) -> Vec<messages::Model> {
    let called_for = events.iter().filter_map(|event| {
        let kind = kind_of(&event.kind)?;
        let order: OrderId = event.subject.parse().ok()?;
        Some(row(
            event.merchant_id,
            order,
            event.seq,
            kind,
            event.data.clone(),
            event.at,
        ))
    });
    called_for.collect()
}

fn kind_of(event: &str) -> Option<MessageKind> {
    use MessageKind as K;
    Some(match event {
        "order.received" => K::Confirmed,
        "order.cancelled" | "order.lines_cancelled" => K::Cancelled,
        "order.address_changed" => K::AddressChanged,
        "order.problem_reported" => K::ProblemReceived,
        "fulfillment.shipped" => K::Shipped,
        "fulfillment.ready_for_pickup" | "parcel.available_for_pickup" => K::ReadyToCollect,
        "fulfillment.delivered" => K::Delivered,
        "parcel.out_for_delivery" => K::OutForDelivery,
        "parcel.delayed" => K::Delayed,
        _ => return None,
    })
}

fn row(
    merchant: Uuid,
    order: OrderId,
    seq: i64,
    kind: MessageKind,
    data: String,
    at: i64,
) -> messages::Model {
    messages::Model {
        id: Uuid::now_v7(),
        merchant_id: merchant,
        order_id: order.0,
        seq,
        kind: kind.to_string(),
        data,
        status: "waiting".to_owned(),
        attempts: 0,
        due_at: at,
        created_at: at,
        done_at: None,
        problem: None,
    }
}

/// Writes to the customer what no event may hold, such as a code; the event only says that it was written.
pub(crate) async fn write(
    tx: &mut Tx,
    order: OrderId,
    kind: MessageKind,
    data: &Value,
    event: NewEvent,
) -> Result<()> {
    let seq = tx.emit(event);
    let row = row(
        tx.merchant().0,
        order,
        seq,
        kind,
        data.to_string(),
        tx.now_us(),
    );
    sql::insert(tx.conn(), vec![row]).await?;
    Ok(())
}
