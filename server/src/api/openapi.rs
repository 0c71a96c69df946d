//! The OpenAPI document, generated from the handlers, and the page that shows it.

use std::sync::Arc;

use axum::Extension;
use axum::response::{Html, IntoResponse};
use engine::model::OrderAction;
use http::header::CONTENT_TYPE;
use utoipa::OpenApi;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Ref, RefOr, Required};

use super::docs;
use crate::problem::Problem;
use crate::security::CspNonce;

#[derive(OpenApi)]
#[openapi(
    info(title = "Baton API", license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"), description =
        "Orders from any channel in; routes, stock and the work of nodes out.\n\n\
        JSON in UTF-8. Times are RFC 3339 with an offset. Money is in integer minor units beside an ISO 4217 currency, \
        weights are in grams. The merchant's own codes name nodes, SKUs, services and channels; what the system makes has \
        an opaque id with a prefix, whose order is the order of creation.\n\n\
        Every failure is a problem document (RFC 9457). Every call with a body may carry an `Idempotency-Key`: sent again \
        with the same body it gets the same answer, marked `Idempotency-Replayed: true`.\n\n\
        Lists take `limit` and `cursor` and answer `items` with `next_cursor`, which is `null` on the last page."),
    tags((name = "Products", description = "What is sold"), (name = "Nodes", description = "Places that fulfill"),
        (name = "Services", description = "Carriers' ways to deliver"), (name = "Stock", description = "What lies where"),
        (name = "Promises", description = "What shoppers are told before there is an order"),
        (name = "Orders", description = "What was bought, and how it was routed"),
        (name = "Exceptions", description = "Trouble: what was repaired, and what needs a person"), (name = "Fulfillments", description = "The work of nodes"), (name = "Tracking", description = "What carriers say of packages, and what customers see"), (name = "Events", description = "All that happened, in order")),
    // Only parameters name it, and those do not bring their shapes along.
    components(schemas(Problem, OrderAction)),
)]
struct Frame;

/// What the document says beside the calls.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The finished document and its page.
#[derive(Clone)]
pub struct Document(Arc<Rendered>);

struct Rendered {
    json: String,
    document: serde_json::Value,
}

impl Document {
    pub(super) fn new(mut document: utoipa::openapi::OpenApi) -> Self {
        let key = SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("An API key: sk_…"))
                .build(),
        );
        document
            .components
            .get_or_insert_default()
            .security_schemes
            .insert("key".to_owned(), key.into());
        document.security = Some(vec![SecurityRequirement::new("key", Vec::<String>::new())]);
        for item in document.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.put, &mut item.post]
                .into_iter()
                .flatten()
            {
                complete(operation);
            }
        }
        let document = serde_json::to_value(&document).unwrap_or_default();
        Document(Arc::new(Rendered {
            json: document.to_string(),
            document,
        }))
    }
}

/// What holds for every call alike.
fn complete(operation: &mut Operation) {
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let failure = ResponseBuilder::new()
        .description("What went wrong")
        .content("application/problem+json", problem)
        .build();
    operation
        .responses
        .responses
        .insert("default".to_owned(), RefOr::T(failure));
    if operation.request_body.is_some() {
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(idempotency_key()));
    }
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(255))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Makes the call safe to repeat: 1 to 255 printable ASCII characters",
        ))
        .schema(Some(text))
        .build()
}

/// `GET /api/v1/openapi.json`
pub async fn show_json(Extension(document): Extension<Document>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/json")],
        document.0.json.clone(),
    )
}

/// `GET /docs`
pub async fn show_page(
    Extension(document): Extension<Document>,
    Extension(nonce): Extension<CspNonce>,
) -> impl IntoResponse {
    Html(docs::page(&document.0.document, &nonce.0))
}
