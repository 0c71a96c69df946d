//! What promises are computed from, in memory: the network, the stock, the nodes' days, the merchant's settings and
//! what carriers really take. Made when a merchant is first asked, then kept up by the merchant's log: after each
//! commit of this process at once, and of others when they are looked for, four times a second.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use engine::model::{Currency, MerchantId, StockRow};
use engine::promise::{FallbackDays, Lane, PromiseSettings, TransitModel};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tokio::sync::OnceCell;

use super::settings::{self, Stored};
use crate::clock::from_micros;
use crate::network::Network;
use crate::routing::Workload;
use crate::stock::{Divisions, divisions};
use crate::store::WeakOrchestrator;
use crate::store::sql::{self, values};
use crate::{Error, Orchestrator, Result};

/// How often it is looked whether other processes have changed anything.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The least time between two looks, so that many changes at once are one.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
/// What was not compared with the ledger for so long is not trusted.
const TRUSTED_FOR: Duration = Duration::from_secs(5);
/// For how long after the last question it is kept up.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// Deliveries that are learned from at most, the newest.
pub(super) const MOST_OBSERVATIONS: i64 = 200_000;

/// Units available, by SKU and node.
pub(super) type Available = HashMap<String, BTreeMap<String, i64>>;

/// Units on their way and when they arrive, by SKU and node.
pub(super) type Incoming = HashMap<String, BTreeMap<String, Vec<(DateTime<Utc>, i64)>>>;

pub(super) struct World {
    /// The number of the last event that is in it.
    seq: i64,
    pub currency: Currency,
    pub network: Arc<Network>,
    /// With a service table for every level.
    pub settings: Arc<PromiseSettings>,
    pub signing_key: [u8; 32],
    pub transit: Arc<TransitModel>,
    observed: i64,
    pub products: HashMap<String, ProductFacts>,
    pub available: Available,
    /// Of rows that are divided among channels, what each may take.
    divided: Divisions,
    /// Units on their way that nobody waits for, by SKU and node, soonest first.
    pub incoming: Incoming,
    pub assigned: Workload,
}

pub(super) struct ProductFacts {
    pub weight_g: i64,
    pub requires: Vec<String>,
}

/// A merchant's world and how far it can be trusted.
pub(super) struct Shared {
    world: RwLock<World>,
    /// When it was last found to be what the ledger says.
    checked: Mutex<Instant>,
    asked: Mutex<Instant>,
    /// What has just been answered, by question.
    pub answers: Mutex<HashMap<String, (Instant, Arc<engine::model::PromiseView>)>>,
}

