use std::time::Duration;

use engine::model::{KeptRow, PromiseRecord};
use leptos::prelude::*;

use crate::calls::promise::load_promise_record;
use crate::calls::{Answer, opened};
use crate::components::{Empty, ErrorState, Happened, Loading, when_it_happens};
use crate::format;

/// Stated against realised, kept up as orders arrive.
#[component]
pub fn Kept() -> impl IntoView {
    let data: Answer = Resource::new(|| (), |()| load_promise_record());
    let concerns = |event: &Happened| event.kind.starts_with("promise.");
    when_it_happens(Duration::from_secs(3), concerns, move || data.refetch());
    view! {
        <section class="card" aria-labelledby="kept">
            <h2 id="kept">"Whether they came true"</h2>
            <Transition fallback=|| view! { <Loading rows=4/> }>
                {move || Suspend::new(async move {
                    match opened::<PromiseRecord>(data).await {
                        Ok(record) => view! { <Record record/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Record(record: PromiseRecord) -> impl IntoView {
    let arrived = record.kept + record.late;
    let facts = [
        ("On their way", record.open),
        ("Of those, outside their promise", record.outside),
        ("Kept", record.kept),
        ("Late", record.late),
    ];
    let facts = facts.map(|(name, count)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{format::count(count as i64)}</dd>
            </div>
        }
    });
    view! {
        <dl class="facts">{facts}</dl>
            {if arrived == 0 {
                view! {
                    <Empty
                        title="No promise has come to its end yet"
                        text="Orders that cite a promise are counted here once everything of them has arrived."
                    />
                }
                    .into_any()
            } else {
                view! {
                    <Plot rows=record.by_stated.clone()/>
                    <Rows caption="By the probability that was stated" of="Stated" rows=record.by_stated/>
                    <Rows caption="By channel" of="Channel" rows=record.by_channel/>
                    <Rows caption="By the node that sent the last package" of="Node" rows=record.by_node/>
                    <Rows caption="By origin and destination" of="Lane" rows=record.by_lane/>
                }
                    .into_any()
            }}
    }
    .into_any()
}

/// Stated (across) against realised (up), from 50 to 100 %, with what chance may account for. The table below says the
/// same.
#[component]
fn Plot(rows: Vec<KeptRow>) -> impl IntoView {
    const SIZE: f64 = 240.0;
    let x = |share: f64| ((share - 0.5) / 0.5).clamp(0.0, 1.0) * SIZE;
    let y = move |share: f64| SIZE - x(share);
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let (share, ..) = row.share();
            format!(
                "said {:.0} %, kept {:.0} %",
                row.stated * 100.0,
                share * 100.0
            )
        })
        .collect();
    let marks = rows.into_iter().map(move |row| {
        let (share, low, high) = row.share();
        let at = x(row.stated);
        view! {
            <line x1=at x2=at y1=y(low) y2=y(high) class="whisker"/>
            <circle cx=at cy=y(share) r="4" class="mark"/>
        }
    });
    view! {
        <figure class="plot">
            <svg viewBox="-34 -8 282 284" width="282" height="284" role="img" aria-label=format!("Calibration: {}", told.join("; "))>
                <rect x="0" y="0" width=SIZE height=SIZE class="area"/>
                <line x1="0" y1=SIZE x2=SIZE y2="0" class="ideal"/>
                {[0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
                    .map(|share| {
                        let word = format!("{:.0}", share * 100.0);
                        view! {
                            <text x=x(share) y=SIZE + 16.0 text-anchor="middle">{word.clone()}</text>
                            <text x="-6" y=y(share) + 4.0 text-anchor="end">{word}</text>
                        }
                    })}
                {marks.collect_view()}
            </svg>
            <figcaption class="muted">"Stated across, kept up, in 100. On the line, what is said is true."</figcaption>
        </figure>
    }
    .into_any()
}

#[component]
fn Rows(caption: &'static str, of: &'static str, rows: Vec<KeptRow>) -> impl IntoView {
    let rows = rows.into_iter().map(|row| {
        let (share, low, high) = row.share();
        let name = if row.name.is_empty() { "not known".to_owned() } else { row.name.clone() };
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="number" data-label="Orders">{format::count(row.promised as i64)}</td>
                <td class="number" data-label="Stated">{format!("{:.0} %", row.stated * 100.0)}</td>
                <td class="number" data-label="Kept">
                    {format!("{:.0} %", share * 100.0)}
                    " "
                    <span class="muted">{format!("({:.0} to {:.0})", low * 100.0, high * 100.0)}</span>
                </td>
                <td class="number" data-label="Days late">{format::count(row.days_late as i64)}</td>
            </tr>
        }
    });
    view! {
        <table class="list">
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">{of}</th>
                    <th scope="col" class="number">"Orders"</th>
                    <th scope="col" class="number">"Stated"</th>
                    <th scope="col" class="number">"Kept"</th>
                    <th scope="col" class="number">"Days late"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
