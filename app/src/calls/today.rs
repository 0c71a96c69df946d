use leptos::prelude::*;

use super::Packed;
use crate::AppError;

/// The figures of the page "Today".
#[server]
pub async fn today() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::today::view(&orc, &actor).await?)
}