/// The worlds of the merchants that are asked, by merchant.
#[derive(Default)]
pub(crate) struct Worlds(Mutex<HashMap<MerchantId, Arc<OnceCell<Arc<Shared>>>>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn read<T>(&self, use_it: impl FnOnce(&World) -> T) -> T {
        use_it(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is known to be what the ledger said a moment ago.
    pub fn is_fresh(&self) -> bool {
        lock(&self.checked).elapsed() < TRUSTED_FOR
    }
}

impl Orchestrator {
    /// The merchant's world. The first question waits until it is made.
    pub(super) async fn promise_world(&self, merchant: MerchantId) -> Result<Arc<Shared>> {
        let cell = {
            let mut worlds = lock(&self.worlds().0);
            let cell = worlds.entry(merchant).or_default();
            if let Some(shared) = cell.get() {
                *lock(&shared.asked) = Instant::now();
                return Ok(shared.clone());
            }
            cell.clone()
        };
        let shared = cell
            .get_or_try_init(async || {
                let world = World::load(self, merchant).await?;
                let now = Instant::now();
                let shared = Arc::new(Shared {
                    world: RwLock::new(world),
                    checked: Mutex::new(now),
                    asked: Mutex::new(now),
                    answers: Mutex::default(),
                });
                tokio::spawn(follow(self.downgrade(), merchant, shared.clone()));
                Ok::<_, Error>(shared)
            })
            .await?;
        Ok(shared.clone())
    }
}

/// Keeps a world up until nobody has asked for a while.
async fn follow(orc: WeakOrchestrator, merchant: MerchantId, shared: Arc<Shared>) {
    let Some(mut grown) = orc.upgrade().map(|orc| orc.hub().watch(merchant)) else {
        return;
    };
    loop {
        // The hub goes with the orchestrator; then there is nothing left to follow.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK_EVERY, grown.changed()).await {
            return;
        }
        let Some(orc) = orc.upgrade() else { return };
        if lock(&shared.asked).elapsed() > KEPT_FOR {
            let mut worlds = lock(&orc.worlds().0);
            if lock(&shared.asked).elapsed() > KEPT_FOR {
                worlds.remove(&merchant);
                return;
            }
        }
        match refresh(&orc, merchant, &shared).await {
            Ok(()) => *lock(&shared.checked) = Instant::now(),
            Err(error) => tracing::warn!(%error, "promises cannot be kept up with the ledger"),
        }
        drop(orc);
        tokio::time::sleep(LEAST_PAUSE).await;
    }
}

/// What has changed since the world was last compared with the ledger.
async fn refresh(orc: &Orchestrator, merchant: MerchantId, shared: &Shared) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Kind {
        kind: String,
    }
    // The log's end first: what is read after it is at least as new.
    let seq = crate::events::last_seq(orc, merchant).await?;
    let (known, observed) = shared.read(|world| (world.seq, world.observed));
    let network = orc.network(merchant).await?;
    let same_network = shared.read(|world| Arc::ptr_eq(&world.network, &network));
    if seq == known && same_network {
        return Ok(());
    }
    let sql = "SELECT DISTINCT kind FROM events WHERE merchant_id = ? AND seq > ? AND seq <= ?";
    let kinds: Vec<Kind> = sql::all(orc.reader(), sql, values![merchant.0, known, seq]).await?;
    let any = |starts: &str| kinds.iter().any(|row| row.kind.starts_with(starts));
    let products = if any("product") {
        Some(products(orc, merchant).await?)
    } else {
        None
    };
    let settings = if any("promise_settings") || !same_network {
        Some(settings::stored(orc, merchant).await?)
    } else {
        None
    };
    let deliveries = if any("fulfillment.delivered") {
        observations(orc, merchant, observed).await?
    } else {
        Vec::new()
    };
    let rows =
        "SELECT DISTINCT s.sku, s.node, s.on_hand, s.reserved, s.safety_stock, s.stopped_until
        FROM stock_movements m JOIN stock s
          ON s.merchant_id = m.merchant_id AND s.sku = m.sku AND s.node = m.node
        WHERE m.merchant_id = ? AND m.seq > ? AND m.seq <= ?";
    let rows: Vec<Level> = sql::all(orc.reader(), rows, values![merchant.0, known, seq]).await?;
    let assigned = Workload::read(orc, merchant).await?;
    let incoming = incoming(orc, merchant).await?;
    // Other rules divide other rows; otherwise what is divided changes with its levels.
    let skus: BTreeSet<String> = rows.iter().map(|row| row.sku.clone()).collect();
    let mut skus: Vec<String> = skus.into_iter().collect();
    if !same_network {
        skus.clear();
    }
    let divided = if same_network && skus.is_empty() {
        Divisions::new()
    } else {
        divisions(orc.reader(), merchant, &network, &skus).await?
    };
    let mut world = shared.world.write().unwrap_or_else(PoisonError::into_inner);
    world.seq = seq;
    world.network = network;
    if same_network {
        world.divided.extend(divided);
    } else {
        world.divided = divided;
    }
    world.assigned = assigned;
    world.incoming = incoming;
    if let Some(products) = products {
        world.products = products;
    }
    if let Some(settings) = settings {
        world.take_settings(settings);
    }
    world.learn(deliveries);
    for row in rows {
        row.put(&mut world.available);
    }
    Ok(())
}

