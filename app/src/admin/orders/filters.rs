use engine::model::{OrderSort, OrderStatus};
use leptos::prelude::*;
use leptos_router::components::Form;
use wasm_bindgen::JsCast;

use super::{Asked, View};
use crate::calls::network::Choices;

/// What narrows the list: a plain form, sent by itself as soon as something is chosen.
#[component]
pub fn Filters(asked: Memo<Asked>, choices: Choices) -> impl IntoView {
    let query = move || asked.with(|asked| asked.query.clone());
    let submit = send_form_of;
    let option = |value: String, label: String, chosen: bool| {
        view! {
            <option value=value selected=chosen>
                {label}
            </option>
        }
    };
    let statuses = move || {
        let chosen = query().status;
        OrderStatus::ALL
            .iter()
            .map(|s| option(s.to_string(), s.label().to_owned(), chosen == Some(*s)))
            .collect_view()
    };
    let channels = {
        let channels = choices.channels.clone();
        move || {
            let chosen = query().channel;
            channels
                .iter()
                .map(|c| {
                    option(
                        c.code.clone(),
                        c.name.clone(),
                        chosen.as_deref() == Some(&*c.code),
                    )
                })
                .collect_view()
        }
    };
    let nodes = {
        let nodes = choices.nodes.clone();
        move || {
            let chosen = query().node;
            nodes
                .iter()
                .map(|(code, name)| {
                    option(
                        code.clone(),
                        name.clone(),
                        chosen.as_deref() == Some(&**code),
                    )
                })
                .collect_view()
        }
    };
    let view_name = move || {
        (query().view != View::All).then(|| {
        let written = super::OrdersQuery { view: query().view, ..Default::default() }.write();
        view! { <input type="hidden" name="view" value=written.trim_start_matches("view=").to_owned()/> }
    })
    };
    view! {
        <Form method="GET" action="/orders">
            <div class="filters" role="search">
                {view_name}
                <label class="field grow">
                    <span class="visually-hidden">"Search orders"</span>
                    <input
                        type="search"
                        name="q"
                        data-search=""
                        placeholder="Number, customer, e-mail, SKU, tracking number"
                        value=move || query().q.unwrap_or_default()
                    />
                </label>
                <label class="field">
                    <span class="field-name">"State"</span>
                    <select name="status" on:change=submit>
                        <option value="">"Any"</option>
                        {statuses}
                    </select>
                </label>
                <label class="field">
                    <span class="field-name">"Channel"</span>
                    <select name="channel" on:change=submit>
                        <option value="">"Any"</option>
                        {channels}
                    </select>
                </label>
                <label class="field">
                    <span class="field-name">"Node"</span>
                    <select name="node" on:change=submit>
                        <option value="">"Any"</option>
                        {nodes}
                    </select>
                </label>
                <label class="field">
                    <span class="field-name">"Placed from"</span>
                    <input
                        type="date"
                        name="from"
                        on:change=submit
                        value=move || query().from.map(|d| d.to_string()).unwrap_or_default()
                    />
                </label>
                <label class="field">
                    <span class="field-name">"to"</span>
                    <input
                        type="date"
                        name="to"
                        on:change=submit
                        value=move || query().to.map(|d| d.to_string()).unwrap_or_default()
                    />
                </label>
                <label class="field">
                    <span class="field-name">"Order"</span>
                    <select name="sort" on:change=submit>
                        {move || {
                            let oldest = query().sort == OrderSort::Oldest;
                            [
                                option(String::new(), "Newest first".to_owned(), !oldest),
                                option("oldest".to_owned(), "Oldest first".to_owned(), oldest),
                            ]
                        }}
                    </select>
                </label>
                <button type="submit" class="button">"Apply"</button>
                {move || {
                    query()
                        .is_narrowed()
                        .then(|| {
                            let all = super::OrdersQuery {
                                view: query().view,
                                ..Default::default()
                            };
                            view! {
                                <a class="button plain" href=format!("/orders?{}", all.write())>
                                    "Clear filters"
                                </a>
                            }
                        })
                }}
            </div>
        </Form>
    }
    .into_any()
}

/// Sends the form that the changed field is in.
pub fn send_form_of(event: leptos::ev::Event) {
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest("form").ok().flatten())
        .and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let Some(form) = form {
        let _ = form.request_submit();
    }
}
