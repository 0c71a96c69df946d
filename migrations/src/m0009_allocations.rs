//! How the units of stock rows are divided among channels, and what each channel has reserved.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_allocations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, ALLOCATIONS).await
    }
}

// `channel_reservations` tells whose the units are that `stock.reserved` counts; both are changed together. A hold of
// the checkout that named no channel has the empty one.
const ALLOCATIONS: &str = "
CREATE TABLE allocation_rules (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  position BIGINT NOT NULL,
  rule TEXT NOT NULL,
  PRIMARY KEY (merchant_id, position)
)

CREATE TABLE channel_reservations (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  sku TEXT NOT NULL,
  node TEXT NOT NULL,
  channel TEXT NOT NULL,
  units BIGINT NOT NULL CHECK (units >= 0),
  PRIMARY KEY (merchant_id, sku, node, channel)
)

INSERT INTO channel_reservations (merchant_id, sku, node, channel, units)
SELECT f.merchant_id, l.sku, f.node, o.channel, CAST(sum(l.quantity) AS BIGINT)
FROM fulfillments f
JOIN fulfillment_lines l ON l.fulfillment_id = f.id
JOIN orders o ON o.id = f.order_id
WHERE f.status IN ('assigned', 'accepted', 'packed', 'ready_for_pickup')
GROUP BY f.merchant_id, l.sku, f.node, o.channel

INSERT INTO channel_reservations (merchant_id, sku, node, channel, units)
SELECT merchant_id, sku, node, '', CAST(sum(quantity) AS BIGINT) FROM stock_holds GROUP BY merchant_id, sku, node

ALTER TABLE stock_holds ADD COLUMN channel TEXT NOT NULL DEFAULT ''
";
