//! One exception: what happened, what it was seen by, and what would end it.

use engine::model::{
    ExceptionAction, ExceptionFix, ExceptionId, ExceptionRow, Permission, format_money,
};
use leptos::prelude::*;

use super::acts::{Chosen, act_on};
use crate::calls::exceptions::{ExceptionDetail, apply_fix, load_exception};
use crate::calls::{Answer, opened};
use crate::components::{
    Confirm, ErrorState, FormError, Icon, Loading, Question, Toasts, When, may, when_it_happens,
};

#[component]
pub fn Detail(chosen: Chosen, done: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    move || {
        chosen.open.get().map(|id| {
            let close = chosen.asked.with_untracked(|asked| asked.address(None));
            view! {
                <aside class="peek" aria-label="Exception">
                    <a
                        class="icon-button peek-close"
                        href=close
                        data-noscroll=""
                        aria-label="Close the exception"
                        title="Close (Esc)"
                    >
                        <Icon name="close"/>
                    </a>
                    <h2>"Exception"</h2>
                    <Opened id chosen done/>
                </aside>
            }
        })
    }
}

#[component]
fn Opened(
    id: ExceptionId,
    chosen: Chosen,
    done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let data: Answer = Resource::new(move || id, load_exception);
    when_it_happens(
        std::time::Duration::from_secs(1),
        |event| event.kind.starts_with("exception.") || event.kind.starts_with("order."),
        move || data.refetch(),
    );
    view! {
        <Transition fallback=|| view! { <Loading rows=6/> }>
            {move || Suspend::new(async move {
                match opened::<ExceptionDetail>(data).await {
                    Ok(detail) => view! { <About detail chosen done/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn About(
    detail: ExceptionDetail,
    chosen: Chosen,
    done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let ExceptionDetail { row, fixes } = detail;
    let order = row.order.zip(row.order_number);
    let evidence = evidence(&row);
    let open = row.closed_at.is_none();
    view! {
        <p>{row.cause.clone()}</p>
        <dl class="facts column">
            <div>
                <dt>"Kind"</dt>
                <dd>{row.kind.label()}</dd>
            </div>
            {order
                .map(|(id, number)| {
                    view! {
                        <div>
                            <dt>"Order"</dt>
                            <dd>
                                <a href=format!("/orders/{id}")>{format!("#{number}")}</a>
                            </dd>
                        </div>
                    }
                })}
            {row
                .node
                .clone()
                .map(|node| {
                    view! {
                        <div>
                            <dt>"Node"</dt>
                            <dd>
                                <a href=format!("/nodes/{node}")>{node.clone()}</a>
                            </dd>
                        </div>
                    }
                })}
            <div>
                <dt>"At stake"</dt>
                <dd>{format_money(row.at_stake, row.currency)}</dd>
            </div>
            {row
                .due_at
                .map(|at| {
                    view! {
                        <div>
                            <dt>"Due"</dt>
                            <dd>
                                <When at/>
                            </dd>
                        </div>
                    }
                })}
            {evidence
                .into_iter()
                .map(|(name, value)| {
                    view! {
                        <div>
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
            <div>
                <dt>"Seen"</dt>
                <dd>
                    {if row.times == 1 { "once, ".to_owned() } else { format!("{} times, first ", row.times) }}
                    <When at=row.raised_at/>
                </dd>
            </div>
        </dl>
        {row.resolution.clone().map(|how| view! { <p class="notice">{how}</p> })}
        {(open && may(Permission::ChangeOrders)).then(|| view! { <Fixes row fixes chosen done/> })}
    }
    .into_any()
}

/// What it was seen by, as names and words.
fn evidence(row: &ExceptionRow) -> Vec<(String, String)> {
    let Some(map) = row.evidence.as_object() else {
        return Vec::new();
    };
    let known = map.iter().filter(|(_, value)| !value.is_null());
    known
        .map(|(name, value)| {
            let words = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Array(list) => {
                    let each = list
                        .iter()
                        .map(|v| v.as_str().map_or(v.to_string(), str::to_owned));
                    each.collect::<Vec<_>>().join(", ")
                }
                other => other.to_string(),
            };
            let mut name = name.replace('_', " ");
            if let Some(first) = name.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            (name, words)
        })
        .collect()
}

#[component]
fn Fixes(
    row: ExceptionRow,
    fixes: Vec<ExceptionFix>,
    chosen: Chosen,
    done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let id = row.id;
    let sure = RwSignal::new(None::<ExceptionFix>);
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let run = move |fix: ExceptionFix| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        leptos::task::spawn_local(async move {
            match apply_fix(id, fix.id).await {
                Ok(()) => {
                    error.set(None);
                    toasts.say(format!("{}: done", fix.label));
                    done();
                }
                Err(wrong) => error.set(Some(wrong)),
            }
            busy.set(false);
        });
    };
    let start = move |fix: ExceptionFix| {
        if fix.id == "cancel" {
            sure.set(Some(fix));
        } else {
            run(fix);
        }
    };
    let listed = StoredValue::new(fixes.clone());
    Effect::new(move || {
        if let Some(n) = chosen.fix.get() {
            chosen.fix.set(None);
            if let Some(fix) = listed.with_value(|fixes| fixes.get(n - 1).cloned()) {
                start(fix);
            }
        }
    });
    let mine = row.assigned_to.is_some();
    view! {
        <h3>"What would end it"</h3>
        <ol class="fixes">
            {fixes
                .into_iter()
                .enumerate()
                .map(|(i, fix)| {
                    let class = if i == 0 { "button primary" } else { "button" };
                    let (label, detail) = (fix.label.clone(), fix.detail.clone());
                    view! {
                        <li>
                            <button
                                type="button"
                                class=class
                                disabled=move || busy.get()
                                aria-keyshortcuts=(i + 1).to_string()
                                on:click=move |_| start(fix.clone())
                            >
                                {label}
                                " "
                                <kbd>{i + 1}</kbd>
                            </button>
                            <p class="muted">{detail}</p>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
        <FormError error/>
        <div class="actions">
            <button
                type="button"
                class="button small"
                on:click=move |_| {
                    let action = if mine { ExceptionAction::Unassign } else { ExceptionAction::AssignToMe };
                    act_on(chosen, vec![id], action, toasts, done);
                }
            >
                {if mine { "Give back" } else { "Assign to me" }}
            </button>
            <button type="button" class="button small" on:click=move |_| chosen.resolving.set(Some(vec![id]))>
                "Resolve"
            </button>
        </div>
        <Confirm
            about=sure
            question=|fix: &ExceptionFix| Question {
                heading: format!("{}?", fix.label),
                consequence: fix.detail.clone(),
                confirm: "Cancel the order",
            }
            on_confirm=run
        />
    }
    .into_any()
}
