//! Sends the link of an order again to whoever knows two things of it. Nobody learns whether there is one.

use chrono::Duration;
use engine::model::{Address, Customer, MerchantId, MessageKind, OrderId};
use futures::FutureExt;
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};
use serde_json::json;

use crate::store::NewEvent;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result, messages};

/// Links that go out for an order within an hour.
const MOST_LINKS: i64 = 3;

/// Mails its link to the customer of the order with this number, ours or the channel's, if the e-mail address or the
/// postal code is the order's.
pub async fn send_link(orc: &Orchestrator, number: &str, proof: &str) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        merchant_id: Uuid,
        customer: String,
        ship_to: Option<String>,
    }
    let number = number.trim();
    let ours: Option<i64> = number.trim_start_matches('#').parse().ok();
    let mut rows: Vec<Row> = Vec::new();
    let columns = "o.id, o.merchant_id, o.customer, o.ship_to";
    if let Some(ours) = ours {
        let sql = format!(
            "SELECT {columns} FROM merchants m JOIN orders o ON o.merchant_id = m.id AND o.number = ?"
        );
        rows.extend(sql::all::<Row>(orc.reader(), &sql, values![ours]).await?);
    }
    let sql = format!(
        "SELECT {columns} FROM channels c JOIN orders o ON o.merchant_id = c.merchant_id AND o.channel = c.code
         AND o.external_id = ? LIMIT 50"
    );
    rows.extend(sql::all::<Row>(orc.reader(), &sql, values![number]).await?);
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    for row in rows {
        let customer: Customer = serde_json::from_str(&row.customer).map_err(Error::internal)?;
        let address: Option<Address> = row
            .ship_to
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(Error::internal)?;
        if is_proof(proof, &customer, address.as_ref()) && customer.email.is_some() {
            write(orc, MerchantId(row.merchant_id), OrderId(row.id)).await?;
        }
    }
    Ok(())
}

fn is_proof(proof: &str, customer: &Customer, address: Option<&Address>) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect::<String>()
            .to_lowercase()
    };
    let given = plain(proof);
    if given.contains('@') {
        return customer.email.as_deref().map(plain) == Some(given);
    }
    // Five digits of nine are a postal code too.
    address.is_some_and(|to| {
        let postal = plain(&to.postal_code);
        given.len() >= 4
            && (postal == given || to.country == "US" && postal.get(..5) == Some(given.as_str()))
    })
}

async fn write(orc: &Orchestrator, merchant: MerchantId, order: OrderId) -> Result<()> {
    orc.write(merchant, move |tx| {
        async move {
            let hour_ago = (tx.now() - Duration::hours(1)).timestamp_micros();
            let sent = "SELECT count(*) AS n FROM messages WHERE order_id = ? AND kind = 'link' AND created_at > ?";
            let bound: Vec<Value> = values![order.0, hour_ago];
            if sql::number(tx.conn(), sent, bound).await? >= MOST_LINKS {
                return Ok(());
            }
            let by = Actor::system(tx.merchant(), "Customer page");
            let summary = "The customer's link was mailed again";
            let event = NewEvent::new("order.link_sent", order, &by, summary);
            messages::write(tx, order, MessageKind::Link, &json!({}), event).await
        }
        .boxed()
    })
    .await
}