impl World {
    async fn load(orc: &Orchestrator, merchant: MerchantId) -> Result<Self> {
        #[derive(FromQueryResult)]
        struct Row {
            currency: String,
        }
        let seq = crate::events::last_seq(orc, merchant).await?;
        let row: Option<Row> = sql::one(
            orc.reader(),
            "SELECT currency FROM merchants WHERE id = ?",
            values![merchant.0],
        )
        .await?;
        let row = row.ok_or_else(|| Error::not_found("merchant", merchant.to_string()))?;
        let settings = settings::stored(orc, merchant).await?;
        let mut available = Available::new();
        let levels = "SELECT sku, node, on_hand, reserved, safety_stock, stopped_until FROM stock WHERE merchant_id = ?";
        for level in sql::all::<Level>(orc.reader(), levels, values![merchant.0]).await? {
            level.put(&mut available);
        }
        let mut world = World {
            seq,
            currency: row.currency.parse().map_err(Error::internal)?,
            network: orc.network(merchant).await?,
            settings: Arc::default(),
            signing_key: settings.signing_key,
            transit: Arc::default(),
            observed: 0,
            products: products(orc, merchant).await?,
            available,
            divided: Divisions::new(),
            incoming: incoming(orc, merchant).await?,
            assigned: Workload::read(orc, merchant).await?,
        };
        world.divided = divisions(orc.reader(), merchant, &world.network, &[]).await?;
        world.take_settings(settings);
        world.learn(observations(orc, merchant, 0).await?);
        Ok(world)
    }

    /// Units of a row that a channel may take, if so many more were there.
    pub fn may_take(&self, channel: &str, sku: &str, node: &str, coming: i64) -> i64 {
        let divided = self.divided.get(sku).and_then(|nodes| nodes.get(node));
        if let Some(row) = divided {
            return row.may_take(channel, coming);
        }
        let nodes = self.available.get(sku);
        let here = nodes.and_then(|nodes| nodes.get(node));
        here.copied().unwrap_or(0) + coming
    }

    /// Levels that the merchant's own service table leaves out have the days that the services state.
    fn take_settings(&mut self, stored: Stored) {
        let mut settings = stored.settings;
        for service in &self.network.snapshot.services {
            let days = service.zones.iter().map(|zone| zone.transit_days);
            let (Some(least), Some(most)) = (days.clone().min(), days.max()) else {
                continue;
            };
            let days = FallbackDays {
                min: least.clamp(1, 365) as u16,
                // One more for the node's own work.
                max: (most + 1).min(366) as u16,
            };
            let known = settings.fallback.entry(service.level.clone());
            if stored.own_fallback.contains(&service.level) {
                continue;
            }
            known
                .and_modify(|known| {
                    known.min = known.min.min(days.min);
                    known.max = known.max.max(days.max);
                })
                .or_insert(days);
        }
        self.settings = Arc::new(settings);
        self.signing_key = stored.signing_key;
    }

    fn learn(&mut self, deliveries: Vec<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        let transit = Arc::make_mut(&mut self.transit);
        for delivery in deliveries {
            let lane = Lane {
                service: &delivery.service,
                zone: delivery.zone as usize,
                origin: &delivery.origin,
                destination: &delivery.destination,
            };
            transit.observe(
                lane,
                delivery.stated_days as u32,
                delivery.taken_days as u32,
            );
            self.observed = self.observed.max(delivery.seq);
        }
    }
}

#[derive(FromQueryResult)]
struct Level {
    sku: String,
    node: String,
    on_hand: i64,
    reserved: i64,
    safety_stock: i64,
    stopped_until: Option<i64>,
}

