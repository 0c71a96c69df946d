use engine::model::{FulfillmentStatus, OrderStatus};
use leptos::prelude::*;

/// A word with a glyph and a tone, so that color is never the only sign.
#[component]
pub fn Badge(
    /// `good`, `info`, `warn`, `bad` or `quiet`.
    tone: &'static str,
    glyph: &'static str,
    word: &'static str,
) -> impl IntoView {
    view! {
        <span class=format!("badge badge-{tone}")>
            <span class="glyph" aria-hidden="true">
                {glyph}
            </span>
            {word}
        </span>
    }
    .into_any()
}

/// An order's state, with a glyph that fills as it gets on.
#[component]
pub fn OrderBadge(#[prop(into)] status: Signal<OrderStatus>) -> impl IntoView {
    move || {
        let status = status.get();
        view! { <Badge tone=tone(status) glyph=glyph(status) word=status.label()/> }
    }
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
    view! { <Badge tone glyph word=status.label()/> }
}
