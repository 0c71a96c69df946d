use engine::model::Preferences;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::{Column, Shown};
use crate::components::{Icon, Liking, Menu};

/// The columns that the list shows: those of its address, or those that the person usually has.
pub fn columns_of(shown: Memo<Shown>) -> Memo<Vec<Column>> {
    let liking = expect_context::<Liking>();
    Memo::new(move |_| shown.with(|shown| columns_for(shown, &liking.get())))
}

/// The same for somebody who likes it so.
pub fn columns_for(shown: &Shown, preferences: &Preferences) -> Vec<Column> {
    let usual = || Column::read(preferences.order_columns.iter().map(String::as_str));
    let columns = shown.columns.clone().or_else(usual);
    columns.unwrap_or_else(|| Column::USUAL.to_vec())
}

/// Which columns the list has, and in which order.
#[component]
pub fn ColumnMenu(shown: Memo<Shown>, columns: Memo<Vec<Column>>) -> impl IntoView {
    let liking = expect_context::<Liking>();
    let navigate = use_navigate();
    let choose = move |chosen: Vec<Column>| {
        let now = shown.get_untracked();
        // A view has columns of its own; everywhere else the choice is the person's.
        if now.saved.is_none() {
            let names = Column::names(&chosen);
            liking.change(|preferences| preferences.order_columns = names);
        }
        let next = Shown {
            columns: Some(chosen),
            ..now
        };
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&next.list_address(&[]), options);
    };
    let choose = StoredValue::new(choose);
    let choose = move |chosen| choose.with_value(|choose| choose(chosen));
    // Chosen ones first, as they stand; then the rest.
    let rows = move || {
        let chosen = columns.get();
        let rest = Column::ALL.into_iter().filter(|c| !chosen.contains(c));
        let rest: Vec<_> = rest.collect();
        let last = chosen.len() - 1;
        let at = |i: usize| (i > 0, i < last);
        let chosen: Vec<_> = chosen.into_iter().enumerate().collect();
        chosen
            .into_iter()
            .map(|(i, column)| (column, Some(at(i))))
            .chain(rest.into_iter().map(|column| (column, None)))
            .collect::<Vec<_>>()
    };
    let toggle = move |column: Column, on: bool| {
        let mut chosen = columns.get_untracked();
        if on {
            chosen.push(column);
        } else if chosen.len() > 1 {
            chosen.retain(|c| *c != column);
        }
        choose(chosen);
    };
    let step = move |column: Column, up: bool| {
        let mut chosen = columns.get_untracked();
        if let Some(i) = chosen.iter().position(|c| *c == column) {
            let to = if up { i.wrapping_sub(1) } else { i + 1 };
            if to < chosen.len() {
                chosen.swap(i, to);
                choose(chosen);
                keep_focus(column, up);
            }
        }
    };
    view! {
        <Menu label="Columns">
            <ul class="column-list">
                <For each=rows key=|(column, _)| column.name() let((column, _))>
                    {
                        let place = move || {
                            rows().into_iter().find(|(c, _)| *c == column).and_then(|(_, place)| place)
                        };
                        let may = move |up: bool| {
                            place().is_some_and(|(higher, lower)| if up { higher } else { lower })
                        };
                        let mover = move |up: bool| {
                            let label = format!("Move {} {}", column.label(), if up { "up" } else { "down" });
                            view! {
                                <button
                                    type="button"
                                    id=mover_id(column, up)
                                    class="icon-button small"
                                    aria-label=label.clone()
                                    title=label
                                    disabled=move || !may(up)
                                    on:click=move |_| step(column, up)
                                >
                                    <Icon name=if up { "up" } else { "down" }/>
                                </button>
                            }
                        };
                        view! {
                            <li>
                                <label class="check">
                                    <input
                                        type="checkbox"
                                        prop:checked=move || place().is_some()
                                        disabled=move || place() == Some((false, false))
                                        on:change=move |event| toggle(column, event_target_checked(&event))
                                    />
                                    {column.label()}
                                </label>
                                {mover(true)}
                                {mover(false)}
                            </li>
                        }
                    }
                </For>
            </ul>
            <button
                type="button"
                class="link"
                on:click=move |_| choose(Column::USUAL.to_vec())
            >
                "The usual columns"
            </button>
        </Menu>
    }
    .into_any()
}

fn mover_id(column: Column, up: bool) -> String {
    format!("move-{}-{}", column.name(), if up { "up" } else { "down" })
}

/// A row that moves takes the focus from what is in it.
fn keep_focus(column: Column, up: bool) {
    request_animation_frame(move || {
        let button = document().get_element_by_id(&mover_id(column, up));
        if let Some(button) = button.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = button.focus();
        }
    });
}
