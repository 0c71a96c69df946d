//! Where the web server keeps its sessions.

use chrono::{DateTime, Utc};
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::clock::from_micros;
use crate::store::sql::{self, values};
use crate::store::tables::sessions::{Column, Entity, Model};
use crate::{Error, Orchestrator, Result};

/// A session that has not expired.
pub async fn load(orc: &Orchestrator, id: &str) -> Result<Option<(Vec<u8>, DateTime<Utc>)>> {
    let row = Entity::find_by_id(id.to_owned()).one(orc.reader()).await?;
    let now = orc.now().timestamp_micros();
    Ok(row
        .filter(|row| row.expires_at > now)
        .map(|row| (row.data.into_bytes(), from_micros(row.expires_at))))
}

/// Writes a session, new or known. `data` is UTF-8 text.
pub async fn save(orc: &Orchestrator, id: &str, data: &[u8], expires: DateTime<Utc>) -> Result<()> {
    let row = model(id, data, expires)?;
    orc.write_global(move |tx| {
        async move {
            let update = OnConflict::column(Column::Id)
                .update_columns([Column::Data, Column::ExpiresAt])
                .to_owned();
            Entity::insert(row.into_active_model())
                .on_conflict(update)
                .exec_without_returning(tx.conn())
                .await?;
            Ok(())
        }
        .boxed()
    })
    .await
}

/// Writes a new session; `false` when the id is taken.
pub async fn create(
    orc: &Orchestrator,
    id: &str,
    data: &[u8],
    expires: DateTime<Utc>,
) -> Result<bool> {
    let row = model(id, data, expires)?;
    orc.write_global(move |tx| {
        async move {
            if Entity::find_by_id(row.id.clone())
                .one(tx.conn())
                .await?
                .is_some()
            {
                return Ok(false);
            }
            Entity::insert(row.into_active_model())
                .exec_without_returning(tx.conn())
                .await?;
            Ok(true)
        }
        .boxed()
    })
    .await
}

pub async fn delete(orc: &Orchestrator, id: &str) -> Result<()> {
    let id = id.to_owned();
    orc.write_global(move |tx| {
        async move {
            Entity::delete_by_id(id).exec(tx.conn()).await?;
            Ok(())
        }
        .boxed()
    })
    .await
}

/// Removes what has expired; returns how many.
pub async fn delete_expired(orc: &Orchestrator) -> Result<u64> {
    orc.write_global(|tx| {
        async move {
            let now = tx.now_us();
            Ok(sql::run(
                tx.conn(),
                "DELETE FROM sessions WHERE expires_at <= ?",
                values![now],
            )
            .await?)
        }
        .boxed()
    })
    .await
}

fn model(id: &str, data: &[u8], expires: DateTime<Utc>) -> Result<Model> {
    let data = String::from_utf8(data.to_vec()).map_err(Error::internal)?;
    Ok(Model {
        id: id.to_owned(),
        data,
        expires_at: expires.timestamp_micros(),
    })
}
