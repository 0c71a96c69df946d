use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::node::NodeKind;
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
