use std::time::Duration;

use engine::model::{FieldError, SafetyRule};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::scope::{NodeCodes, ScopeCells, ScopeDraft};
use super::sections::may_rule;
use crate::AppError;
use crate::calls::stock_rules::{SafetyDesk, load_safety_rules, save_safety_rules};
use crate::calls::{Answer, opened};
use crate::components::{
    Entry, ErrorState, FormError, Icon, Loading, SaveBar, Toasts, Wrong, when_it_happens,
};
use crate::format;

/// How much is kept back from sale, by rule.
#[component]
pub fn Safety() -> impl IntoView {
    let data: Answer = Resource::new(|| (), |()| load_safety_rules());
    view! {
        <Transition fallback=|| view! { <Loading rows=6/> }>
            {move || Suspend::new(async move {
                match opened::<SafetyDesk>(data).await {
                    Ok(desk) => view! { <Form desk/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct RuleDraft {
    id: usize,
    scope: ScopeDraft,
    units: RwSignal<String>,
}

impl RuleDraft {
    fn of(id: usize, rule: SafetyRule) -> Self {
        RuleDraft {
            id,
            units: RwSignal::new(rule.units.to_string()),
            scope: ScopeDraft::of((rule.sku, rule.category, rule.node, rule.node_kind)),
        }
    }
}

fn drafts(rules: &[SafetyRule]) -> Vec<RuleDraft> {
    let rules = rules.iter().cloned().enumerate();
    rules.map(|(id, rule)| RuleDraft::of(id, rule)).collect()
}

fn read(drafts: &[RuleDraft]) -> Result<Vec<SafetyRule>, Vec<FieldError>> {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (i, draft) in drafts.iter().enumerate() {
        let (sku, category, node, node_kind) = draft.scope.read();
        match draft.units.with(|text| text.trim().parse()) {
            Ok(units) => rules.push(SafetyRule {
                sku,
                category,
                node,
                node_kind,
                units,
            }),
            Err(_) => {
                let detail = "a number of units is needed, such as 5";
                errors.push(FieldError::new(format!("#/{i}/units"), detail));
            }
        }
    }
    if errors.is_empty() {
        Ok(rules)
    } else {
        Err(errors)
    }
}

#[component]
fn Form(desk: SafetyDesk) -> impl IntoView {
    let may_change = may_rule();
    let toasts = expect_context::<Toasts>();
    let wrong = Wrong::provide();
    let rows = RwSignal::new(drafts(&desk.rules));
    let before = RwSignal::new(desk.rules);
    let dirty = RwSignal::new(false);
    let refresh = move || {
        if dirty.get_untracked() {
            return;
        }
        spawn_local(async move {
            let found = load_safety_rules().await;
            let Ok(found) = found.and_then(|packed| packed.open::<SafetyDesk>()) else {
                return;
            };
            let is_other = before.try_with_untracked(|known| *known != found.rules);
            if is_other == Some(true) && dirty.try_get_untracked() == Some(false) {
                rows.set(drafts(&found.rules));
                before.set(found.rules);
            }
        });
    };
    when_it_happens(
        Duration::from_millis(500),
        |event| event.kind == "stock.rules_changed",
        refresh,
    );
    let busy = RwSignal::new(false);
    let now = Memo::new(move |_| rows.with(|rows| read(rows)));
    Effect::new(move || {
        let changed = now.with(|now| before.with(|before| now.as_ref() != Ok(before)));
        dirty.set(changed);
    });
    let save = move || {
        if busy.get_untracked() || !dirty.get_untracked() {
            return;
        }
        let rules = match now.get_untracked() {
            Ok(rules) => rules,
            Err(errors) => return wrong.set(Some(AppError::Invalid(errors))),
        };
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let result = save_safety_rules(rules.clone()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(changed) => {
                    let rows = format::counted(changed as i64, "stock row", "stock rows");
                    toasts.say(format!("Rules saved, {rows} changed"));
                    let _ = before.try_set(rules);
                }
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    let discard = move || {
        wrong.set(None);
        rows.set(before.with_untracked(|rules| drafts(rules)));
        // What somebody else has changed meanwhile comes with it.
        dirty.set(false);
        refresh();
    };
    let add = move |_| {
        rows.update(|rows| {
            let id = rows.iter().map(|row| row.id + 1).max().unwrap_or(0);
            rows.push(RuleDraft::of(id, SafetyRule::default()));
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save();
    };
    let some = Memo::new(move |_| rows.with(|rows| !rows.is_empty()));
    view! {
        <p class="muted">
            "Units that are kept back from sale of each product at each node. The narrowest rule that fits a row holds: a SKU is narrower than a category, then a node than a kind of node. What was said with a count of a row itself comes before every rule."
        </p>
        <form class="stack" on:submit=submit novalidate>
            <FormError error=Signal::derive(move || wrong.get())/>
            <fieldset class="whole" disabled=!may_change>
                <legend class="visually-hidden">"Rules of safety stock"</legend>
                <Show
                    when=move || some.get()
                    fallback=|| view! { <p class="muted">"No rule yet: everything that is there may be sold."</p> }
                >
                    <table class="list rules">
                        <thead>
                            <tr>
                                <th scope="col">"Of what"</th>
                                <th scope="col">"Where"</th>
                                <th scope="col">"Units kept back"</th>
                                <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=move || rows.get() key=|row| row.id let(row)>
                                <Row rows row/>
                            </For>
                        </tbody>
                    </table>
                </Show>
                <div>
                    <button type="button" class="button" on:click=add>"Add a rule"</button>
                </div>
            </fieldset>
            {(!may_change).then(|| view! { <p class="muted">"Your role reads these, and does not change them."</p> })}
            <NodeCodes nodes=desk.nodes/>
            <SaveBar dirty busy on_save=save on_discard=discard/>
        </form>
    }
    .into_any()
}

#[component]
fn Row(rows: RwSignal<Vec<RuleDraft>>, row: RuleDraft) -> impl IntoView {
    let at = Memo::new(move |_| {
        rows.with(|rows| {
            rows.iter()
                .position(|other| other.id == row.id)
                .unwrap_or(0)
        })
    });
    let pointer = Signal::derive(move || format!("#/{}/units", at.get()));
    let n = row.id + 1;
    view! {
        <tr>
            <ScopeCells scope=row.scope id=row.id at=at.into()/>
            <td data-label="Units">
                <Entry
                    label=format!("Units of rule {n}")
                    id=format!("rule-{}-units", row.id)
                    value=row.units
                    pointer
                    inputmode="numeric"
                    in_table=true
                />
            </td>
            <td class="row-action">
                <button
                    type="button"
                    class="icon-button small"
                    aria-label=format!("Remove rule {n}")
                    on:click=move |_| rows.update(|rows| rows.retain(|other| other.id != row.id))
                >
                    <Icon name="close"/>
                </button>
            </td>
        </tr>
    }
    .into_any()
}
