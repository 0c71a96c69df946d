use leptos::prelude::*;
use leptos_router::components::Form;
use wasm_bindgen::JsCast;

/// What narrows a list: a plain form, sent by itself as soon as something is chosen.
#[component]
pub fn FilterBar(
    /// Address of the list.
    action: &'static str,
    /// What the search field is called, for who cannot see it.
    label: &'static str,
    placeholder: &'static str,
    #[prop(into)] q: Signal<String>,
    /// Where everything is shown again, while something is narrowed.
    #[prop(into)]
    clear: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    view! {
        <Form method="GET" action=action>
            <div class="filters" role="search">
                <label class="field grow">
                    <span class="visually-hidden">{label}</span>
                    <input
                        type="search"
                        name="q"
                        data-search=""
                        placeholder=placeholder
                        value=move || q.get()
                    />
                </label>
                {children()}
                <button type="submit" class="button">"Apply"</button>
                {move || {
                    clear
                        .get()
                        .map(|all| view! { <a class="button plain" href=all>"Clear filters"</a> })
                }}
            </div>
        </Form>
    }
    .into_any()
}

/// One of a few values; the first one usually stands for any.
#[component]
pub fn Choice(
    label: &'static str,
    name: &'static str,
    #[prop(into)] chosen: Signal<String>,
    /// Value and words.
    options: Vec<(String, String)>,
) -> impl IntoView {
    let options = move || {
        let chosen = chosen.get();
        options
            .iter()
            .map(|(value, words)| {
                view! {
                    <option value=value.clone() selected=*value == chosen>
                        {words.clone()}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <label class="field">
            <span class="field-name">{label}</span>
            <select name=name on:change=send_form_of>
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// A day, if one is chosen.
#[component]
pub fn Day(
    label: &'static str,
    name: &'static str,
    #[prop(into)] chosen: Signal<Option<chrono::NaiveDate>>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field-name">{label}</span>
            <input
                type="date"
                name=name
                on:change=send_form_of
                value=move || chosen.get().map(|day| day.to_string()).unwrap_or_default()
            />
        </label>
    }
    .into_any()
}

fn send_form_of(event: leptos::ev::Event) {
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest("form").ok().flatten())
        .and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let Some(form) = form {
        let _ = form.request_submit();
    }
}
