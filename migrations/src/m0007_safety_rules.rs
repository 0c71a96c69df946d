//! How much is kept back from sale, by rule: by SKU or category, at a node or a kind of node.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_safety_rules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, RULES).await
    }
}

// `safety_stock` is what holds for a row, so that the statement that reserves needs to look at nothing else. It is
// `own_safety` where that was said of the row itself, and otherwise follows from the rules.
const RULES: &str = "
CREATE TABLE safety_rules (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  position BIGINT NOT NULL,
  rule TEXT NOT NULL,
  PRIMARY KEY (merchant_id, position)
)

ALTER TABLE stock ADD COLUMN own_safety BIGINT

UPDATE stock SET own_safety = safety_stock WHERE safety_stock > 0

ALTER TABLE products ADD COLUMN category TEXT
";
