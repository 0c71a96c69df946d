use chrono::{DateTime, Utc};
use engine::model::{NewPromise, PromiseView};
use engine::promise::PromiseSettings;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// How promises are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromiseDesk {
    pub settings: PromiseSettings,
    /// A product and a destination to try it with.
    pub sku: String,
    pub country: String,
    pub postal: String,
    /// The levels that services have, `standard` first.
    pub levels: Vec<String>,
    pub widget: Widget,
}

/// How shops embed the script that this server has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Widget {
    /// Where this server is reached.
    pub base_url: String,
    /// Path of the script under the name with its hash, and what browsers check it against.
    pub script: String,
    pub integrity: String,
}

/// The settings, and something to try them with.
#[server]
pub async fn load_promise_desk() -> Result<Packed, AppError> {
    use orchestrator::{PageRequest, network, promises};
    let (orc, actor) = super::backend()?;
    let page = PageRequest::first(1);
    let product = network::products(&orc, &actor, None, &page).await?.items;
    let node = network::nodes(&orc, &actor, &page).await?.items;
    let services = PageRequest::first(PageRequest::MAX);
    let services = network::services(&orc, &actor, &services).await?.items;
    let mut levels: Vec<_> = services.into_iter().map(|service| service.level).collect();
    levels.sort_by_key(|level| (level != "standard", level.clone()));
    levels.dedup();
    let pin = use_context::<crate::server_context::WidgetPin>();
    let widget = pin.map_or_else(Widget::default, |pin| Widget {
        base_url: pin.base_url,
        script: pin.script,
        integrity: pin.integrity,
    });
    let country = node.first().map(|node| node.address.country.clone());
    Packed::new(&PromiseDesk {
        settings: promises::settings(&orc, &actor).await?,
        levels,
        widget,
        country: country.unwrap_or_else(|| "US".to_owned()),
        sku: product.first().map_or(String::new(), |p| p.sku.clone()),
        postal: node
            .first()
            .map_or(String::new(), |n| n.address.postal_code.clone()),
    })
}

/// What a shopper would be told at that time.
#[server(input = Json)]
pub async fn preview_promise(
    asked: NewPromise,
    at: Option<DateTime<Utc>>,
) -> Result<PromiseView, AppError> {
    let (orc, actor) = super::backend()?;
    Ok(orchestrator::promises::preview(&orc, &actor, asked, at).await?)
}

/// Changes how promises are made from now on.
#[server(input = Json)]
pub async fn save_promise_settings(settings: PromiseSettings) -> Result<PromiseSettings, AppError> {
    let (orc, actor) = super::backend()?;
    Ok(orchestrator::promises::put_settings(&orc, &actor, settings).await?)
}

/// How promises turned out.
#[server]
pub async fn load_promise_record() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::promises::track_record(&orc, &actor).await?)
}
