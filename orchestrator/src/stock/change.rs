use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use engine::model::{
    FieldError, MerchantId, Permission, ShortStock, StockAdjustment, StockCount, StockMove,
    StockRow,
};
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::allocation::{self, Taking};
use super::{read, rules};
use crate::network::Network;
use crate::routing;
use crate::store::sql::{self, values};
use crate::store::tables::stock::{Column, Entity, Model};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, repair};

/// Rows in one call.
pub(super) const MOST_ROWS: usize = 10_000;
pub(super) const HIGHEST_LEVEL: i64 = 1_000_000_000;
/// Rows of one node that one event of the log tells of.
const MOVES_PER_EVENT: usize = 500;

/// What a count has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChange {
    /// Rows that were counted.
    pub rows: usize,
    /// Rows among them whose level or safety stock was another one.
    pub changed: usize,
    /// Rows among those that were never counted before.
    #[serde(default)]
    pub new: usize,
    /// Units found more and less than the ledger had.
    #[serde(default)]
    pub units_up: i64,
    #[serde(default)]
    pub units_down: i64,
    /// Rows where less was found than is reserved.
    pub short: Vec<ShortStock>,
}

/// What a count makes of one row.
struct Counted {
    node: String,
    sku: String,
    on_hand: i64,
    safety_stock: i64,
    own_safety: Option<i64>,
    /// Units more than before.
    more: i64,
    /// Whether more of it is for sale than before.
    frees: bool,
}

/// Sets counted levels, up to 10,000, all or nothing.
pub async fn count(
    orc: &Orchestrator,
    actor: &Actor,
    counts: Vec<StockCount>,
) -> Result<StockChange> {
    for count in &counts {
        actor.check_at(Permission::ChangeStock, &count.node)?;
    }
    actor.check(Permission::ChangeStock)?;
    let mut errors = Vec::new();
    check_size(&mut errors, counts.len());
    let mut seen = HashSet::new();
    for (i, count) in counts.iter().enumerate() {
        if !seen.insert((&count.node, &count.sku)) {
            errors.push(FieldError::new(
                format!("#/{i}/sku"),
                "this node and SKU came before in this list",
            ));
        }
        for (field, level) in [
            ("on_hand", Some(count.on_hand)),
            ("safety_stock", count.safety_stock),
        ] {
            if level.is_some_and(|level| !(0..=HIGHEST_LEVEL).contains(&level)) {
                errors.push(FieldError::new(
                    format!("#/{i}/{field}"),
                    format!("a level goes from 0 to {HIGHEST_LEVEL}"),
                ));
            }
        }
    }
    let rows = counts.iter().map(|c| (c.node.as_str(), c.sku.as_str()));
    check_known(orc, actor, &mut errors, rows).await?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| write_counts(tx, by, counts).boxed())
        .await
}

/// What counts would change of the levels as they are, and how they would look.
async fn compare(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    counts: Vec<StockCount>,
) -> Result<(StockChange, Vec<Counted>)> {
    let keys = counts.iter().map(|c| (c.node.as_str(), c.sku.as_str()));
    let before = levels(on, merchant, keys).await?;
    let is_new = |count: &&StockCount| {
        count.safety_stock.is_none()
            && !before.contains_key(&(count.node.clone(), count.sku.clone()))
    };
    let new = counts.iter().filter(is_new);
    let new = new.map(|c| (c.node.as_str(), c.sku.as_str()));
    let kept_back = rules::kept_back(on, merchant, new).await?;
    let mut change = StockChange {
        rows: counts.len(),
        ..StockChange::default()
    };
    let mut changed = Vec::new();
    for count in counts {
        let key = (count.node, count.sku);
        let old = before.get(&key);
        let (old_on_hand, reserved, old_safety) =
            old.map_or((0, 0, 0), |l| (l.on_hand, l.reserved, l.safety_stock));
        let by_rule = kept_back.get(&key).copied();
        let safety_stock = count.safety_stock.or(by_rule).unwrap_or(old_safety);
        let own_safety = count.safety_stock.or(old.and_then(|old| old.own_safety));
        let same = |old: &Level| {
            (old.on_hand, old.safety_stock, old.own_safety)
                == (count.on_hand, safety_stock, own_safety)
        };
        if old.is_some_and(same) {
            continue;
        }
        let (on_hand, (node, sku)) = (count.on_hand, key);
        if on_hand < reserved {
            change.short.push(ShortStock {
                node: node.clone(),
                sku: sku.clone(),
                on_hand,
                reserved,
                orders: Vec::new(),
            });
        }
        let more = on_hand - old_on_hand;
        change.changed += 1;
        change.new += usize::from(old.is_none());
        change.units_up += more.max(0);
        change.units_down += (-more).max(0);
        changed.push(Counted {
            node,
            sku,
            on_hand,
            safety_stock,
            own_safety,
            more,
            frees: on_hand - safety_stock > old_on_hand - old_safety,
        });
    }
    Ok((change, changed))
}

