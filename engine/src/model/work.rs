use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::fulfillment::FulfillmentStatus;
use super::ids::{FulfillmentId, LineId, OrderId};
use super::node::{NodeAddress, NodeKind};
use super::order::status_enum;
use super::page::FieldError;

/// How long nodes may take for their work, and customers to collect theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkSettings {
    /// By kind of node; a kind that is left out has the times that hold from the start.
    pub kinds: BTreeMap<NodeKind, WorkTimes>,
    /// Days for which what is ready is kept for the customer, 1 to 60.
    pub keep_days: u32,
}

/// How long a node may take, in its opening hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkTimes {
    /// Minutes until it has said whether it does it, 1 to 10,080; no limit when left out.
    pub accept_minutes: Option<u32>,
    /// Hours until it has handed it over, 1 to 720, where the carrier does not come sooner; no limit when left out.
    pub ship_hours: Option<u32>,
}

const MOST_ACCEPT_MINUTES: u32 = 7 * 24 * 60;
const MOST_SHIP_HOURS: u32 = 30 * 24;
const MOST_KEEP_DAYS: u32 = 60;

impl Default for WorkSettings {
    fn default() -> Self {
        WorkSettings {
            kinds: BTreeMap::new(),
            keep_days: 7,
        }
    }
}

impl WorkSettings {
    /// What holds for a kind of node.
    pub fn times(&self, kind: NodeKind) -> WorkTimes {
        self.kinds.get(&kind).copied().unwrap_or_else(|| WorkTimes {
            accept_minutes: Some(if kind == NodeKind::Store { 60 } else { 240 }),
            ship_hours: None,
        })
    }

    /// Everything that does not fit, by field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut within = |pointer: String, value: Option<u32>, most: u32| {
            if value.is_some_and(|value| !(1..=most).contains(&value)) {
                errors.push(FieldError::new(pointer, format!("goes from 1 to {most}")));
            }
        };
        for (kind, times) in &self.kinds {
            let at = |field: &str| format!("#/kinds/{}/{field}", kind.as_str());
            within(
                at("accept_minutes"),
                times.accept_minutes,
                MOST_ACCEPT_MINUTES,
            );
            within(at("ship_hours"), times.ship_hours, MOST_SHIP_HOURS);
        }
        within(
            "#/keep_days".to_owned(),
            Some(self.keep_days),
            MOST_KEEP_DAYS,
        );
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }
}

status_enum! {
    /// What is to be done next with the work of a node.
    WorkStep {
        ToAccept => "to_accept", "To accept";
        ToPick => "to_pick", "To pick";
        ToHandOver => "to_hand_over", "To hand over";
        ToCollect => "to_collect", "To collect";
    }
}

impl WorkStep {
    /// The state in which it is next.
    pub fn status(self) -> FulfillmentStatus {
        match self {
            WorkStep::ToAccept => FulfillmentStatus::Assigned,
            WorkStep::ToPick => FulfillmentStatus::Accepted,
            WorkStep::ToHandOver => FulfillmentStatus::Packed,
            WorkStep::ToCollect => FulfillmentStatus::ReadyForPickup,
        }
    }

    /// What is next in this state; nothing where the node has done its part.
    pub fn of(status: FulfillmentStatus) -> Option<WorkStep> {
        let mut steps = WorkStep::ALL.iter();
        steps.find(|step| step.status() == status).copied()
    }
}

status_enum! {
    /// Whether there is still time for what is to be done next.
    Urgency {
        OnTime => "on_time", "On time";
        AtRisk => "at_risk", "At risk";
        Late => "late", "Late";
    }
}

/// Minutes before it has to leave from which work that still lies there is at risk.
const SHIP_RISK_MINUTES: i64 = 60;
/// The same before it has to be accepted, at least: a quarter of the time where that is more.
const ACCEPT_RISK_MINUTES: i64 = 10;

impl Urgency {
    /// How much time there is left. The one place that says so.
    pub fn of(
        status: FulfillmentStatus,
        created_at: DateTime<Utc>,
        accept_by: Option<DateTime<Utc>>,
        ship_by: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Urgency {
        let until = |by: Option<DateTime<Utc>>, warning: Duration| match by {
            Some(by) if now > by => Urgency::Late,
            Some(by) if by - now <= warning => Urgency::AtRisk,
            _ => Urgency::OnTime,
        };
        let to_leave = until(ship_by, Duration::minutes(SHIP_RISK_MINUTES));
        match status {
            FulfillmentStatus::Assigned => {
                let quarter = accept_by.map_or(Duration::zero(), |by| (by - created_at) / 4);
                let warning = quarter.max(Duration::minutes(ACCEPT_RISK_MINUTES));
                to_leave.max(until(accept_by, warning))
            }
            FulfillmentStatus::Accepted | FulfillmentStatus::Packed => to_leave,
            _ => Urgency::OnTime,
        }
    }
}

/// What a list of work shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkFilter {
    /// Of one node; of all that one may see when left out.
    pub node: Option<String>,
    /// Only what is to be done next.
    pub step: Option<WorkStep>,
}

/// A line as somebody picks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkLine {
    pub line: LineId,
    pub sku: String,
    pub product_name: String,
    pub quantity: i64,
    /// Where it lies, where the node has said it.
    pub bin: Option<String>,
    pub barcode: Option<String>,
}

/// A fulfillment as the people of its node see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItem {
    pub id: FulfillmentId,
    pub order: OrderId,
    pub order_number: i64,
    pub node: String,
    pub node_name: String,
    pub status: FulfillmentStatus,
    /// Code of the planned carrier service; `None` for what the customer collects.
    pub service: Option<String>,
    pub lines: Vec<WorkLine>,
    pub accept_by: Option<DateTime<Utc>>,
    pub ship_by: Option<DateTime<Utc>>,
    /// In the node's own time, as people read it.
    pub ship_by_local: Option<String>,
    pub collect_by: Option<DateTime<Utc>>,
    pub tracking_number: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl WorkItem {
    pub fn urgency(&self, now: DateTime<Utc>) -> Urgency {
        let (accept_by, ship_by) = (self.accept_by, self.ship_by);
        Urgency::of(self.status, self.created_at, accept_by, ship_by, now)
    }

    pub fn units(&self) -> i64 {
        self.lines.iter().map(|line| line.quantity).sum()
    }
}

/// What goes into a package as a slip of paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackingSlip {
    pub item: WorkItem,
    pub merchant: String,
    pub node_address: NodeAddress,
    /// Where it goes; nothing for what the customer collects.
    pub ship_to: Option<Address>,
    /// What the barcode says: the order's number and the end of the fulfillment's id.
    pub reference: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_at_risk_before_it_is_late() {
        use FulfillmentStatus as S;
        let at = |minutes: i64| DateTime::from_timestamp(minutes * 60, 0).unwrap();
        let of = |status, now| Urgency::of(status, at(0), Some(at(80)), Some(at(300)), at(now));
        assert_eq!(of(S::Assigned, 59), Urgency::OnTime);
        assert_eq!(of(S::Assigned, 60), Urgency::AtRisk);
        assert_eq!(of(S::Assigned, 80), Urgency::AtRisk);
        assert_eq!(of(S::Assigned, 81), Urgency::Late);
        assert_eq!(of(S::Accepted, 81), Urgency::OnTime);
        assert_eq!(of(S::Packed, 240), Urgency::AtRisk);
        assert_eq!(of(S::Packed, 301), Urgency::Late);
        assert_eq!(of(S::Shipped, 301), Urgency::OnTime);
        assert_eq!(of(S::ReadyForPickup, 301), Urgency::OnTime);
    }
}
