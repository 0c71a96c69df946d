//! What says how much of the stock may be sold, and to whom: rules, what is on its way, and counts from a file.

use engine::model::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::InventoryTabs;
use super::channels::Channels;
use super::import::Import;
use super::incoming::IncomingSection;
use super::safety::Safety;
use crate::AppError;
use crate::components::{ErrorState, may};
use crate::lazy::screen;

screen!(
    /// `/inventory/{section}`
    StockSectionsPage = stock_sections_page: view
);

fn view() -> AnyView {
    let params = use_params_map();
    let section =
        Memo::new(move |_| params.with(|params| params.get("section").unwrap_or_default()));
    let shown = move || {
        let section = section.get();
        let title = match section.as_str() {
            "safety" => "Safety stock",
            "incoming" => "Incoming stock",
            "channels" => "Stock by channel",
            "import" => "Count from a file",
            _ => "Inventory",
        };
        let body = match section.as_str() {
            "safety" => view! { <Safety/> }.into_any(),
            "incoming" => view! { <IncomingSection/> }.into_any(),
            "channels" => view! { <Channels/> }.into_any(),
            "import" => view! { <Import/> }.into_any(),
            _ => {
                let error = AppError::NotFound("the inventory has no such page".to_owned());
                view! { <ErrorState error/> }.into_any()
            }
        };
        view! {
            <Title text=title/>
            {body}
        }
        .into_any()
    };
    view! {
        <h1>"Inventory"</h1>
        <InventoryTabs/>
        {shown}
    }
    .into_any()
}

/// Whether the reader may say what holds for all nodes.
pub fn may_rule() -> bool {
    let only = crate::components::visitor().viewer.user;
    may(Permission::ChangeStock) && only.role != engine::model::Role::NodeStaff
}
