use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::access::{Permission, Role, Scope};
use super::ids::{KeyId, MerchantId, SavedViewId, UserId};
use super::money::Currency;

/// Where orders come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    pub code: String,
    pub name: String,
}

/// The merchant as its people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantView {
    pub id: MerchantId,
    pub name: String,
    pub currency: Currency,
    pub time_zone: String,
    /// Filled with demo data and played orders.
    pub demo: bool,
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Codes of the nodes that a `node_staff` user works at.
    pub nodes: Vec<String>,
    /// Kept from signing in until they are let in again.
    pub disabled: bool,
}

/// How a person likes the screens; the same wherever they sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Keys without Ctrl do nothing: for those who dictate, or whose keys repeat.
    pub single_keys_off: bool,
    /// Columns of the list of orders, in their order; none for the usual ones.
    pub order_columns: Vec<String>,
}

/// A list of orders that a person has given a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: SavedViewId,
    pub name: String,
    /// What it filters by and how it sorts, as the address of the list has it.
    pub query: String,
    /// Its columns, in their order; none for those that the person usually has.
    pub columns: Vec<String>,
}

/// The signed-in person with the merchant: what the shell of every page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub user: UserView,
    pub merchant: MerchantView,
    pub preferences: Preferences,
}

impl Viewer {
    /// Whether the person may do this at all (some roles only at their nodes).
    pub fn may(&self, permission: Permission) -> bool {
        self.user.role.may(permission)
    }
}

/// Secret keys act for the merchant's systems, publishable ones only ask for promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    Secret,
    Publishable,
}

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyView {
    pub id: KeyId,
    pub name: String,
    pub kind: KeyKind,
    /// Its last four characters.
    pub last4: String,
    pub scopes: Vec<Scope>,
    /// Where a publishable key may be used from; none for anywhere.
    pub origins: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}
