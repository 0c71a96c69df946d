//! Actions on all orders that pass a filter, done in the background, and what they passed over.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_bulk_actions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, BULK_ACTIONS).await
    }
}

// `last_number` is the number of the last order that was looked at, `up_to_number` that of the last order that there
// was when the action began: what lies between them is still to be looked at.
const BULK_ACTIONS: &str = "
CREATE TABLE bulk_actions (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  action TEXT NOT NULL,
  reason TEXT,
  filter TEXT NOT NULL,
  actor TEXT NOT NULL,
  status TEXT NOT NULL,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  skipped BIGINT NOT NULL,
  last_number BIGINT NOT NULL,
  up_to_number BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
)

CREATE INDEX bulk_actions_by_merchant ON bulk_actions (merchant_id, id)

CREATE INDEX bulk_actions_running ON bulk_actions (id) WHERE status = 'running'

CREATE TABLE bulk_skips (
  bulk_action_id {uuid} NOT NULL REFERENCES bulk_actions (id),
  number BIGINT NOT NULL,
  order_id {uuid} NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (bulk_action_id, number)
)
";
