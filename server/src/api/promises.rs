use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use engine::model::{
    FieldError, NewPromise, PromiseDestination, PromiseLine, PromiseRecord, PromiseView,
};
use engine::promise::PromiseSettings;
use futures::future::try_join_all;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, ORIGIN,
};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use orchestrator::{Actor, Error, Orchestrator, accounts, promises};
use serde::Serialize;
use utoipa::ToSchema;

use super::fragment;
use crate::auth::{Call, Caller};
use crate::client;
use crate::problem::Problem;
use crate::quota::network_of;
use crate::state::AppState;

/// Lines of a basket in an address.
const MOST_LINES: usize = 20;

/// Ask what can be promised for a basket
///
/// Options by service level, and collection at near nodes, each with its dates, the probability that everything has
/// arrived by then, the last second to order, price, packages and texts. Nothing is reserved unless `hold` is
/// true. The order cites the promise's `id` as `delivery.promise_id`.
#[utoipa::path(post, path = "/promises", tag = "Promises", request_body = NewPromise,
    responses((status = 201, description = "What can be promised", body = PromiseView)))]
pub async fn ask(
    State(orc): State<Orchestrator>,
    call: Call<NewPromise>,
) -> Result<Response, Problem> {
    let view = promises::ask(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::CREATED, view))
}

/// The same for shop pages
///
/// Needs no header and no preflight: the publishable key is part of the address. Answers may be cached for as long as
/// `Cache-Control` says. `/api/v1/promise.html` answers the same as a piece of HTML.
#[utoipa::path(get, path = "/promise", tag = "Promises", security(()),
    params(("key" = String, Query, description = "A publishable key, `pk_…`"),
        ("sku" = String, Query, description = "Up to 20 of them, each followed by its `qty`"),
        ("qty" = Option<u32>, Query, description = "Units of the `sku` before it; 1 unless told"),
        ("country" = String, Query, description = "ISO 3166-1 alpha-2"),
        ("postal" = Option<String>, Query, description = "Without it, dates are those of a place in the midst of the country"),
        ("channel" = Option<String>, Query, description = "Where it is shown, such as `web`: what this channel may take is promised, and without it what is nobody's own"),
        ("locale" = Option<String>, Query, description = "Language of the texts, such as `en-US`, `de` or `es`"),
        ("currency" = Option<String>, Query, description = "The merchant's own unless told")),
    responses((status = 200, description = "What can be promised", body = PromiseView)))]
pub async fn show(
    State(state): State<AppState>,
    extensions: Extensions,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    let found = find(&state, &extensions, &headers, query).await;
    one(found, |view| Json(view).into_response())
}

/// The same as a piece of HTML
///
/// For pages that are made on a server, and for e-mail.
#[utoipa::path(get, path = "/promise.html", tag = "Promises", security(()),
    params(("key" = String, Query, description = "As for `/promise`, like all others")),
    responses((status = 200, description = "A piece of HTML; empty where nothing is to be said", body = String, content_type = "text/html")))]
pub async fn show_fragment(
    State(state): State<AppState>,
    extensions: Extensions,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    let found = find(&state, &extensions, &headers, query).await;
    one(found, |view| Html(fragment::of(view)).into_response())
}

/// The promises of a list of products
#[derive(Serialize, ToSchema)]
pub struct Promises {
    /// One for each `sku`, in their order.
    #[schema(value_type = Vec<PromiseView>)]
    promises: Vec<Arc<PromiseView>>,
}

/// The same for each of several products
///
/// For pages that list products: each `sku` is answered as if it were asked alone. Everything else is as for `/promise`.
#[utoipa::path(get, path = "/promises", tag = "Promises", security(()),
    params(("key" = String, Query, description = "As for `/promise`, like all others"),
        ("sku" = String, Query, description = "Up to 20 of them, each followed by its `qty`")),
    responses((status = 200, description = "What can be promised of each", body = Promises)))]
