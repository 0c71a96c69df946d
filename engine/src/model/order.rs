use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::{Address, Customer};
use super::fulfillment::FulfillmentView;
use super::ids::{LineId, OrderId};
use super::money::Currency;
use super::promise::OrderPromise;

/// An enum whose variants have a wire name and a label that people read.
macro_rules! status_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $wire:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $(#[doc = $label] $variant),* }

        impl $name {
            /// Every one of them, in the order of a life.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The name in the API and the database.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $wire),* }
            }

            /// The words that people read.
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => $label),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($wire => Ok($name::$variant),)*
                    _ => {
                        let known: Vec<_> = Self::ALL.iter().map(|v| v.as_str()).collect();
                        Err(format!("'{text}' is none of {}", known.join(", ")))
                    }
                }
            }
        }
    };
}
pub(super) use status_enum;

status_enum! {
    /// Where an order stands; always derived from its fulfillments, and stored.
    OrderStatus {
        Received => "received", "Received";
        Routed => "routed", "Routed";
        InProgress => "in_progress", "In progress";
        Shipped => "shipped", "Shipped";
        Delivered => "delivered", "Delivered";
        OnHold => "on_hold", "On hold";
        Backordered => "backordered", "Backordered";
        NeedsAttention => "needs_attention", "Needs attention";
        Cancelled => "cancelled", "Cancelled";
    }
}

status_enum! {
    /// What people do with an order.
    OrderAction {
        Hold => "hold", "Hold";
        Release => "release", "Release";
        Cancel => "cancel", "Cancel";
        Reroute => "reroute", "Re-route";
    }
}

/// What an order's state follows from, in units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub held: bool,
    /// The router has looked at it since it last changed.
    pub planned: bool,
    /// It cannot go on without a person.
    pub stuck: bool,
    /// Units that were ordered.
    pub ordered: i64,
    pub cancelled: i64,
    /// In fulfillments that are assigned.
    pub assigned: i64,
    /// In fulfillments that are accepted, packed or ready for pickup.
    pub started: i64,
    /// In fulfillments that are shipped.
    pub shipped: i64,
    /// In fulfillments that are delivered or picked up.
    pub delivered: i64,
}

impl Progress {
    /// Units that no fulfillment carries.
    pub fn waiting(&self) -> i64 {
        self.ordered - self.cancelled - self.assigned - self.started - self.shipped - self.delivered
    }
}

impl OrderStatus {
    /// The state that follows; the one place that says so.
    pub fn derive(p: &Progress) -> OrderStatus {
        let open = p.waiting() + p.assigned + p.started;
        if p.cancelled == p.ordered {
            OrderStatus::Cancelled
        } else if p.held && open > 0 {
            OrderStatus::OnHold
        } else if p.stuck && p.waiting() > 0 {
            OrderStatus::NeedsAttention
        } else if p.waiting() > 0 {
            if p.planned {
                OrderStatus::Backordered
            } else {
                OrderStatus::Received
            }
        } else if open == 0 {
            if p.shipped == 0 {
                OrderStatus::Delivered
            } else {
                OrderStatus::Shipped
            }
        } else if p.started + p.shipped + p.delivered > 0 {
            OrderStatus::InProgress
        } else {
            OrderStatus::Routed
        }
    }

    /// Whether the action makes sense in this state. The one table that buttons and use cases share. (An action
    /// repeated in the state that it led to is no error either: it changes nothing.)
    pub fn allows(self, action: OrderAction) -> bool {
        use OrderStatus as S;
        match action {
            OrderAction::Hold | OrderAction::Reroute => {
                matches!(
                    self,
                    S::Received | S::Routed | S::InProgress | S::Backordered | S::NeedsAttention
                )
            }
            OrderAction::Release => self == S::OnHold,
            OrderAction::Cancel => !matches!(self, S::Shipped | S::Delivered | S::Cancelled),
        }
    }
}

