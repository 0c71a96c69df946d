use engine::model::{OrderCounts, SavedView};
use leptos::prelude::*;

use super::{Shown, View};
use crate::format;

/// The lists that everybody has, and those that the person has named.
#[component]
pub fn Tabs(shown: Memo<Shown>, counts: OrderCounts, views: Vec<SavedView>) -> impl IntoView {
    let names: Vec<_> = views.iter().map(|view| view.name.clone()).collect();
    // A name that is none of the person's, as in an address that a colleague has sent, is only a name.
    let saved = Memo::new(move |_| {
        let name = shown.with(|shown| shown.saved.clone());
        name.filter(|name| names.contains(name))
    });
    let tab = move |view: View| {
        let n: u64 = match view.statuses() {
            [] => counts.total(),
            statuses => statuses.iter().map(|status| counts.of(*status)).sum(),
        };
        let current = move || {
            let here = saved.with(Option::is_none) && shown.with(|shown| shown.query.view == view);
            here.then_some("page")
        };
        view! {
            <li>
                <a href=Shown::tab(view).list_address(&[]) aria-current=current>
                    {view.label()}
                    <span class="tab-count">{format::count(n)}</span>
                </a>
            </li>
        }
    };
    let named = move |view: SavedView| {
        let (name, address) = (view.name.clone(), address_of(&view));
        let current = move || {
            saved
                .with(|saved| saved.as_ref() == Some(&name))
                .then_some("page")
        };
        view! {
            <li class="named">
                <a href=address aria-current=current>
                    {view.name}
                </a>
            </li>
        }
    };
    view! {
        <nav class="tabs" aria-label="Views">
            <ul>
                {View::ALL.into_iter().map(tab).collect_view()}
                {views.into_iter().map(named).collect_view()}
            </ul>
        </nav>
    }
    .into_any()
}

/// The list that a view stands for.
pub fn address_of(view: &SavedView) -> String {
    let look = Shown {
        saved: Some(view.name.clone()),
        columns: super::Column::read(view.columns.iter().map(String::as_str)),
        ..Shown::default()
    };
    let look = crate::query::written(look.look());
    if view.query.is_empty() {
        format!("/orders?{look}")
    } else {
        format!("/orders?{}&{look}", view.query)
    }
}
