//! Which channel may take how many units of a row. `engine::model::Division` says what the rules make of one row; here
//! are the rules themselves, what each channel has reserved, and the look at both when something is reserved.
//!
//! The rules are part of the [`Network`] that plans are made for, so a plan that was made under other rules is not
//! committed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::model::{
    AllocationRule, ChannelUnits, Claims, Division, FieldError, MerchantId, Node, Permission,
    StockPlace,
};
use futures::FutureExt;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::{Deserialize, Serialize};

use super::rules::check_scope;
use crate::network::Network;
use crate::store::sql::{self, values};
use crate::store::tables::allocation_rules;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, routing};

const MOST_RULES: usize = 1_000;
const MOST_UNITS: i64 = 1_000_000;

/// What new rules have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationChange {
    pub rules: Vec<AllocationRule>,
    /// Whether they are other ones than before.
    pub changed: bool,
}

/// The rules, as they were given.
pub async fn allocations(orc: &Orchestrator, actor: &Actor) -> Result<Vec<AllocationRule>> {
    actor.check(Permission::ReadStock)?;
    stored(orc.reader(), actor.merchant).await
}

/// Replaces the rules, all or nothing. What is reserved already stays as it is.
pub async fn put_allocations(
    orc: &Orchestrator,
    actor: &Actor,
    rules: Vec<AllocationRule>,
) -> Result<AllocationChange> {
    actor.check(Permission::ChangeStock)?;
    // People of a node change what lies there, and rules are about all nodes.
    if actor.only_nodes().is_some() {
        return Err(Error::Forbidden(Permission::ChangeStock));
    }
    check(orc, actor, &rules).await?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let changed = stored(tx.conn(), tx.merchant()).await? != rules;
            if changed {
                replace(tx, &by, &rules).await?;
            }
            Ok(AllocationChange { rules, changed })
        }
        .boxed()
    })
    .await
}

async fn replace(tx: &mut Tx, by: &Actor, rules: &[AllocationRule]) -> Result<()> {
    let merchant = tx.merchant().0;
    let sql = "DELETE FROM allocation_rules WHERE merchant_id = ?";
    sql::run(tx.conn(), sql, values![merchant]).await?;
    let mut rows = Vec::with_capacity(rules.len());
    for (position, rule) in rules.iter().enumerate() {
        rows.push(allocation_rules::Model {
            merchant_id: merchant,
            position: position as i64,
            rule: serde_json::to_string(rule).map_err(Error::internal)?,
        });
    }
    sql::insert(tx.conn(), rows).await?;
    tx.network_changed();
    let summary = match rules.len() {
        0 => "Stock is no longer divided among channels".to_owned(),
        n => format!("{n} rules divide stock among channels"),
    };
    let data = serde_json::json!({ "rules": rules });
    tx.emit(NewEvent::new("stock.allocations_changed", "stock", by, summary).data(data));
    routing::wake_all_backorders(tx).await
}

