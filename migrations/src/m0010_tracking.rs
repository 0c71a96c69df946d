//! What carriers say, what customers see of it, and what is written to them.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_tracking"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, SCANS).await?;
        dialect::run(manager, PAGES).await?;
        dialect::run(manager, MESSAGES).await
    }
}

// A scan is kept as it came; without a fulfillment it waits for one with its number. `status` is ours, `given` the
// carrier's word, `occurred_offset` minutes east of Greenwich where it happened. A parcel is what its scans come to:
// it is derived from all of them each time. `told_by` is the date that the customer was last told.
// What is on its way already becomes one.
const SCANS: &str = "
CREATE TABLE tracking_scans (
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  event_id TEXT NOT NULL,
  tracking_number TEXT NOT NULL,
  status TEXT,
  given TEXT NOT NULL,
  reason TEXT,
  occurred_at BIGINT NOT NULL,
  occurred_offset BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  location TEXT,
  message TEXT,
  fulfillment_id {uuid} REFERENCES fulfillments (id),
  PRIMARY KEY (merchant_id, event_id)
)

CREATE INDEX tracking_scans_by_number ON tracking_scans (merchant_id, tracking_number)

CREATE INDEX tracking_scans_by_fulfillment ON tracking_scans (fulfillment_id, occurred_at) WHERE fulfillment_id IS NOT NULL

CREATE TABLE parcels (
  fulfillment_id {uuid} NOT NULL PRIMARY KEY REFERENCES fulfillments (id),
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  order_id {uuid} NOT NULL REFERENCES orders (id),
  status TEXT NOT NULL,
  status_at BIGINT NOT NULL,
  shipped_at BIGINT NOT NULL,
  first_scan_at BIGINT,
  last_scan_at BIGINT,
  delivered_at BIGINT,
  delay_reason TEXT,
  delayed_at BIGINT,
  expected_by TEXT,
  told_by TEXT,
  told_at BIGINT,
  check_at BIGINT
)

INSERT INTO parcels (fulfillment_id, merchant_id, order_id, status, status_at, shipped_at, check_at)
SELECT id, merchant_id, order_id, 'pre_transit', updated_at, updated_at, updated_at FROM fulfillments
WHERE status = 'shipped' AND service IS NOT NULL

CREATE INDEX parcels_by_order ON parcels (order_id)

CREATE INDEX parcels_to_check ON parcels (check_at) WHERE check_at IS NOT NULL
";

// Links and visits are known by the SHA-256 of their secret only. A visit is a browser that has come by a link; the code
// that it may ask for is mailed, and kept as a hash too.
const PAGES: &str = "
CREATE TABLE tracking_settings (
  merchant_id {uuid} NOT NULL PRIMARY KEY REFERENCES merchants (id),
  settings TEXT NOT NULL,
  link_key TEXT NOT NULL
)

CREATE TABLE tracking_links (
  hash TEXT NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  order_id {uuid} NOT NULL REFERENCES orders (id),
  generation BIGINT,
  made_at BIGINT NOT NULL,
  revoked_at BIGINT
)

CREATE INDEX tracking_links_by_order ON tracking_links (order_id)

CREATE TABLE tracking_visits (
  hash TEXT NOT NULL PRIMARY KEY,
  link_hash TEXT NOT NULL REFERENCES tracking_links (hash),
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  code_hash TEXT,
  code_until BIGINT,
  code_tries BIGINT NOT NULL,
  codes_sent BIGINT NOT NULL,
  verified_until BIGINT
)

CREATE INDEX tracking_visits_by_link ON tracking_visits (link_hash)

CREATE INDEX tracking_visits_by_expiry ON tracking_visits (expires_at)
";

// A message is written in the transaction of the event that it tells of (`seq`), and sent by a worker. The mailbox
// keeps what was sent where nothing is set up to send with.
const MESSAGES: &str = "
CREATE TABLE messages (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  order_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  problem TEXT
)

CREATE UNIQUE INDEX messages_once ON messages (merchant_id, seq, kind)

CREATE INDEX messages_due ON messages (due_at) WHERE status = 'waiting'

CREATE INDEX messages_by_order ON messages (order_id)

CREATE TABLE mailbox (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  html TEXT NOT NULL,
  body TEXT NOT NULL,
  sent_at BIGINT NOT NULL
)

CREATE INDEX mailbox_newest ON mailbox (merchant_id, id)
";
