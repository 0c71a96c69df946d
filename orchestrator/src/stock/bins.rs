//! Where on its shelves a node keeps what, for those who pick it.

use engine::model::{FieldError, Permission, StockBin};
use futures::FutureExt;

use super::change::{check_known, check_size};
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

/// Letters of a bin's name.
const LONGEST_BIN: usize = 40;

/// Says where things lie, all or nothing; a row without a bin is forgotten. Answers how many rows were named.
pub async fn put_bins(orc: &Orchestrator, actor: &Actor, rows: Vec<StockBin>) -> Result<usize> {
    for row in &rows {
        actor.check_at(Permission::ChangeStock, &row.node)?;
    }
    actor.check(Permission::ChangeStock)?;
    let mut errors = Vec::new();
    check_size(&mut errors, rows.len());
    for (i, row) in rows.iter().enumerate() {
        let bin = row.bin.as_deref().unwrap_or("-");
        if bin.trim().is_empty() || bin.len() > LONGEST_BIN {
            let detail = format!("a bin has 1 to {LONGEST_BIN} characters");
            errors.push(FieldError::new(format!("#/{i}/bin"), detail));
        }
    }
    let named = rows.iter().map(|row| (row.node.as_str(), row.sku.as_str()));
    check_known(orc, actor, &mut errors, named).await?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    orc.write_once(actor, move |tx| {
        async move {
            let named = rows.len();
            for row in rows {
                let merchant = tx.merchant().0;
                let forget =
                    "DELETE FROM stock_bins WHERE merchant_id = ? AND node = ? AND sku = ?";
                let key = values![merchant, row.node.clone(), row.sku.clone()];
                sql::run(tx.conn(), forget, key).await?;
                if let Some(bin) = row.bin {
                    let put =
                        "INSERT INTO stock_bins (merchant_id, node, sku, bin) VALUES (?, ?, ?, ?)";
                    let bin = bin.trim().to_owned();
                    sql::run(tx.conn(), put, values![merchant, row.node, row.sku, bin]).await?;
                }
            }
            Ok(named)
        }
        .boxed()
    })
    .await
}
