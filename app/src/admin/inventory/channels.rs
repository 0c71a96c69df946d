use std::time::Duration;

use engine::model::{AllocationRule, FieldError};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::scope::{NodeCodes, ScopeCells, ScopeDraft};
use super::sections::may_rule;
use crate::AppError;
use crate::calls::stock_rules::{ChannelDesk, load_channel_rules, save_channel_rules};
use crate::calls::{Answer, opened};
use crate::components::{
    Entry, ErrorState, FormError, Icon, Loading, SaveBar, Toasts, Wrong, when_it_happens,
};

/// What is set aside for channels, by rule.
#[component]
pub fn Channels() -> impl IntoView {
    let data: Answer = Resource::new(|| (), |()| load_channel_rules());
    view! {
        <Transition fallback=|| view! { <Loading rows=6/> }>
            {move || Suspend::new(async move {
                match opened::<ChannelDesk>(data).await {
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
    channel: RwSignal<String>,
    scope: ScopeDraft,
    in_percent: RwSignal<bool>,
    amount: RwSignal<String>,
    spills_over: RwSignal<bool>,
}

impl RuleDraft {
    fn of(id: usize, rule: AllocationRule) -> Self {
        let amount = match (rule.share, rule.units) {
            (Some(share), _) => share.to_string(),
            (None, Some(units)) => units.to_string(),
            (None, None) => String::new(),
        };
        RuleDraft {
            id,
            channel: RwSignal::new(rule.channel),
            in_percent: RwSignal::new(rule.units.is_none()),
            amount: RwSignal::new(amount),
            spills_over: RwSignal::new(rule.spill_over),
            scope: ScopeDraft::of((rule.sku, rule.category, rule.node, rule.node_kind)),
        }
    }

    fn read(self, i: usize) -> Result<AllocationRule, FieldError> {
        let (sku, category, node, node_kind) = self.scope.read();
        let amount = self.amount.get();
        let percent = self.in_percent.get();
        let (share, units) = if percent {
            (amount.trim().parse::<u8>().ok(), None)
        } else {
            (None, amount.trim().parse::<i64>().ok())
        };
        if share.is_none() && units.is_none() {
            let (field, detail) = if percent {
                ("share", "a percentage is needed, 0 to 100")
            } else {
                ("units", "a number of units is needed, such as 5")
            };
            return Err(FieldError::new(format!("#/{i}/{field}"), detail));
        }
        Ok(AllocationRule {
            channel: self.channel.get(),
            sku,
            category,
            node,
            node_kind,
            share,
            units,
            spill_over: self.spills_over.get(),
        })
    }
}

fn drafts(rules: &[AllocationRule]) -> Vec<RuleDraft> {
    let rules = rules.iter().cloned().enumerate();
    rules.map(|(id, rule)| RuleDraft::of(id, rule)).collect()
}

fn read(drafts: &[RuleDraft]) -> Result<Vec<AllocationRule>, Vec<FieldError>> {
    let read = drafts.iter().enumerate().map(|(i, draft)| draft.read(i));
    let (rules, errors): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    if errors.is_empty() {
        Ok(rules.into_iter().flatten().collect())
    } else {
        Err(errors.into_iter().filter_map(Result::err).collect())
    }
}

#[component]
fn Form(desk: ChannelDesk) -> impl IntoView {
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
            let found = load_channel_rules().await;
            let Ok(found) = found.and_then(|packed| packed.open::<ChannelDesk>()) else {
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
        |event| event.kind == "stock.allocations_changed",
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
            let result = save_channel_rules(rules.clone()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.say("Rules saved");
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
    let channels = StoredValue::new(desk.channels);
    let add = move |_| {
        rows.update(|rows| {
            let id = rows.iter().map(|row| row.id + 1).max().unwrap_or(0);
            let first = channels
                .with_value(|channels| channels.first().map(|channel| channel.code.clone()));
            let rule = AllocationRule {
                channel: first.unwrap_or_default(),
                share: Some(0),
                ..AllocationRule::default()
            };
            rows.push(RuleDraft::of(id, rule));
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save();
    };
    let some = Memo::new(move |_| rows.with(|rows| !rows.is_empty()));
    view! {
        <p class="muted">
            "A channel may have units of its own, as a share of what is for sale at each node or as a number. What is nobody's own is common: channels without a rule take from that, and so does one that spills over when its own is used up. The narrowest rule of a channel holds."
        </p>
        <form class="stack" on:submit=submit novalidate>
            <FormError error=Signal::derive(move || wrong.get())/>
            <fieldset class="whole" disabled=!may_change>
                <legend class="visually-hidden">"Rules of channels"</legend>
                <Show
                    when=move || some.get()
                    fallback=|| view! { <p class="muted">"No rule yet: every channel may take what is there."</p> }
                >
                    <table class="list rules">
                        <thead>
                            <tr>
                                <th scope="col">"Channel"</th>
                                <th scope="col">"Of what"</th>
                                <th scope="col">"Where"</th>
                                <th scope="col">"Its own"</th>
                                <th scope="col">"When used up"</th>
                                <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=move || rows.get() key=|row| row.id let(row)>
                                <Row rows row channels/>
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
fn Row(
    rows: RwSignal<Vec<RuleDraft>>,
    row: RuleDraft,
    channels: StoredValue<Vec<engine::model::Channel>>,
) -> impl IntoView {
    let at = Memo::new(move |_| {
        rows.with(|rows| {
            rows.iter()
                .position(|other| other.id == row.id)
                .unwrap_or(0)
        })
    });
    let pointer = Signal::derive(move || {
        let field = if row.in_percent.get() {
            "share"
        } else {
            "units"
        };
        format!("#/{}/{field}", at.get())
    });
    let wrong = use_context::<Wrong>();
    let wrong_channel =
        move || wrong.and_then(|wrong| wrong.at(&format!("#/{}/channel", at.get())));
    let n = row.id + 1;
    let options = move || {
        let option = |channel: engine::model::Channel| {
            let code = channel.code.clone();
            let chosen = move || row.channel.with(|chosen| *chosen == code);
            view! {
                <option value=channel.code selected=chosen>
                    {channel.name}
                </option>
            }
        };
        channels.get_value().into_iter().map(option).collect_view()
    };
    view! {
        <tr>
            <th scope="row" data-label="Channel">
                <select aria-label=format!("Channel of rule {n}") on:change=move |event| row.channel.set(event_target_value(&event))>
                    {options}
                </select>
                <span class="field-error">{wrong_channel}</span>
            </th>
            <ScopeCells scope=row.scope id=row.id at=at.into()/>
            <td data-label="Its own" class="scope">
                <Entry
                    label=format!("Amount of rule {n}")
                    id=format!("rule-{}-amount", row.id)
                    value=row.amount
                    pointer
                    inputmode="numeric"
                    in_table=true
                />
                <select
                    aria-label=format!("Unit of rule {n}")
                    on:change=move |event| row.in_percent.set(event_target_value(&event) == "share")
                >
                    <option value="share" selected=move || row.in_percent.get()>
                        "percent"
                    </option>
                    <option value="units" selected=move || !row.in_percent.get()>
                        "units"
                    </option>
                </select>
            </td>
            <td data-label="When used up">
                <label class="check">
                    <input
                        type="checkbox"
                        checked=row.spills_over.get_untracked()
                        prop:checked=move || row.spills_over.get()
                        on:change=move |event| row.spills_over.set(event_target_checked(&event))
                    />
                    <span>
                        "takes what is common"
                        <span class="visually-hidden">{format!(", rule {n}")}</span>
                    </span>
                </label>
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
