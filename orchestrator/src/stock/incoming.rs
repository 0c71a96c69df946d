use std::collections::{BTreeMap, HashSet};

use engine::model::{FieldError, IncomingStock, Permission, StockMove};
use futures::FutureExt;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::change::{check_known, check_size};
use crate::store::sql::{self, values};
use crate::store::tables::incoming_stock::{Entity, Model};
use crate::store::tables::stock;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result};

/// The most deliveries that a row may expect.
const MOST_DELIVERIES: usize = 100;
const HIGHEST_QUANTITY: i64 = 1_000_000_000;

/// Says what is on its way, of each row all of it; rows that are not named stay as they are. All or nothing; returns
/// how many rows expect something else than before.
pub async fn expect(orc: &Orchestrator, actor: &Actor, rows: Vec<IncomingStock>) -> Result<usize> {
    for row in &rows {
        actor.check_at(Permission::ChangeStock, &row.node)?;
    }
    actor.check(Permission::ChangeStock)?;
    let mut errors = Vec::new();
    check_size(&mut errors, rows.len());
    let mut seen = HashSet::new();
    for (i, row) in rows.iter().enumerate() {
        if !seen.insert((&row.node, &row.sku)) {
            errors.push(FieldError::new(
                format!("#/{i}/sku"),
                "this node and SKU came before in this list",
            ));
        }
        if row.incoming.len() > MOST_DELIVERIES {
            let detail = format!("at most {MOST_DELIVERIES} deliveries");
            errors.push(FieldError::new(format!("#/{i}/incoming"), detail));
        }
        for (n, incoming) in row.incoming.iter().enumerate() {
            if !(1..=HIGHEST_QUANTITY).contains(&incoming.quantity) {
                errors.push(FieldError::new(
                    format!("#/{i}/incoming/{n}/quantity"),
                    format!("a quantity goes from 1 to {HIGHEST_QUANTITY}"),
                ));
            }
        }
    }
    let keys = rows.iter().map(|row| (row.node.as_str(), row.sku.as_str()));
    check_known(orc, actor, &mut errors, keys).await?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| write(tx, by, rows).boxed())
        .await
}

async fn write(tx: &mut Tx, by: Actor, rows: Vec<IncomingStock>) -> Result<usize> {
    let merchant = tx.merchant().0;
    let mut moves: BTreeMap<String, Vec<StockMove>> = BTreeMap::new();
    let changed = rows.len();
    for row in rows {
        let key = values![merchant, row.sku.clone(), row.node.clone()];
        let sql = "DELETE FROM incoming_stock WHERE merchant_id = ? AND sku = ? AND node = ?";
        sql::run(tx.conn(), sql, key).await?;
        let deliveries = row.incoming.iter().map(|incoming| Model {
            id: Uuid::now_v7(),
            merchant_id: merchant,
            sku: row.sku.clone(),
            node: row.node.clone(),
            quantity: incoming.quantity,
            expected_at: incoming.expected_at.timestamp_micros(),
        });
        let deliveries: Vec<_> = deliveries.map(IntoActiveModel::into_active_model).collect();
        if !deliveries.is_empty() {
            let insert = Entity::insert_many(deliveries);
            insert.exec_without_returning(tx.conn()).await?;
        }
        // What is expected shows in lists of stock, also where nothing was ever counted.
        let empty = stock::Model {
            merchant_id: merchant,
            sku: row.sku.clone(),
            node: row.node.clone(),
            on_hand: 0,
            reserved: 0,
            safety_stock: 0,
            updated_at: tx.now_us(),
            own_safety: None,
        };
        sql::insert_new(tx.conn(), vec![empty]).await?;
        moves.entry(row.node.clone()).or_default().push(StockMove {
            node: row.node,
            sku: row.sku,
            on_hand: 0,
            reserved: 0,
        });
    }
    for (node, moves) in moves {
        let summary = format!("Deliveries of {} SKUs are expected at {node}", moves.len());
        let event = NewEvent::new("stock.expected", format!("node:{node}"), &by, summary);
        tx.emit(event.data(json!({})).moves("expected", moves));
    }
    Ok(changed)
}
