use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::{Dialog, Liking, Toasts, may};

/// A screen that the navigation, the palette and `g` sequences lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    pub name: &'static str,
    pub path: &'static str,
    pub icon: &'static str,
    /// The key after `g`.
    pub key: &'static str,
    /// What one has to be allowed to see it; nothing for what is everybody's own.
    pub needs: Option<engine::model::Permission>,
}

impl Screen {
    pub const ALL: [Screen; 9] = {
        use engine::model::Permission as P;
        [
            Screen {
                name: "Today",
                path: "/",
                icon: "today",
                key: "t",
                needs: Some(P::ReadOrders),
            },
            Screen {
                name: "Orders",
                path: "/orders",
                icon: "orders",
                key: "o",
                needs: Some(P::ReadOrders),
            },
            Screen {
                name: "Exceptions",
                path: "/exceptions",
                icon: "exceptions",
                key: "e",
                needs: Some(P::ReadOrders),
            },
            Screen {
                name: "Work",
                path: "/work",
                icon: "work",
                key: "w",
                needs: Some(P::WorkFulfillments),
            },
            Screen {
                name: "Inventory",
                path: "/inventory",
                icon: "inventory",
                key: "i",
                needs: Some(P::ReadStock),
            },
            Screen {
                name: "Nodes",
                path: "/nodes",
                icon: "nodes",
                key: "n",
                needs: Some(P::ReadNetwork),
            },
            Screen {
                name: "Carriers",
                path: "/carriers",
                icon: "carriers",
                key: "c",
                needs: Some(P::ReadNetwork),
            },
            Screen {
                name: "Promise",
                path: "/promise",
                icon: "promise",
                key: "p",
                needs: Some(P::ReadNetwork),
            },
            Screen {
                name: "Settings",
                path: "/settings",
                icon: "settings",
                key: ",",
                needs: None,
            },
        ]
    };

    /// Those that the reader may see.
    pub fn visible() -> Vec<Screen> {
        Screen::ALL
            .into_iter()
            .filter(|screen| screen.needs.is_none_or(may))
            .collect()
    }
}

/// A key that works on the screen that is open. `?` lists them, the palette offers them.
#[derive(Clone)]
pub struct Binding {
    pub key: &'static str,
    pub label: &'static str,
    pub run: Arc<dyn Fn() + Send + Sync>,
}

/// Keys that work everywhere, with what they do.
const EVERYWHERE: [(&str, &str); 5] = [
    ("Ctrl K", "Open the palette"),
    ("/", "Search"),
    ("?", "Show the shortcuts"),
    ("Esc", "Close what is open"),
    ("Ctrl Z", "Undo"),
];

/// What keys do now.
#[derive(Clone, Copy)]
pub struct Keys {
    bindings: RwSignal<Vec<(u64, Binding)>>,
    next: StoredValue<u64>,
    pub palette: RwSignal<bool>,
    pub sheet: RwSignal<bool>,
}

impl Keys {
    pub fn provide() -> Self {
        let keys = Keys {
            bindings: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            palette: RwSignal::new(false),
            sheet: RwSignal::new(false),
        };
        provide_context(keys);
        keys
    }

    /// Binds a key while the component that asks is there.
    pub fn bind(
        &self,
        key: &'static str,
        label: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) {
        let (id, bindings) = (self.next.get_value(), self.bindings);
        self.next.set_value(id + 1);
        let run = Arc::new(run);
        bindings.update(|all| all.push((id, Binding { key, label, run })));
        on_cleanup(move || {
            let _ = bindings.try_update(|all| all.retain(|(other, _)| *other != id));
        });
    }

    /// The open screen's keys.
    pub fn of_screen(&self) -> Vec<Binding> {
        self.bindings
            .with(|all| all.iter().map(|(_, binding)| binding.clone()).collect())
    }
}

