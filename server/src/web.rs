//! Pages, server functions and assets. Pages and server functions get the ledger, the viewer and the session by
//! context; what they do with them is the `app` crate's business.

use app::server_context::{ClientAddress, PublicUrl, SetupGate, WidgetPin};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::model::Viewer;
use http::header::{CACHE_CONTROL, LAST_MODIFIED};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use orchestrator::accounts;
use tower_http::services::ServeDir;

use crate::api;
use crate::customers;
use crate::export;
use crate::live::{self, Beyond};
use crate::problem::Problem;
use crate::security;
use crate::session::{self, Visit};
use crate::state::AppState;
use crate::widget;

/// Everything behind a session, and what pages are made of.
pub fn router(state: &AppState) -> Router<AppState> {
    let context = {
        let state = state.clone();
        move || provide(&state)
    };
    let shell = {
        let options = state.leptos.clone();
        move || app::shell(options.clone())
    };
    let pages = Router::new()
        .route("/admin/events", get(live_events))
        .route("/orders.csv", get(export::orders_csv))
        .merge(customers::mailbox(state))
        .leptos_routes_with_context(state, generate_route_list(app::App), context.clone(), shell)
        .fallback(file_and_error_handler_with_context::<AppState, _>(
            context,
            app::shell,
        ));
    let assets = ServeDir::new(
        std::path::Path::new(&*state.leptos.site_root).join(&*state.leptos.site_pkg_dir),
    )
    .precompressed_br()
    .precompressed_gzip();
    let assets = Router::new()
        .nest_service("/pkg", assets)
        .layer(from_fn_with_state(state.clone(), cache_assets));
    behind_session(state, pages).merge(assets)
}

/// Puts the session, and the check that changes come from our own pages, in front of these routes.
pub fn behind_session(state: &AppState, routes: Router<AppState>) -> Router<AppState> {
    routes
        .layer(from_fn(never_stored))
        .layer(from_fn_with_state(state.clone(), session::look))
        .layer(session::layer(&state.orchestrator))
        .layer(from_fn(security::same_site_only))
        .layer(from_fn(leave_api_alone))
}

/// The fallback sees what the API has no route for; it shall not look for a session, nor answer with a page.
async fn leave_api_alone(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with(api::PREFIX) && path.as_bytes().get(api::PREFIX.len()) == Some(&b'/') {
        return Problem::not_found(format!("the API has nothing at {path}")).into_response();
    }
    next.run(request).await
}

/// What pages and server functions find by context. Static files pass here too, without a request to look at.
fn provide(state: &AppState) {
    provide_context(state.orchestrator.clone());
    provide_context(SetupGate(state.setup.clone()));
    let pinned = widget::pinned();
    provide_context(WidgetPin {
        base_url: state.config.base_url(),
        script: pinned.script,
        integrity: pinned.integrity.to_owned(),
    });
    provide_context(PublicUrl(state.config.base_url()));
    let Some(visit) =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<Visit>().cloned())
    else {
        return;
    };
    if let Some(viewer) = visit.viewer {
        provide_context(viewer);
    }
    if let Some(nonce) = visit.nonce {
        provide_context(nonce.0);
    }
    provide_context(visit.session);
    provide_context(ClientAddress(visit.address));
}

/// `GET /admin/events`: the live stream of the signed-in person's merchant.
async fn live_events(
    State(state): State<AppState>,
    axum::Extension(visit): axum::Extension<Visit>,
    session: tower_sessions::Session,
    axum::extract::Query(query): axum::extract::Query<After>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let viewer: Viewer = visit
        .viewer
        .ok_or_else(|| Problem::unauthenticated("sign in to see what happens"))?;
    let actor = accounts::actor_of(&viewer);
    let (orc, id) = (state.orchestrator.clone(), session.id());
    let still_allowed: live::StillAllowed = Box::new(move || {
        let orc = orc.clone();
        Box::pin(async move { session::is_alive(&orc, id).await })
    });
    live::open(
        &state,
        actor,
        &headers,
        query.after.as_deref(),
        Beyond::GoOn,
        still_allowed,
    )
    .await
}

#[derive(serde::Deserialize)]
struct After {
    after: Option<String>,
}

/// Pages show what their viewer may see: no cache keeps them, and going back asks again. Files are the same for all.
async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let value = if response.headers().contains_key(LAST_MODIFIED) {
        "public, max-age=3600"
    } else {
        "no-store"
    };
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(value));
    response
}

/// A name with a hash never changes what it names; without one, browsers have to ask.
async fn cache_assets(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let forever = state.leptos.hash_files && response.status().is_success();
    let value = if forever {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(value));
    response
}
