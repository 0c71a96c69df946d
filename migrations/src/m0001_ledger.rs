//! The ledger: who may enter, what is sold where, what was ordered, what became of it, and the log of it all.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, ACCOUNTS).await?;
        dialect::run(manager, NETWORK).await?;
        dialect::run(manager, STOCK).await?;
        dialect::run(manager, ORDERS).await?;
        dialect::run(manager, LOG).await
    }
}

// `event_seq` and `event_hash` are the end of the merchant's log, `order_seq` the last short order number. Every
// writing transaction locks the merchant's row first: that one order of locks is why no two can deadlock.
const ACCOUNTS: &str = "
CREATE TABLE merchants (
  id {uuid} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  demo BOOLEAN NOT NULL,
  policy TEXT NOT NULL,
  event_seq BIGINT NOT NULL,
  event_hash TEXT NOT NULL,
  order_seq BIGINT NOT NULL,
  network_version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE TABLE users (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  nodes TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE INDEX users_by_merchant ON users (merchant_id)

CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  expires_at BIGINT NOT NULL
)

CREATE INDEX sessions_by_expiry ON sessions (expires_at)

CREATE TABLE sign_in_attempts (
  subject TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_failure_at BIGINT NOT NULL
)

CREATE TABLE api_keys (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  last4 TEXT NOT NULL,
  scopes TEXT NOT NULL,
  origins TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
)

CREATE INDEX api_keys_by_merchant ON api_keys (merchant_id)

CREATE TABLE idempotency_keys (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, key)
)

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)
";

const NETWORK: &str = "
CREATE TABLE channels (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (merchant_id, code)
)

CREATE TABLE products (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  sku TEXT NOT NULL,
  name TEXT NOT NULL,
  weight_g BIGINT NOT NULL,
  requires TEXT NOT NULL,
  detail TEXT NOT NULL,
  search TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, sku)
)

CREATE TABLE nodes (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  detail TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, code)
)

CREATE TABLE services (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  code TEXT NOT NULL,
  carrier TEXT NOT NULL,
  level TEXT NOT NULL,
  detail TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, code)
)

CREATE TABLE networks (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  hash TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, hash)
)

CREATE TABLE node_days (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  node TEXT NOT NULL,
  day TEXT NOT NULL,
  units BIGINT NOT NULL CHECK (units >= 0),
  PRIMARY KEY (merchant_id, node, day)
)
";

// Reserved may exceed on hand only where a count has found less than was promised; `stock::count` says so.
const STOCK: &str = "
CREATE TABLE stock (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  sku TEXT NOT NULL,
  node TEXT NOT NULL,
  on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
  reserved BIGINT NOT NULL CHECK (reserved >= 0),
  safety_stock BIGINT NOT NULL CHECK (safety_stock >= 0),
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, sku, node)
)

CREATE INDEX stock_by_node ON stock (merchant_id, node, sku)

CREATE TABLE incoming_stock (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  sku TEXT NOT NULL,
  node TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  expected_at BIGINT NOT NULL
)

CREATE INDEX incoming_stock_by_row ON incoming_stock (merchant_id, sku, node)

CREATE TABLE stock_movements (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  seq BIGINT NOT NULL,
  position BIGINT NOT NULL,
  node TEXT NOT NULL,
  sku TEXT NOT NULL,
  on_hand_delta BIGINT NOT NULL,
  reserved_delta BIGINT NOT NULL,
  cause TEXT NOT NULL,
  reason TEXT,
  order_id {uuid},
  PRIMARY KEY (merchant_id, seq, position)
)

CREATE INDEX stock_movements_by_row ON stock_movements (merchant_id, sku, node, seq)
";

const ORDERS: &str = "
CREATE TABLE orders (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  number BIGINT NOT NULL,
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  status TEXT NOT NULL,
  placed_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  currency TEXT NOT NULL,
  total BIGINT NOT NULL,
  customer TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  ship_to TEXT,
  destination TEXT NOT NULL,
  lat {float},
  lon {float},
  time_zone TEXT,
  delivery TEXT NOT NULL,
  line_count BIGINT NOT NULL,
  units BIGINT NOT NULL,
  waiting_units BIGINT NOT NULL,
  nodes TEXT NOT NULL,
  note TEXT,
  held BOOLEAN NOT NULL,
  hold_reason TEXT,
  excluded_nodes TEXT NOT NULL,
  search TEXT NOT NULL,
  plan_due_at BIGINT,
  plan_trigger TEXT NOT NULL,
  plan_attempts BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  version BIGINT NOT NULL
)

CREATE UNIQUE INDEX orders_by_external_id ON orders (merchant_id, channel, external_id)

CREATE UNIQUE INDEX orders_by_number ON orders (merchant_id, number)

CREATE INDEX orders_by_status ON orders (merchant_id, status, number)

CREATE INDEX orders_by_channel ON orders (merchant_id, channel, number)

CREATE INDEX orders_by_placed_at ON orders (merchant_id, placed_at)

CREATE INDEX orders_to_plan ON orders (plan_due_at) WHERE plan_due_at IS NOT NULL

CREATE TABLE order_lines (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  order_id {uuid} NOT NULL REFERENCES orders (id),
  position BIGINT NOT NULL,
  external_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  allocated BIGINT NOT NULL CHECK (allocated >= 0),
  cancelled BIGINT NOT NULL CHECK (cancelled >= 0),
  shipped BIGINT NOT NULL CHECK (shipped >= 0),
  unit_price BIGINT NOT NULL,
  waiting_reason TEXT,
  CHECK (allocated + cancelled <= quantity),
  CHECK (shipped <= allocated)
)

CREATE INDEX order_lines_by_order ON order_lines (order_id, position)

CREATE INDEX order_lines_waiting ON order_lines (merchant_id, sku) WHERE waiting_reason IS NOT NULL

CREATE TABLE fulfillments (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  order_id {uuid} NOT NULL REFERENCES orders (id),
  decision_id {uuid},
  node TEXT NOT NULL,
  service TEXT,
  status TEXT NOT NULL,
  units BIGINT NOT NULL,
  cost {float} NOT NULL,
  work_day TEXT,
  ship_by BIGINT,
  transit_days BIGINT,
  tracking_number TEXT,
  reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
)

CREATE INDEX fulfillments_by_order ON fulfillments (order_id)

CREATE INDEX fulfillments_by_node ON fulfillments (merchant_id, node, status, id)

CREATE INDEX fulfillments_by_status ON fulfillments (merchant_id, status, id)

CREATE INDEX fulfillments_by_tracking_number ON fulfillments (merchant_id, tracking_number) WHERE tracking_number IS NOT NULL

CREATE TABLE fulfillment_lines (
  fulfillment_id {uuid} NOT NULL REFERENCES fulfillments (id),
  line_id {uuid} NOT NULL REFERENCES order_lines (id),
  sku TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (fulfillment_id, line_id)
)

CREATE TABLE decisions (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  order_id {uuid} NOT NULL REFERENCES orders (id),
  run BIGINT NOT NULL,
  trigger_kind TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  took_us BIGINT NOT NULL,
  network_hash TEXT NOT NULL,
  inputs TEXT NOT NULL,
  plan TEXT NOT NULL,
  ruled_out TEXT NOT NULL
)

CREATE INDEX decisions_by_order ON decisions (order_id, run)
";

const LOG: &str = "
CREATE TABLE events (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  seq BIGINT NOT NULL,
  id {uuid} NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL,
  summary TEXT NOT NULL,
  data TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (merchant_id, seq)
)

CREATE INDEX events_by_subject ON events (merchant_id, subject, seq)
";
