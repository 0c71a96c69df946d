use engine::model::{OrderSort, OrderStatus};
use leptos::prelude::*;

use super::{OrdersQuery, Shown, View};
use crate::calls::network::{Choices, or_any};
use crate::components::{Choice, Day, FilterBar};

/// What narrows the list.
#[component]
pub fn Filters(shown: Memo<Shown>, choices: Choices) -> impl IntoView {
    let query = move || shown.with(|shown| shown.query.clone());
    let chosen = move |of: fn(OrdersQuery) -> Option<String>| {
        Signal::derive(move || of(query()).unwrap_or_default())
    };
    let view_name = move || {
        let view = query().view;
        (view != View::All).then(|| view! { <input type="hidden" name="view" value=view.name()/> })
    };
    // A form leaves out of the address what it has no field for.
    let look = move || {
        let look = shown.with(Shown::look).into_iter();
        look.filter_map(|(name, value)| {
            value.map(|value| view! { <input type="hidden" name=name value=value/> })
        })
        .collect_view()
    };
    let clear = move || {
        shown.with(|shown| {
            let narrowed = shown.query.is_narrowed();
            narrowed.then(|| shown.widened().list_address(&[]))
        })
    };
    let statuses = OrderStatus::ALL.iter();
    let statuses = or_any(statuses.map(|s| (s.to_string(), s.label().to_owned())));
    let channels = choices.channels.iter();
    let channels = or_any(channels.map(|c| (c.code.clone(), c.name.clone())));
    let sorts = [("", "Newest first"), ("oldest", "Oldest first")];
    let sorts = sorts.map(|(value, words)| (value.to_owned(), words.to_owned()));
    let sort = |query: OrdersQuery| (query.sort == OrderSort::Oldest).then(|| "oldest".to_owned());
    view! {
        <FilterBar
            action="/orders"
            label="Search orders"
            placeholder="Number, name, e-mail, SKU, tracking"
            q=chosen(|query| query.q)
            clear=Signal::derive(clear)
        >
            {view_name}
            {look}
            <Choice label="State" name="status" chosen=chosen(|query| query.status.map(|s| s.to_string())) options=statuses/>
            <Choice label="Channel" name="channel" chosen=chosen(|query| query.channel) options=channels/>
            <Choice label="Node" name="node" chosen=chosen(|query| query.node) options=choices.nodes_or_any()/>
            <Day label="Placed from" name="from" chosen=Signal::derive(move || query().from)/>
            <Day label="to" name="to" chosen=Signal::derive(move || query().to)/>
            <Choice label="Order" name="sort" chosen=chosen(sort) options=sorts.into()/>
        </FilterBar>
    }
    .into_any()
}
