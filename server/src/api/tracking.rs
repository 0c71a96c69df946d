use std::fmt::Formatter;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{NewScan, ScanReport, TrackingSettings, TrackingView};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use orchestrator::{Error, Orchestrator, tracking};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::params::Params;
use crate::auth::{Call, Caller};
use crate::customers::language;
use crate::problem::Problem;
use crate::state::AppState;

/// The scans of a call; one alone may come without its list.
#[derive(Clone)]
pub enum Scans {
    One(NewScan),
    Many(Vec<NewScan>),
}

impl<'de> Deserialize<'de> for Scans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Scans;

            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of scans")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, scans: A) -> Result<Scans, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(scans)).map(Scans::Many)
            }

            fn visit_map<A: MapAccess<'de>>(self, scan: A) -> Result<Scans, A::Error> {
                NewScan::deserialize(MapAccessDeserializer::new(scan)).map(Scans::One)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Report carriers' scans
///
/// 1 to 1,000 of them, in any order and again and again: an `event_id` counts once, a scan that happened earlier never
/// moves a package back, and one whose number nobody has yet waits for it. What is delivered ends its fulfillment, and
/// with it the promise.
#[utoipa::path(post, path = "/tracking_events", tag = "Tracking", request_body = Vec<NewScan>,
    responses((status = 200, description = "What became of them", body = ScanReport)))]
pub async fn report(
    State(orc): State<Orchestrator>,
    call: Call<Scans>,
) -> Result<Response, Problem> {
    let (scans, alone) = match call.body.clone() {
        Scans::One(scan) => (vec![scan], true),
        Scans::Many(scans) => (scans, false),
    };
    let report = tracking::report(&orc, &call.actor, scans).await;
    let report = report.map_err(|error| match error {
        Error::Invalid(mut errors) if alone => {
            for error in &mut errors {
                error.pointer = error.pointer.replacen("#/0/", "#/", 1);
            }
            Error::Invalid(errors)
        }
        other => other,
    });
    Ok(call.answer(StatusCode::OK, report?))
}

/// What the public page shows
///
/// The token is the last part of an order's `tracking_url`; no key is needed. Texts are in the language of
/// `Accept-Language` or `lang`: English, German or Spanish.
#[utoipa::path(get, path = "/tracking/{token}", tag = "Tracking", security(()),
    params(("token", description = "The last part of `tracking_url`"), ("lang" = Option<String>, Query, description = "Such as `de`")),
    responses((status = 200, description = "What whoever has the link may see", body = TrackingView)))]
pub async fn show(
    State(state): State<AppState>,
    Path(token): Path<String>,
    params: Params,
    parts: Parts,
) -> Result<(HeaderMap, Json<TrackingView>), Problem> {
    let params = params.only(&["lang"])?;
    let access = crate::customers::opened(&state, &parts, &token).await?;
    let access = access.ok_or_else(|| Problem::not_found("this link opens nothing".to_owned()))?;
    let language = language(&parts.headers, params.text("lang"));
    let view = tracking::view(&state.orchestrator, &access, &language).await?;
    let mut headers = HeaderMap::new();
    headers.insert(
        http::header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    headers.insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    Ok((headers, Json(view)))
}

/// How customers see their orders
#[utoipa::path(get, path = "/tracking_settings", tag = "Tracking",
    responses((status = 200, description = "The settings", body = TrackingSettings)))]
pub async fn show_settings(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<TrackingSettings>, Problem> {
    Ok(Json(tracking::settings(&orc, &actor).await?))
}

/// Change how customers see their orders
#[utoipa::path(put, path = "/tracking_settings", tag = "Tracking", request_body = TrackingSettings,
    responses((status = 200, description = "The settings as they are now", body = TrackingSettings)))]
pub async fn put_settings(
    State(orc): State<Orchestrator>,
    call: Call<TrackingSettings>,
) -> Result<Response, Problem> {
    let settings = tracking::put_settings(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, settings))
}
