//! Trouble with orders: what happened, what was done about it, and which nodes are left out meanwhile.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_repair"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, REPAIR).await
    }
}

// `subject` names what an exception is about, so that trouble which is told twice is one row while it lasts.
// `exclusions` leave a node out for one order; `stock.stopped_until` keeps a row out of sale for everybody, until the
// worker that looks after it says otherwise. `fulfillments.trouble` is why a fulfillment is to move,
// `late_since` when its hand-over was missed, and `orders.plan_within` what a person has said of where it may go.
const REPAIR: &str = "
CREATE TABLE exceptions (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  subject TEXT NOT NULL,
  order_id {uuid},
  fulfillment_id {uuid},
  node TEXT,
  cause TEXT NOT NULL,
  evidence TEXT NOT NULL,
  at_stake BIGINT NOT NULL,
  due_at BIGINT,
  snoozed_until BIGINT,
  assigned_to {uuid},
  resolution TEXT,
  times BIGINT NOT NULL,
  raised_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  closed_at BIGINT
)

CREATE UNIQUE INDEX exceptions_once ON exceptions (merchant_id, subject) WHERE closed_at IS NULL

CREATE INDEX exceptions_by_state ON exceptions (merchant_id, state, due_at, id)

CREATE INDEX exceptions_by_end ON exceptions (merchant_id, closed_at)

CREATE INDEX exceptions_by_order ON exceptions (order_id)

CREATE TABLE exclusions (
  order_id {uuid} NOT NULL REFERENCES orders (id),
  node TEXT NOT NULL,
  sku TEXT NOT NULL,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  until BIGINT NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY (order_id, node, sku)
)

CREATE INDEX exclusions_by_end ON exclusions (merchant_id, until)

CREATE TABLE repair_settings (
  merchant_id {uuid} NOT NULL PRIMARY KEY REFERENCES merchants (id),
  settings TEXT NOT NULL
)

ALTER TABLE stock ADD COLUMN stopped_until BIGINT

CREATE INDEX stock_stopped ON stock (merchant_id, stopped_until) WHERE stopped_until IS NOT NULL

ALTER TABLE fulfillments ADD COLUMN trouble TEXT

ALTER TABLE fulfillments ADD COLUMN late_since BIGINT

CREATE INDEX fulfillments_by_hand_over ON fulfillments (merchant_id, ship_by)
  WHERE late_since IS NULL AND status IN ('assigned', 'accepted', 'packed')

ALTER TABLE orders ADD COLUMN repairs BIGINT NOT NULL DEFAULT 0

ALTER TABLE orders ADD COLUMN promised_by TEXT

ALTER TABLE orders ADD COLUMN tier BIGINT NOT NULL DEFAULT 0

ALTER TABLE orders ADD COLUMN plan_within TEXT
";
