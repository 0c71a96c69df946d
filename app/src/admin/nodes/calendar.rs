//! When a node works and how much it can do, with what a change would move before it is saved.

mod draft;
mod form;
mod hours;
mod preview;
mod service_times;

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::NodeTabs;
use crate::AppError;
use crate::calls::nodes::{CalendarDesk, load_node_calendar};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Icon, Loading, when_it_happens};
use crate::lazy::screen;
use draft::Draft;
use form::CalendarForm;

screen!(
    /// `/nodes/{code}/calendar`
    NodeCalendarPage = node_calendar_page: view
);

fn view() -> AnyView {
    let params = use_params_map();
    let part = move |key| params.with(|params| params.get(key).unwrap_or_default());
    let code = Memo::new(move |_| part("code"));
    let section = Memo::new(move |_| part("section"));
    let data: Answer = Resource::new(move || code.get(), load_node_calendar);
    let shown = move || {
        if section.get() != "calendar" {
            let error = AppError::NotFound("a node has no such page".to_owned());
            return view! { <ErrorState error/> }.into_any();
        }
        view! {
            <Transition fallback=|| view! { <Loading rows=12/> }>
                {move || Suspend::new(async move {
                    match opened::<CalendarDesk>(data).await {
                        Ok(desk) => view! { <Loaded desk/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        }
        .into_any()
    };
    view! {
        <Title text="Calendar"/>
        <nav class="crumbs" aria-label="Nodes">
            <a href="/nodes">
                <Icon name="back"/>
                "Nodes"
            </a>
        </nav>
        {shown}
    }
    .into_any()
}

/// What stays on the page while its data changes below it, so that nothing that is being entered is lost.
#[component]
fn Loaded(desk: CalendarDesk) -> impl IntoView {
    let (name, code) = (desk.node.name.clone(), desk.node.code.clone());
    let facts = format!(
        "{code} · {} · all times in {}",
        desk.node.kind.label(),
        desk.node.time_zone.as_deref().unwrap_or("UTC")
    );
    let (tabs, subject) = (code.clone(), format!("node:{code}"));
    let code = StoredValue::new(code);
    let draft = RwSignal::new(Draft::of(&desk.node));
    let node = RwSignal::new(desk.node);
    // Whoever saves what is entered is told then that somebody else has changed it before.
    let dirty = RwSignal::new(false);
    let refresh = move || {
        if dirty.get_untracked() {
            return;
        }
        spawn_local(async move {
            let found = load_node_calendar(code.get_value()).await;
            let Ok(found) = found.and_then(|packed| packed.open::<CalendarDesk>()) else {
                return;
            };
            let is_other = node.try_with_untracked(|known| *known != found.node);
            if is_other == Some(true) && dirty.try_get_untracked() == Some(false) {
                draft.set(Draft::of(&found.node));
                node.set(found.node);
            }
        });
    };
    when_it_happens(
        Duration::from_millis(500),
        move |event| {
            let ours = event.subject == subject && event.kind.starts_with("node.");
            ours || event.kind == "nodes.imported"
        },
        refresh,
    );
    view! {
        <Title text=format!("{name}, calendar")/>
        <div class="page-head">
            <h1>{name}</h1>
            <p class="muted">{facts}</p>
        </div>
        <NodeTabs code=tabs/>
        <CalendarForm node draft dirty refresh change=desk.change days=desk.days services=desk.services countries=desk.countries/>
    }
    .into_any()
}