/// What counting would change.
pub(super) async fn would_change(
    orc: &Orchestrator,
    actor: &Actor,
    counts: Vec<StockCount>,
) -> Result<StockChange> {
    let (change, _) = compare(orc.reader(), actor.merchant, counts).await?;
    Ok(change)
}

pub(super) async fn write_counts(
    tx: &mut Tx,
    actor: Actor,
    counts: Vec<StockCount>,
) -> Result<StockChange> {
    // A counted level replaces the one before it, so reading first is no race: the merchant's writers take turns.
    // Whoever has counted knows what is on the shelf, also where it was kept out of sale before.
    let keys = counts.iter().map(|c| (c.node.clone(), c.sku.clone()));
    let offered = repair::counted(tx, keys.collect(), &actor).await?;
    let (mut change, counted) = compare(tx.conn(), tx.merchant(), counts).await?;
    let mut moves: BTreeMap<String, Vec<StockMove>> = BTreeMap::new();
    let (mut models, mut more) = (Vec::new(), offered);
    for row in counted {
        if row.frees {
            more.insert(row.sku.clone());
        }
        moves.entry(row.node.clone()).or_default().push(StockMove {
            node: row.node.clone(),
            sku: row.sku.clone(),
            on_hand: row.more,
            reserved: 0,
        });
        models.push(Model {
            merchant_id: tx.merchant().0,
            sku: row.sku,
            node: row.node,
            on_hand: row.on_hand,
            reserved: 0,
            safety_stock: row.safety_stock,
            updated_at: tx.now_us(),
            own_safety: row.own_safety,
        });
    }
    let update = OnConflict::columns([Column::MerchantId, Column::Sku, Column::Node])
        .update_columns([
            Column::OnHand,
            Column::SafetyStock,
            Column::UpdatedAt,
            Column::OwnSafety,
        ])
        .to_owned();
    // One order of rows, everywhere.
    models.sort_by(|a, b| (&a.sku, &a.node).cmp(&(&b.sku, &b.node)));
    for chunk in models.chunks(1_000) {
        let rows = chunk
            .iter()
            .cloned()
            .map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows)
            .on_conflict(update.clone())
            .exec_without_returning(tx.conn())
            .await?;
    }
    for (node, moves) in moves {
        for chunk in moves.chunks(MOVES_PER_EVENT) {
            let summary = format!("{} stock levels counted at {node}", chunk.len());
            let event = NewEvent::new("stock.counted", format!("node:{node}"), &actor, summary);
            tx.emit(event.moves("counted", chunk.to_vec()));
        }
    }
    for short in &mut change.short {
        short.orders = repair::stock_short(tx, &short.node, &short.sku).await?;
    }
    routing::wake_backorders(tx, &more).await?;
    Ok(change)
}

/// Changes levels by what came or went, all or nothing; answers with the rows as they are now. A change may go below
/// what is reserved (the row then says how much it is short) but never below nothing.
pub async fn adjust(
    orc: &Orchestrator,
    actor: &Actor,
    adjustments: Vec<StockAdjustment>,
) -> Result<Vec<StockRow>> {
    for adjustment in &adjustments {
        actor.check_at(Permission::ChangeStock, &adjustment.node)?;
    }
    actor.check(Permission::ChangeStock)?;
    let mut errors = Vec::new();
    check_size(&mut errors, adjustments.len());
    for (i, adjustment) in adjustments.iter().enumerate() {
        if adjustment.delta == 0 || adjustment.delta.abs() > HIGHEST_LEVEL {
            let detail = format!("a change of 1 to {HIGHEST_LEVEL} units up or down is needed");
            errors.push(FieldError::new(format!("#/{i}/delta"), detail));
        }
        if adjustment.reason.trim().is_empty() || adjustment.reason.len() > 500 {
            errors.push(FieldError::new(
                format!("#/{i}/reason"),
                "a reason of 1 to 500 characters is needed",
            ));
        }
    }
    let rows = adjustments
        .iter()
        .map(|a| (a.node.as_str(), a.sku.as_str()));
    check_known(orc, actor, &mut errors, rows).await?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        write_adjustments(tx, by, adjustments).boxed()
    })
    .await
}

