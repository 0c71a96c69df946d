//! How a merchant wants to promise, and the key that its promises are signed with.

use std::collections::HashSet;

use engine::model::{MerchantId, Permission};
use engine::promise::PromiseSettings;
use futures::FutureExt;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::store::sql::{self, values};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result};

pub(super) struct Stored {
    pub settings: PromiseSettings,
    /// Options that the merchant has a service table for.
    pub own_fallback: HashSet<String>,
    pub signing_key: [u8; 32],
}

#[derive(FromQueryResult)]
struct Row {
    settings: String,
    signing_key: String,
}

/// How the merchant promises.
pub async fn settings(orc: &Orchestrator, actor: &Actor) -> Result<PromiseSettings> {
    actor.check(Permission::ReadNetwork)?;
    let row = row(orc.reader(), actor.merchant).await?;
    row.map_or_else(|| Ok(PromiseSettings::default()), |row| parse(&row))
}

/// Changes how the merchant promises; promises from now on follow it.
pub async fn put_settings(
    orc: &Orchestrator,
    actor: &Actor,
    settings: PromiseSettings,
) -> Result<PromiseSettings> {
    actor.check(Permission::ChangeNetwork)?;
    settings.check().map_err(Error::Invalid)?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            ensure(tx).await?;
            let before = row(tx.conn(), tx.merchant()).await?;
            if before.map(|row| parse(&row)).transpose()?.as_ref() == Some(&settings) {
                return Ok(settings);
            }
            let text = serde_json::to_string(&settings).map_err(Error::internal)?;
            sql::run(
                tx.conn(),
                "UPDATE promise_settings SET settings = ? WHERE merchant_id = ?",
                values![text, tx.merchant().0],
            )
            .await?;
            let summary = if settings.on {
                "How deliveries are promised was changed"
            } else {
                "Delivery promises were switched off"
            };
            let data = serde_json::to_value(&settings).map_err(Error::internal)?;
            let event = NewEvent::new("promise_settings.changed", "promises", &by, summary);
            tx.emit(event.data(data));
            Ok(settings)
        }
        .boxed()
    })
    .await
}

/// The settings and the signing key, which is made when it is first needed.
pub(super) async fn stored(orc: &Orchestrator, merchant: MerchantId) -> Result<Stored> {
    let mut found = row(orc.reader(), merchant).await?;
    if found.is_none() {
        orc.write(merchant, |tx| async move { ensure(tx).await }.boxed())
            .await?;
        found = row(orc.reader(), merchant).await?;
    }
    let row = found.ok_or_else(|| Error::Internal("the signing key is not there".to_owned()))?;
    let settings = parse(&row)?;
    Ok(Stored {
        own_fallback: settings.fallback.keys().cloned().collect(),
        settings,
        signing_key: key_of(&row)?,
    })
}

pub(super) async fn key(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<Option<[u8; 32]>> {
    let row = row(on, merchant).await?;
    row.map(|row| key_of(&row)).transpose()
}

async fn ensure(tx: &mut Tx) -> Result<()> {
    let secret: [u8; 32] = rand::random();
    let settings = serde_json::to_string(&PromiseSettings::default()).map_err(Error::internal)?;
    let sql = "INSERT INTO promise_settings (merchant_id, settings, signing_key) VALUES (?, ?, ?)
               ON CONFLICT DO NOTHING";
    let key = blake3::Hash::from_bytes(secret).to_hex().to_string();
    sql::run(tx.conn(), sql, values![tx.merchant().0, settings, key]).await?;
    Ok(())
}

async fn row(on: &impl ConnectionTrait, merchant: MerchantId) -> Result<Option<Row>> {
    let sql = "SELECT settings, signing_key FROM promise_settings WHERE merchant_id = ?";
    Ok(sql::one(on, sql, values![merchant.0]).await?)
}

fn parse(row: &Row) -> Result<PromiseSettings> {
    serde_json::from_str(&row.settings).map_err(Error::internal)
}

fn key_of(row: &Row) -> Result<[u8; 32]> {
    let hash = blake3::Hash::from_hex(&row.signing_key).map_err(Error::internal)?;
    Ok(*hash.as_bytes())
}
