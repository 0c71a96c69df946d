use engine::model::TrackingSettings;
use leptos::prelude::*;
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// How customers see their orders.
#[server]
pub async fn load_tracking_settings() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::tracking::settings(&orc, &actor).await?)
}

/// Changes how customers see their orders.
#[server(input = Json)]
pub async fn save_tracking_settings(settings: TrackingSettings) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::tracking::put_settings(&orc, &actor, settings).await?;
    Ok(())
}

/// Ends the links of an order and makes a new one.
#[server]
pub async fn replace_order_link(id: String) -> Result<String, AppError> {
    let (orc, actor) = super::backend()?;
    let path = orchestrator::tracking::rotate(&orc, &actor, &id).await?;
    Ok(super::absolute(&path))
}
