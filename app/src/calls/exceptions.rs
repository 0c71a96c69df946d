use engine::model::{
    ExceptionAction, ExceptionCounts, ExceptionFilter, ExceptionFix, ExceptionId, ExceptionRow,
    Page,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Rows of a page of the inbox.
#[cfg(feature = "ssr")]
const ROWS: u64 = 50;

/// A page of the inbox, and how many there are of each kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbox {
    pub page: Page<ExceptionRow>,
    pub counts: ExceptionCounts,
}

#[server(input = Json)]
pub async fn load_inbox(
    filter: ExceptionFilter,
    cursor: Option<String>,
) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: true,
    };
    Packed::new(&Inbox {
        page: orchestrator::exceptions::list(&orc, &actor, &filter, &page).await?,
        counts: orchestrator::exceptions::counts(&orc, &actor).await?,
    })
}

/// An exception, and what would end it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExceptionDetail {
    pub row: ExceptionRow,
    pub fixes: Vec<ExceptionFix>,
}

#[server]
pub async fn load_exception(id: ExceptionId) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&ExceptionDetail {
        row: orchestrator::exceptions::get(&orc, &actor, id).await?,
        fixes: orchestrator::exceptions::fixes(&orc, &actor, id).await?,
    })
}

/// Does the same with each of them; answers with how many it were.
#[server(input = Json)]
pub async fn act_on_exceptions(
    ids: Vec<ExceptionId>,
    action: ExceptionAction,
) -> Result<usize, AppError> {
    let (orc, actor) = super::backend()?;
    let rows = orchestrator::exceptions::act(&orc, &actor, ids, action).await?;
    Ok(rows.len())
}

/// Does what a fix says.
#[server]
pub async fn apply_fix(id: ExceptionId, fix: String) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::exceptions::apply(&orc, &actor, id, &fix).await?;
    Ok(())
}
