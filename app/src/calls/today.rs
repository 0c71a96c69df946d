use engine::model::TodayView;
use leptos::prelude::*;

use crate::AppError;

/// The figures of the page "Today".
#[server]
pub async fn today() -> Result<TodayView, AppError> {
    let (orc, actor) = super::backend()?;
    Ok(orchestrator::today::view(&orc, &actor).await?)
}
