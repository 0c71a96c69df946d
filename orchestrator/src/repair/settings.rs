//! How a merchant wants trouble to be repaired.

use engine::model::{FieldError, MerchantId, Permission, RepairSettings};
use futures::FutureExt;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::store::NewEvent;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

pub async fn settings(orc: &Orchestrator, actor: &Actor) -> Result<RepairSettings> {
    actor.check(Permission::ReadNetwork)?;
    of(orc.reader(), actor.merchant).await
}

pub async fn put_settings(
    orc: &Orchestrator,
    actor: &Actor,
    settings: RepairSettings,
) -> Result<RepairSettings> {
    actor.check(Permission::ChangeNetwork)?;
    let mut errors = Vec::new();
    if !(1..=43_200).contains(&settings.leave_out_minutes) {
        errors.push(FieldError::new(
            "#/leave_out_minutes",
            "1 to 43,200 minutes (30 days)",
        ));
    }
    if !(1..=50).contains(&settings.most_attempts) {
        errors.push(FieldError::new("#/most_attempts", "1 to 50 repairs"));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            if of(tx.conn(), tx.merchant()).await? == settings {
                return Ok(settings);
            }
            let text = serde_json::to_string(&settings).map_err(Error::internal)?;
            let sql = "INSERT INTO repair_settings (merchant_id, settings) VALUES (?, ?)
                       ON CONFLICT (merchant_id) DO UPDATE SET settings = excluded.settings";
            sql::run(tx.conn(), sql, values![tx.merchant().0, text]).await?;
            let data = serde_json::to_value(&settings).map_err(Error::internal)?;
            let summary = "How trouble is repaired was changed";
            tx.emit(NewEvent::new("repair_settings.changed", "repair", &by, summary).data(data));
            Ok(settings)
        }
        .boxed()
    })
    .await
}

/// The merchant's settings, or what is usual.
pub(crate) async fn of(on: &impl ConnectionTrait, merchant: MerchantId) -> Result<RepairSettings> {
    #[derive(FromQueryResult)]
    struct Row {
        settings: String,
    }
    let sql = "SELECT settings FROM repair_settings WHERE merchant_id = ?";
    let row: Option<Row> = sql::one(on, sql, values![merchant.0]).await?;
    row.map_or_else(
        || Ok(RepairSettings::default()),
        |row| serde_json::from_str(&row.settings).map_err(Error::internal),
    )
}
