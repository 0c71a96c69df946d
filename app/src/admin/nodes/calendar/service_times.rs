use leptos::prelude::*;

use super::draft::TimesDraft;
use crate::components::{Entry, Icon, Weekdays, Wrong};

/// Times that services have of their own, by days of the week.
#[component]
pub fn ServiceTimes(
    /// What they are in the node: `cutoffs` or `pickups`.
    field: &'static str,
    /// What one of them is called.
    what: &'static str,
    rows: RwSignal<Vec<TimesDraft>>,
    /// Codes to choose from, with the words for them.
    services: StoredValue<Vec<(String, String)>>,
    none: &'static str,
) -> impl IntoView {
    let add = move |_| {
        rows.update(|rows| {
            let id = rows.iter().map(|row| row.id + 1).max().unwrap_or(0);
            let first =
                services.with_value(|services| services.first().map(|(code, _)| code.clone()));
            let days = [true, true, true, true, true, false, false];
            rows.push(TimesDraft::new(id, &first.unwrap_or_default(), "", days));
        });
    };
    let some = Memo::new(move |_| rows.with(|rows| !rows.is_empty()));
    view! {
        <Show when=move || some.get() fallback=move || view! { <p class="muted">{none}</p> }>
            <table class="list own-times">
                <thead>
                    <tr>
                        <th scope="col">"Service"</th>
                        <th scope="col">{what}</th>
                        <th scope="col">"On"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.id let(row)>
                        <Row field what rows row services/>
                    </For>
                </tbody>
            </table>
        </Show>
        <div>
            <button type="button" class="button" on:click=add>
                {format!("Add a {}", what.to_lowercase())}
            </button>
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    field: &'static str,
    what: &'static str,
    rows: RwSignal<Vec<TimesDraft>>,
    row: TimesDraft,
    services: StoredValue<Vec<(String, String)>>,
) -> impl IntoView {
    let wrong = use_context::<Wrong>();
    let below = move || row.service.with(|service| format!("#/{field}/{service}"));
    let detail = move || wrong.and_then(|wrong| wrong.below(&below()));
    // A service that is gone may still have its times.
    let offered = move || {
        let chosen = row.service.get();
        let mut offered = services.get_value();
        if !chosen.is_empty() && offered.iter().all(|(code, _)| *code != chosen) {
            offered.push((chosen.clone(), format!("{chosen} (gone)")));
        }
        let option = |(code, words): (String, String)| {
            let is_chosen = code == chosen;
            view! {
                <option value=code selected=is_chosen>
                    {words}
                </option>
            }
        };
        offered.into_iter().map(option).collect_view()
    };
    let n = row.id + 1;
    view! {
        <tr>
            <th scope="row" data-label="Service">
                <select
                    aria-label=format!("Service of {} {n}", what.to_lowercase())
                    on:change=move |event| row.service.set(event_target_value(&event))
                >
                    {offered}
                </select>
            </th>
            <td data-label=what>
                <Entry
                    label=format!("{what} {n}")
                    id=format!("{field}-{}", row.id)
                    value=row.times
                    pointer=String::new()
                    placeholder=if field == "pickups" { "14:00, 19:00" } else { "HH:MM" }
                    in_table=true
                />
            </td>
            <td data-label="On">
                <Weekdays legend=format!("Days of {} {n}", what.to_lowercase()) days=row.days in_table=true/>
                <span class="field-error">{detail}</span>
            </td>
            <td class="row-action">
                <button
                    type="button"
                    class="icon-button small"
                    aria-label=format!("Remove {} {n}", what.to_lowercase())
                    on:click=move |_| rows.update(|rows| rows.retain(|other| other.id != row.id))
                >
                    <Icon name="close"/>
                </button>
            </td>
        </tr>
    }
    .into_any()
}
