use std::collections::BTreeSet;

use engine::model::{Role, UserView};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::secret::Revealed;
use crate::AppError;
use crate::calls::access::{Person, add_person, change_person};
use crate::calls::network::{Choices, load_choices};
use crate::components::{Dialog, FormError, Toasts, open_about};

/// Who is being entered.
#[derive(Debug, Clone, PartialEq)]
pub enum Whom {
    New,
    Known(UserView),
}

/// Asks who somebody is and what they may do.
#[component]
pub fn PersonDialog(
    editing: RwSignal<Option<Whom>>,
    revealed: RwSignal<Option<Revealed>>,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let open = open_about(editing);
    view! {
        <Dialog open title="A person".to_owned()>
            {move || {
                editing
                    .get()
                    .map(|whom| {
                        view! { <PersonForm whom revealed close=move || open.set(false) reload/> }
                    })
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn PersonForm(
    whom: Whom,
    revealed: RwSignal<Option<Revealed>>,
    close: impl Fn() + Copy + Send + Sync + 'static,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let known = match whom {
        Whom::New => None,
        Whom::Known(user) => Some(user),
    };
    let id = known.as_ref().map(|user| user.id);
    let (name, email, role, nodes) = known.map_or_else(
        || (String::new(), String::new(), Role::Agent, Vec::new()),
        |user| (user.name, user.email, user.role, user.nodes),
    );
    let (name, email, role) = (
        RwSignal::new(name),
        RwSignal::new(email),
        RwSignal::new(role),
    );
    let nodes = RwSignal::new(nodes.into_iter().collect::<BTreeSet<_>>());
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let person = Person {
            name: name.get_untracked(),
            email: email.get_untracked(),
            role: role.get_untracked(),
            nodes: nodes.get_untracked().into_iter().collect(),
        };
        spawn_local(async move {
            let result = match id {
                None => add_person(person).await.map(Some),
                Some(id) => change_person(id, person).await.map(|_| None),
            };
            let _ = busy.try_set(false);
            match result {
                Ok(secret) => {
                    close();
                    reload();
                    match secret {
                        Some(of) => revealed.set(Some(Revealed {
                            of,
                            heading: "They may sign in with this password",
                            advice: "Give it to them; they can choose one of their own under Settings.",
                            what: "Password",
                        })),
                        None => toasts.say("Person changed"),
                    }
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    view! {
        <form on:submit=submit>
            <h2>{if id.is_some() { "Change a person" } else { "Add a person" }}</h2>
            <FormError error/>
            <label class="field">
                "Name"
                <input
                    type="text"
                    maxlength="200"
                    required
                    autofocus
                    autocomplete="off"
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <label class="field">
                "E-mail"
                <input
                    type="email"
                    required
                    autocomplete="off"
                    disabled=id.is_some()
                    prop:value=move || email.get()
                    on:input=move |event| email.set(event_target_value(&event))
                />
            </label>
            <fieldset class="field">
                <legend>"Role"</legend>
                <div class="options">
                    {Role::ALL
                        .iter()
                        .map(|of| {
                            view! {
                                <label class="option">
                                    <input
                                        type="radio"
                                        name="role"
                                        prop:checked=move || role.get() == *of
                                        on:change=move |_| role.set(*of)
                                    />
                                    <span>
                                        {of.label()}
                                        <span class="second muted">{may_do(*of)}</span>
                                    </span>
                                </label>
                            }
                        })
                        .collect_view()}
                </div>
            </fieldset>
            <Show when=move || role.get() == Role::NodeStaff>
                <NodeChoice nodes/>
            </Show>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| close()>
                    "Cancel"
                </button>
                <button type="submit" class="button primary" disabled=move || busy.get()>
                    {if id.is_some() { "Save" } else { "Add the person" }}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// What a role includes, in words.
fn may_do(role: Role) -> &'static str {
    match role {
        Role::Owner => "Everything, people and keys included",
        Role::Manager => "Everything but people and keys",
        Role::Agent => "Orders with their customers; reads the rest",
        Role::NodeStaff => "The stock and the work of their own nodes",
        Role::Viewer => "Reads; no customers",
    }
}

/// Where somebody works.
#[component]
fn NodeChoice(nodes: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let choices = LocalResource::new(load_choices);
    let wanted = RwSignal::new(String::new());
    let list = move || {
        let all = choices
            .get()
            .map(|answer| answer.and_then(|packed| packed.open::<Choices>()));
        match all {
            None => view! { <p class="muted">"Loading"</p> }.into_any(),
            Some(Err(error)) => view! { <p class="form-error">{error.to_string()}</p> }.into_any(),
            Some(Ok(all)) => {
                let wanted = wanted.get().to_lowercase();
                let fits = move |(code, name): &(String, String)| {
                    code.to_lowercase().contains(&wanted) || name.to_lowercase().contains(&wanted)
                };
                all.nodes
                    .into_iter()
                    .filter(fits)
                    .map(|(code, name)| {
                        let (chosen, toggled) = (code.clone(), code.clone());
                        view! {
                            <label class="check">
                                <input
                                    type="checkbox"
                                    prop:checked=move || nodes.with(|nodes| nodes.contains(&chosen))
                                    on:change=move |event| {
                                        let on = event_target_checked(&event);
                                        nodes
                                            .update(|nodes| {
                                                if on {
                                                    nodes.insert(toggled.clone());
                                                } else {
                                                    nodes.remove(&toggled);
                                                }
                                            });
                                    }
                                />
                                <span>
                                    {name}
                                    " "
                                    <span class="muted">{code}</span>
                                </span>
                            </label>
                        }
                    })
                    .collect_view()
                    .into_any()
            }
        }
    };
    view! {
        <fieldset class="field">
            <legend>
                "Works at "
                <span class="muted">{move || format!("{} chosen", nodes.with(BTreeSet::len))}</span>
            </legend>
            <input
                type="search"
                placeholder="Find a node"
                aria-label="Find a node"
                prop:value=move || wanted.get()
                on:input=move |event| wanted.set(event_target_value(&event))
            />
            <div class="options scrolls">{list}</div>
        </fieldset>
    }
    .into_any()
}
