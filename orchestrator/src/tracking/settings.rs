//! How a merchant's customers see it, and the key that their links are made with.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use engine::model::{MerchantId, Permission, TrackingSettings};
use futures::FutureExt;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::store::sql::{self, values};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result};

#[derive(FromQueryResult)]
struct Row {
    settings: String,
    link_key: String,
}

/// Keys for links, by merchant. They never change.
#[derive(Default)]
pub(crate) struct LinkKeys(Mutex<HashMap<MerchantId, [u8; 32]>>);

/// How the merchant's customers see it.
pub async fn settings(orc: &Orchestrator, actor: &Actor) -> Result<TrackingSettings> {
    actor.check(Permission::ReadNetwork)?;
    of(orc.reader(), actor.merchant).await
}

/// Changes how the merchant's customers see it.
pub async fn put_settings(
    orc: &Orchestrator,
    actor: &Actor,
    settings: TrackingSettings,
) -> Result<TrackingSettings> {
    actor.check(Permission::ChangeNetwork)?;
    settings.check().map_err(Error::Invalid)?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            ensure(tx).await?;
            if of(tx.conn(), tx.merchant()).await? == settings {
                return Ok(settings);
            }
            let text = serde_json::to_string(&settings).map_err(Error::internal)?;
            let sql = "UPDATE tracking_settings SET settings = ? WHERE merchant_id = ?";
            sql::run(tx.conn(), sql, values![text, tx.merchant().0]).await?;
            let summary = "How customers see their orders was changed";
            let event = NewEvent::new("tracking_settings.changed", "tracking", &by, summary);
            tx.emit(event.data(serde_json::to_value(&settings).map_err(Error::internal)?));
            Ok(settings)
        }
        .boxed()
    })
    .await
}

/// How the merchant's customers see it, for what works for it.
pub(crate) async fn of_merchant(
    orc: &Orchestrator,
    merchant: MerchantId,
) -> Result<TrackingSettings> {
    of(orc.reader(), merchant).await
}

pub(super) async fn of(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<TrackingSettings> {
    let row = row(on, merchant).await?;
    row.map_or_else(
        || Ok(TrackingSettings::default()),
        |row| serde_json::from_str(&row.settings).map_err(Error::internal),
    )
}

/// The key that the merchant's links are made with; made when it is first needed.
pub(super) async fn link_key(orc: &Orchestrator, merchant: MerchantId) -> Result<[u8; 32]> {
    let cache = || {
        let keys = &orc.link_keys().0;
        keys.lock().unwrap_or_else(PoisonError::into_inner)
    };
    if let Some(key) = cache().get(&merchant) {
        return Ok(*key);
    }
    let mut found = row(orc.reader(), merchant).await?;
    if found.is_none() {
        orc.write(merchant, |tx| async move { ensure(tx).await }.boxed())
            .await?;
        found = row(orc.reader(), merchant).await?;
    }
    let row = found.ok_or_else(|| Error::Internal("the key for links is not there".to_owned()))?;
    let key = *blake3::Hash::from_hex(&row.link_key)
        .map_err(Error::internal)?
        .as_bytes();
    cache().insert(merchant, key);
    Ok(key)
}

async fn ensure(tx: &mut Tx) -> Result<()> {
    let settings = serde_json::to_string(&TrackingSettings::default()).map_err(Error::internal)?;
    let key = blake3::Hash::from_bytes(rand::random())
        .to_hex()
        .to_string();
    let sql = "INSERT INTO tracking_settings (merchant_id, settings, link_key) VALUES (?, ?, ?)
               ON CONFLICT DO NOTHING";
    sql::run(tx.conn(), sql, values![tx.merchant().0, settings, key]).await?;
    Ok(())
}

async fn row(on: &impl ConnectionTrait, merchant: MerchantId) -> Result<Option<Row>> {
    let sql = "SELECT settings, link_key FROM tracking_settings WHERE merchant_id = ?";
    Ok(sql::one(on, sql, values![merchant.0]).await?)
}
