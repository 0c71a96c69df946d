use leptos::prelude::*;

use crate::calls::promise::Widget;
use crate::components::CopyButton;

/// How a shop shows it.
#[component]
pub fn Install(widget: Widget) -> impl IntoView {
    let Widget {
        base_url,
        script,
        integrity,
    } = widget;
    let element = "<delivery-promise key=\"pk_…\" sku=\"YOUR-SKU\" country=\"US\">Free delivery in 2 to 5 days</delivery-promise>";
    let newest =
        format!("<script src=\"{base_url}/widget/v1/promise.js\" async></script>\n{element}");
    let pinned = format!(
        "<script src=\"{base_url}{script}\" integrity=\"{integrity}\" crossorigin=\"anonymous\" async></script>\n{element}"
    );
    view! {
        <section class="card" aria-labelledby="install">
            <h2 id="install">"In your shop"</h2>
            <p>
                "Two lines in a product page, with a publishable key from "
                <a href="/settings/keys">"Settings, API keys"</a>
                ". The text inside the element shows until there is a date, and wherever there is none."
            </p>
            <Snippet
                title="Always the newest script"
                text=newest
                help="Mended without a change of your pages."
            />
            <Snippet
                title="Exactly this script"
                text=pinned
                help="Browsers refuse anything else: the name and the hash change with every version, and your pages with them."
            />
            <dl class="facts">
                <div>
                    <dt>"Its hash (SRI)"</dt>
                    <dd>
                        <code>{integrity}</code>
                    </dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}

#[component]
fn Snippet(title: &'static str, text: String, help: &'static str) -> impl IntoView {
    let shown = text.clone();
    view! {
        <div class="snippet">
            <div class="list-head">
                <h3>{title}</h3>
                <CopyButton text what=title/>
            </div>
            <pre tabindex="0" role="region" aria-label=title>{shown}</pre>
            <p class="muted">{help}</p>
        </div>
    }
    .into_any()
}