pub async fn show_each(
    State(state): State<AppState>,
    extensions: Extensions,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    let found = find_each(&state, &extensions, &headers, query).await;
    let all = found.as_ref().map_or(&[][..], |each| &each.promises);
    let caching = caching(all.iter().map(Arc::as_ref));
    public(found.map(|each| Json(each).into_response()), caching)
}

/// How promises turned out
///
/// Of orders that cite one: kept or late, by what was stated (whether 90 in 100 are kept where 90 % was said), by
/// channel, node and way.
#[utoipa::path(get, path = "/promises/record", tag = "Promises",
    responses((status = 200, description = "The record", body = PromiseRecord)))]
pub async fn show_record(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<PromiseRecord>, Problem> {
    Ok(Json(promises::track_record(&orc, &actor).await?))
}

/// How deliveries are promised
#[utoipa::path(get, path = "/promise_settings", tag = "Promises",
    responses((status = 200, description = "The settings", body = PromiseSettings)))]
pub async fn show_settings(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<PromiseSettings>, Problem> {
    Ok(Json(promises::settings(&orc, &actor).await?))
}

/// Change how deliveries are promised
///
/// What is left out has its default. `on: false` is the emergency switch: nothing is promised.
#[utoipa::path(put, path = "/promise_settings", tag = "Promises", request_body = PromiseSettings,
    responses((status = 200, description = "The settings as they are now", body = PromiseSettings)))]
pub async fn put_settings(
    State(orc): State<Orchestrator>,
    call: Call<PromiseSettings>,
) -> Result<Response, Problem> {
    let settings = promises::put_settings(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, settings))
}

