//! What shoppers are told: tried out, set, and measured against what happened.

mod install;
mod kept;
mod preview;
mod settings;
mod ways;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::calls::promise::{PromiseDesk, load_promise_desk};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Loading};
use crate::lazy::screen;
use install::Install;
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
                        let on = RwSignal::new(desk.settings.on);
                        view! {
                            {move || {
                                (!on.get())
                                    .then(|| {
                                        view! {
                                            <p class="notice" role="status">
                                                "Promises are switched off: shops show no dates."
                                            </p>
                                        }
                                    })
                            }}
                            <div class="columns">
                                <Preview sku=desk.sku country=desk.country postal=desk.postal/>
                                <SettingsCard settings=desk.settings levels=desk.levels on/>
                            </div>
                            <Kept/>
                            <Install widget=desk.widget/>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}
