use std::collections::BTreeSet;

use engine::model::Trigger;
use sea_orm::Value;

use crate::Result;
use crate::store::Tx;
use crate::store::sql::{self, values};

/// Stock of these SKUs has become available: backorders that wait for them are planned again.
pub(crate) async fn wake_backorders(tx: &mut Tx, skus: &BTreeSet<String>) -> Result<()> {
    let skus: Vec<_> = skus.iter().collect();
    for chunk in skus.chunks(500) {
        let sql = format!(
            "UPDATE orders SET plan_due_at = ?, plan_trigger = ? WHERE merchant_id = ? AND status = 'backordered'
             AND plan_due_at IS NULL AND id IN (SELECT order_id FROM order_lines
             WHERE merchant_id = ? AND waiting_reason IS NOT NULL AND sku IN {})",
            sql::list(chunk.len())
        );
        let merchant = tx.merchant().0;
        let mut bound = values![
            tx.now_us(),
            Trigger::StockArrived.as_str(),
            merchant,
            merchant
        ];
        bound.extend(chunk.iter().map(|sku| Value::from(sku.as_str())));
        if sql::run(tx.conn(), &sql, bound).await? > 0 {
            tx.wake_router();
        }
    }
    Ok(())
}

/// The network has changed: every backorder is planned again.
pub(crate) async fn wake_all_backorders(tx: &mut Tx) -> Result<()> {
    let sql = "UPDATE orders SET plan_due_at = ?, plan_trigger = ? WHERE merchant_id = ? AND status = 'backordered'
               AND plan_due_at IS NULL";
    let bound = values![tx.now_us(), Trigger::StockArrived.as_str(), tx.merchant().0];
    if sql::run(tx.conn(), sql, bound).await? > 0 {
        tx.wake_router();
    }
    Ok(())
}
