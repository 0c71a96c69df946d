//! The HTTP API, one file per resource. A handler reads the request, calls one use case and formats its answer;
//! what may be done is decided there, not here.

mod bulk_actions;
mod docs;
mod events;
mod exceptions;
mod fragment;
mod fulfillments;
mod nodes;
pub mod openapi;
mod orders;
mod params;
mod products;
mod promises;
mod services;
mod stock;
mod tracking;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use http::Uri;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::state::AppState;

/// Where the API lives.
pub const PREFIX: &str = "/api/v1";
/// The largest body.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

fn resources() -> OpenApiRouter<AppState> {
    let router = OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(products::put_product, products::get_product))
        .routes(routes!(products::list_products))
        .routes(routes!(nodes::put_node, nodes::get_node))
        .routes(routes!(nodes::list_nodes))
        .routes(routes!(services::put_service, services::get_service))
        .routes(routes!(services::list_services))
        .routes(routes!(stock::count_stock, stock::list_stock))
        .routes(routes!(stock::adjust_stock))
        .routes(routes!(stock::expect_stock))
        .routes(routes!(stock::import_stock))
        .routes(routes!(stock::put_bins))
        .routes(routes!(stock::put_rules, stock::show_rules))
        .routes(routes!(stock::put_allocations, stock::show_allocations))
        .routes(routes!(stock::show_channels))
        .routes(routes!(promises::ask, promises::show_each))
        .routes(routes!(promises::show_record))
        .routes(routes!(promises::show))
        .routes(routes!(promises::show_fragment))
        .routes(routes!(promises::show_settings, promises::put_settings))
        .routes(routes!(orders::place_order, orders::list_orders))
        .routes(routes!(orders::get_order))
        .routes(routes!(orders::list_decisions))
        .routes(routes!(orders::move_order))
        .routes(routes!(orders::act_on_order))
        .routes(routes!(exceptions::list, exceptions::act))
        .routes(routes!(exceptions::counts))
        .routes(routes!(exceptions::show_settings, exceptions::put_settings))
        .routes(routes!(exceptions::fixes, exceptions::apply))
        .routes(routes!(bulk_actions::start, bulk_actions::list))
        .routes(routes!(bulk_actions::show))
        .routes(routes!(bulk_actions::stop))
        .routes(routes!(fulfillments::list_fulfillments))
        .routes(routes!(fulfillments::accept))
        .routes(routes!(fulfillments::reject))
        .routes(routes!(fulfillments::short_pick))
        .routes(routes!(fulfillments::pack))
        .routes(routes!(fulfillments::ship))
        .routes(routes!(fulfillments::deliver))
        .routes(routes!(tracking::report))
        .routes(routes!(tracking::show))
        .routes(routes!(tracking::show_settings, tracking::put_settings))
        .routes(routes!(fulfillments::ready_for_pickup))
        .routes(routes!(fulfillments::picked_up))
        .routes(routes!(
            fulfillments::show_settings,
            fulfillments::put_settings
        ))
        .routes(routes!(events::list_events))
        .routes(routes!(events::stream_events));
    OpenApiRouter::new().nest(PREFIX, router)
}

/// Every route of the API, with the document that describes them.
pub fn router() -> Router<AppState> {
    let (router, document) = resources().split_for_parts();
    let document = openapi::Document::new(document);
    let nothing_here =
        async |uri: Uri| Problem::not_found(format!("the API has nothing at {}", uri.path()));
    router
        .route("/api/v1/openapi.json", get(openapi::show_json))
        .route("/docs", get(openapi::show_page))
        .route("/api/v1", axum::routing::any(nothing_here))
        .route("/api/v1/", axum::routing::any(nothing_here))
        .layer(axum::Extension(document))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}