async fn check(orc: &Orchestrator, actor: &Actor, rules: &[AllocationRule]) -> Result<()> {
    let mut errors = Vec::new();
    if rules.len() > MOST_RULES {
        errors.push(FieldError::new("#", format!("at most {MOST_RULES} rules")));
    }
    let network = orc.network(actor.merchant).await?;
    for (i, rule) in rules.iter().enumerate() {
        errors.extend(check_scope(orc, actor, &network, i, rule.scope()).await?);
        let mut wrong = |field: &str, detail: String| {
            errors.push(FieldError::new(format!("#/{i}/{field}"), detail));
        };
        if !network.channels.contains(&rule.channel) {
            let known: Vec<_> = network.channels.iter().map(String::as_str).collect();
            wrong(
                "channel",
                format!(
                    "unknown channel '{}'; the channels are {}",
                    rule.channel,
                    known.join(", ")
                ),
            );
        }
        match (rule.share, rule.units) {
            (Some(_), Some(_)) | (None, None) => {
                wrong("share", "give either a share or units".to_owned());
            }
            (Some(share), None) if share > 100 => {
                wrong("share", format!("{share} is no percentage from 0 to 100"));
            }
            (None, Some(units)) if !(0..=MOST_UNITS).contains(&units) => {
                wrong(
                    "units",
                    format!("{units} is no number of units from 0 to {MOST_UNITS}"),
                );
            }
            _ => {}
        }
        let before = || {
            let before = rules[..i].iter();
            before.filter(|before| before.scope() == rule.scope())
        };
        if before().any(|before| before.channel == rule.channel) {
            let detail = "a rule before it is about the same and the same channel";
            wrong("channel", detail.to_owned());
        }
        let shares = before().chain([rule]).filter_map(|rule| rule.share);
        let percent: u32 = shares.map(u32::from).sum();
        if rule.share.is_some() && percent > 100 {
            let detail = format!("the shares of the same stock make up {percent} percent");
            wrong("share", detail);
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

async fn stored(on: &impl ConnectionTrait, merchant: MerchantId) -> Result<Vec<AllocationRule>> {
    #[derive(FromQueryResult)]
    struct Row {
        rule: String,
    }
    let sql = "SELECT rule FROM allocation_rules WHERE merchant_id = ? ORDER BY position";
    let rows: Vec<Row> = sql::all(on, sql, values![merchant.0]).await?;
    let rules = rows.iter().map(|row| serde_json::from_str(&row.rule));
    rules.collect::<Result<_, _>>().map_err(Error::internal)
}

/// What each channel has of a row and may still take; empty where no rule divides it.
pub async fn divided(
    orc: &Orchestrator,
    actor: &Actor,
    node: &str,
    sku: &str,
) -> Result<Vec<ChannelUnits>> {
    actor.check_at(Permission::ReadStock, node)?;
    let network = orc.network(actor.merchant).await?;
    let skus = [sku.to_owned()];
    let divisions = divisions(orc.reader(), actor.merchant, &network, &skus).await?;
    let row = divisions.get(sku).and_then(|nodes| nodes.get(node));
    Ok(row.map(Division::channels).unwrap_or_default())
}

/// A merchant's rules, ready for questions.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Allocations {
    rules: Vec<AllocationRule>,
    /// Categories that rules are about, by SKU.
    categories: HashMap<String, String>,
}

impl Allocations {
    pub async fn load(on: &impl ConnectionTrait, merchant: MerchantId) -> Result<Self> {
        #[derive(FromQueryResult)]
        struct Row {
            sku: String,
            category: String,
        }
        let rules = stored(on, merchant).await?;
        let named = rules.iter().filter_map(|rule| rule.category.as_deref());
        let named: BTreeSet<&str> = named.collect();
        let mut categories = HashMap::new();
        if !named.is_empty() {
            let sql = format!(
                "SELECT sku, category FROM products WHERE merchant_id = ? AND category IN {}",
                sql::list(named.len())
            );
            let mut bound = values![merchant.0];
            bound.extend(named.into_iter().map(Value::from));
            let rows: Vec<Row> = sql::all(on, &sql, bound).await?;
            categories = rows.into_iter().map(|r| (r.sku, r.category)).collect();
        }
        Ok(Allocations { rules, categories })
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn claims(&self, sku: &str, node: &Node) -> Option<Claims> {
        let row = StockPlace {
            sku,
            category: self.categories.get(sku).map(String::as_str),
            node: &node.code,
            kind: node.kind,
        };
        Claims::of(&self.rules, &row)
    }
}

/// Rows that are divided among channels, by SKU and node.
pub(crate) type Divisions = HashMap<String, HashMap<String, Division>>;

/// Those of the rows of these SKUs that are divided; of all SKUs where none is named.
pub(crate) async fn divisions(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    network: &Network,
    skus: &[String],
) -> Result<Divisions> {
    if network.allocations.is_empty() {
        return Ok(Divisions::new());
    }
    let mut divisions = Divisions::new();
    let parts: Vec<&[String]> = match skus {
        [] => vec![&[]],
        skus => skus.chunks(1_000).collect(),
    };
    for part in parts {
        let of_skus = match part.len() {
            0 => String::new(),
            n => format!(" AND sku IN {}", sql::list(n)),
        };
        let mut bound = values![merchant.0];
        bound.extend(part.iter().map(|sku| Value::from(sku.as_str())));
        read(on, network, &of_skus, bound, &mut divisions).await?;
    }
    Ok(divisions)
}

async fn read(
    on: &impl ConnectionTrait,
    network: &Network,
    of_skus: &str,
    bound: Vec<Value>,
    divisions: &mut Divisions,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Reserved {
        sku: String,
        node: String,
        channel: String,
        units: i64,
    }
    #[derive(FromQueryResult)]
    struct Level {
        sku: String,
        node: String,
        on_hand: i64,
        safety_stock: i64,
    }
    let sql = format!(
        "SELECT sku, node, channel, units FROM channel_reservations WHERE merchant_id = ?{of_skus} AND units > 0"
    );
    let rows: Vec<Reserved> = sql::all(on, &sql, bound.clone()).await?;
    let mut reserved: HashMap<(String, String), BTreeMap<String, i64>> = HashMap::new();
    for row in rows {
        let of_row = reserved.entry((row.sku, row.node)).or_default();
        of_row.insert(row.channel, row.units);
    }
    let sql = format!(
        "SELECT sku, node, CASE WHEN stopped_until IS NULL THEN on_hand ELSE 0 END AS on_hand, safety_stock
         FROM stock WHERE merchant_id = ?{of_skus}"
    );
    let rows: Vec<Level> = sql::all(on, &sql, bound).await?;
    for row in rows {
        let node = network.node(&row.node);
        let claims = node.and_then(|node| network.allocations.claims(&row.sku, &node.node));
        if let Some(claims) = claims {
            let key = (row.sku, row.node);
            let reserved = reserved.remove(&key).unwrap_or_default();
            let division = Division::new(claims, row.on_hand, row.safety_stock, reserved);
            divisions.entry(key.0).or_default().insert(key.1, division);
        }
    }
    Ok(())
}

/// Units that channels take of rows.
#[derive(Debug, Default)]
pub(crate) struct Taking(BTreeMap<(String, String), BTreeMap<String, i64>>);

impl Taking {
    pub fn add(&mut self, sku: &str, node: &str, channel: &str, units: i64) {
        let row = self.0.entry((sku.to_owned(), node.to_owned())).or_default();
        *row.entry(channel.to_owned()).or_default() += units;
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Units by SKU and node, whoever takes them.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        let rows = self.0.iter();
        rows.map(|((sku, node), of_row)| (sku.as_str(), node.as_str(), of_row.values().sum()))
    }
}

/// Keeps whose the units are that have just been reserved, and tells whether each channel may have them. It is asked
/// after the rows are taken and before anybody else gets to write: the merchant's writers take turns.
pub(super) async fn reserve(tx: &Tx, network: &Network, taking: &Taking) -> Result<bool> {
    let rows = taking.0.iter().flat_map(|((sku, node), of_row)| {
        of_row.iter().map(|(channel, units)| {
            [
                sku.as_str().into(),
                node.as_str().into(),
                channel.as_str().into(),
                (*units).into(),
            ]
        })
    });
    sql::run_with(
        tx.conn(),
        ["sku", "node", "channel", "units"],
        rows.collect(),
        "INSERT INTO channel_reservations (merchant_id, sku, node, channel, units)
         SELECT ?, v.sku, v.node, v.channel, v.units FROM v WHERE true
         ON CONFLICT (merchant_id, sku, node, channel)
         DO UPDATE SET units = channel_reservations.units + excluded.units",
        values![tx.merchant().0],
    )
    .await?;
    if network.allocations.is_empty() {
        return Ok(true);
    }
    if network.version() != tx.network_version() {
        return Err(Error::Conflict("the network has changed".to_owned()));
    }
    let skus: BTreeSet<String> = taking.0.keys().map(|(sku, _)| sku.clone()).collect();
    let skus: Vec<_> = skus.into_iter().collect();
    let divisions = divisions(tx.conn(), tx.merchant(), network, &skus).await?;
    let within = taking.0.iter().all(|((sku, node), of_row)| {
        let row = divisions.get(sku).and_then(|nodes| nodes.get(node));
        row.is_none_or(|row| of_row.keys().all(|channel| row.is_within(channel)))
    });
    Ok(within)
}

/// Takes units off what a channel has reserved of a row; tells how many rows that touched: one, unless something is
/// wrong.
pub(super) async fn release(
    tx: &Tx,
    node: &str,
    sku: &str,
    channel: &str,
    units: i64,
) -> Result<u64> {
    let sql = "UPDATE channel_reservations SET units = units - ?
               WHERE merchant_id = ? AND sku = ? AND node = ? AND channel = ? AND units >= ?";
    let bound = values![units, tx.merchant().0, sku, node, channel, units];
    Ok(sql::run(tx.conn(), sql, bound).await?)
}