async fn write_adjustments(
    tx: &mut Tx,
    actor: Actor,
    adjustments: Vec<StockAdjustment>,
) -> Result<Vec<StockRow>> {
    let mut more = BTreeSet::new();
    let keys = adjustments
        .iter()
        .map(|a| (a.node.as_str(), a.sku.as_str()));
    let kept_back = rules::kept_back(tx.conn(), tx.merchant(), keys).await?;
    for (i, a) in adjustments.iter().enumerate() {
        let merchant = tx.merchant().0;
        if a.delta > 0 {
            let row = Model {
                merchant_id: merchant,
                sku: a.sku.clone(),
                node: a.node.clone(),
                on_hand: 0,
                reserved: 0,
                safety_stock: kept_back
                    .get(&(a.node.clone(), a.sku.clone()))
                    .copied()
                    .unwrap_or(0),
                updated_at: tx.now_us(),
                own_safety: None,
            };
            let nothing = OnConflict::columns([Column::MerchantId, Column::Sku, Column::Node])
                .do_nothing()
                .to_owned();
            Entity::insert(row.into_active_model())
                .on_conflict(nothing)
                .exec_without_returning(tx.conn())
                .await?;
            more.insert(a.sku.clone());
        }
        let touched = sql::run(
            tx.conn(),
            "UPDATE stock SET on_hand = on_hand + ?, updated_at = ?
             WHERE merchant_id = ? AND sku = ? AND node = ? AND on_hand + ? BETWEEN 0 AND ?",
            values![
                a.delta,
                tx.now_us(),
                merchant,
                a.sku.clone(),
                a.node.clone(),
                a.delta,
                HIGHEST_LEVEL
            ],
        )
        .await?;
        if touched == 0 {
            let has =
                "SELECT on_hand AS n FROM stock WHERE merchant_id = ? AND sku = ? AND node = ?";
            let has = sql::number(
                tx.conn(),
                has,
                values![merchant, a.sku.clone(), a.node.clone()],
            )
            .await?;
            let detail = format!(
                "{} has {has} on hand; a change of {} would leave {}",
                a.node,
                a.delta,
                has + a.delta
            );
            return Err(Error::field(format!("#/{i}/delta"), detail));
        }
        let sign = if a.delta > 0 { "+" } else { "" };
        let summary = format!("{} at {}: {sign}{} ({})", a.sku, a.node, a.delta, a.reason);
        let moved = StockMove {
            node: a.node.clone(),
            sku: a.sku.clone(),
            on_hand: a.delta,
            reserved: 0,
        };
        let event = NewEvent::new(
            "stock.adjusted",
            format!("node:{}", a.node),
            &actor,
            summary,
        )
        .data(json!({ "reason": a.reason }))
        .reason(Some(a.reason.clone()));
        tx.emit(event.moves("adjusted", vec![moved]));
    }
    routing::wake_backorders(tx, &more).await?;
    let keys: BTreeSet<_> = adjustments
        .iter()
        .map(|a| (a.sku.clone(), a.node.clone()))
        .collect();
    let mut rows = Vec::with_capacity(keys.len());
    for (sku, node) in keys {
        let mut row = read::row(tx.conn(), tx.merchant(), &node, &sku).await?;
        if let Some(row) = &mut row {
            row.planned_again = repair::stock_short(tx, &node, &sku).await?;
        }
        rows.extend(row);
    }
    Ok(rows)
}

/// Takes units of rows for channels, if that many of each are available at this very moment and the channels may have
/// them; tells whether all of it was so. When not, the caller has to give up what it is about.
pub(crate) async fn reserve(tx: &Tx, network: &Network, taking: &Taking) -> Result<bool> {
    let rows = taking
        .rows()
        .map(|(sku, node, units)| [sku.into(), node.into(), units.into()]);
    let touched = sql::run_with(
        tx.conn(),
        ["sku", "node", "units"],
        rows.collect(),
        "UPDATE stock SET reserved = reserved + v.units, updated_at = ? FROM v
         WHERE stock.merchant_id = ? AND stock.sku = v.sku AND stock.node = v.node
         AND stock.reserved + v.units <= stock.on_hand - stock.safety_stock AND stock.stopped_until IS NULL",
        values![tx.now_us(), tx.merchant().0],
    )
    .await?;
    Ok(touched == taking.len() as u64 && allocation::reserve(tx, network, taking).await?)
}

/// Gives units that a channel has reserved of a row back.
pub(crate) async fn unreserve(
    tx: &Tx,
    node: &str,
    sku: &str,
    channel: &str,
    quantity: i64,
) -> Result<()> {
    let sql = "UPDATE stock SET reserved = reserved - ?, updated_at = ?
               WHERE merchant_id = ? AND sku = ? AND node = ? AND reserved >= ?";
    let bound = values![quantity, tx.now_us(), tx.merchant().0, sku, node, quantity];
    expect_one(sql::run(tx.conn(), sql, bound).await?, node, sku)?;
    let touched = allocation::release(tx, node, sku, channel, quantity).await?;
    expect_one(touched, node, sku)
}

