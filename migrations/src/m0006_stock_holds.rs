//! Stock that is kept for a shopper at the checkout.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_stock_holds"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, HOLDS).await
    }
}

// A row is there for as long as its units are reserved for the promise. With an order it is that order's, until it is
// planned; without one it ends at `held_until`.
const HOLDS: &str = "
CREATE TABLE stock_holds (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  promise_id {uuid} NOT NULL,
  sku TEXT NOT NULL,
  node TEXT NOT NULL,
  work_day TEXT,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  held_until BIGINT NOT NULL,
  order_id {uuid},
  PRIMARY KEY (promise_id, sku, node)
)

CREATE INDEX stock_holds_by_end ON stock_holds (held_until) WHERE order_id IS NULL

CREATE INDEX stock_holds_by_order ON stock_holds (order_id) WHERE order_id IS NOT NULL
";