/// How the customer gets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMethod {
    #[default]
    Ship,
    Pickup,
}

/// How and how fast the customer gets it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    #[serde(default)]
    pub method: DeliveryMethod,
    /// Level of the carrier services that may be used; `standard` when left out of a shipped order.
    #[serde(default)]
    pub level: Option<String>,
    /// Node at which the customer collects; needed for `pickup`.
    #[serde(default)]
    pub node: Option<String>,
    /// The promise that the customer was shown: its id, or its token.
    #[serde(default)]
    pub promise_id: Option<String>,
}

/// A line of an order that comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// The channel's own id of the line, unique within the order.
    pub external_id: String,
    pub sku: String,
    /// Units, 1 to 100,000.
    pub quantity: i64,
    /// Minor units.
    #[serde(default)]
    pub unit_price: i64,
}

/// An order as a channel sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// Code of one of the merchant's channels.
    pub channel: String,
    /// The channel's own id of the order; `channel` and this together name it for good.
    pub external_id: String,
    pub placed_at: DateTime<chrono::FixedOffset>,
    pub currency: Currency,
    #[serde(default)]
    pub customer: Customer,
    /// Needed unless the order is collected.
    #[serde(default)]
    pub ship_to: Option<Address>,
    /// 1 to 500.
    pub lines: Vec<NewLine>,
    #[serde(default)]
    pub delivery: Delivery,
}

/// A line of an order and what has become of its units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineView {
    pub id: LineId,
    pub external_id: String,
    pub sku: String,
    pub product_name: String,
    pub quantity: i64,
    /// Units in fulfillments that are not void, shipped ones included.
    pub allocated: i64,
    pub cancelled: i64,
    pub shipped: i64,
    pub unit_price: i64,
}

/// Units that no fulfillment carries yet, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Waiting {
    /// The order line's id.
    pub line: LineId,
    pub quantity: i64,
    /// `not_routed_yet`, `on_hold`, or the engine's reason: `no_stock`, `no_capability`, `no_service`,
    /// `no_capacity`, `max_packages`, `too_costly`.
    pub reason: String,
}

/// An order, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderView {
    pub id: OrderId,
    /// Short number for people, per merchant.
    pub number: i64,
    pub channel: String,
    pub external_id: String,
    pub status: OrderStatus,
    pub placed_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub currency: Currency,
    /// Minor units, over all lines.
    pub total: i64,
    pub customer: Customer,
    pub ship_to: Option<Address>,
    pub delivery: Delivery,
    pub lines: Vec<LineView>,
    pub fulfillments: Vec<FulfillmentView>,
    pub waiting: Vec<Waiting>,
    /// Why it is on hold, if it is.
    pub hold_reason: Option<String>,
    /// What the customer was promised, where the order cites it.
    pub promise: Option<OrderPromise>,
    pub tracking_url: Option<String>,
    /// Changes with every change of the order.
    pub version: i64,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderRow {
    pub id: OrderId,
    pub number: i64,
    pub channel: String,
    pub external_id: String,
    pub status: OrderStatus,
    pub placed_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub currency: Currency,
    /// Minor units, over all lines.
    pub total: i64,
    pub customer_name: String,
    pub destination: String,
    pub line_count: i64,
    pub units: i64,
    /// Codes of the nodes with a fulfillment that is not void.
    pub nodes: Vec<String>,
    /// Units that no fulfillment carries.
    pub waiting_units: i64,
    /// Why it waits or is held, as people read it.
    pub note: Option<String>,
    pub version: i64,
}

/// Which orders a list shows. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFilter {
    /// Of these orders.
    #[serde(default)]
    pub order: Vec<OrderId>,
    pub status: Vec<OrderStatus>,
    pub channel: Vec<String>,
    /// Orders with a fulfillment, not void, at one of these nodes.
    pub node: Vec<String>,
    /// Text in the number, external id, customer, e-mail, SKU or tracking number.
    pub q: Option<String>,
    pub placed_from: Option<DateTime<Utc>>,
    pub placed_to: Option<DateTime<Utc>>,
    pub sort: OrderSort,
}

