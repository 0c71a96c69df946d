//! What shoppers are told: tried out, set, and measured against what happened.

mod kept;
mod preview;
mod settings;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::calls::promise::{PromiseDesk, load_promise_desk};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Loading};
use crate::lazy::screen;
use kept::Kept;
use preview::Preview;
use settings::SettingsCard;

screen!(
    /// `/promise`
    PromisePage = promise_page: view
);

fn view() -> AnyView {
    let data: Answer = Resource::new(|| (), |()| load_promise_desk());
    view! {
        <Title text="Promise"/>
        <h1>"Promise"</h1>
        <Transition fallback=|| view! { <Loading rows=10/> }>
            {move || Suspend::new(async move {
                match opened::<PromiseDesk>(data).await {
                    Ok(desk) => {
                        view! {
                            {(!desk.settings.on)
                                .then(|| {
                                    view! {
                                        <p class="notice" role="status">
                                            "Promises are switched off: shops show no dates."
                                        </p>
                                    }
                                })}
                            <div class="columns">
                                <Preview sku=desk.sku postal=desk.postal/>
                                <SettingsCard settings=desk.settings saved=move || data.refetch()/>
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <Kept/>
        <Install/>
    }
    .into_any()
}

/// How a shop shows it.
#[component]
fn Install() -> impl IntoView {
    let snippet = "<script src=\"https://YOUR-BATON/widget/v1/promise.js\" async></script>\n\
                   <delivery-promise key=\"pk_…\" sku=\"YOUR-SKU\" country=\"US\">Free delivery in 2 to 5 days</delivery-promise>";
    view! {
        <section class="card" aria-labelledby="install">
            <h2 id="install">"In your shop"</h2>
            <p>
                "Two lines in a product page, with a publishable key from "
                <a href="/settings/keys">"Settings, API keys"</a>
                ". The text inside the element shows until there is a date, and wherever there is none."
            </p>
            <pre tabindex="0">{snippet}</pre>
        </section>
    }
    .into_any()
}
