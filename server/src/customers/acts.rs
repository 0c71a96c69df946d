//! What customers do themselves. Each is a form, what it means, and a confirmation that counts once.

use app::tracking::{Act, CodeState, Frame};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use engine::model::{Address, LineId, TrackedItem, TrackingView};
use engine::promise::Locale;
use http::StatusCode;
use http::header::LOCATION;
use http::request::Parts;
use orchestrator::tracking::{self, Access, CodeSent, Tier};
use orchestrator::{Error, Ticket};
use serde::Deserialize;
use uuid::Uuid;

use super::replies::{html, style_nonce};
use super::{Said, known, language, unknown_browser};
use crate::problem::Problem;
use crate::state::AppState;

/// The order, its customer, and how to answer them.
struct Desk {
    access: Access,
    view: TrackingView,
    locale: &'static Locale,
    nonce: String,
    path: String,
    once: String,
}

impl Desk {
    fn frame(&self) -> Frame<'_> {
        Frame {
            locale: self.locale,
            nonce: &self.nonce,
            merchant: Some(&self.view.merchant),
            is_dark: tracking::reads_white(&self.view.merchant.color),
        }
    }

    fn act(&self, wrong: Option<String>) -> Act<'_> {
        Act {
            path: &self.path,
            once: &self.once,
            wrong,
        }
    }

    fn say(&self, key: &str) -> String {
        self.locale.message(&format!("track.{key}")).to_owned()
    }

    fn done(&self, what: &str) -> Response {
        go(&format!("{}?done={what}", self.path))
    }

    /// The ticket of the form that was sent.
    fn ticket(&self, once: &str, what: &str) -> Result<Ticket, Problem> {
        let once: String = once
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(64)
            .collect();
        let key = format!("page {what} {once}");
        Ok(Ticket::new(
            &key,
            &format!("{}/{what}", self.path),
            once.as_bytes(),
        )?)
    }
}

fn go(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned())]).into_response()
}

/// What one needs to answer, or the answer to a browser that nobody knows.
async fn desk(
    state: &AppState,
    reference: &str,
    said: &Said,
    parts: &Parts,
) -> Result<Result<Desk, Response>, Problem> {
    let Some(access) = known(state, parts, reference).await? else {
        return Ok(Err(unknown_browser(parts, said)));
    };
    let language = language(&parts.headers, said.lang.as_deref());
    let view = tracking::view(&state.orchestrator, &access, &language).await?;
    let path = format!("/t/o/{reference}");
    if view.status_only {
        return Ok(Err(go(&path)));
    }
    Ok(Ok(Desk {
        locale: Locale::of(&language),
        nonce: style_nonce(&parts.extensions),
        once: Uuid::new_v4().simple().to_string(),
        access,
        view,
        path,
    }))
}

macro_rules! desk {
    ($state:expr, $reference:expr, $said:expr, $parts:expr) => {
        match desk(&$state, &$reference, &$said, &$parts).await? {
            Ok(desk) => desk,
            Err(answer) => return Ok(answer),
        }
    };
}

type Answer = Result<Response, Problem>;

/// What cannot be done any more is said on the page; what was sent wrongly, in the form.
fn refused(desk: &Desk, error: Error) -> Result<String, Problem> {
    match error {
        Error::Conflict(_) => Ok(desk.say("too_late")),
        Error::Invalid(errors) => Ok(errors
            .into_iter()
            .map(|e| e.detail)
            .collect::<Vec<_>>()
            .join(". ")),
        other => Err(other.into()),
    }
}

/// `GET /t/o/{reference}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    let (items, _) = left(&state, &desk).await?;
    let wrong = items.is_empty().then(|| desk.say("too_late"));
    let page = app::tracking::cancel(&desk.frame(), &desk.act(wrong), &items);
    Ok(html(StatusCode::OK, page))
}

/// What can be cancelled, as the page shows it, and what is given back for it.
async fn left(
    state: &AppState,
    desk: &Desk,
) -> Result<(Vec<TrackedItem>, Vec<tracking::Cancellable>), Problem> {
    let lines = tracking::cancellable(&state.orchestrator, &desk.access).await?;
    let all = desk.view.summary.iter().flat_map(|summary| &summary.items);
    let items = all.filter_map(|item| {
        let left = lines.iter().find(|line| line.line == item.line)?;
        Some(TrackedItem {
            quantity: left.units,
            ..item.clone()
        })
    });
    Ok((items.collect(), lines))
}

/// What a form sends; names may come again.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    fn one(&self, name: &'static str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// `POST /t/o/{reference}/cancel`
pub async fn do_cancel(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    let chosen: Vec<LineId> = fields
        .all("line")
        .filter_map(|line| line.parse().ok())
        .collect();
    let (items, lines) = left(&state, &desk).await?;
    let is_chosen = |line: &LineId| chosen.contains(line);
    let items: Vec<_> = items
        .into_iter()
        .filter(|item| is_chosen(&item.line))
        .collect();
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|line| is_chosen(&line.line))
        .collect();
    let is_confirmed = fields.one("confirmed") == "yes";
    if items.is_empty() && !is_confirmed {
        let (items, _) = left(&state, &desk).await?;
        let act = desk.act(Some(desk.say("cancel_choose")));
        let page = app::tracking::cancel(&desk.frame(), &act, &items);
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    if tracking::cancel_needs_code(&desk.access, &lines) {
        return Ok(go(&format!("{}/code?next=cancel", desk.path)));
    }
    if !is_confirmed {
        let refund: i64 = lines.iter().map(|line| line.refund).sum();
        let currency = desk.view.summary.as_ref().map(|summary| summary.currency);
        let refund = currency
            .filter(|_| refund > 0)
            .map(|currency| desk.locale.price(refund, currency));
        let page = app::tracking::confirm_cancel(&desk.frame(), &desk.act(None), &items, refund);
        return Ok(html(StatusCode::OK, page));
    }
    let ticket = desk.ticket(fields.one("once"), "cancel")?;
    match tracking::cancel(&state.orchestrator, &desk.access, &chosen, ticket).await {
        Ok(()) => Ok(desk.done("cancel")),
        Err(error) => {
            let wrong = refused(&desk, error)?;
            let page = app::tracking::cancel(&desk.frame(), &desk.act(Some(wrong)), &[]);
            Ok(html(StatusCode::CONFLICT, page))
        }
    }
}

