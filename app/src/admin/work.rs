//! The work of a node, for the people who do it: what is due, picking with a scanner, handing over. Made for a phone.

mod card;
mod deeds;
mod desk;
mod list;
mod pick;
mod scan;

use std::time::Duration;

use engine::model::{FulfillmentId, Permission, WorkFilter, WorkStep};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use crate::AppError;
use crate::calls::session::Visit;
use crate::calls::work::{Workload, load_work};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Happened, Loading, when_it_happens};
use crate::format;
use crate::lazy::screen;
use crate::query::{self, PagePlace};
use desk::Desk;
use list::WorkList;
use pick::PickSheet;

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    filter: WorkFilter,
    place: PagePlace,
    /// What is being worked on.
    open: Vec<FulfillmentId>,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let open = query::text(params, "open").unwrap_or_default();
        Asked {
            filter: WorkFilter {
                node: query::text(params, "node"),
                step: query::text(params, "step").and_then(|step| step.parse().ok()),
            },
            place: PagePlace::read(params),
            open: open.split(',').filter_map(|id| id.parse().ok()).collect(),
        }
    }

    /// The address of the same list with these open.
    fn with_open(&self, open: &[FulfillmentId]) -> String {
        let ids: Vec<_> = open.iter().map(ToString::to_string).collect();
        let ids = (!ids.is_empty()).then(|| ids.join(","));
        let [cursor, before] = self.place.pairs();
        self.written([cursor, before, ("open", ids)])
    }

    /// The address of the first page of another part of the work.
    fn at(&self, node: Option<String>, step: Option<WorkStep>) -> String {
        let filter = WorkFilter { node, step };
        let asked = Asked {
            filter,
            ..Asked::default()
        };
        asked.written([])
    }

    fn next_page(&self, cursor: String) -> String {
        let before = Some((self.place.before + 1).to_string());
        self.written([("cursor", Some(cursor)), ("before", before)])
    }

    fn written<'a>(&self, more: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
        let step = self.filter.step.map(|step| step.to_string());
        let pairs = [("node", self.filter.node.clone()), ("step", step)];
        format!("/work?{}", query::written(pairs.into_iter().chain(more)))
    }
}

screen!(
    /// `/work`
    WorkPage = work_screen: view
);

fn view() -> AnyView {
    let visit = expect_context::<Visit>();
    let desk = Desk::provide(visit.viewer.user.id.to_string());
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(Asked::read));
    let list = Memo::new(move |_| asked.with(|asked| (asked.filter.clone(), asked.place.clone())));
    let data: Answer = Resource::new(
        move || list.get(),
        move |(filter, place)| {
            let open = asked.with_untracked(|asked| asked.open.clone());
            load_work(filter, place.cursor, open)
        },
    );
    let refresh = move || {
        let asked = asked.get_untracked();
        desk.refresh(asked.filter, asked.place.cursor, asked.open);
    };
    let concerns = |event: &Happened| {
        event.kind.starts_with("fulfillment.") || event.kind.starts_with("order.")
    };
    when_it_happens(Duration::from_secs(1), concerns, refresh);
    Effect::new(move || desk.fetch(asked.with(|asked| asked.open.clone())));
    view! {
        <Title text="Work"/>
        <Waiting desk/>
        <Transition fallback=|| view! { <Loading rows=6/> }>
            {move || Suspend::new(async move {
                match opened::<Workload>(data).await {
                    Ok(page) => {
                        desk.take(page, &asked.with_untracked(|asked| asked.open.clone()));
                        view! { <Board desk asked/> }.into_any()
                    }
                    // Without the network one goes on with what is here.
                    Err(AppError::Offline) if !desk.is_empty() => view! { <Board desk asked/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// The list, or what is being worked on.
#[component]
fn Board(desk: Desk, asked: Memo<Asked>) -> impl IntoView {
    let is_open = Memo::new(move |_| asked.with(|asked| !asked.open.is_empty()));
    move || {
        if is_open.get() {
            view! { <PickSheet desk asked/> }.into_any()
        } else {
            view! { <WorkList desk asked/> }.into_any()
        }
    }
}

/// Says that something has not reached the server yet.
#[component]
fn Waiting(desk: Desk) -> impl IntoView {
    let text = move || {
        let n = desk.waiting();
        let error = desk.stuck.get().filter(|_| n > 0)?;
        let verb = if n == 1 { "waits" } else { "wait" };
        let what = format::counted(n, "action", "actions");
        Some(match error {
            AppError::SignedOut => (format!("{what} {verb} for you to sign in again."), true),
            AppError::Failed(_) => (format!("{what} {verb} for the server."), false),
            _ => (format!("{what} {verb} for the network."), false),
        })
    };
    view! {
        <div class="work-waits" role="status">
            {move || {
                text()
                    .map(|(text, signed_out)| {
                        view! {
                            <p>
                                <span aria-hidden="true">"↻ "</span>
                                {text}
                                " Nothing is lost: it is sent as soon as that is possible."
                                {signed_out
                                    .then(|| {
                                        view! { <a rel="external" href="/sign-in?next=/work">" Sign in"</a> }
                                    })}
                            </p>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

/// Whether the reader may do the work and not only look at it.
fn may_work() -> bool {
    crate::components::may(Permission::WorkFulfillments)
}
