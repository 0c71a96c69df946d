use std::sync::Arc;

use engine::model::Permission;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::keys::shown;
use super::{Dialog, Keys, Screen, may};

/// Something that the palette can do.
#[derive(Clone)]
struct Entry {
    label: String,
    /// What kind of thing it is, or its key.
    hint: String,
    act: Act,
}

#[derive(Clone)]
enum Act {
    Go(String),
    Run(Arc<dyn Fn() + Send + Sync>),
}

/// Goes anywhere and does anything from the keyboard.
#[component]
pub fn Palette() -> impl IntoView {
    let keys = expect_context::<Keys>();
    view! {
        <Dialog open=keys.palette title="Command palette".to_owned() class="palette">
            <PaletteBody/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn PaletteBody() -> impl IntoView {
    let keys = expect_context::<Keys>();
    let navigate = use_navigate();
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let input = NodeRef::<html::Input>::new();
    let (screens, sees_orders, sees_stock) = (
        Screen::visible(),
        may(Permission::ReadOrders),
        may(Permission::ReadStock),
    );
    let entries = Memo::new_with_compare(
        move |_| {
            let wanted = text.get();
            let wanted = wanted.trim();
            let mut entries = lookups(wanted, sees_orders, sees_stock);
            entries.extend(keys.of_screen().into_iter().map(|binding| Entry {
                label: binding.label.to_owned(),
                hint: shown(binding.key),
                act: Act::Run(binding.run),
            }));
            entries.extend(screens.iter().map(|screen| Entry {
                label: format!("Go to {}", screen.name),
                hint: format!("g {}", screen.key),
                act: Act::Go(screen.path.to_owned()),
            }));
            entries.push(Entry {
                label: "Show the shortcuts".to_owned(),
                hint: "?".to_owned(),
                act: Act::Run(Arc::new(move || keys.sheet.set(true))),
            });
            entries.retain(|entry| matches(&entry.label, wanted) || entry.hint == "Look up");
            entries
        },
        |_, _| true,
    );
    Effect::new(move || {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let choose = move |entry: Entry| {
        keys.palette.set(false);
        match entry.act {
            Act::Go(path) => navigate(&path, NavigateOptions::default()),
            Act::Run(run) => run(),
        }
    };
    let choose = Arc::new(choose);
    let on_key = {
        let choose = choose.clone();
        move |event: KeyboardEvent| {
            let last = entries.with_untracked(Vec::len).saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => at.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
                "ArrowUp" => at.update(|at| *at = if *at == 0 { last } else { *at - 1 }),
                "Enter" => {
                    if let Some(entry) =
                        entries.with_untracked(|all| all.get(at.get_untracked()).cloned())
                    {
                        choose(entry);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    view! {
        <input
            node_ref=input
            type="text"
            role="combobox"
            aria-label="Search for a screen, an order or an action"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant=move || format!("palette-{}", at.get())
            placeholder="Type an order number, a SKU, a screen or an action"
            autocomplete="off"
            spellcheck="false"
            prop:value=move || text.get()
            on:input=move |event| {
                text.set(event_target_value(&event));
                at.set(0);
            }
            on:keydown=on_key
        />
        <ul id="palette-list" role="listbox" aria-label="Results">
            {move || {
                let choose = choose.clone();
                entries
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(move |(i, entry)| {
                        let choose = choose.clone();
                        let (label, hint) = (entry.label.clone(), entry.hint.clone());
                        view! {
                            <li
                                id=format!("palette-{i}")
                                role="option"
                                aria-selected=move || (at.get() == i).to_string()
                                on:click=move |_| choose(entry.clone())
                            >
                                <span>{label}</span>
                                <kbd>{hint}</kbd>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
        <p class="palette-none" role="status">
            {move || entries.with(Vec::is_empty).then_some("Nothing by that name")}
        </p>
    }
    .into_any()
}

/// What the text could be the name of.
fn lookups(text: &str, sees_orders: bool, sees_stock: bool) -> Vec<Entry> {
    let mut found = Vec::new();
    if text.is_empty() {
        return found;
    }
    let encoded: String = js_sys::encode_uri_component(text).into();
    let mut add = |label: String, path: String| {
        found.push(Entry {
            label,
            hint: "Look up".to_owned(),
            act: Act::Go(path),
        });
    };
    if sees_orders {
        add(
            format!("Orders with “{text}”"),
            format!("/orders?q={encoded}"),
        );
    }
    if sees_stock {
        add(
            format!("Stock with “{text}”"),
            format!("/inventory?q={encoded}"),
        );
    }
    found
}

/// Whether the letters come in this order; how people abbreviate.
fn matches(label: &str, wanted: &str) -> bool {
    let mut letters = label.chars().flat_map(char::to_lowercase);
    wanted
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_their_order_match() {
        assert!(matches("Go to Inventory", "inv"));
        assert!(matches("Go to Inventory", "g inv"));
        assert!(!matches("Go to Orders", "inv"));
    }
}
