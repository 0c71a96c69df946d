//! When a node works and how much it can do, with what a change would move before it is saved.

mod draft;
mod form;
mod hours;
mod preview;
mod service_times;

use std::time::Duration;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::NodeTabs;
use crate::AppError;
use crate::calls::nodes::{CalendarDesk, load_node_calendar};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Icon, Loading, when_it_happens};
use crate::lazy::screen;
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
    // What is being entered stays: whoever saves is told then that somebody else did before.
    let dirty = RwSignal::new(false);
    when_it_happens(
        Duration::from_millis(500),
        move |event| {
            let ours = code.with_untracked(|code| event.subject == format!("node:{code}"));
            event.kind == "nodes.imported" || (ours && event.kind.starts_with("node."))
        },
        move || {
            if !dirty.get_untracked() {
                data.refetch();
            }
        },
    );
    let shown = move || {
        if section.get() != "calendar" {
            let error = AppError::NotFound("a node has no such page".to_owned());
            return view! { <ErrorState error/> }.into_any();
        }
        view! {
            <Transition fallback=|| view! { <Loading rows=12/> }>
                {move || Suspend::new(async move {
                    match opened::<CalendarDesk>(data).await {
                        Ok(desk) => {
                            view! {
                                <Title text=format!("{}, calendar", desk.node.name)/>
                                <div class="page-head">
                                    <h1>{desk.node.name.clone()}</h1>
                                    <p class="muted">
                                        {format!(
                                            "{} · {} · all times in {}",
                                            desk.node.code,
                                            desk.node.kind.label(),
                                            desk.node.time_zone.as_deref().unwrap_or("UTC"),
                                        )}
                                    </p>
                                </div>
                                <NodeTabs code=desk.node.code.clone()/>
                                <CalendarForm desk dirty reload=move || data.refetch()/>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        }
        .into_any()
    };
    view! {
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
