use std::time::Duration;

use engine::model::UserView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::person::{PersonDialog, Whom};
use super::secret::{Revealed, SecretDialog};
use crate::calls::access::{load_people, reset_person_password, set_person_disabled};
use crate::calls::session::Visit;
use crate::calls::{Answer, opened};
use crate::components::{
    Badge, Confirm, ErrorState, Loading, Menu, Question, Toasts, when_it_happens,
};

/// Who may sign in, and as what.
#[component]
pub fn PeopleSection() -> impl IntoView {
    let people: Answer = Resource::new(|| (), |()| load_people());
    when_it_happens(
        Duration::from_millis(300),
        |event| event.kind.starts_with("user."),
        move || people.refetch(),
    );
    let reload = move || people.refetch();
    let toasts = expect_context::<Toasts>();
    let editing = RwSignal::new(None::<Whom>);
    let shutting_out = RwSignal::new(None::<UserView>);
    let resetting = RwSignal::new(None::<UserView>);
    let revealed = RwSignal::new(None::<Revealed>);
    let set_disabled = move |user: UserView, disabled: bool| {
        spawn_local(async move {
            match set_person_disabled(user.id, disabled).await {
                Ok(_) if disabled => toasts.say(format!("{} is shut out", user.name)),
                Ok(_) => toasts.say(format!("{} may sign in again", user.name)),
                Err(error) => toasts.say(error.to_string()),
            }
            reload();
        });
    };
    let reset = move |user: UserView| {
        spawn_local(async move {
            match reset_person_password(user.id).await {
                Ok(of) => revealed.set(Some(Revealed {
                    of,
                    heading: "The new password",
                    advice: "Give it to them; they can choose one of their own under Settings.",
                    what: "Password",
                })),
                Err(error) => toasts.say(error.to_string()),
            }
        });
    };
    let row = Row {
        editing,
        shutting_out,
        resetting,
    };
    view! {
        <div class="list-head">
            <p class="muted">"A person sees and does what their role includes, from their next click on."</p>
            <button type="button" class="button primary" on:click=move |_| editing.set(Some(Whom::New))>
                "Add a person"
            </button>
        </div>
        <Transition fallback=|| view! { <Loading rows=4/> }>
            {move || Suspend::new(async move {
                match opened::<Vec<UserView>>(people).await {
                    Ok(people) => {
                        view! {
                            <People
                                people
                                row
                                let_in=move |user| set_disabled(user, false)
                            />
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <PersonDialog editing revealed reload/>
        <Confirm
            about=shutting_out
            question=|user: &UserView| Question {
                heading: format!("Shut {} out?", user.name),
                consequence: "Their sessions end at once and they can no longer sign in. What they have done stays in the timelines. You can let them in again."
                    .to_owned(),
                confirm: "Shut out",
            }
            on_confirm=move |user| set_disabled(user, true)
        />
        <Confirm
            about=resetting
            question=|user: &UserView| Question {
                heading: format!("A new password for {}?", user.name),
                consequence: "The one that they have no longer works, and they are signed out everywhere. The new one is shown to you once."
                    .to_owned(),
                confirm: "Make a new password",
            }
            on_confirm=reset
        />
        <SecretDialog revealed/>
    }
    .into_any()
}

/// What a row's buttons open.
#[derive(Clone, Copy)]
struct Row {
    editing: RwSignal<Option<Whom>>,
    shutting_out: RwSignal<Option<UserView>>,
    resetting: RwSignal<Option<UserView>>,
}

#[component]
fn People(
    people: Vec<UserView>,
    row: Row,
    let_in: impl Fn(UserView) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let me = expect_context::<Visit>().viewer.user.id;
    let rows = people
        .into_iter()
        .map(|user| {
            let (editing, shutting_out, resetting) = (user.clone(), user.clone(), user.clone());
            let works_at = user.nodes.join(", ");
            let is_me = user.id == me;
            let state = if user.disabled {
                view! { <Badge tone="quiet" glyph="×" word="Shut out"/> }
            } else {
                view! { <Badge tone="good" glyph="●" word="May sign in"/> }
            };
            let disabled = user.disabled;
            let label = format!("More about {}", user.name);
            view! {
                <tr>
                    <th scope="row">
                        {user.name.clone()}
                        {is_me.then(|| view! { " " <span class="badge badge-quiet">"You"</span> })}
                        <span class="second muted">{user.email.clone()}</span>
                    </th>
                    <td data-label="Role">
                        {user.role.label()}
                        {(!works_at.is_empty()).then(|| view! { <span class="second muted">{works_at}</span> })}
                    </td>
                    <td class="state-cell">{state}</td>
                    <td class="row-action">
                        <div class="row-buttons">
                            <button
                                type="button"
                                class="button small"
                                on:click=move |_| row.editing.set(Some(Whom::Known(editing.clone())))
                            >
                                "Edit"
                                <span class="visually-hidden">{format!(" {}", user.name)}</span>
                            </button>
                            {(!is_me)
                                .then(|| {
                                    let shut_out = move |_| {
                                        let user = shutting_out.clone();
                                        if disabled {
                                            let_in(user);
                                        } else {
                                            row.shutting_out.set(Some(user));
                                        }
                                    };
                                    view! {
                                        <Menu label="More" name=label>
                                            <ul class="menu-list">
                                                <li>
                                                    <button
                                                        type="button"
                                                        on:click=move |_| row.resetting.set(Some(resetting.clone()))
                                                    >
                                                        "New password…"
                                                    </button>
                                                </li>
                                                <li>
                                                    <button type="button" class:danger=!disabled on:click=shut_out>
                                                        {if disabled { "Let in again" } else { "Shut out…" }}
                                                    </button>
                                                </li>
                                            </ul>
                                        </Menu>
                                    }
                                })}
                        </div>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="list people">
            <thead>
                <tr>
                    <th scope="col">"Person"</th>
                    <th scope="col">"Role"</th>
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
