//! How a merchant wants to promise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::FieldError;

/// How a merchant wants to promise. All of it has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PromiseSettings {
    /// The emergency switch: off, every promise is `none`.
    pub on: bool,
    /// The least probability with which everything arrives by the date that is said.
    pub target: f64,
    /// The probability of the earlier date of a range.
    pub low: f64,
    /// For how many seconds a promise holds, unless something ends it before.
    pub ttl_seconds: u32,
    /// Seconds from the order until the node sees it.
    pub fulfillment_delay_seconds: u32,
    /// From how many minutes before the cut-off "if you order within" is said; 60 to 1440.
    pub condition_within_minutes: u32,
    /// A range wider than this many days is not said: the service table is.
    pub widest_range_days: u8,
    /// Whether a date is guaranteed, with a remedy, or estimated.
    pub guaranteed: bool,
    /// The service table: business days by option, for when nothing better can be computed.
    pub fallback: BTreeMap<String, FallbackDays>,
    /// What the customer pays, in minor units, by option; nothing for one that is left out.
    pub prices: BTreeMap<String, u32>,
    /// How far away collection is offered, in kilometres.
    pub pickup_within_km: u16,
    /// For how many seconds stock is held at the checkout.
    pub hold_seconds: u32,
    /// At how many of the nearest nodes collection is offered.
    pub pickup_nodes: u8,
}

/// Business days from the order to the door, as a merchant's shipping page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FallbackDays {
    pub min: u16,
    pub max: u16,
}

impl Default for PromiseSettings {
    fn default() -> Self {
        PromiseSettings {
            on: true,
            target: 0.9,
            low: 0.25,
            ttl_seconds: 600,
            fulfillment_delay_seconds: 0,
            condition_within_minutes: 480,
            widest_range_days: 7,
            guaranteed: false,
            fallback: BTreeMap::new(),
            prices: BTreeMap::new(),
            pickup_within_km: 50,
            hold_seconds: 900,
            pickup_nodes: 3,
        }
    }
}

impl PromiseSettings {
    /// Every field that does not fit.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut need = |holds: bool, pointer: &str, detail: &str| {
            if !holds {
                errors.push(FieldError::new(pointer, detail));
            }
        };
        let target = (0.5..=0.99).contains(&self.target);
        need(target, "#/target", "has to be from 0.5 to 0.99");
        let low = self.low >= 0.01 && self.low <= self.target;
        need(low, "#/low", "has to be from 0.01 to the target");
        let ttl = (30..=86_400).contains(&self.ttl_seconds);
        need(ttl, "#/ttl_seconds", "has to be from 30 to 86400");
        let hold = (30..=86_400).contains(&self.hold_seconds);
        need(hold, "#/hold_seconds", "has to be from 30 to 86400");
        let delay = self.fulfillment_delay_seconds <= 7 * 86_400;
        need(
            delay,
            "#/fulfillment_delay_seconds",
            "has to be 604800 or less",
        );
        let within = (60..=1440).contains(&self.condition_within_minutes);
        need(
            within,
            "#/condition_within_minutes",
            "has to be from 60 to 1440",
        );
        for (option, days) in &self.fallback {
            let pointer = format!("#/fallback/{option}/max");
            need(
                days.max >= days.min.max(1),
                &pointer,
                "has to be at least 1 and not below min",
            );
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }
}
