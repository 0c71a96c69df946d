//! What customers collect: it is kept for them for a while, and handed out to whoever names the code.

use std::collections::BTreeSet;

use chrono::{Days, Duration};
use engine::model::{FulfillmentId, FulfillmentStatus, MerchantId, OrderId};
use futures::FutureExt;
use rand::Rng;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;
use serde_json::json;

use crate::network::Network;
use crate::orders::{Fulfillment, OrderState};
use crate::store::sql::{self, values};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, routing};

/// What codes are made of: nothing that is mistaken for something else, on paper or on the telephone.
const LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LETTERS: usize = 6;
/// Wrong codes in a row before the next try has to wait.
const MOST_TRIES: i64 = 5;
const PAUSE_MINUTES: i64 = 15;

/// What became of a code that was named.
pub(crate) enum Attempt {
    Right,
    /// With what is told to whoever tried.
    Wrong(String),
}

pub(super) fn check(code: &str) -> Result<()> {
    if plain(code).is_empty() || code.len() > 50 {
        let detail = format!("the customer's code of {CODE_LETTERS} characters is needed");
        return Err(Error::field("#/code", detail));
    }
    Ok(())
}

/// However people write it.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

/// Compares what was named with the code, and counts it when it is wrong.
pub(super) async fn try_code(
    tx: &mut Tx,
    state: &OrderState,
    i: usize,
    code: &str,
    actor: &Actor,
) -> Result<Attempt> {
    let row = &state.fulfillments[i].row;
    let wait_us = row.code_again_at - tx.now_us();
    if wait_us > 0 {
        let retry_after_s = u64::try_from(wait_us / 1_000_000).unwrap_or_default() + 1;
        return Err(Error::Throttled { retry_after_s });
    }
    if row.pickup_code.as_deref() == Some(plain(code).as_str()) {
        return Ok(Attempt::Right);
    }
    let left = MOST_TRIES - row.code_tries - 1;
    let (tries, again_at) = if left > 0 {
        (row.code_tries + 1, 0)
    } else {
        let pause = Duration::minutes(PAUSE_MINUTES);
        (0, (tx.now() + pause).timestamp_micros())
    };
    let count = "UPDATE fulfillments SET code_tries = ?, code_again_at = ? WHERE id = ?";
    sql::run(tx.conn(), count, values![tries, again_at, row.id]).await?;
    if left > 0 {
        let tries = if left == 1 { "try is" } else { "tries are" };
        let detail = format!("this is not the code of this order; {left} {tries} left");
        return Ok(Attempt::Wrong(detail));
    }
    let number = state.order.number;
    let summary = format!(
        "{MOST_TRIES} wrong codes for order #{number} at {}",
        row.node
    );
    let data = json!({ "fulfillment": FulfillmentId(row.id), "node": row.node, "number": number });
    tx.emit(NewEvent::new("fulfillment.code_refused", state.id(), actor, summary).data(data));
    Ok(Attempt::Wrong(format!(
        "this is not the code of this order; the next try is possible in {PAUSE_MINUTES} minutes"
    )))
}

/// From now on it is kept for the customer.
pub(super) fn keep(tx: &Tx, network: &Network, f: &mut Fulfillment) {
    let mut random = rand::rng();
    let letters =
        (0..CODE_LETTERS).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]));
    f.row.pickup_code = Some(letters.collect());
    let days = Days::new(u64::from(network.work.keep_days));
    let until = match network.node(&f.row.node) {
        // To the end of the last day at the node.
        Some(node) => {
            let last = node.calendar.local_day(tx.now()) + days;
            node.calendar.day_bounds(last).1
        }
        None => tx.now() + days,
    };
    f.row.collect_by = Some(until.timestamp_micros());
}

/// Gives back what nobody has collected in time; returns how many fulfillments. The order is cancelled as far as it was
/// kept there.
pub async fn expire(orc: &Orchestrator) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Due {
        merchant_id: Uuid,
        id: Uuid,
    }
    let due = "SELECT merchant_id, id FROM fulfillments
               WHERE status = 'ready_for_pickup' AND collect_by <= ? ORDER BY collect_by LIMIT 500";
    let now = orc.now().timestamp_micros();
    let due: Vec<Due> = sql::all(orc.reader(), due, values![now]).await?;
    let mut ended = 0;
    for row in due {
        let work = orc.write(MerchantId(row.merchant_id), move |tx| {
            async move { expire_one(tx, row.id).await }.boxed()
        });
        ended += usize::from(work.await?);
    }
    Ok(ended)
}

async fn expire_one(tx: &mut Tx, id: Uuid) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Row {
        order_id: Uuid,
    }
    // The customer may have come meanwhile.
    let still = "SELECT order_id FROM fulfillments
                 WHERE merchant_id = ? AND id = ? AND status = 'ready_for_pickup' AND collect_by <= ?";
    let key = values![tx.merchant().0, id, tx.now_us()];
    let row: Option<Row> = sql::one(tx.conn(), still, key).await?;
    let Some(row) = row else {
        return Ok(false);
    };
    let mut state = OrderState::load(tx, OrderId(row.order_id)).await?;
    let Some(i) = state.fulfillments.iter().position(|f| f.row.id == id) else {
        return Ok(false);
    };
    let reason = "Not collected in time";
    let moves = state
        .release(tx, i, FulfillmentStatus::Cancelled, reason)
        .await?;
    for kept in &state.fulfillments[i].lines {
        if let Some(line) = state.lines.iter_mut().find(|line| line.id == kept.line_id) {
            line.cancelled += kept.quantity;
        }
    }
    let status = state.save(tx).await?;
    let f = &state.fulfillments[i];
    let number = state.order.number;
    let summary = format!(
        "Order #{number} was not collected at {} in time",
        f.row.node
    );
    let data = json!({ "fulfillment": FulfillmentId(id), "node": f.row.node, "fulfillment_status": f.status,
        "number": number, "status": status, "reason": reason });
    let by = Actor::system(tx.merchant(), "Pickup");
    let freed: BTreeSet<String> = moves.iter().map(|moved| moved.sku.clone()).collect();
    let order = state.id();
    let event = NewEvent::new("fulfillment.not_collected", order, &by, summary).data(data);
    let event = event.moves("released", moves);
    tx.emit(event.reason(Some(reason.to_owned())).of_order(order));
    routing::wake_backorders(tx, &freed).await?;
    Ok(true)
}
