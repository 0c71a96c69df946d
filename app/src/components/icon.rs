use leptos::prelude::*;

/// A line icon, 20 px, that says nothing by itself: there is always a word beside it.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    let path = match name {
        "today" => "M3 4.5h14M3 4.5v12h14v-12M7 2.5v4M13 2.5v4M6.5 10h3v3h-3z",
        "orders" => "M4 3h12v14l-3-2-3 2-3-2-3 2zM7 7h6M7 10.5h6",
        "exceptions" => "M10 3 18 16.5H2zM10 8v4M10 14v.2",
        "inventory" => "M3 6.5 10 3l7 3.5v7L10 17l-7-3.5zM3 6.5 10 10l7-3.5M10 10v7",
        "nodes" => {
            "M10 17.5s5.5-5 5.5-9a5.5 5.5 0 0 0-11 0c0 4 5.5 9 5.5 9zM10 10.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"
        }
        "carriers" => {
            "M2.5 5h9v9h-9zM11.5 8h3.5l2.5 3v3h-6zM6 16.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM14 16.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z"
        }
        "work" => "M4 3.5v13M6.5 3.5v13M9.5 3.5v13M11.5 3.5v13M14 3.5v13M16 3.5v13",
        "promise" => "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.8 1.8",
        "search" => "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5 17.5 17.5",
        "help" => {
            "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM7.8 7.8a2.2 2.2 0 1 1 3.3 2c-.8.4-1.1.9-1.1 1.7M10 14v.2"
        }
        "out" => "M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H7.5",
        "close" => "M5 5l10 10M15 5L5 15",
        "back" => "M12 4.5 6.5 10l5.5 5.5",
        "next" => "M8 4.5 13.5 10 8 15.5",
        "up" => "M4.5 12 10 6.5l5.5 5.5",
        "down" => "M4.5 8 10 13.5 15.5 8",
        "peek" => "M3 4.5h14v11H3zM12 4.5v11",
        "settings" => {
            "M10 12.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM10 2.5v2.2M10 15.3v2.2M2.5 10h2.2M15.3 10h2.2M4.7 4.7l1.6 1.6M13.7 13.7l1.6 1.6M15.3 4.7l-1.6 1.6M6.3 13.7l-1.6 1.6"
        }
        _ => "",
    };
    view! {
        <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
    .into_any()
}
