//! What is sold, where it lies and how it travels: products, nodes, services and channels.

mod cache;
mod check;
mod nodes;
mod pause;
mod products;
mod services;

pub(crate) use cache::{Network, NetworkCache, NetworkNode, Snapshot};
pub(crate) use nodes::checked;
pub use nodes::{
    calendar, change_node, check_nodes, import_nodes, node, node_view, node_views, nodes, put_node,
    set_node_status,
};
pub use pause::pausing;
pub(crate) use products::like as products_like;
pub use products::{check_products, import_products, product, products, put_product};
pub use services::{
    change_service, check_services, import_services, put_service, resume_services, service,
    services, suspend_service,
};

use engine::model::{Channel, Permission};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::store::tables::channels;
use crate::{Actor, Error, Orchestrator, Result};

/// What a `put` did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Put<T> {
    /// Whether it is new.
    pub created: bool,
    /// As it is now.
    pub value: T,
}

/// What somebody who changes a thing takes it to be before.
enum Seen<T> {
    /// It does not matter: the new one replaces it.
    Any,
    /// There is none yet.
    Nothing,
    This(T),
}

impl<T: PartialEq> Seen<T> {
    /// Refuses where somebody else has changed it meanwhile.
    fn check(&self, kind: &'static str, code: &str, before: Option<&T>) -> Result<()> {
        match (self, before) {
            (Seen::Any, _) | (Seen::Nothing, None) => Ok(()),
            (Seen::This(seen), Some(before)) if seen == before => Ok(()),
            (Seen::Nothing, Some(_)) => Err(Error::Conflict(format!(
                "there is a {kind} '{code}' already"
            ))),
            (Seen::This(_), _) => Err(Error::Conflict(format!(
                "somebody has changed the {kind} '{code}' since you opened it; load it anew"
            ))),
        }
    }
}

/// The merchant's channels, by code.
pub async fn channels(orc: &Orchestrator, actor: &Actor) -> Result<Vec<Channel>> {
    actor.check(Permission::ReadNetwork)?;
    let rows = channels::Entity::find()
        .filter(channels::Column::MerchantId.eq(actor.merchant.0))
        .order_by_asc(channels::Column::Code)
        .all(orc.reader())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Channel {
            code: row.code,
            name: row.name,
        })
        .collect())
}
