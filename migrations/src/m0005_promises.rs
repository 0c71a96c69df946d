//! What shoppers were told, which orders cite it, what became of it, and what carriers really took.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_promises"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, PROMISES).await
    }
}

// A promise without an order is forgotten after a while; what an order cites is in `order_promises` for good, with the
// plan's own probability beside the stated one and what the delivery made of it. `asked` is the basket and where it
// goes, `plans` the routes behind the options. Dates are calendar dates at the destination.
const PROMISES: &str = "
CREATE TABLE promise_settings (
  merchant_id {uuid} NOT NULL PRIMARY KEY REFERENCES merchants (id),
  settings TEXT NOT NULL,
  signing_key TEXT NOT NULL
)

CREATE TABLE promises (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  channel TEXT,
  status TEXT NOT NULL,
  asked TEXT NOT NULL,
  answer TEXT NOT NULL,
  plans TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
)

CREATE INDEX promises_by_expiry ON promises (expires_at)

CREATE TABLE order_promises (
  order_id {uuid} NOT NULL PRIMARY KEY REFERENCES orders (id),
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  promise_id {uuid} NOT NULL,
  channel TEXT NOT NULL,
  option_id TEXT,
  promised_from TEXT,
  promised_by TEXT,
  probability {float},
  expires_at BIGINT NOT NULL,
  goods_from BIGINT,
  cited_at BIGINT NOT NULL,
  node TEXT,
  service TEXT,
  lane TEXT,
  routed_within BOOLEAN,
  routed_probability {float},
  why_not TEXT,
  outcome TEXT,
  delivered_on TEXT,
  days_late BIGINT
)

CREATE INDEX order_promises_by_promise ON order_promises (promise_id)

CREATE INDEX order_promises_by_outcome ON order_promises (merchant_id, outcome, cited_at)

CREATE TABLE transit_observations (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  fulfillment_id {uuid} NOT NULL PRIMARY KEY REFERENCES fulfillments (id),
  seq BIGINT NOT NULL,
  service TEXT NOT NULL,
  zone BIGINT NOT NULL,
  origin TEXT NOT NULL,
  destination TEXT NOT NULL,
  stated_days BIGINT NOT NULL,
  taken_days BIGINT NOT NULL
)

CREATE INDEX transit_observations_by_seq ON transit_observations (merchant_id, seq)
";
