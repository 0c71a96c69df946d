//! The inbox: what needs a person, by when it starts to cost, with what would end it.

mod acts;
mod detail;
mod list;

use std::time::Duration;

use engine::model::{ExceptionFilter, ExceptionId, ExceptionKind, ExceptionState};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use crate::calls::exceptions::{Inbox, load_inbox};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Loading, when_it_happens};
use crate::format;
use crate::lazy::screen;
use crate::query::{self, PagePlace};
use acts::Chosen;
use detail::Detail;
use list::List;

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq)]
struct Asked {
    filter: ExceptionFilter,
    place: PagePlace,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let text = |key| query::text(params, key);
        Asked {
            filter: ExceptionFilter {
                state: text("state").and_then(|state| state.parse().ok()),
                kind: text("kind").and_then(|kind| kind.parse().ok()),
                mine: text("mine").is_some(),
                snoozed: text("snoozed").is_some(),
                ..ExceptionFilter::default()
            },
            place: PagePlace::read(params),
        }
    }

    fn state(&self) -> ExceptionState {
        self.filter.state.unwrap_or(ExceptionState::Open)
    }

    /// The address of the same rows, with one of them opened.
    fn address(&self, open: Option<ExceptionId>) -> String {
        let filter = &self.filter;
        let flag = |set: bool| set.then(|| "1".to_owned());
        let mut pairs = vec![
            ("state", filter.state.map(|state| state.to_string())),
            ("kind", filter.kind.map(|kind| kind.to_string())),
            ("mine", flag(filter.mine)),
            ("snoozed", flag(filter.snoozed)),
            ("open", open.map(|id| id.to_string())),
        ];
        pairs.extend(self.place.pairs());
        let query = query::written(pairs);
        if query.is_empty() {
            "/exceptions".to_owned()
        } else {
            format!("/exceptions?{query}")
        }
    }

    fn with(&self, change: impl FnOnce(&mut ExceptionFilter)) -> Asked {
        let mut filter = self.filter.clone();
        change(&mut filter);
        Asked {
            filter,
            place: PagePlace::default(),
        }
    }
}

screen!(
    /// `/exceptions`
    ExceptionsPage = exceptions_page: view
);

fn view() -> AnyView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(Asked::read));
    let open = Memo::new(move |_| {
        let id = params.with(|params| query::text(params, "open"));
        id.and_then(|id| id.parse::<ExceptionId>().ok())
    });
    let data: Answer = Resource::new(
        move || asked.get(),
        |asked| load_inbox(asked.filter, asked.place.cursor),
    );
    let chosen = Chosen::new(asked, open);
    acts::bind_keys(chosen, move || data.refetch());
    when_it_happens(
        Duration::from_secs(1),
        |event| {
            let kinds = ["exception.", "repair.", "order."];
            kinds.iter().any(|kind| event.kind.starts_with(kind))
        },
        move || data.refetch(),
    );
    view! {
        <Title text="Exceptions"/>
        <h1>"Exceptions"</h1>
        <Transition fallback=|| view! { <Loading rows=10/> }>
            {move || Suspend::new(async move {
                match opened::<Inbox>(data).await {
                    Ok(inbox) => {
                        chosen.listed(inbox.page.items.iter().map(|row| row.id));
                        view! {
                            <Tabs asked=asked.get_untracked() inbox=inbox.clone()/>
                            <List asked=asked.get_untracked() page=inbox.page counts=inbox.counts chosen/>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <Detail chosen done=move || data.refetch()/>
        <acts::ResolveDialog chosen done=move || data.refetch()/>
    }
    .into_any()
}

/// The kinds that there are, and what is not in the inbox.
#[component]
fn Tabs(asked: Asked, inbox: Inbox) -> impl IntoView {
    let counts = inbox.counts;
    let current = asked.clone();
    let tab = move |words: String, to: Asked| {
        let here = (to.filter == current.filter).then_some("page");
        view! {
            <li>
                <a href=to.address(None) aria-current=here>
                    {words}
                </a>
            </li>
        }
    };
    let with =
        |change: &dyn Fn(&mut ExceptionFilter)| Asked::default().with(|filter| change(filter));
    let of_state = |state| with(&|filter: &mut ExceptionFilter| filter.state = Some(state));
    let kinds: Vec<(ExceptionKind, u64)> = counts.open.clone();
    let mut tabs = vec![tab(
        format!("All {}", format::count(counts.total())),
        Asked::default(),
    )];
    for (kind, n) in kinds {
        let to = with(&|filter: &mut ExceptionFilter| filter.kind = Some(kind));
        tabs.push(tab(format!("{} {}", kind.label(), format::count(n)), to));
    }
    tabs.push(tab("Mine".to_owned(), with(&|filter| filter.mine = true)));
    tabs.push(tab(
        format!("Snoozed {}", format::count(counts.snoozed)),
        with(&|filter| filter.snoozed = true),
    ));
    tabs.push(tab(
        format!(
            "Repaired by itself, {} today",
            format::count(counts.automatic_today)
        ),
        of_state(ExceptionState::Automatic),
    ));
    tabs.push(tab(
        "Resolved".to_owned(),
        of_state(ExceptionState::Resolved),
    ));
    view! {
        <nav class="tabs" aria-label="Kinds of exceptions">
            <ul>{tabs}</ul>
        </nav>
        {(counts.repairing > 0)
            .then(|| {
                let text = format::counted(counts.repairing, "more is", "more are");
                view! { <p class="muted" role="status">{format!("{text} being repaired right now.")}</p> }
            })}
    }
    .into_any()
}
