//! The demonstration: a merchant with real baskets, a network on the map, and people who work on the orders.
//!
//! 1. `data` reads the tables that are built into the executable (`data/demo`, cut by `scripts/demo-data.py`);
//! 2. `network` makes products, nodes and services of them, `stock` what lies on the shelves at the start;
//! 3. [`fill`] brings all of it into an empty database, the same every time;
//! 4. `orders` turns a basket into an order, `play` places them in their recorded order and faster than they came;
//! 5. `staff` accepts, packs, ships and receives goods, and speaks for the carriers; `trouble` closes nodes and loses goods;
//! 6. `history` is what happened before the first start: some days of all that;
//! 7. [`shop`] is a shop that sells them, with the widget and the API.
//!
//! Nothing here is random: what differs from order to order follows from a hash of its number.

mod carriers;
mod data;
mod history;
mod network;
mod orders;
mod play;
pub mod shop;
mod staff;
mod stock;
mod trouble;

use anyhow::{Context, Result, bail};
use engine::model::{Currency, MerchantId, Node, StockFilter};
use orchestrator::accounts::{self, NewMerchant};
use orchestrator::{Actor, Orchestrator, PageRequest};

pub use data::Data;
pub use history::live_through;
pub use orders::{channel, external_id, order};
pub use play::{pause_after, work};
pub use staff::Staff;
use stock::Shelf;
pub use trouble::Trouble;

/// How to sign in.
pub const EMAIL: &str = "demo@baton.example";
pub const PASSWORD: &str = "baton-demo";
/// Everybody knows these, so they are good for nothing but the demonstration.
pub const SECRET_KEY: &str = "sk_demo_baton";
pub const PUBLISHABLE_KEY: &str = "pk_demo_baton";

/// The demonstration itself, as timelines show it.
pub fn actor(merchant: MerchantId) -> Actor {
    Actor::system(merchant, "Demo")
}

/// Fills an empty database, or ends a filling that was interrupted. Refuses a database with anything else in it.
/// `speed` is how many seconds of demo time pass in one: nodes can do so much more in a day.
pub async fn fill(orc: &Orchestrator, data: &Data, speed: f64) -> Result<MerchantId> {
    let merchants = accounts::merchants(orc).await?;
    if let Some(other) = merchants.iter().find(|merchant| !merchant.demo) {
        bail!(
            "this database holds '{}', which the demonstration would mix with: name another one with \
             BATON_DATABASE_URL, such as sqlite://var/demo.db",
            other.name
        );
    }
    let merchant = if let Some(merchant) = merchants.first() {
        merchant.id
    } else {
        let new = NewMerchant {
            merchant_name: "Corner & Co.".to_owned(),
            currency: Currency::USD,
            time_zone: "America/New_York".to_owned(),
            owner_name: "Dana Demo".to_owned(),
            owner_email: EMAIL.to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        let viewer = accounts::create_demo_merchant(orc, new, SECRET_KEY, PUBLISHABLE_KEY).await?;
        viewer.merchant.id
    };
    let actor = actor(merchant);
    let nodes = network::nodes(data, speed);
    if is_filled(orc, &actor, &data.shelves).await? {
        fit_to_speed(orc, &actor, nodes).await?;
        return Ok(merchant);
    }
    let started = std::time::Instant::now();
    tracing::info!("filling the demonstration");
    orchestrator::network::import_products(orc, &actor, network::products(data))
        .await
        .context("the demonstration's products")?;
    orchestrator::network::import_nodes(orc, &actor, nodes)
        .await
        .context("the demonstration's nodes")?;
    orchestrator::network::import_services(orc, &actor, network::services())
        .await
        .context("the demonstration's services")?;
    orchestrator::promises::put_settings(orc, &actor, network::promises())
        .await
        .context("the demonstration's promises")?;
    for part in data.shelves.chunks(5_000) {
        let counts = part.iter().map(Shelf::count).collect();
        orchestrator::stock::count(orc, &actor, counts)
            .await
            .context("the demonstration's stock")?;
    }
    tracing::info!(
        seconds = started.elapsed().as_secs_f64(),
        stock_rows = data.shelves.len(),
        "the demonstration is filled"
    );
    Ok(merchant)
}

/// Another speed than last time: the nodes' days hold more or less.
async fn fit_to_speed(orc: &Orchestrator, actor: &Actor, nodes: Vec<Node>) -> Result<()> {
    let limited = nodes.iter().find(|node| node.daily_capacity.is_some());
    let Some(limited) = limited else {
        return Ok(());
    };
    let known = orchestrator::network::node(orc, actor, &limited.code).await?;
    if known.daily_capacity != limited.daily_capacity {
        orchestrator::network::import_nodes(orc, actor, nodes).await?;
    }
    Ok(())
}

/// The last row of the opening stock is there when everything before it is.
async fn is_filled(orc: &Orchestrator, actor: &Actor, shelves: &[Shelf]) -> Result<bool> {
    let last = shelves.last().context("the demonstration has stock")?;
    let filter = StockFilter {
        sku: Some(last.sku.clone()),
        node: Some(last.node.clone()),
        ..StockFilter::default()
    };
    let rows = orchestrator::stock::list(orc, actor, &filter, &PageRequest::first(1)).await?;
    Ok(!rows.items.is_empty())
}

/// A number below `n` that always follows from the key in the same way.
fn pick(key: &str, n: u64) -> u64 {
    let hash = blake3::hash(key.as_bytes());
    let first = hash.as_bytes().first_chunk();
    first.map_or(0, |first| u64::from_le_bytes(*first)) % n.max(1)
}
