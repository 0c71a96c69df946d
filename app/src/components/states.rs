use leptos::prelude::*;

use crate::AppError;

/// While data is on its way: the shape of what comes, so that nothing jumps.
#[component]
pub fn Loading(
    /// Rows that are to be expected.
    #[prop(default = 8)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="visually-hidden">"Loading"</span>
            {(0..rows).map(|_| view! { <div class="skeleton" aria-hidden="true"></div> }).collect_view()}
        </div>
    }
    .into_any()
}

/// Nothing to show, and what to do about it.
#[component]
pub fn Empty(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// A page, or a part of it, that could not be shown.
#[component]
pub fn ErrorState(error: AppError) -> impl IntoView {
    #[cfg(feature = "ssr")]
    error.answer();
    match error {
        AppError::SignedOut => {
            // The page was alive when its session ended: the sign-in page leads back to it.
            #[cfg(not(feature = "ssr"))]
            let here = {
                let location = window().location();
                let path = location.pathname().unwrap_or_default();
                let query = location.search().unwrap_or_default();
                js_sys::encode_uri_component(&format!("{path}{query}"))
                    .as_string()
                    .unwrap_or_default()
            };
            #[cfg(feature = "ssr")]
            let here = String::new();
            view! {
                <Refusal title="You are signed out" text="Your session has ended.">
                    <a class="button primary" rel="external" href=format!("/sign-in?next={here}")>
                        "Sign in"
                    </a>
                </Refusal>
            }
            .into_any()
        }
        AppError::Forbidden(what) => {
            let role = use_context::<crate::calls::session::Visit>()
                .map_or("", |visit| visit.viewer.user.role.label());
            let text =
                format!("Your role, {role}, does not include: {what}. The owner can change that.");
            view! { <Refusal title="Not for your role" text/> }.into_any()
        }
        AppError::NotFound(_) => view! {
            <Refusal title="Not found" text=error.to_string()>
                <a class="button" href="/">"Go to Today"</a>
            </Refusal>
        }
        .into_any(),
        error => {
            let (title, text) = if error == AppError::Offline {
                let text = "The server does not answer. What was shown before is still in the list you came from.";
                ("No connection", text.to_owned())
            } else {
                ("This did not work", error.to_string())
            };
            view! {
                <Refusal title text>
                    <a class="button" rel="external" href="">"Try again"</a>
                </Refusal>
            }
            .into_any()
        }
    }
}

/// Says why nothing is shown, at once also to who cannot see it.
#[component]
fn Refusal(
    title: &'static str,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" role="alert">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// What is wrong with what was entered, above the form.
#[component]
pub fn FormError(#[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                error
                    .get()
                    .map(|error| view! { <p class="form-error">{error.to_string()}</p> })
            }}
        </div>
    }
    .into_any()
}