async fn find(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Arc<PromiseView>, Problem> {
    let (key, asked) = read(query.as_deref().unwrap_or_default())?;
    let actor = admit(state, extensions, headers, &key, 1).await?;
    ask_public(state, &actor, asked).await
}

async fn find_each(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Promises, Problem> {
    let (key, asked) = read(query.as_deref().unwrap_or_default())?;
    let actor = admit(state, extensions, headers, &key, asked.lines.len()).await?;
    let alone = asked.lines.iter().map(|line| {
        let asked = NewPromise {
            lines: vec![line.clone()],
            ..asked.clone()
        };
        ask_public(state, &actor, asked)
    });
    let promises = try_join_all(alone).await?;
    if promises.is_empty() {
        return Err(Problem::field("#/sku", "a list has 1 product at least"));
    }
    Ok(Promises { promises })
}

/// Whom the key stands for, unless it or the address asks too much.
async fn admit(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    key: &str,
    questions: usize,
) -> Result<Actor, Problem> {
    let address = client::address(extensions, headers, &state.config.trusted_proxies);
    if let Some(seconds) = state.throttle.wait_s(address) {
        return Err(Problem::throttled(seconds));
    }
    let over = |seconds, whose| Problem::over_quota(seconds, whose);
    let wait = state.quotas.addresses.take(network_of(address), questions);
    wait.map_or(Ok(()), |seconds| Err(over(seconds, "this address")))?;
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let actor = accounts::actor_of_publishable_key(&state.orchestrator, key, origin).await;
    if let Err(Error::Unauthenticated(_)) = &actor {
        state.throttle.failed(address);
    }
    let actor = actor?;
    let wait = state.quotas.keys.take(key.to_owned(), questions);
    wait.map_or(Ok(()), |seconds| Err(over(seconds, "this key")))?;
    Ok(actor)
}

async fn ask_public(
    state: &AppState,
    actor: &Actor,
    asked: NewPromise,
) -> Result<Arc<PromiseView>, Problem> {
    let told = promises::ask_public(&state.orchestrator, actor, asked).await;
    // The parameters have names of their own.
    told.map_err(|error| match error {
        Error::Invalid(errors) => {
            Error::Invalid(errors.into_iter().map(by_parameter).collect()).into()
        }
        other => other.into(),
    })
}

fn by_parameter(error: FieldError) -> FieldError {
    let pointer = match error.pointer.as_str() {
        "#/destination/country" => "#/country",
        "#/destination/postal_code" => "#/postal",
        "#/lines" => "#/sku",
        other if other.ends_with("/quantity") => "#/qty",
        other if other.ends_with("/sku") => "#/sku",
        other => other,
    };
    FieldError::new(pointer, error.detail)
}

/// The key and the question of an address. A `qty` belongs to the `sku` before it.
fn read(query: &str) -> Result<(String, NewPromise), Problem> {
    let pairs: axum::extract::Query<Vec<(String, String)>> =
        axum::extract::Query::try_from_uri(&format!("/?{query}").parse().unwrap_or_default())
            .map_err(|error| {
                Problem::malformed(None, format!("the query cannot be read: {error}"))
            })?;
    let mut key = None;
    let mut asked = NewPromise {
        lines: Vec::new(),
        destination: PromiseDestination {
            country: String::new(),
            postal_code: None,
        },
        channel: None,
        locale: None,
        currency: None,
        hints: false,
        hold: false,
        option: None,
    };
    for (name, value) in pairs.0 {
        let wrong = |detail: String| Problem::field(format!("#/{name}"), detail);
        match name.as_str() {
            "key" => key = Some(value),
            "sku" => asked.lines.push(PromiseLine {
                sku: value,
                quantity: 1,
            }),
            "qty" => {
                let Some(line) = asked.lines.last_mut() else {
                    return Err(wrong("comes after the 'sku' that it belongs to".to_owned()));
                };
                line.quantity = value
                    .parse()
                    .map_err(|_| wrong(format!("'{value}' is not a whole number of units")))?;
            }
            "country" => asked.destination.country = value,
            "postal" => asked.destination.postal_code = Some(value),
            "channel" => asked.channel = Some(value),
            "locale" => asked.locale = Some(value),
            "currency" => {
                let currency = value.parse();
                asked.currency =
                    Some(currency.map_err(|e: engine::model::CurrencyError| wrong(e.to_string()))?);
            }
            _ => return Err(wrong("there is no such parameter".to_owned())),
        }
    }
    if asked.lines.len() > MOST_LINES {
        let detail = format!("{MOST_LINES} at most; POST /api/v1/promises takes more");
        return Err(Problem::field("#/sku", detail));
    }
    let key = key.ok_or_else(|| {
        Problem::unauthenticated("a publishable key is needed: add 'key=pk_…' to the address")
    })?;
    Ok((key, asked))
}

fn one(
    found: Result<Arc<PromiseView>, Problem>,
    answer: impl FnOnce(&PromiseView) -> Response,
) -> Response {
    let caching = caching(found.as_deref().into_iter());
    public(found.map(|view| answer(&view)), caching)
}

/// Every page may read it, and caches may keep it while it holds; failures are kept by nobody.
fn public(answer: Result<Response, Problem>, caching: String) -> Response {
    let (mut response, caching) = match answer {
        Ok(response) => (response, caching),
        Err(problem) => (problem.into_response(), "no-store".to_owned()),
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Age, Date, Retry-After"),
    );
    if let Ok(caching) = HeaderValue::try_from(caching) {
        headers.insert(CACHE_CONTROL, caching);
    }
    response
}

/// For as long as all of it holds.
fn caching<'v>(views: impl Iterator<Item = &'v PromiseView>) -> String {
    let left = views.map(|view| (view.expires_at - view.now).num_seconds());
    let left = left.min().unwrap_or(0).max(0);
    let most = |seconds: i64| seconds.min(left);
    format!(
        "public, max-age={}, s-maxage={}, stale-while-revalidate={}, stale-if-error={}",
        most(30),
        most(60),
        most(60),
        most(300)
    )
}
