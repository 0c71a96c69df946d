//! How much is kept back from sale, by rule. What follows for a row is kept in the row itself, so that the statement
//! that reserves needs to look at nothing else; it is worked out anew when the rules, a product's category or a node's
//! kind change, and for rows that are new.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::model::{
    FieldError, MerchantId, NodeKind, Permission, SafetyRule, StockMove, StockPlace, StockScope,
};
use futures::FutureExt;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::store::sql::{self, values};
use crate::store::tables::safety_rules;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, routing};

const MOST_RULES: usize = 1_000;
const MOST_UNITS: i64 = 1_000_000;
/// Rows of one node that one event of the log tells of.
const MOVES_PER_EVENT: usize = 500;

/// What new rules have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesChange {
    pub rules: Vec<SafetyRule>,
    /// Stock rows of which more or less is kept back now.
    pub changed: usize,
}

/// The rules, as they were given.
pub async fn rules(orc: &Orchestrator, actor: &Actor) -> Result<Vec<SafetyRule>> {
    actor.check(Permission::ReadStock)?;
    stored(orc.reader(), actor.merchant).await
}

/// Replaces the rules, all or nothing.
pub async fn put_rules(
    orc: &Orchestrator,
    actor: &Actor,
    rules: Vec<SafetyRule>,
) -> Result<RulesChange> {
    actor.check(Permission::ChangeStock)?;
    // People of a node change what lies there, and rules are about all nodes.
    if actor.only_nodes().is_some() {
        return Err(Error::Forbidden(Permission::ChangeStock));
    }
    check(orc, actor, &rules).await?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            if stored(tx.conn(), tx.merchant()).await? == rules {
                return Ok(RulesChange { rules, changed: 0 });
            }
            let merchant = tx.merchant().0;
            let sql = "DELETE FROM safety_rules WHERE merchant_id = ?";
            sql::run(tx.conn(), sql, values![merchant]).await?;
            let mut rows = Vec::with_capacity(rules.len());
            for (position, rule) in rules.iter().enumerate() {
                rows.push(safety_rules::Model {
                    merchant_id: merchant,
                    position: position as i64,
                    rule: serde_json::to_string(rule).map_err(Error::internal)?,
                });
            }
            sql::insert(tx.conn(), rows).await?;
            let summary = format!("{} rules say how much stock is kept back", rules.len());
            let data = serde_json::json!({ "rules": rules });
            tx.emit(NewEvent::new("stock.rules_changed", "stock", &by, summary).data(data));
            let changed = apply_rules(tx, &by, None).await?;
            Ok(RulesChange { rules, changed })
        }
        .boxed()
    })
    .await
}

async fn check(orc: &Orchestrator, actor: &Actor, rules: &[SafetyRule]) -> Result<()> {
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
        if !(0..=MOST_UNITS).contains(&rule.units) {
            wrong(
                "units",
                format!(
                    "{} is no number of units from 0 to {MOST_UNITS}",
                    rule.units
                ),
            );
        }
        if rules[..i]
            .iter()
            .any(|before| before.scope() == rule.scope())
        {
            wrong("units", "a rule before it is about the same".to_owned());
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Whether what a rule is about is there; `i` is its place in the list.
pub(super) async fn check_scope(
    orc: &Orchestrator,
    actor: &Actor,
    network: &Network,
    i: usize,
    scope: StockScope<'_>,
) -> Result<Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: String| {
        errors.push(FieldError::new(format!("#/{i}/{field}"), detail));
    };
    if scope.sku.is_some() && scope.category.is_some() {
        wrong("category", "a rule is about a SKU or a category".to_owned());
    }
    if scope.node.is_some() && scope.node_kind.is_some() {
        wrong(
            "node_kind",
            "a rule is about a node or a kind of node".to_owned(),
        );
    }
    if let Some(node) = scope.node
        && network.node(node).is_none()
    {
        wrong("node", format!("unknown node '{node}'"));
    }
    if let Some(sku) = scope.sku {
        let known = "SELECT count(*) AS n FROM products WHERE merchant_id = ? AND sku = ?";
        let key = values![actor.merchant.0, sku];
        if sql::number(orc.reader(), known, key).await? == 0 {
            wrong("sku", format!("unknown SKU '{sku}'"));
        }
    }
    Ok(errors)
}

async fn stored(on: &impl ConnectionTrait, merchant: MerchantId) -> Result<Vec<SafetyRule>> {
    #[derive(FromQueryResult)]
    struct Row {
        rule: String,
    }
    let sql = "SELECT rule FROM safety_rules WHERE merchant_id = ? ORDER BY position";
    let rows: Vec<Row> = sql::all(on, sql, values![merchant.0]).await?;
    let rules = rows.iter().map(|row| serde_json::from_str(&row.rule));
    rules.collect::<Result<_, _>>().map_err(Error::internal)
}

/// What the rules keep back of rows, by node and SKU; rows of which they say nothing are left out.
pub(super) async fn kept_back<'a>(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<HashMap<(String, String), i64>> {
    let rules = stored(on, merchant).await?;
    if rules.is_empty() {
        return Ok(HashMap::new());
    }
    let (kinds, categories) = (kinds(on, merchant).await?, categories(on, merchant).await?);
    let units = rows.filter_map(|(node, sku)| {
        let row = StockPlace {
            sku,
            category: categories.get(sku).map(String::as_str),
            node,
            kind: *kinds.get(node)?,
        };
        let units = SafetyRule::units_for(&rules, &row);
        (units > 0).then(|| ((node.to_owned(), sku.to_owned()), units))
    });
    Ok(units.collect())
}

