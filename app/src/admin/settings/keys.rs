use std::time::Duration;

use engine::model::{ApiKeyView, KeyKind, Scope};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::secret::{Revealed, SecretDialog};
use crate::AppError;
use crate::calls::access::{add_api_key, load_keys, revoke_api_key};
use crate::calls::{Answer, opened};
use crate::components::{
    Badge, Confirm, Dialog, Empty, ErrorState, FormError, Loading, Question, Toasts, When,
    when_it_happens,
};

/// What may call the API.
#[component]
pub fn KeysSection() -> impl IntoView {
    let keys: Answer = Resource::new(|| (), |()| load_keys());
    when_it_happens(
        Duration::from_millis(300),
        |event| event.kind.starts_with("key."),
        move || keys.refetch(),
    );
    let reload = move || keys.refetch();
    let toasts = expect_context::<Toasts>();
    let making = RwSignal::new(false);
    let revoking = RwSignal::new(None::<ApiKeyView>);
    let revealed = RwSignal::new(None::<Revealed>);
    let revoke = move |key: ApiKeyView| {
        spawn_local(async move {
            match revoke_api_key(key.id).await {
                Ok(()) => toasts.say("Key revoked"),
                Err(error) => toasts.say(error.to_string()),
            }
            reload();
        });
    };
    view! {
        <div class="list-head">
            <p class="muted">
                "Secret keys are for your systems, publishable ones for the pages of your shop. "
                <a rel="external" href="/docs">"What they can call"</a>
            </p>
            <button type="button" class="button primary" on:click=move |_| making.set(true)>
                "Make a key"
            </button>
        </div>
        <Transition fallback=|| view! { <Loading rows=3/> }>
            {move || Suspend::new(async move {
                match opened::<Vec<ApiKeyView>>(keys).await {
                    Ok(keys) if keys.is_empty() => {
                        view! {
                            <Empty
                                title="No keys yet"
                                text="A shop, a warehouse or an ERP each gets a key of its own, with no more scopes than it needs."
                            />
                        }
                            .into_any()
                    }
                    Ok(keys) => view! { <Keys keys revoking/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <Dialog open=making title="Make a key".to_owned()>
            <KeyForm revealed close=move || making.set(false) reload/>
        </Dialog>
        <Confirm
            about=revoking
            question=|key: &ApiKeyView| Question {
                heading: format!("Revoke “{}”?", key.name),
                consequence: "Whatever uses it is refused from now on. This cannot be undone: it would need a new key."
                    .to_owned(),
                confirm: "Revoke the key",
            }
            on_confirm=revoke
        />
        <SecretDialog revealed/>
    }
    .into_any()
}

#[component]
fn Keys(keys: Vec<ApiKeyView>, revoking: RwSignal<Option<ApiKeyView>>) -> impl IntoView {
    let rows = keys
        .into_iter()
        .map(|key| {
            let asked = key.clone();
            let revoked = key.revoked_at;
            let publishable = key.kind == KeyKind::Publishable;
            let prefix = if publishable { "pk" } else { "sk" };
            let scopes = if publishable {
                if key.origins.is_empty() {
                    "From any page".to_owned()
                } else {
                    key.origins.join(", ")
                }
            } else {
                let labels: Vec<_> = key.scopes.iter().map(|scope| scope.label()).collect();
                if labels.len() == Scope::ALL.len() {
                    "Everything".to_owned()
                } else {
                    labels.join(", ")
                }
            };
            view! {
                <tr class:is-over=revoked.is_some()>
                    <th scope="row">
                        {key.name.clone()}
                        <span class="second muted">
                            <code>{format!("{prefix}_…{}", key.last4)}</code>
                        </span>
                    </th>
                    <td data-label="Kind">{if publishable { "Publishable" } else { "Secret" }}</td>
                    <td class="scopes" data-label="May">{scopes}</td>
                    <td data-label="Made"><When at=key.created_at/></td>
                    <td class="state-cell">
                        {match revoked {
                            Some(at) => {
                                view! {
                                    <Badge tone="quiet" glyph="×" word="Revoked"/>
                                    <span class="second muted"><When at/></span>
                                }
                                    .into_any()
                            }
                            None => view! { <Badge tone="good" glyph="●" word="In use"/> }.into_any(),
                        }}
                    </td>
                    <td class="row-action">
                        {revoked
                            .is_none()
                            .then(|| {
                                view! {
                                    <button
                                        type="button"
                                        class="button small danger"
                                        on:click=move |_| revoking.set(Some(asked.clone()))
                                    >
                                        "Revoke…"
                                        <span class="visually-hidden">{format!(" {}", key.name)}</span>
                                    </button>
                                }
                            })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="list keys">
            <thead>
                <tr>
                    <th scope="col">"Key"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"May"</th>
                    <th scope="col">"Made"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">
                        <span class="visually-hidden">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn KeyForm(
    revealed: RwSignal<Option<Revealed>>,
    close: impl Fn() + Copy + Send + Sync + 'static,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let kind = RwSignal::new(KeyKind::Secret);
    let scopes = RwSignal::new(Vec::<Scope>::new());
    let origins = RwSignal::new(String::new());
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let kind = kind.get_untracked();
        let (scopes, origins) = match kind {
            KeyKind::Secret => (scopes.get_untracked(), Vec::new()),
            KeyKind::Publishable => {
                let lines = origins.get_untracked();
                let lines = lines.split_whitespace().map(str::to_owned);
                (Vec::new(), lines.collect())
            }
        };
        spawn_local(async move {
            let result = add_api_key(name.get_untracked(), kind, scopes, origins).await;
            let _ = busy.try_set(false);
            match result {
                Ok(of) => {
                    close();
                    reload();
                    revealed.set(Some(Revealed {
                        of,
                        heading: "The key",
                        advice: match kind {
                            KeyKind::Secret => "Put it where your system keeps its secrets.",
                            KeyKind::Publishable => "Put it into the pages of your shop.",
                        },
                        what: "Key",
                    }));
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let kinds = [
        (
            KeyKind::Secret,
            "Secret",
            "For your systems; does what its scopes say",
        ),
        (
            KeyKind::Publishable,
            "Publishable",
            "For the pages of your shop; only asks for promises",
        ),
    ];
    view! {
        <form on:submit=submit>
            <h2>"Make a key"</h2>
            <FormError error/>
            <label class="field">
                "Name"
                <input
                    type="text"
                    maxlength="200"
                    required
                    autofocus
                    autocomplete="off"
                    placeholder="Warehouse system"
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <span class="muted">"What timelines call it."</span>
            </label>
            <fieldset class="field">
                <legend>"Kind"</legend>
                <div class="options">
                    {kinds
                        .map(|(of, label, what)| {
                            view! {
                                <label class="option">
                                    <input
                                        type="radio"
                                        name="kind"
                                        prop:checked=move || kind.get() == of
                                        on:change=move |_| kind.set(of)
                                    />
                                    <span>
                                        {label} <span class="second muted">{what}</span>
                                    </span>
                                </label>
                            }
                        })
                        .collect_view()}
                </div>
            </fieldset>
            <Show
                when=move || kind.get() == KeyKind::Secret
                fallback=move || view! { <Origins origins/> }
            >
                <Scopes scopes/>
            </Show>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| close()>
                    "Cancel"
                </button>
                <button type="submit" class="button primary" disabled=move || busy.get()>
                    "Make the key"
                </button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Scopes(scopes: RwSignal<Vec<Scope>>) -> impl IntoView {
    let toggle = move |scope: Scope, on: bool| {
        scopes.update(|scopes| {
            scopes.retain(|other| *other != scope);
            if on {
                scopes.push(scope);
            }
        });
    };
    view! {
        <fieldset class="field">
            <legend>
                "May " <span class="muted">"no more than it needs; to write includes to read"</span>
            </legend>
            <div class="options">
                {Scope::ALL
                    .iter()
                    .map(|scope| {
                        view! {
                            <label class="check">
                                <input
                                    type="checkbox"
                                    prop:checked=move || scopes.with(|scopes| scopes.contains(scope))
                                    on:change=move |event| toggle(*scope, event_target_checked(&event))
                                />
                                <span>{scope.label()}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Origins(origins: RwSignal<String>) -> impl IntoView {
    view! {
        <label class="field">
            "Allowed origins"
            <textarea
                rows="3"
                placeholder="https://shop.example.com"
                spellcheck="false"
                prop:value=move || origins.get()
                on:input=move |event| origins.set(event_target_value(&event))
            ></textarea>
            <span class="muted">"One a line. Empty: any page may use it."</span>
        </label>
    }
    .into_any()
}