/// `GET /t/o/{reference}/address`
pub async fn address(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    if desk.access.tier < Tier::Verified {
        return Ok(go(&format!("{}/code?next=address", desk.path)));
    }
    let address = tracking::address(&state.orchestrator, &desk.access).await?;
    let page = app::tracking::address(&desk.frame(), &desk.act(None), &address);
    Ok(html(StatusCode::OK, page))
}

/// `POST /t/o/{reference}/address`
pub async fn do_address(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    if desk.access.tier < Tier::Verified {
        return Ok(go(&format!("{}/code?next=address", desk.path)));
    }
    let orc = &state.orchestrator;
    let before = tracking::address(orc, &desk.access).await?;
    let text = |name: &'static str| fields.one(name).trim().to_owned();
    let address = Address {
        name: text("name"),
        line1: text("line1"),
        line2: Some(text("line2")).filter(|text| !text.is_empty()),
        city: text("city"),
        region: text("region"),
        postal_code: text("postal_code"),
        country: before.country,
    };
    let outcome = if fields.one("confirmed") == "yes" {
        let promise = fields.one("promise").parse().ok();
        let ticket = desk.ticket(fields.one("once"), "address")?;
        let change = tracking::change_address(orc, &desk.access, address.clone(), promise, ticket);
        change.await.map(|()| None)
    } else {
        tracking::preview_address(orc, &desk.access, &address)
            .await
            .map(Some)
    };
    match outcome {
        Ok(None) => Ok(desk.done("address")),
        Ok(Some(change)) => {
            let promise = change.promise.map(|id| id.to_string()).unwrap_or_default();
            let today = orc.now().date_naive();
            let by = change.by.map(|by| (by, today));
            let act = desk.act(None);
            let page = app::tracking::confirm_address(&desk.frame(), &act, &address, &promise, by);
            Ok(html(StatusCode::OK, page))
        }
        Err(error) => {
            let wrong = refused(&desk, error)?;
            let page = app::tracking::address(&desk.frame(), &desk.act(Some(wrong)), &address);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

fn kinds() -> Vec<&'static str> {
    tracking::Problem::ALL
        .iter()
        .map(|problem| problem.as_str())
        .collect()
}

/// `GET /t/o/{reference}/problem`
pub async fn problem(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    let page = app::tracking::problem(&desk.frame(), &desk.act(None), &kinds());
    Ok(html(StatusCode::OK, page))
}

/// `POST /t/o/{reference}/problem`
pub async fn do_problem(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    let kind = fields.one("kind");
    let problem = tracking::Problem::ALL
        .into_iter()
        .find(|problem| problem.as_str() == kind);
    let Some(problem) = problem else {
        let act = desk.act(Some(desk.say("problem_what")));
        let page = app::tracking::problem(&desk.frame(), &act, &kinds());
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
    };
    let ticket = desk.ticket(fields.one("once"), "problem")?;
    let orc = &state.orchestrator;
    match tracking::report_problem(orc, &desk.access, problem, fields.one("text"), ticket).await {
        Ok(()) => Ok(desk.done("problem")),
        Err(Error::Conflict(_)) => {
            let act = desk.act(Some(desk.say("problem_early")));
            let page = app::tracking::problem(&desk.frame(), &act, &kinds());
            Ok(html(StatusCode::CONFLICT, page))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the code is for.
fn next(given: &str) -> &'static str {
    if given == "address" {
        "address"
    } else {
        "cancel"
    }
}

/// What the address of the code's page says.
#[derive(Debug, Default, Deserialize)]
pub struct For {
    #[serde(default)]
    next: String,
}

/// `GET /t/o/{reference}/code?next=…`
pub async fn code(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    Query(what): Query<For>,
    parts: Parts,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    let next = next(&what.next);
    let page = app::tracking::code(&desk.frame(), &desk.act(None), next, &CodeState::Asked);
    Ok(html(StatusCode::OK, page))
}

/// `POST /t/o/{reference}/code`: sends one, or takes the one that was entered.
pub async fn do_code(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Answer {
    let desk = desk!(state, reference, said, parts);
    let next = next(fields.one("next"));
    let orc = &state.orchestrator;
    let entered = fields.all("code").next();
    let shown = if let Some(code) = entered {
        if tracking::enter_code(orc, &desk.access, code).await? {
            return Ok(go(&format!("{}/{next}", desk.path)));
        }
        CodeState::Wrong
    } else {
        match tracking::send_code(orc, &desk.access).await? {
            CodeSent::To(mail) => CodeState::Sent(mail),
            CodeSent::NoMail => CodeState::NoMail,
            CodeSent::TooMany => CodeState::TooMany,
        }
    };
    let page = app::tracking::code(&desk.frame(), &desk.act(None), next, &shown);
    Ok(html(StatusCode::OK, page))
}