/// Listens to the keyboard for the whole tab.
#[component]
pub fn KeyListener() -> impl IntoView {
    let keys = expect_context::<Keys>();
    let (toasts, liking) = (expect_context::<Toasts>(), expect_context::<Liking>());
    let navigate = use_navigate();
    // When `g` was pressed, in milliseconds; the next key says where to go.
    let went = StoredValue::new(0.0_f64);
    let screens = Screen::visible();
    Effect::new(move || {
        let (screens, navigate) = (screens.clone(), navigate.clone());
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let key = event.key();
            let command = event.ctrl_key() || event.meta_key();
            if command && key.eq_ignore_ascii_case("k") {
                event.prevent_default();
                keys.palette.update(|open| *open = !*open);
                return;
            }
            if event.is_composing() || in_field(&event) || keys.palette.get_untracked() {
                return;
            }
            if command && !event.shift_key() && key.eq_ignore_ascii_case("z") {
                event.prevent_default();
                toasts.undo_last();
                return;
            }
            let off = liking.get_untracked().single_keys_off;
            if command || event.alt_key() || off || in_dialog(&event) {
                return;
            }
            let now = js_sys::Date::now();
            if now - went.get_value() < 1_500.0 {
                went.set_value(0.0);
                if let Some(screen) = screens.iter().find(|screen| screen.key == key) {
                    event.prevent_default();
                    navigate(screen.path, leptos_router::NavigateOptions::default());
                    return;
                }
            }
            match key.as_str() {
                "g" => went.set_value(now),
                "?" => keys.sheet.set(true),
                "/" => {
                    event.prevent_default();
                    focus_search();
                }
                _ => {
                    let binding = keys.bindings.with_untracked(|all| {
                        let found = all.iter().rev().find(|(_, binding)| binding.key == key);
                        found.map(|(_, binding)| binding.clone())
                    });
                    if let Some(binding) = binding {
                        event.prevent_default();
                        (binding.run)();
                    }
                }
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// The field that the screen offers for searching, or the one of the shell.
fn focus_search() {
    let found = ["main [type=search]", "[data-search]"]
        .iter()
        .find_map(|selector| document().query_selector(selector).ok().flatten());
    if let Some(field) = found.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}

/// Whether the key goes into a field, where it is text.
fn in_field(event: &KeyboardEvent) -> bool {
    element_of(event).is_some_and(|element| {
        element
            .closest(
                "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=textbox], \
                 [role=combobox], [role=listbox], [role=menu]",
            )
            .ok()
            .flatten()
            .is_some()
    })
}

fn in_dialog(event: &KeyboardEvent) -> bool {
    element_of(event)
        .is_some_and(|element| element.closest("dialog[open]").ok().flatten().is_some())
}

fn element_of(event: &KeyboardEvent) -> Option<web_sys::Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

/// Every key that does something here, by where it does.
#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let keys = expect_context::<Keys>();
    let of_screen = move || {
        let rows = keys.of_screen().into_iter();
        let rows = rows.map(|binding| (shown(binding.key), binding.label.to_owned()));
        rows.collect::<Vec<_>>()
    };
    let screens = Screen::visible().into_iter();
    let screens = screens.map(|screen| (format!("g {}", screen.key), screen.name.to_owned()));
    let screens = StoredValue::new(screens.collect::<Vec<_>>());
    let everywhere = || EVERYWHERE.map(|(key, label)| (key.to_owned(), label.to_owned()));
    view! {
        <Dialog open=keys.sheet title="Keyboard shortcuts".to_owned() class="sheet">
            <h2>"Keyboard shortcuts"</h2>
            <div class="shortcut-groups">
                {move || {
                    let rows = of_screen();
                    (!rows.is_empty()).then(|| view! { <ShortcutGroup name="On this screen" rows/> })
                }}
                <ShortcutGroup name="Go to" rows=screens.get_value()/>
                <ShortcutGroup name="Everywhere" rows=everywhere().into()/>
            </div>
            <SingleKeys/>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus on:click=move |_| keys.sheet.set(false)>
                    "Close"
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}

#[component]
fn ShortcutGroup(
    name: &'static str,
    /// Key and what it does.
    rows: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <section>
            <h3>{name}</h3>
            <dl class="shortcuts">
                {rows
                    .into_iter()
                    .map(|(key, label)| {
                        view! {
                            <div class="shortcut">
                                <dt>
                                    <kbd>{key}</kbd>
                                </dt>
                                <dd>{label}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </section>
    }
    .into_any()
}

/// The switch for keys without Ctrl, for those who dictate or whose keys repeat.
#[component]
pub fn SingleKeys() -> impl IntoView {
    let liking = expect_context::<Liking>();
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || !liking.get().single_keys_off
                on:change=move |event| {
                    let off = !event_target_checked(&event);
                    liking.change(|preferences| preferences.single_keys_off = off);
                }
            />
            <span>
                "Single keys do something "
                <span class="muted">"Off, only those with Ctrl do."</span>
            </span>
        </label>
    }
    .into_any()
}

/// A key as it stands on the keyboard.
pub fn shown(key: &str) -> String {
    match key {
        "ArrowDown" => "↓".to_owned(),
        "ArrowUp" => "↑".to_owned(),
        " " => "Space".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_screens_share_a_key_and_none_takes_one_that_works_everywhere() {
        let mut keys: Vec<_> = Screen::ALL.iter().map(|screen| screen.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Screen::ALL.len());
        assert!(
            Screen::ALL
                .iter()
                .all(|s| s.key != "g" && EVERYWHERE.iter().all(|(k, _)| *k != s.key))
        );
    }
}
