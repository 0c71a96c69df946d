use engine::model::{NodePause, NodeStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::AppError;
use crate::calls::network::set_node_status;
use crate::calls::nodes::load_node_pause;
use crate::calls::{Answer, opened};
use crate::components::{Dialog, ErrorState, FormError, Loading, Toasts};
use crate::format;
use crate::query::encoded;

/// Stops routing to the node, after saying what that touches, or lets it take part again.
#[component]
pub fn Pause(
    code: String,
    status: NodeStatus,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let open = RwSignal::new(false);
    let paused = status == NodeStatus::Paused;
    let stored = StoredValue::new(code);
    let set = move |status: NodeStatus| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let result = set_node_status(stored.get_value(), status).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.say(if status == NodeStatus::Active {
                        "Node takes part again"
                    } else {
                        "Node paused"
                    });
                    let _ = open.try_set(false);
                    reload();
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let button = if paused {
        view! {
            <button
                type="button"
                class="button"
                disabled=move || busy.get()
                on:click=move |_| set(NodeStatus::Active)
            >
                "Let it take part again"
            </button>
            <span class="muted">"New orders are not routed here."</span>
        }
        .into_any()
    } else {
        view! {
            <button type="button" class="button" on:click=move |_| open.set(true)>
                "Pause the node…"
            </button>
        }
        .into_any()
    };
    view! {
        <div class="actions">{button}</div>
        <FormError error/>
        <Dialog open title="Pause the node".to_owned()>
            <h2>"Pause the node?"</h2>
            <Touched code=stored.get_value()/>
            <FormError error/>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus on:click=move |_| open.set(false)>
                    "Keep it running"
                </button>
                <button
                    type="button"
                    class="button danger"
                    disabled=move || busy.get()
                    on:click=move |_| set(NodeStatus::Paused)
                >
                    "Pause the node"
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// What pausing touches, in numbers.
#[component]
fn Touched(code: String) -> impl IntoView {
    let asked = code.clone();
    let data: Answer = Resource::new(move || asked.clone(), load_node_pause);
    let orders = StoredValue::new(format!("/orders?node={}", encoded(&code)));
    view! {
        <Transition fallback=|| view! { <Loading rows=3/> }>
            {move || Suspend::new(async move {
                match opened::<NodePause>(data).await {
                    Ok(touched) => view! { <Numbers touched orders=orders.get_value()/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Numbers(touched: NodePause, orders: String) -> impl IntoView {
    let open = format!(
        "{} with {} stay with it until they are handed over or moved.",
        format::counted(touched.open_orders as i64, "open order", "open orders"),
        format::counted(touched.open_units as i64, "unit", "units")
    );
    let only = format!(
        "{} nowhere else: orders for {} would wait.",
        format::counted(
            touched.only_here as i64,
            "SKU is available",
            "SKUs are available"
        ),
        if touched.only_here == 1 { "it" } else { "them" }
    );
    view! {
        <p>"New orders are not routed here, and shoppers are told no dates from here."</p>
        <ul class="consequences">
            <li>
                {open}
                {(touched.open_orders > 0).then(|| view! { " " <a href=orders>"Show them"</a> })}
            </li>
            {(touched.only_here > 0).then(|| view! { <li>{only}</li> })}
        </ul>
        {(touched.others == 0)
            .then(|| {
                view! { <p class="form-error">"It is the only node that takes part: nothing could be sent any more."</p> }
            })}
        {(touched.others > 0 && touched.others_near == 0)
            .then(|| {
                view! { <p class="notice">"No other node in its region takes part: its customers would be served from farther away."</p> }
            })}
    }
    .into_any()
}
