//! The pages for customers, `/t/…`: no session, no program, nothing that a cache or a search engine keeps.
//!
//! A link (`/t/TOKEN`) opened in a browser is exchanged for a cookie, and the browser goes on at an address without the
//! secret (`/t/o/REFERENCE`). Whatever else fetches it (previews, scanners, programs) gets the page at once, with what
//! a link alone may show.

mod acts;
mod limits;
mod live;
mod lookup;
mod mailbox;
mod replies;

pub use limits::Limits;

use app::tracking::{Frame, Place};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use engine::promise::Locale;
use http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use orchestrator::tracking::{self, Access, Tier};
use serde::Deserialize;

use crate::client;
use crate::problem::Problem;
use crate::security;
use crate::state::AppState;
use replies::{html, style_nonce};

/// A form has a few fields.
const LARGEST_BODY: usize = 16 * 1024;

/// The pages for customers.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/t", get(lookup::show).post(lookup::ask))
        .route("/t/live.js", get(replies::script))
        .route("/t/{token}", get(by_link))
        .route("/t/{token}/live", get(live::by_link))
        .route("/t/o/{reference}", get(by_cookie))
        .route("/t/o/{reference}/live", get(live::by_cookie))
        .route("/t/o/{reference}/share", post(share))
        .route(
            "/t/o/{reference}/cancel",
            get(acts::cancel).post(acts::do_cancel),
        )
        .route(
            "/t/o/{reference}/address",
            get(acts::address).post(acts::do_address),
        )
        .route(
            "/t/o/{reference}/problem",
            get(acts::problem).post(acts::do_problem),
        )
        .route("/t/o/{reference}/code", get(acts::code).post(acts::do_code))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(security::same_site_only))
        .layer(from_fn_with_state(state.clone(), private))
}

/// The mailbox of an installation that sends no mail, for whoever is signed in.
pub fn mailbox(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/demo/mailbox", get(mailbox::list))
        .route("/demo/mailbox/{id}", get(mailbox::show))
        .layer(from_fn_with_state(state.clone(), private))
}

/// Nothing of it is kept, indexed or told to other sites.
async fn private(
    State(state): State<AppState>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let nonce = style_nonce(request.extensions());
    let response = next.run(request).await;
    replies::seal(&state, response, &nonce)
}

/// What the address may say beside the path.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    lang: Option<String>,
    done: Option<String>,
}

/// The language to answer in: what the address says, or the first that the browser names and we speak.
pub fn language(headers: &HeaderMap, said: Option<&str>) -> String {
    let accepted = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let speaks = |tag: &&str| {
        let language = tag.split('-').next().unwrap_or_default();
        ["en", "de", "es"]
            .iter()
            .any(|ours| ours.eq_ignore_ascii_case(language))
    };
    let named = accepted
        .split(',')
        .filter_map(|part| part.split(';').next())
        .map(str::trim);
    said.into_iter()
        .chain(named)
        .find(speaks)
        .unwrap_or("en-US")
        .to_owned()
}

/// What a token opens. Who tries many that open nothing has to wait.
pub async fn opened(
    state: &AppState,
    parts: &Parts,
    token: &str,
) -> Result<Option<Access>, Problem> {
    let trusted = &state.config.trusted_proxies;
    let address = client::address(&parts.extensions, &parts.headers, trusted);
    if let Some(seconds) = state.throttle.wait_s(address) {
        return Err(Problem::throttled(seconds));
    }
    let access = tracking::open(&state.orchestrator, token).await?;
    if access.is_none() {
        state.throttle.failed(address);
    }
    Ok(access)
}

/// `GET /t/{token}`
async fn by_link(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
) -> Result<Response, Problem> {
    let Some(access) = opened(&state, &parts, &token).await? else {
        let frame = plain_frame(&parts, &said);
        let page = app::tracking::not_found(&frame.borrowed());
        return Ok(html(StatusCode::NOT_FOUND, page));
    };
    // Browsers say that they open a page; what does not gets what the link alone is worth.
    let mode = parts.headers.get("sec-fetch-mode");
    let opens_page = mode.is_some_and(|mode| mode == "navigate");
    if opens_page && let Some(secret) = tracking::enter(&state.orchestrator, &access).await? {
        let reference = access.reference();
        let lang = said.lang.as_deref().unwrap_or_default();
        let lang =
            if lang.is_empty() || !lang.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                String::new()
            } else {
                format!("?lang={lang}")
            };
        let cookie = format!(
            "{}={secret}; Path=/t/o/{reference}; Max-Age={}; HttpOnly; Secure; SameSite=Lax",
            cookie_name(reference),
            tracking::KNOWN_FOR.num_seconds(),
        );
        let location = format!("/t/o/{reference}{lang}");
        return Ok((
            StatusCode::SEE_OTHER,
            [(SET_COOKIE, cookie), (LOCATION, location)],
        )
            .into_response());
    }
    show(&state, &parts, &said, &access, &format!("/t/{token}")).await
}