/// Units that a channel has reserved leave the node. A count may have found fewer than that: then none are left.
pub(crate) async fn take_out(
    tx: &Tx,
    node: &str,
    sku: &str,
    channel: &str,
    quantity: i64,
) -> Result<StockMove> {
    #[derive(FromQueryResult)]
    struct Row {
        on_hand: i64,
    }
    let key = values![tx.merchant().0, sku, node];
    let find = "SELECT on_hand FROM stock WHERE merchant_id = ? AND sku = ? AND node = ?";
    let row: Option<Row> = sql::one(tx.conn(), find, key).await?;
    let taken = row.map_or(0, |row| row.on_hand).min(quantity);
    let sql = "UPDATE stock SET reserved = reserved - ?, on_hand = on_hand - ?, updated_at = ?
               WHERE merchant_id = ? AND sku = ? AND node = ? AND reserved >= ? AND on_hand >= ?";
    let bound = values![
        quantity,
        taken,
        tx.now_us(),
        tx.merchant().0,
        sku,
        node,
        quantity,
        taken
    ];
    expect_one(sql::run(tx.conn(), sql, bound).await?, node, sku)?;
    let touched = allocation::release(tx, node, sku, channel, quantity).await?;
    expect_one(touched, node, sku)?;
    Ok(StockMove {
        node: node.to_owned(),
        sku: sku.to_owned(),
        on_hand: -taken,
        reserved: -quantity,
    })
}

/// A reservation that the ledger has and the level has not would be a defect: better to stop than to guess.
fn expect_one(touched: u64, node: &str, sku: &str) -> Result<()> {
    if touched == 1 {
        Ok(())
    } else {
        Err(Error::Internal(format!(
            "the reservation of {sku} at {node} is not there"
        )))
    }
}

pub(super) fn check_size(errors: &mut Vec<FieldError>, rows: usize) {
    if rows == 0 || rows > MOST_ROWS {
        errors.push(FieldError::new(
            "#",
            format!("1 to {MOST_ROWS} rows in one call, not {rows}"),
        ));
    }
}

/// Every node and SKU has to be known; each row that is not gets its error.
pub(super) async fn check_known<'a>(
    orc: &Orchestrator,
    actor: &Actor,
    errors: &mut Vec<FieldError>,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<()> {
    let rows: Vec<_> = rows.collect();
    let network = orc.network(actor.merchant).await?;
    let known = known_skus(orc, actor, rows.iter().map(|(_, sku)| *sku)).await?;
    for (i, (node, sku)) in rows.iter().enumerate() {
        if network.node(node).is_none() {
            errors.push(FieldError::new(
                format!("#/{i}/node"),
                format!("unknown node '{node}'"),
            ));
        }
        if !known.contains(*sku) {
            errors.push(FieldError::new(
                format!("#/{i}/sku"),
                format!("unknown SKU '{sku}'"),
            ));
        }
    }
    Ok(())
}

/// Those of the SKUs that are among the products.
pub(super) async fn known_skus<'a>(
    orc: &Orchestrator,
    actor: &Actor,
    skus: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>> {
    #[derive(FromQueryResult)]
    struct Sku {
        sku: String,
    }
    let skus: Vec<_> = skus.collect::<BTreeSet<_>>().into_iter().collect();
    let mut known = HashSet::new();
    for chunk in skus.chunks(1_000) {
        let sql = format!(
            "SELECT sku FROM products WHERE merchant_id = ? AND sku IN {}",
            sql::list(chunk.len())
        );
        let mut bound = values![actor.merchant.0];
        bound.extend(chunk.iter().map(|sku| sea_orm::Value::from(*sku)));
        let found: Vec<Sku> = sql::all(orc.reader(), &sql, bound).await?;
        known.extend(found.into_iter().map(|row| row.sku));
    }
    Ok(known)
}

#[derive(FromQueryResult)]
struct Level {
    sku: String,
    node: String,
    on_hand: i64,
    reserved: i64,
    safety_stock: i64,
    own_safety: Option<i64>,
}

/// The levels of these rows, by node and SKU.
async fn levels<'a>(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<HashMap<(String, String), Level>> {
    let mut by_node: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (node, sku) in rows {
        by_node.entry(node).or_default().push(sku);
    }
    let mut levels = HashMap::new();
    for (node, skus) in by_node {
        for chunk in skus.chunks(1_000) {
            let sql = format!(
                "SELECT sku, node, on_hand, reserved, safety_stock, own_safety FROM stock
                 WHERE merchant_id = ? AND node = ? AND sku IN {}",
                sql::list(chunk.len())
            );
            let mut bound = values![merchant.0, node];
            bound.extend(chunk.iter().map(|sku| sea_orm::Value::from(*sku)));
            let found: Vec<Level> = sql::all(on, &sql, bound).await?;
            levels.extend(
                found
                    .into_iter()
                    .map(|level| ((level.node.clone(), level.sku.clone()), level)),
            );
        }
    }
    Ok(levels)
}
