//! One transaction of one merchant, and the end of that merchant's log within it.

use chrono::{DateTime, Utc};
use engine::model::{EventId, MerchantId, OrderId, StockMove};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::sql::{self, values};
use super::tables::{events, stock_movements};
use crate::{Actor, Result};

pub(crate) struct Tx {
    connection: DatabaseTransaction,
    merchant: MerchantId,
    now: DateTime<Utc>,
    head: Head,
    before: Head,
    events: Vec<events::Model>,
    movements: Vec<stock_movements::Model>,
    orders_waiting: bool,
}

/// Where the merchant's numbers stand.
#[derive(Clone, PartialEq, FromQueryResult, Default)]
struct Head {
    event_seq: i64,
    event_hash: String,
    order_seq: i64,
    network_version: i64,
}

/// A state to come back to when a change fails.
pub(super) struct Mark {
    head: Head,
    events: usize,
    movements: usize,
    orders_waiting: bool,
}

/// What is to be written to the log.
pub(crate) struct NewEvent {
    pub kind: &'static str,
    pub subject: String,
    pub actor: String,
    /// One sentence for people.
    pub summary: String,
    pub data: Value,
    /// What it moved in stock, why, and for which order.
    pub moves: Vec<StockMove>,
    pub cause: &'static str,
    pub reason: Option<String>,
    pub order: Option<OrderId>,
}

impl NewEvent {
    pub fn new(
        kind: &'static str,
        subject: impl ToString,
        actor: &Actor,
        summary: impl Into<String>,
    ) -> Self {
        NewEvent {
            kind,
            subject: subject.to_string(),
            actor: actor.label(),
            summary: summary.into(),
            data: json!({}),
            moves: Vec::new(),
            cause: "",
            reason: None,
            order: None,
        }
    }

    pub fn data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    pub fn moves(mut self, cause: &'static str, moves: Vec<StockMove>) -> Self {
        self.cause = cause;
        self.moves = moves;
        self
    }

    pub fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    pub fn of_order(mut self, order: OrderId) -> Self {
        self.order = Some(order);
        self
    }
}

impl Tx {
    pub(super) async fn begin(
        connection: DatabaseTransaction,
        merchant: Option<MerchantId>,
        now: DateTime<Utc>,
    ) -> Result<Self, DbErr> {
        let head = match merchant {
            None => Head::default(),
            // On PostgreSQL the merchant's row is the lock that all writers of the merchant take first. SQLite has
            // one writer at a time anyway.
            Some(merchant) => {
                let lock = if connection.get_database_backend() == DbBackend::Postgres {
                    " FOR UPDATE"
                } else {
                    ""
                };
                sql::one(
                    &connection,
                    &format!(
                        "SELECT event_seq, event_hash, order_seq, network_version FROM merchants WHERE id = ?{lock}"
                    ),
                    values![merchant.0],
                )
                .await?
                .ok_or_else(|| DbErr::RecordNotFound(format!("merchant {merchant}")))?
            }
        };
        Ok(Tx {
            connection,
            merchant: merchant.unwrap_or(MerchantId(Uuid::nil())),
            now,
            before: head.clone(),
            head,
            events: Vec::new(),
            movements: Vec::new(),
            orders_waiting: false,
        })
    }

    pub fn conn(&self) -> &DatabaseTransaction {
        &self.connection
    }

    pub fn merchant(&self) -> MerchantId {
        self.merchant
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn now_us(&self) -> i64 {
        self.now.timestamp_micros()
    }

    /// The next short number for an order.
    pub fn next_order_number(&mut self) -> i64 {
        self.head.order_seq += 1;
        self.head.order_seq
    }

    /// The short number of the last order that there is.
    pub fn last_order_number(&self) -> i64 {
        self.head.order_seq
    }

    /// Products, nodes, services or channels have changed: what was read of them is stale.
    pub fn network_changed(&mut self) {
        self.head.network_version += 1;
    }

    pub fn network_version(&self) -> i64 {
        self.head.network_version
    }

    /// After the commit there are orders for the router.
    pub fn wake_router(&mut self) {
        self.orders_waiting = true;
    }

    /// Appends to the merchant's log and returns the event's number.
    pub fn emit(&mut self, event: NewEvent) -> i64 {
        let mut data = event.data;
        if !event.moves.is_empty()
            && let Value::Object(map) = &mut data
        {
            map.insert("stock".to_owned(), json!(event.moves));
        }
        let seq = self.head.event_seq + 1;
        let row = events::Model {
            merchant_id: self.merchant.0,
            seq,
            id: EventId(Uuid::now_v7()).0,
            kind: event.kind.to_owned(),
            subject: event.subject,
            actor: event.actor,
            at: self.now_us(),
            summary: event.summary,
            data: data.to_string(),
            previous_hash: std::mem::take(&mut self.head.event_hash),
            hash: String::new(),
        };
        let hash = crate::events::hash_of(&row);
        self.head.event_seq = seq;
        self.head.event_hash.clone_from(&hash);
        self.events.push(events::Model { hash, ..row });
        for (position, moved) in event.moves.into_iter().enumerate() {
            self.movements.push(stock_movements::Model {
                merchant_id: self.merchant.0,
                seq,
                position: position as i64,
                node: moved.node,
                sku: moved.sku,
                on_hand_delta: moved.on_hand,
                reserved_delta: moved.reserved,
                cause: event.cause.to_owned(),
                reason: event.reason.clone(),
                order_id: event.order.map(|id| id.0),
            });
        }
        seq
    }

    pub(super) fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            head: self.head.clone(),
            events: self.events.len(),
            movements: self.movements.len(),
            orders_waiting: self.orders_waiting,
        }
    }

    pub(super) fn restore(&mut self, mark: Mark) {
        self.head = mark.head;
        self.events.truncate(mark.events);
        self.movements.truncate(mark.movements);
        self.orders_waiting = mark.orders_waiting;
    }

    pub(super) fn new_event_seq(&self) -> Option<i64> {
        (self.before.event_seq != self.head.event_seq).then_some(self.head.event_seq)
    }

    pub(super) fn orders_waiting(&self) -> bool {
        self.orders_waiting
    }

    /// Writes what the changes have left here: the log, the ledger of stock, the merchant's numbers.
    pub(super) async fn flush(&mut self) -> Result<(), DbErr> {
        let messages = crate::messages::of_events(&self.events);
        sql::insert(&self.connection, messages).await?;
        sql::insert(&self.connection, std::mem::take(&mut self.events)).await?;
        sql::insert(&self.connection, std::mem::take(&mut self.movements)).await?;
        if self.head != self.before {
            let head = &self.head;
            sql::run(
                &self.connection,
                "UPDATE merchants SET event_seq = ?, event_hash = ?, order_seq = ?, network_version = ? WHERE id = ?",
                values![
                    head.event_seq,
                    head.event_hash.clone(),
                    head.order_seq,
                    head.network_version,
                    self.merchant.0
                ],
            )
            .await?;
        }
        Ok(())
    }

    pub(super) fn into_connection(self) -> DatabaseTransaction {
        self.connection
    }
}
