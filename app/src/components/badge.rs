use engine::model::{FulfillmentStatus, OrderStatus};
use leptos::prelude::*;

/// An order's state: a word and a glyph that fills as it gets on, so that color is never the only sign.
#[component]
pub fn OrderBadge(#[prop(into)] status: Signal<OrderStatus>) -> impl IntoView {
    let class = move || format!("badge badge-{}", tone(status.get()));
    view! {
        <span class=class>
            <span class="glyph" aria-hidden="true">{move || glyph(status.get())}</span>
            {move || status.get().label()}
        </span>
    }
    .into_any()
}

fn tone(status: OrderStatus) -> &'static str {
    use OrderStatus as S;
    match status {
        S::Received | S::Routed | S::InProgress => "info",
        S::Shipped | S::Delivered => "good",
        S::OnHold | S::Backordered => "warn",
        S::NeedsAttention => "bad",
        S::Cancelled => "quiet",
    }
}

fn glyph(status: OrderStatus) -> &'static str {
    use OrderStatus as S;
    match status {
        S::Received => "○",
        S::Routed => "◔",
        S::InProgress => "◑",
        S::Shipped => "◕",
        S::Delivered => "●",
        S::OnHold => "‖",
        S::Backordered => "◌",
        S::NeedsAttention => "!",
        S::Cancelled => "×",
    }
}

/// A fulfillment's state.
#[component]
pub fn FulfillmentBadge(status: FulfillmentStatus) -> impl IntoView {
    use FulfillmentStatus as S;
    let (tone, glyph) = match status {
        S::Assigned => ("info", "○"),
        S::Accepted => ("info", "◔"),
        S::Packed | S::ReadyForPickup => ("info", "◑"),
        S::Shipped => ("good", "◕"),
        S::Delivered | S::PickedUp => ("good", "●"),
        S::Rejected => ("bad", "!"),
        S::Cancelled => ("quiet", "×"),
    };
    view! {
        <span class=format!("badge badge-{tone}")>
            <span class="glyph" aria-hidden="true">{glyph}</span>
            {status.label()}
        </span>
    }
    .into_any()
}
