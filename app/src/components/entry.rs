use leptos::prelude::*;

use crate::AppError;

/// What is wrong with what was entered in a form: all of it above the form, and each at the field it is about.
#[derive(Clone, Copy)]
pub struct Wrong(RwSignal<Option<AppError>>);

impl Wrong {
    /// For the fields of the form that follows.
    pub fn provide() -> Self {
        let wrong = Wrong(RwSignal::new(None));
        provide_context(wrong);
        wrong
    }

    pub fn set(self, error: Option<AppError>) {
        let _ = self.0.try_set(error);
    }

    pub fn get(self) -> Option<AppError> {
        self.0.get()
    }

    /// What is wrong at this place in what is sent, such as `#/zones/0/up_to_km`.
    pub fn at(self, pointer: &str) -> Option<String> {
        self.0.with(|error| match error {
            Some(AppError::Invalid(errors)) => errors
                .iter()
                .find(|error| error.pointer == pointer)
                .map(|error| error.detail.clone()),
            _ => None,
        })
    }

    /// The first that is wrong anywhere below a place.
    pub fn below(self, pointer: &str) -> Option<String> {
        let is_below = |other: &str| {
            let rest = other.strip_prefix(pointer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0.with(|error| match error {
            Some(AppError::Invalid(errors)) => errors
                .iter()
                .find(|error| is_below(&error.pointer))
                .map(|error| error.detail.clone()),
            _ => None,
        })
    }
}

/// A field of a form with what is wrong with it below.
#[component]
pub fn Entry(
    #[prop(into)] label: String,
    /// Unlike any other on the page.
    #[prop(into)]
    id: String,
    value: RwSignal<String>,
    /// Where it is in what is sent.
    #[prop(into)]
    pointer: Signal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] inputmode: &'static str,
    #[prop(optional)] help: &'static str,
    /// In a table the column says what it is: the label is for who does not see that.
    #[prop(optional)]
    in_table: bool,
    #[prop(optional)] required: bool,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Values that are offered.
    #[prop(optional)]
    list: &'static str,
) -> impl IntoView {
    let wrong = use_context::<Wrong>();
    let detail = move || wrong.and_then(|wrong| wrong.at(&pointer.get()));
    let (of, error_id) = (id.clone(), format!("{id}-wrong"));
    let described = error_id.clone();
    view! {
        <div class="field">
            <label for=of class:visually-hidden=in_table>
                {label}
            </label>
            <input
                id=id
                type=kind
                inputmode=inputmode
                list=(!list.is_empty()).then_some(list)
                required=required
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                disabled=move || disabled.get()
                autocomplete="off"
                aria-invalid=move || detail().is_some().then_some("true")
                aria-describedby=move || detail().is_some().then(|| described.clone())
                value=value.get_untracked()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {(!help.is_empty()).then(|| view! { <span class="muted">{help}</span> })}
            <span id=error_id class="field-error">
                {detail}
            </span>
        </div>
    }
    .into_any()
}
