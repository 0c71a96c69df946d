//! How long nodes may take, what customers collect, and where on its shelves a node keeps what.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0011_node_work"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, WORK).await
    }
}

// `cause` is why a node rejected it, in one word. What is ready to be collected has a code that the customer names,
// with the tries that failed since the last pause and the end of that pause, and is kept until `collect_by`.
const WORK: &str = "
CREATE TABLE work_settings (
  merchant_id {uuid} NOT NULL PRIMARY KEY REFERENCES merchants (id),
  settings TEXT NOT NULL
)

ALTER TABLE fulfillments ADD COLUMN accept_by BIGINT

ALTER TABLE fulfillments ADD COLUMN cause TEXT

ALTER TABLE fulfillments ADD COLUMN pickup_code TEXT

ALTER TABLE fulfillments ADD COLUMN code_tries BIGINT NOT NULL DEFAULT 0

ALTER TABLE fulfillments ADD COLUMN code_again_at BIGINT NOT NULL DEFAULT 0

ALTER TABLE fulfillments ADD COLUMN collect_by BIGINT

CREATE INDEX fulfillments_to_accept ON fulfillments (accept_by) WHERE status = 'assigned'

CREATE INDEX fulfillments_to_collect ON fulfillments (collect_by) WHERE status = 'ready_for_pickup'

CREATE TABLE stock_bins (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  node TEXT NOT NULL,
  sku TEXT NOT NULL,
  bin TEXT NOT NULL,
  PRIMARY KEY (merchant_id, node, sku)
)
";