impl Level {
    fn put(self, available: &mut Available) {
        let units = StockRow::available(self.on_hand, self.reserved, self.safety_stock);
        let nodes = available.entry(self.sku).or_default();
        if units > 0 && self.stopped_until.is_none() {
            nodes.insert(self.node, units);
        } else {
            nodes.remove(&self.node);
        }
    }
}

async fn products(
    orc: &Orchestrator,
    merchant: MerchantId,
) -> Result<HashMap<String, ProductFacts>> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        weight_g: i64,
        requires: String,
    }
    let sql = "SELECT sku, weight_g, requires FROM products WHERE merchant_id = ?";
    let rows: Vec<Row> = sql::all(orc.reader(), sql, values![merchant.0]).await?;
    let mut products = HashMap::with_capacity(rows.len());
    for row in rows {
        let requires = serde_json::from_str(&row.requires).map_err(Error::internal)?;
        let weight_g = row.weight_g;
        products.insert(row.sku, ProductFacts { weight_g, requires });
    }
    Ok(products)
}

/// What is on its way, less what orders that wait will take of it.
async fn incoming(orc: &Orchestrator, merchant: MerchantId) -> Result<Incoming> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        node: String,
        quantity: i64,
        expected_at: i64,
    }
    #[derive(FromQueryResult)]
    struct Waiting {
        sku: String,
        units: i64,
    }
    let sql = "SELECT sku, node, quantity, expected_at FROM incoming_stock WHERE merchant_id = ? ORDER BY expected_at, node";
    let rows: Vec<Row> = sql::all(orc.reader(), sql, values![merchant.0]).await?;
    let mut incoming = Incoming::new();
    if rows.is_empty() {
        return Ok(incoming);
    }
    let sql = "SELECT sku, CAST(sum(quantity - allocated - cancelled) AS BIGINT) AS units FROM order_lines
        WHERE merchant_id = ? AND waiting_reason IS NOT NULL GROUP BY sku";
    let waiting: Vec<Waiting> = sql::all(orc.reader(), sql, values![merchant.0]).await?;
    let mut waiting: HashMap<String, i64> = waiting
        .into_iter()
        .map(|row| (row.sku, row.units))
        .collect();
    for row in rows {
        let taken = waiting.get_mut(&row.sku).map_or(0, |waiting| {
            let taken = row.quantity.min(*waiting);
            *waiting -= taken;
            taken
        });
        if row.quantity > taken {
            let nodes = incoming.entry(row.sku).or_default();
            let deliveries = nodes.entry(row.node).or_default();
            deliveries.push((from_micros(row.expected_at), row.quantity - taken));
        }
    }
    Ok(incoming)
}

#[derive(FromQueryResult)]
struct Delivery {
    seq: i64,
    service: String,
    zone: i64,
    origin: String,
    destination: String,
    stated_days: i64,
    taken_days: i64,
}

/// Deliveries after an event, oldest first.
async fn observations(
    orc: &Orchestrator,
    merchant: MerchantId,
    after: i64,
) -> Result<Vec<Delivery>> {
    let newest = "SELECT seq, service, zone, origin, destination, stated_days, taken_days
        FROM transit_observations WHERE merchant_id = ? AND seq > ? ORDER BY seq DESC LIMIT ?";
    let bound = values![merchant.0, after, MOST_OBSERVATIONS];
    let mut rows: Vec<Delivery> = sql::all(orc.reader(), newest, bound).await?;
    rows.reverse();
    Ok(rows)
}

/// What carriers really take, and how the merchant promises, for those who plan orders.
pub(crate) async fn transit(
    orc: &Orchestrator,
    merchant: MerchantId,
) -> Result<(Arc<TransitModel>, Arc<PromiseSettings>)> {
    let shared = orc.promise_world(merchant).await?;
    Ok(shared.read(|world| (world.transit.clone(), world.settings.clone())))
}

/// The signing key on its own, without a world.
pub(super) async fn signing_key(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<Option<[u8; 32]>> {
    settings::key(on, merchant).await
}
