//! How long nodes may take, as the merchant wants it.

use engine::model::{MerchantId, Permission, WorkSettings};
use futures::FutureExt;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::store::NewEvent;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

/// How long nodes may take.
pub async fn settings(orc: &Orchestrator, actor: &Actor) -> Result<WorkSettings> {
    actor.check(Permission::ReadNetwork)?;
    stored(orc.reader(), actor.merchant).await
}

/// Changes how long nodes may take; work that is made from now on follows it.
pub async fn put_settings(
    orc: &Orchestrator,
    actor: &Actor,
    settings: WorkSettings,
) -> Result<WorkSettings> {
    actor.check(Permission::ChangeNetwork)?;
    settings.check().map_err(Error::Invalid)?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            if stored(tx.conn(), tx.merchant()).await? == settings {
                return Ok(settings);
            }
            let text = serde_json::to_string(&settings).map_err(Error::internal)?;
            let put = "INSERT INTO work_settings (merchant_id, settings) VALUES (?, ?)
                       ON CONFLICT (merchant_id) DO UPDATE SET settings = excluded.settings";
            sql::run(tx.conn(), put, values![tx.merchant().0, text]).await?;
            // The router keeps the settings with the network.
            tx.network_changed();
            let summary = "How long nodes may take was changed";
            let data = serde_json::to_value(&settings).map_err(Error::internal)?;
            tx.emit(NewEvent::new("work_settings.changed", "work", &by, summary).data(data));
            Ok(settings)
        }
        .boxed()
    })
    .await
}

pub(crate) async fn stored(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<WorkSettings> {
    #[derive(FromQueryResult)]
    struct Row {
        settings: String,
    }
    let sql = "SELECT settings FROM work_settings WHERE merchant_id = ?";
    let row: Option<Row> = sql::one(on, sql, values![merchant.0]).await?;
    row.map_or_else(
        || Ok(WorkSettings::default()),
        |row| serde_json::from_str(&row.settings).map_err(Error::internal),
    )
}
