use engine::model::{Preferences, SavedView, SavedViewId};
use leptos::prelude::*;
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// The person's own views of the list of orders.
#[server]
pub async fn load_views() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::personal::views(&orc, &actor).await?)
}

/// Keeps what the list shows under a name: a new view, or `id` changed.
#[server(input = Json)]
pub async fn save_view(
    id: Option<SavedViewId>,
    name: String,
    query: String,
    columns: Vec<String>,
) -> Result<SavedView, AppError> {
    use orchestrator::personal;
    let (orc, actor) = super::backend()?;
    let new = personal::NewView {
        name,
        query,
        columns,
    };
    Ok(match id {
        None => personal::add_view(&orc, &actor, new).await?,
        Some(id) => personal::change_view(&orc, &actor, id, new).await?,
    })
}

/// Forgets a view.
#[server(input = Json)]
pub async fn delete_view(id: SavedViewId) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::personal::delete_view(&orc, &actor, id).await?;
    Ok(())
}

/// Keeps how the person likes the screens.
#[server(input = Json)]
pub async fn save_preferences(preferences: Preferences) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::personal::set_preferences(&orc, &actor, preferences).await?;
    Ok(())
}
