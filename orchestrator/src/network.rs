//! What is sold, where it lies and how it travels: products, nodes, services and channels.

mod cache;
mod check;
mod nodes;
mod products;
mod services;

pub(crate) use cache::{Network, NetworkCache, NetworkNode, Snapshot};
pub use nodes::{
    calendar, check_nodes, import_nodes, node, node_view, node_views, nodes, put_node,
    set_node_status,
};
pub(crate) use products::like as products_like;
pub use products::{check_products, import_products, product, products, put_product};
pub use services::{check_services, import_services, put_service, service, services};

use engine::model::{Channel, Permission};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::store::tables::channels;
use crate::{Actor, Orchestrator, Result};

/// What a `put` did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Put<T> {
    /// Whether it is new.
    pub created: bool,
    /// As it is now.
    pub value: T,
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