fn cookie_name(reference: &str) -> String {
    format!("baton_order_{reference}")
}

/// Which order the browser's cookie shows here.
async fn known(
    state: &AppState,
    parts: &Parts,
    reference: &str,
) -> Result<Option<Access>, Problem> {
    if reference.len() != 16 || !reference.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let name = cookie_name(reference);
    let cookies = parts.headers.get_all(COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let Some((_, secret)) = pairs.find(|(key, _)| *key == name) else {
        return Ok(None);
    };
    Ok(tracking::visit(&state.orchestrator, reference, secret).await?)
}

/// `GET /t/o/{reference}`
async fn by_cookie(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
) -> Result<Response, Problem> {
    let Some(access) = known(&state, &parts, &reference).await? else {
        return Ok(unknown_browser(&parts, &said));
    };
    show(&state, &parts, &said, &access, &format!("/t/o/{reference}")).await
}

/// Nobody is told whether there is an order.
fn unknown_browser(parts: &Parts, said: &Said) -> Response {
    let frame = plain_frame(parts, said);
    let page = app::tracking::lookup(&frame.borrowed(), Some("no_cookie"));
    html(StatusCode::NOT_FOUND, page)
}

async fn show(
    state: &AppState,
    parts: &Parts,
    said: &Said,
    access: &Access,
    path: &str,
) -> Result<Response, Problem> {
    let language = language(&parts.headers, said.lang.as_deref());
    let view = tracking::view(&state.orchestrator, access, &language).await?;
    let locale = Locale::of(&language);
    let frame = Frame {
        locale,
        nonce: &style_nonce(&parts.extensions),
        merchant: Some(&view.merchant),
        is_dark: tracking::reads_white(&view.merchant.color),
    };
    let known = access.tier >= Tier::Browser;
    let place = Place {
        path,
        acts: known && !view.status_only,
        shares: known && !view.status_only,
        done: done(said.done.as_deref()),
        now: &tracking::time_of_day(&state.orchestrator, &view),
    };
    let page = app::tracking::page(&frame, &view, &place);
    Ok(html(StatusCode::OK, page))
}

/// Only what we say ourselves.
fn done(said: Option<&str>) -> Option<&'static str> {
    match said? {
        "cancel" => Some("cancel_done"),
        "address" => Some("address_done"),
        "problem" => Some("problem_done"),
        _ => None,
    }
}

/// `POST /t/o/{reference}/share`
async fn share(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
) -> Result<Response, Problem> {
    let Some(access) = known(&state, &parts, &reference).await? else {
        return Ok(unknown_browser(&parts, &said));
    };
    let link = tracking::share(&state.orchestrator, &access).await?;
    let link = format!("{}{link}", state.config.base_url());
    let frame = plain_frame(&parts, &said);
    let page = app::tracking::shared(&frame.borrowed(), &link, &format!("/t/o/{reference}"));
    Ok(html(StatusCode::OK, page))
}

/// A frame that does not say whose page it is.
struct PlainFrame {
    locale: &'static Locale,
    nonce: String,
}

impl PlainFrame {
    fn borrowed(&self) -> Frame<'_> {
        Frame {
            locale: self.locale,
            nonce: &self.nonce,
            merchant: None,
            is_dark: true,
        }
    }
}

fn plain_frame(parts: &Parts, said: &Said) -> PlainFrame {
    PlainFrame {
        locale: Locale::of(&language(&parts.headers, said.lang.as_deref())),
        nonce: style_nonce(&parts.extensions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_both_know_is_spoken() {
        let accept = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, text.parse().unwrap());
            headers
        };
        assert_eq!(
            language(&accept("fr-FR,de-AT;q=0.8,en;q=0.5"), None),
            "de-AT"
        );
        assert_eq!(language(&accept("fr, it"), None), "en-US");
        assert_eq!(language(&accept("de"), Some("es")), "es");
        assert_eq!(language(&accept("de"), Some("<b>")), "de");
    }
}
