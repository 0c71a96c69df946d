use engine::model::{OrderId, Permission};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::calls::customers::replace_order_link;
use crate::components::{CopyButton, Toasts, may};

/// The order's page for its customer: to open, to copy, and to replace where it got into the wrong hands.
#[component]
pub fn CustomerLink(id: OrderId, url: Option<String>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let url = RwSignal::new(url);
    let may_change = may(Permission::ChangeOrders);
    let replace = move |_| {
        spawn_local(async move {
            match replace_order_link(id.to_string()).await {
                Ok(new) => {
                    url.set(Some(new));
                    toasts.say("The link was replaced: the old one opens nothing any more");
                }
                Err(failed) => toasts.say(failed.to_string()),
            }
        });
    };
    view! {
        <h3>"Customer’s page"</h3>
        <div class="actions">
            {move || {
                url.try_get()
                    .flatten()
                    .map(|url| {
                        view! {
                            <a class="button small" href=url.clone() rel="external noreferrer" target="_blank">
                                "Open as customer"
                            </a>
                            <CopyButton text=url what="Link"/>
                        }
                    })
            }}
            {may_change
                .then(|| {
                    view! {
                        <button type="button" class="button small" on:click=replace>
                            {move || if url.try_with(Option::is_some) == Some(true) { "Replace the link" } else { "Make a link" }}
                        </button>
                    }
                })}
        </div>
    }
    .into_any()
}
