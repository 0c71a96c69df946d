//! Who may look at an order without being known: whoever has its link.
//!
//! A link's token is 144 bits that follow from the order and a random key of the merchant's, so that every letter about
//! an order has the same link; without the key it cannot be told from chance. The ledger finds a token by its SHA-256
//! and has it nowhere. A new link ends the ones before it. A link to share is random through and through, and is never
//! worth more than [`Tier::Link`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::model::{MerchantId, OrderId, Permission};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::settings;
use crate::store::NewEvent;
use crate::store::sql::{self, values};
use crate::store::tables::tracking_links::{Column, Entity, Model};
use crate::{Actor, Orchestrator, Result, orders};

/// How much somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Has the link: states, dates and items, an initial and a city.
    Link,
    /// The browser that opened the link: tracking numbers, the street masked, prices.
    Browser,
    /// Has entered a code that was mailed a moment ago: the address, and what moves money or goods.
    Verified,
}

/// Who looks at which order.
#[derive(Debug, Clone)]
pub struct Access {
    pub merchant: MerchantId,
    pub order: OrderId,
    pub tier: Tier,
    /// Made to be shared: it never becomes more.
    pub is_shared: bool,
    pub(super) link: String,
    /// The visit of the browser, where it is one.
    pub(super) visit: Option<String>,
}

impl Access {
    /// What the order's own customer sees: for what is written to them.
    pub(crate) fn of_customer(merchant: MerchantId, order: OrderId) -> Self {
        Access {
            merchant,
            order,
            tier: Tier::Browser,
            is_shared: false,
            link: String::new(),
            visit: None,
        }
    }

    /// What stands for the link in addresses; it opens nothing.
    pub fn reference(&self) -> &str {
        &self.link[..16]
    }
}

fn token(key: &[u8; 32], order: OrderId, generation: i64) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(b"order link");
    hasher.update(order.0.as_bytes());
    hasher.update(&generation.to_le_bytes());
    URL_SAFE_NO_PAD.encode(&hasher.finalize().as_bytes()[..18])
}

/// What a secret is found by.
pub(super) fn hash_of(secret: &str) -> String {
    let hash = Sha256::digest(secret.as_bytes());
    let first: String = hash
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write;
            let _ = write!(hex, "{byte:02x}");
            hex
        });
    first
}

/// Makes the first links of orders, with the token's rows to insert.
pub(crate) async fn first_links(orc: &Orchestrator, merchant: MerchantId) -> Result<FirstLinks> {
    let key = settings::link_key(orc, merchant).await?;
    Ok(FirstLinks { merchant, key })
}

/// Makes the first link of an order.
pub(crate) struct FirstLinks {
    merchant: MerchantId,
    key: [u8; 32],
}

impl FirstLinks {
    pub fn row(&self, order: OrderId, now_us: i64) -> Model {
        row(
            self.merchant,
            order,
            &token(&self.key, order, 1),
            Some(1),
            now_us,
        )
    }
}

fn row(
    merchant: MerchantId,
    order: OrderId,
    token: &str,
    generation: Option<i64>,
    now_us: i64,
) -> Model {
    Model {
        hash: hash_of(token),
        merchant_id: merchant.0,
        order_id: order.0,
        generation,
        made_at: now_us,
        revoked_at: None,
    }
}

/// The path of the order's page for its customer, `/t/…`, for those who may see customers.
pub async fn page_link(
    orc: &Orchestrator,
    actor: &Actor,
    order: OrderId,
) -> Result<Option<String>> {
    if !actor.may(Permission::ReadCustomers) {
        return Ok(None);
    }
    link_of(orc, actor.merchant, order).await
}

pub(crate) async fn link_of(
    orc: &Orchestrator,
    merchant: MerchantId,
    order: OrderId,
) -> Result<Option<String>> {
    let row = Entity::find()
        .filter(Column::MerchantId.eq(merchant.0))
        .filter(Column::OrderId.eq(order.0))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::Generation.is_not_null())
        .order_by_desc(Column::Generation)
        .one(orc.reader())
        .await?;
    let Some(generation) = row.and_then(|row| row.generation) else {
        return Ok(None);
    };
    let key = settings::link_key(orc, merchant).await?;
    Ok(Some(format!("/t/{}", token(&key, order, generation))))
}

/// Ends the order's links and makes a new one.
pub async fn rotate(orc: &Orchestrator, actor: &Actor, order: &str) -> Result<String> {
    let key = settings::link_key(orc, actor.merchant).await?;
    let (order, generation) = end_links(orc, actor, order, true).await?;
    Ok(format!("/t/{}", token(&key, order, generation)))
}

/// Ends the order's links: nobody sees it by link any more.
pub async fn revoke(orc: &Orchestrator, actor: &Actor, order: &str) -> Result<()> {
    end_links(orc, actor, order, false).await?;
    Ok(())
}

async fn end_links(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    and_new: bool,
) -> Result<(OrderId, i64)> {
    actor.check(Permission::ChangeOrders)?;
    actor.check(Permission::ReadCustomers)?;
    let key = settings::link_key(orc, actor.merchant).await?;
    let (by, order) = (actor.clone(), order.to_owned());
    orc.write_once(actor, move |tx| {
        async move {
            let id = orders::resolve(tx.conn(), &by, &order).await?;
            let last = "SELECT coalesce(max(generation), 0) AS n FROM tracking_links WHERE merchant_id = ? AND order_id = ?";
            let last = sql::number(tx.conn(), last, values![tx.merchant().0, id.0]).await?;
            let end = "UPDATE tracking_links SET revoked_at = ? WHERE merchant_id = ? AND order_id = ? AND revoked_at IS NULL";
            sql::run(tx.conn(), end, values![tx.now_us(), tx.merchant().0, id.0]).await?;
            let generation = last + i64::from(and_new);
            let summary = if and_new {
                let new = row(tx.merchant(), id, &token(&key, id, generation), Some(generation), tx.now_us());
                sql::insert(tx.conn(), vec![new]).await?;
                "The customer's link was replaced"
            } else {
                "The customer's link was ended"
            };
            let event = NewEvent::new("order.link_changed", id, &by, summary);
            tx.emit(event.data(json!({ "new_link": and_new })));
            Ok((id, generation))
        }
        .boxed()
    })
    .await
}

/// What a token opens, if it opens anything.
pub async fn open(orc: &Orchestrator, token: &str) -> Result<Option<Access>> {
    // What cannot be one is not looked for.
    if token.len() != 24
        || !token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        return Ok(None);
    }
    let row = Entity::find_by_id(hash_of(token)).one(orc.reader()).await?;
    Ok(row
        .filter(|row| row.revoked_at.is_none())
        .map(|row| access(row, Tier::Link, None)))
}

pub(super) fn access(row: Model, tier: Tier, visit: Option<String>) -> Access {
    Access {
        merchant: MerchantId(row.merchant_id),
        order: OrderId(row.order_id),
        tier,
        is_shared: row.generation.is_none(),
        link: row.hash,
        visit,
    }
}