async fn kinds(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<HashMap<String, NodeKind>> {
    #[derive(FromQueryResult)]
    struct Row {
        code: String,
        kind: String,
    }
    let sql = "SELECT code, kind FROM nodes WHERE merchant_id = ?";
    let rows: Vec<Row> = sql::all(on, sql, values![merchant.0]).await?;
    let kinds = rows.into_iter().filter_map(|row| {
        let kind = NodeKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == row.kind)?;
        Some((row.code, kind))
    });
    Ok(kinds.collect())
}

async fn categories(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        category: String,
    }
    let sql = "SELECT sku, category FROM products WHERE merchant_id = ? AND category IS NOT NULL";
    let rows: Vec<Row> = sql::all(on, sql, values![merchant.0]).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.sku, row.category))
        .collect())
}

/// Works out anew what is kept back, of all rows or those of one SKU; returns of how many rows it has changed. Where
/// less is kept back than before, orders that wait may go on.
pub(crate) async fn apply_rules(tx: &mut Tx, by: &Actor, sku: Option<&str>) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        node: String,
        safety_stock: i64,
    }
    let one = if sku.is_some() { " AND sku = ?" } else { "" };
    let sql = format!(
        "SELECT sku, node, safety_stock FROM stock WHERE merchant_id = ? AND own_safety IS NULL{one} ORDER BY sku, node"
    );
    let mut bound = values![tx.merchant().0];
    bound.extend(sku.map(Into::into));
    let rows: Vec<Row> = sql::all(tx.conn(), &sql, bound).await?;
    let keys = rows.iter().map(|row| (row.node.as_str(), row.sku.as_str()));
    let kept_back = kept_back(tx.conn(), tx.merchant(), keys).await?;
    let (mut updates, mut more) = (Vec::new(), BTreeSet::new());
    let mut moves: BTreeMap<String, Vec<StockMove>> = BTreeMap::new();
    for row in rows {
        let key = (row.node, row.sku);
        let units = kept_back.get(&key).copied().unwrap_or(0);
        if units == row.safety_stock {
            continue;
        }
        let (node, sku) = key;
        if units < row.safety_stock {
            more.insert(sku.clone());
        }
        updates.push([sku.as_str().into(), node.as_str().into(), units.into()]);
        moves.entry(node.clone()).or_default().push(StockMove {
            node,
            sku,
            on_hand: 0,
            reserved: 0,
        });
    }
    let changed = updates.len();
    sql::run_with(
        tx.conn(),
        ["sku", "node", "units"],
        updates,
        "UPDATE stock SET safety_stock = v.units, updated_at = ? FROM v
         WHERE stock.merchant_id = ? AND stock.sku = v.sku AND stock.node = v.node",
        values![tx.now_us(), tx.merchant().0],
    )
    .await?;
    for (node, moves) in moves {
        for chunk in moves.chunks(MOVES_PER_EVENT) {
            let summary = format!(
                "Another number of units is kept back of {} SKUs at {node}",
                chunk.len()
            );
            let event = NewEvent::new("stock.safety_changed", format!("node:{node}"), by, summary);
            tx.emit(event.moves("safety_stock", chunk.to_vec()));
        }
    }
    routing::wake_backorders(tx, &more).await?;
    Ok(changed)
}