/// The order of a list of orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderSort {
    /// By number, newest first.
    #[default]
    Newest,
    /// By number, oldest first.
    Oldest,
}

/// How many orders there are in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCounts {
    pub by_status: BTreeMap<OrderStatus, u64>,
}

impl OrderCounts {
    /// Over all states.
    pub fn total(&self) -> u64 {
        self.by_status.values().sum()
    }

    /// In one state.
    pub fn of(&self, status: OrderStatus) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }
}

/// The orders before and after one, in the order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbours {
    pub previous: Option<OrderId>,
    pub next: Option<OrderId>,
}

/// Where a person wants an order to go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderMove {
    /// The only node that may send a SKU; SKUs that are left out go wherever is best.
    #[serde(default)]
    pub nodes: BTreeMap<String, String>,
    /// Whether every carrier service may be used, and not only those of the level that was bought.
    #[serde(default)]
    pub any_service: bool,
}

/// What a move would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovePreview {
    /// Nodes and services, as people read it; empty when nothing could be sent.
    pub ways: String,
    /// Whether that is how it goes already.
    pub is_now: bool,
    pub effect: super::FixEffect,
}

/// How an action on many orders stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAction {
    /// `blk_…`
    pub id: String,
    pub action: OrderAction,
    pub reason: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// `running`, `done` or `stopped`.
    pub status: String,
    /// Orders that passed the filter when it began.
    pub total: u64,
    /// Orders that it has acted on.
    pub done: u64,
    /// Orders whose state did not allow it.
    pub skipped: u64,
    /// The first of those by number, at most 100, with the reason; empty in lists.
    pub skips: Vec<BulkSkip>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl BulkAction {
    /// Whether it still goes through its orders.
    pub fn is_running(&self) -> bool {
        self.status == "running"
    }
}

/// An order that an action on many has passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkSkip {
    pub id: OrderId,
    /// Its short number.
    pub number: i64,
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(change: impl FnOnce(&mut Progress)) -> OrderStatus {
        let mut progress = Progress {
            ordered: 5,
            planned: true,
            ..Progress::default()
        };
        change(&mut progress);
        OrderStatus::derive(&progress)
    }

    #[test]
    fn an_order_is_as_far_as_its_slowest_part() {
        assert_eq!(status(|p| p.planned = false), OrderStatus::Received);
        assert_eq!(status(|p| p.assigned = 5), OrderStatus::Routed);
        assert_eq!(status(|p| p.assigned = 4), OrderStatus::Backordered);
        assert_eq!(
            status(|p| (p.assigned, p.started) = (3, 2)),
            OrderStatus::InProgress
        );
        assert_eq!(
            status(|p| (p.assigned, p.shipped) = (3, 2)),
            OrderStatus::InProgress
        );
        assert_eq!(
            status(|p| (p.delivered, p.shipped) = (3, 2)),
            OrderStatus::Shipped
        );
        assert_eq!(status(|p| p.delivered = 5), OrderStatus::Delivered);
    }

    #[test]
    fn cancelled_units_no_longer_count_and_a_hold_ends_with_the_last_open_unit() {
        assert_eq!(status(|p| p.cancelled = 5), OrderStatus::Cancelled);
        assert_eq!(
            status(|p| (p.cancelled, p.shipped) = (3, 2)),
            OrderStatus::Shipped
        );
        assert_eq!(
            status(|p| (p.held, p.shipped) = (true, 2)),
            OrderStatus::OnHold
        );
        assert_eq!(
            status(|p| (p.held, p.shipped) = (true, 5)),
            OrderStatus::Shipped
        );
        assert_eq!(status(|p| p.stuck = true), OrderStatus::NeedsAttention);
    }
}
