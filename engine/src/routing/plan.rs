//! What the solver answers: packages, what stays unfilled and why, and what it all costs.

use serde::{Deserialize, Serialize};

use super::figures;

/// The plan for one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The order's id.
    pub id: String,
    /// In the order of the problem's nodes.
    pub packages: Vec<Package>,
    /// Units that no package carries, in the order of the lines.
    pub unfilled: Vec<Unfilled>,
    pub cost: Cost,
    /// Whether it is proved that no plan is cheaper.
    pub optimal: bool,
    /// Work done to find and prove it: partial plans bounded and plans priced, large ones counted more.
    pub explored: u64,
    /// Where not `optimal`: by how much of this plan's total a cheaper plan could at most undercut it (0 to 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
}

/// Everything that one node sends with one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub node: String,
    pub service: String,
    pub lines: Vec<PackageLine>,
    /// Whether the service takes longer than the order's `max_transit_days`.
    pub late: bool,
    pub cost: PackageCost,
}

/// Units of one line in a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageLine {
    pub line: String,
    pub quantity: u32,
}

/// A package's cost in minor units, exact to 0.001.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageCost {
    #[serde(serialize_with = "figures::compact")]
    pub shipping: f64,
    #[serde(serialize_with = "figures::compact")]
    pub handling: f64,
    #[serde(serialize_with = "figures::compact")]
    pub opportunity: f64,
    #[serde(serialize_with = "figures::compact")]
    pub late: f64,
}

/// A plan's cost in minor units, exact to 0.001.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Cost {
    #[serde(serialize_with = "figures::compact")]
    pub shipping: f64,
    #[serde(serialize_with = "figures::compact")]
    pub handling: f64,
    #[serde(serialize_with = "figures::compact")]
    pub opportunity: f64,
    #[serde(serialize_with = "figures::compact")]
    pub late: f64,
    /// `extra_package` for each package after the first.
    #[serde(serialize_with = "figures::compact")]
    pub extra_packages: f64,
    /// `unfilled_per_unit` for each unit that no package carries.
    #[serde(serialize_with = "figures::compact")]
    pub unfilled: f64,
    #[serde(serialize_with = "figures::compact")]
    pub total: f64,
}

impl PackageCost {
    pub fn total(&self) -> f64 {
        self.shipping + self.handling + self.opportunity + self.late
    }

    pub(super) fn rounded(self) -> Self {
        PackageCost {
            shipping: figures::thousandths(self.shipping),
            handling: figures::thousandths(self.handling),
            opportunity: figures::thousandths(self.opportunity),
            late: figures::thousandths(self.late),
        }
    }
}

impl Cost {
    /// The difference to another, part by part.
    pub(super) fn less(&self, other: &Cost) -> Cost {
        Cost {
            shipping: self.shipping - other.shipping,
            handling: self.handling - other.handling,
            opportunity: self.opportunity - other.opportunity,
            late: self.late - other.late,
            extra_packages: self.extra_packages - other.extra_packages,
            unfilled: self.unfilled - other.unfilled,
            total: self.total - other.total,
        }
        .rounded()
    }

    pub(super) fn rounded(self) -> Self {
        Cost {
            shipping: figures::thousandths(self.shipping),
            handling: figures::thousandths(self.handling),
            opportunity: figures::thousandths(self.opportunity),
            late: figures::thousandths(self.late),
            extra_packages: figures::thousandths(self.extra_packages),
            unfilled: figures::thousandths(self.unfilled),
            total: figures::thousandths(self.total),
        }
    }
}

/// Units of a line that no package carries, for one reason. A line may have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Unfilled {
    pub line: String,
    pub quantity: u32,
    pub reason: UnfilledReason,
}

/// Why a unit is unfilled: the first of these that holds for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnfilledReason {
    /// No node has a unit left.
    NoStock,
    /// The nodes that have one lack what the line requires.
    NoCapability,
    /// No service reaches the destination from the nodes that have one and may handle it.
    NoService,
    /// Those nodes can take no more units.
    NoCapacity,
    /// It would need a package more than the policy allows.
    MaxPackages,
    /// Sending it costs at least as much as leaving it.
    TooCostly,
}

/// How much work a solve may do before it settles for the best plan found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bounds on [`Plan::explored`]; one unit is of the order of a microsecond.
    pub max_explored: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_explored: 2_000_000,
        }
    }
}

impl UnfilledReason {
    /// The name in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            UnfilledReason::NoStock => "no_stock",
            UnfilledReason::NoCapability => "no_capability",
            UnfilledReason::NoService => "no_service",
            UnfilledReason::NoCapacity => "no_capacity",
            UnfilledReason::MaxPackages => "max_packages",
            UnfilledReason::TooCostly => "too_costly",
        }
    }
}
