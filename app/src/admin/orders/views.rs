use engine::model::SavedView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::tabs::address_of;
use super::{Column, Shown};
use crate::AppError;
use crate::calls::personal::{delete_view, save_view};
use crate::components::{Dialog, FormError, Keys, Menu, Toasts, open_about};

/// What keeps the list that is shown under a name, and what one does with such a list. Beside the title, so that it is
/// there on every tab.
#[component]
pub fn ViewActions(
    shown: Memo<Shown>,
    columns: Memo<Vec<Column>>,
    views: Vec<SavedView>,
    naming: RwSignal<Option<Naming>>,
    /// Leads to another address of the list, while the list is there.
    go: impl Fn(String) + Copy + Send + Sync + 'static,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let views = StoredValue::new(views);
    let open = Memo::new(move |_| {
        let name = shown.with(|shown| shown.saved.clone())?;
        views.with_value(|views| views.iter().find(|view| view.name == name).cloned())
    });
    let changed = Memo::new(move |_| {
        let now = shown.get();
        match open.get() {
            Some(view) => {
                let of_view = Column::read(view.columns.iter().map(String::as_str));
                view.query != now.query.write() || of_view != now.columns
            }
            None => now.query.is_narrowed() || now.columns.is_some(),
        }
    });
    let save_changes = move |view: SavedView| {
        let query = shown.with_untracked(|shown| shown.query.write());
        let names = Column::names(&columns.get_untracked());
        spawn_local(async move {
            match save_view(Some(view.id), view.name, query, names).await {
                Ok(view) => {
                    toasts.say("View saved");
                    reload();
                    go(address_of(&view));
                }
                Err(error) => toasts.say(error.to_string()),
            }
        });
    };
    let delete = move |view: SavedView| {
        spawn_local(async move {
            match delete_view(view.id).await {
                Ok(()) => {
                    go(Shown::tab(super::View::All).list_address(&[]));
                    reload();
                    toasts.say_with_undo("View deleted", move || {
                        let view = view.clone();
                        spawn_local(async move {
                            match save_view(None, view.name, view.query, view.columns).await {
                                Ok(view) => {
                                    reload();
                                    go(address_of(&view));
                                }
                                Err(error) => toasts.say(error.to_string()),
                            }
                        });
                    });
                }
                Err(error) => toasts.say(error.to_string()),
            }
        });
    };
    if let Some(keys) = use_context::<Keys>() {
        keys.bind("v", "Save this list as a view", move || {
            naming.set(Some(Naming::New));
        });
    }
    let of_view = move |view: SavedView| {
        let (rename, gone, back) = (view.clone(), view.clone(), address_of(&view));
        view! {
            <Show when=move || changed.get()>
                {
                    let view = view.clone();
                    view! {
                        <button type="button" class="button" on:click=move |_| save_changes(view.clone())>
                            "Save changes"
                        </button>
                    }
                }
            </Show>
            <Menu label="View">
                <ul class="menu-list">
                    <li>
                        <button type="button" on:click=move |_| naming.set(Some(Naming::Rename(rename.clone())))>
                            "Rename…"
                        </button>
                    </li>
                    <li>
                        <button type="button" on:click=move |_| naming.set(Some(Naming::New))>
                            "Save as a new view…"
                        </button>
                    </li>
                    <li>
                        <a href=back>"Undo changes"</a>
                    </li>
                    <li>
                        <button type="button" class="danger" on:click=move |_| delete(gone.clone())>
                            "Delete"
                        </button>
                    </li>
                </ul>
            </Menu>
        }
        .into_any()
    };
    move || match open.get() {
        Some(view) => of_view(view),
        None if changed.get() => view! {
            <button type="button" class="button" on:click=move |_| naming.set(Some(Naming::New))>
                "Save view…"
            </button>
        }
        .into_any(),
        None => ().into_any(),
    }
}

/// What is being given a name.
#[derive(Debug, Clone, PartialEq)]
pub enum Naming {
    New,
    Rename(SavedView),
}

/// Asks for the name of a view.
#[component]
pub fn NameDialog(
    naming: RwSignal<Option<Naming>>,
    shown: Memo<Shown>,
    columns: Memo<Vec<Column>>,
    go: impl Fn(String) + Copy + Send + Sync + 'static,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let open = open_about(naming);
    view! {
        <Dialog open title="Name the view".to_owned()>
            {move || {
                naming
                    .get()
                    .map(|what| {
                        view! { <NameForm what shown columns close=move || open.set(false) go reload/> }
                    })
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn NameForm(
    what: Naming,
    shown: Memo<Shown>,
    columns: Memo<Vec<Column>>,
    close: impl Fn() + Copy + Send + Sync + 'static,
    go: impl Fn(String) + Copy + Send + Sync + 'static,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (title, before) = match &what {
        Naming::New => ("Save this list as a view", String::new()),
        Naming::Rename(view) => ("Rename the view", view.name.clone()),
    };
    let name = RwSignal::new(before);
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let (id, query, names) = match what.clone() {
            Naming::New => {
                let query = shown.with_untracked(|shown| shown.query.write());
                (None, query, Column::names(&columns.get_untracked()))
            }
            Naming::Rename(view) => (Some(view.id), view.query, view.columns),
        };
        spawn_local(async move {
            let result = save_view(id, name.get_untracked(), query, names).await;
            let _ = busy.try_set(false);
            match result {
                Ok(view) => {
                    close();
                    toasts.say("View saved");
                    reload();
                    go(address_of(&view));
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    view! {
        <form on:submit=save>
            <h2>{title}</h2>
            <FormError error/>
            <label class="field">
                "Name"
                <input
                    type="text"
                    maxlength="60"
                    required
                    autofocus
                    placeholder="Held web orders"
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <span class="muted">"Keeps the filters, the order and the columns. Only you see it."</span>
            </label>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| close()>
                    "Cancel"
                </button>
                <button type="submit" class="button primary" disabled=move || busy.get()>
                    "Save view"
                </button>
            </div>
        </form>
    }
    .into_any()
}
