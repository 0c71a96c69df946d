//! What the solver is asked: one order, the nodes that could fulfil it, the services that could carry it, and the
//! merchant's policy. The shapes are those of the routing contract, field for field, and unknown fields are refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::figures;
use crate::model::{NodeKind, Zone};

/// A routing problem. Money is in minor units of one currency, weights in grams, distances in kilometres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Problem {
    pub order: OrderSpec,
    pub nodes: Vec<NodeSpec>,
    pub services: Vec<ServiceSpec>,
    pub policy: PolicySpec,
}

/// The parts of a problem, which one order may share with others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub order: &'a OrderSpec,
    pub nodes: &'a [NodeSpec],
    pub services: &'a [ServiceSpec],
    pub policy: &'a PolicySpec,
}

impl Problem {
    pub(super) fn parts(&self) -> Parts<'_> {
        Parts {
            order: &self.order,
            nodes: &self.nodes,
            services: &self.services,
            policy: &self.policy,
        }
    }
}

/// The order to fulfil.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderSpec {
    pub id: String,
    /// When it was placed (RFC 3339). Carried along for the reader; costs do not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<String>,
    pub destination: Destination,
    pub lines: Vec<LineSpec>,
    /// A package whose service takes longer than this many days is late; `None` for no deadline.
    #[serde(default)]
    pub max_transit_days: Option<u32>,
    /// Nodes from which a package is late whatever its zone says, by service: a cut-off has passed, a holiday lies
    /// between.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub late_from: BTreeMap<String, Vec<String>>,
    /// Of those, the ones that are late only because a cut-off has passed: by service and node, how many minutes ago.
    /// Costs do not depend on it; it is what explanations say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missed_by: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Where the order goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Degrees, -90 to 90.
    pub lat: f64,
    /// Degrees, -180 to 180.
    pub lon: f64,
    /// IANA name. Carried along for the reader; costs do not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// One line of the order. Two lines may ask for the same SKU; they then share its stock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LineSpec {
    pub id: String,
    pub sku: String,
    /// Units, at least 1.
    pub quantity: u32,
    /// Grams of one unit.
    #[serde(serialize_with = "figures::compact")]
    pub weight_g: f64,
    /// What a node must provide to handle the line.
    #[serde(default)]
    pub requires: Vec<String>,
}

/// A place that could fulfil.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeSpec {
    pub id: String,
    pub kind: NodeKind,
    /// Degrees, -90 to 90.
    pub lat: f64,
    /// Degrees, -180 to 180.
    pub lon: f64,
    /// IANA name. Carried along for the reader; costs do not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Units of each SKU that it may send.
    #[serde(default)]
    pub stock: BTreeMap<String, u64>,
    /// Units that it can still take in all; `None` for no limit.
    #[serde(default)]
    pub capacity: Option<u64>,
    #[serde(default)]
    pub provides: Vec<String>,
    #[serde(default)]
    pub handling: HandlingSpec,
    /// What taking one unit of a SKU from here costs the future; absent is 0.
    #[serde(default)]
    pub opportunity: BTreeMap<String, f64>,
}

/// What handling costs at a node, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandlingSpec {
    #[serde(default, serialize_with = "figures::compact")]
    pub per_package: f64,
    #[serde(default, serialize_with = "figures::compact")]
    pub per_unit: f64,
}

/// A carrier's way to deliver, with its price zones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    pub id: String,
    /// The nodes that have it; `None` for every node. Ids of nodes that are not part of the problem are ignored.
    #[serde(default)]
    pub nodes: Option<Vec<String>>,
    /// The first zone whose `up_to_km` is at least the distance applies; beyond all of them there is no service.
    pub zones: Vec<Zone>,
}

impl ServiceSpec {
    /// Whether the node has it.
    pub(super) fn serves(&self, node: &str) -> bool {
        let nodes = self.nodes.as_ref();
        nodes.is_none_or(|nodes| nodes.iter().any(|id| id == node))
    }
}

/// The merchant's rules and weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// Minor units for each package after the first.
    #[serde(default, serialize_with = "figures::compact")]
    pub extra_package: f64,
    /// Minor units for each unit that no package carries.
    #[serde(serialize_with = "figures::compact")]
    pub unfilled_per_unit: f64,
    #[serde(default)]
    pub max_packages: Option<u32>,
    /// Minor units for each late package.
    #[serde(default, serialize_with = "figures::compact")]
    pub late_per_package: f64,
}
