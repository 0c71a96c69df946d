use std::time::Duration;

use engine::model::{LaneTimes, LeansOn, ServiceTimes};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::address_of;
use crate::calls::carriers::load_service_times;
use crate::calls::{Answer, opened};
use crate::components::{Empty, ErrorState, Loading, Pager, visitor, when_it_happens};
use crate::format;
use crate::query::PagePlace;

/// What the service states against what was observed.
#[component]
pub fn Times(code: String) -> impl IntoView {
    let params = use_query_map();
    let place = Memo::new(move |_| params.with(PagePlace::read));
    let asked = code.clone();
    let data: Answer = Resource::new(
        move || (asked.clone(), place.get().cursor),
        |(code, cursor)| load_service_times(code, cursor),
    );
    when_it_happens(
        Duration::from_secs(5),
        |event| event.kind == "fulfillment.delivered" || event.kind.starts_with("service"),
        move || data.refetch(),
    );
    let address = address_of(&code);
    view! {
        <section class="card" aria-labelledby="transit">
            <h2 id="transit">"Stated and observed transit"</h2>
            <Transition fallback=|| view! { <Loading rows=4/> }>
                {
                    let address = address.clone();
                    move || {
                        let address = address.clone();
                        Suspend::new(async move {
                            match opened::<ServiceTimes>(data).await {
                                Ok(times) => {
                                    let place = place.get_untracked();
                                    view! { <Shown times place address/> }.into_any()
                                }
                                Err(error) => view! { <ErrorState error/> }.into_any(),
                            }
                        })
                    }
                }
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Shown(times: ServiceTimes, place: PagePlace, address: String) -> impl IntoView {
    let deliveries: u64 = times.zones.iter().map(|zone| zone.observed.total()).sum();
    let lanes = times.lanes;
    let (shown, total) = (lanes.items.len() as u64, lanes.total.unwrap_or(0));
    let range = format::range(place.before, shown, total, "lane", "lanes");
    let next = lanes
        .next_cursor
        .map(|cursor| format!("{address}?cursor={cursor}&before={}", place.before + shown));
    let first = place.cursor.is_some().then_some(address);
    view! {
        <p class="muted">
            "In days of delivery. p50 and p90: half and nine of ten packages took at most so many. Promises reckon with what is in the last columns, which starts from what is stated and moves with what is observed."
        </p>
        {if deliveries == 0 {
            let why = if visitor().viewer.merchant.demo {
                "The demonstration's days pass faster than the calendar's, so nothing is learned from its deliveries."
            } else {
                "What carriers take is counted as packages are delivered. Until then promises reckon with what is usual: 95 of 100 by the stated day."
            };
            view! { <Empty title="No delivery observed yet" text=why/> }.into_any()
        } else {
            view! { <Chart zones=times.zones.clone()/> }.into_any()
        }}
        <Table caption="By zone" of="Zone" rows=times.zones/>
        {(shown > 0)
            .then(|| {
                view! {
                    <Table caption="By lane: where from and where to, by the first digits of the postal code" of="Lane" rows=lanes.items/>
                    <Pager first next range/>
                }
            })}
    }
    .into_any()
}

/// A line for each zone: what is stated, and from p50 to p90 what was observed. The table below says the same.
#[component]
fn Chart(zones: Vec<LaneTimes>) -> impl IntoView {
    const WIDTH: f64 = 460.0;
    const LEFT: f64 = 66.0;
    const STEP: f64 = 28.0;
    let most = zones
        .iter()
        .flat_map(|zone| [Some(zone.stated_days), zone.observed.quantile(0.9)])
        .flatten()
        .max()
        .unwrap_or(1)
        .max(1);
    let x = move |days: u32| LEFT + f64::from(days) / f64::from(most) * (WIDTH - LEFT - 14.0);
    let height = STEP * zones.len() as f64;
    let told: Vec<String> = zones
        .iter()
        .filter_map(|zone| {
            let (half, nine) = (zone.observed.quantile(0.5)?, zone.observed.quantile(0.9)?);
            Some(format!(
                "zone {}: stated {}, half within {half}, nine of ten within {nine}",
                zone.zone + 1,
                zone.stated_days
            ))
        })
        .collect();
    let ticks = (0..=most).step_by(most.div_ceil(10) as usize).map(|days| {
        view! {
            <line x1=x(days) x2=x(days) y1="0" y2=height class="grid"/>
            <text x=x(days) y=height + 16.0 text-anchor="middle">{days.to_string()}</text>
        }
    });
    let ticks = ticks.collect_view();
    let rows = zones.into_iter().map(move |zone| {
        let y = STEP * (zone.zone as f64 + 0.5);
        let observed = zone.observed.quantile(0.5).zip(zone.observed.quantile(0.9));
        let stated = x(zone.stated_days);
        view! {
            <text x="0" y=y + 4.0>{format!("Zone {}", zone.zone + 1)}</text>
            {observed
                .map(|(half, nine)| {
                    view! {
                        <line x1=x(half) x2=x(nine) y1=y y2=y class="whisker"/>
                        <circle cx=x(half) cy=y r="4" class="mark"/>
                        <circle cx=x(nine) cy=y r="4" class="mark is-open"/>
                    }
                })}
            <line x1=stated x2=stated y1=y - 9.0 y2=y + 9.0 class="stated"/>
        }
    });
    let rows = rows.collect_view();
    view! {
        <figure class="plot">
            <svg
                viewBox=format!("0 -4 {WIDTH} {}", height + 26.0)
                width=WIDTH
                height=height + 26.0
                role="img"
                aria-label=format!("Days stated and observed, {}", told.join("; "))
            >
                {ticks}
                {rows}
            </svg>
            <figcaption class="muted">
                "Days of delivery. A bar: what is stated. From the filled to the open mark: within how many days half and nine of ten packages arrived."
            </figcaption>
        </figure>
    }
    .into_any()
}

#[component]
fn Table(caption: &'static str, of: &'static str, rows: Vec<LaneTimes>) -> impl IntoView {
    view! {
        <table class="list transit">
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">{of}</th>
                    <th scope="col" class="number">"Deliveries"</th>
                    <th scope="col" class="number">"Stated"</th>
                    <th scope="col" class="number">"Observed p50"</th>
                    <th scope="col" class="number">"Observed p90"</th>
                    <th scope="col" class="number">"By the stated day"</th>
                    <th scope="col" class="number">"Reckoned p50"</th>
                    <th scope="col" class="number">"Reckoned p90"</th>
                    <th scope="col">"Rests on"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: LaneTimes) -> impl IntoView {
    let is_zone = row.origin.is_empty();
    let name = if is_zone {
        format!("Zone {}", row.zone + 1)
    } else {
        format!(
            "{} → {}",
            row.origin.replace('-', " "),
            row.destination.replace('-', " ")
        )
    };
    let within = row.zone + 1;
    let days = |days: Option<u32>| days.map_or_else(|| "–".to_owned(), |days| days.to_string());
    let on_time = row.observed.share_within(row.stated_days);
    view! {
        <tr>
            <th scope="row">
                {name}
                {(!is_zone).then(|| view! { " " <span class="muted">{format!("zone {within}")}</span> })}
            </th>
            <td class="number" data-label="Deliveries">{format::count(row.observed.total() as i64)}</td>
            <td class="number" data-label="Stated">{row.stated_days.to_string()}</td>
            <td class="number" data-label="Observed p50">{days(row.observed.quantile(0.5))}</td>
            <td class="number" data-label="Observed p90">{days(row.observed.quantile(0.9))}</td>
            <td class="number" data-label="By the stated day">{on_time.map_or_else(|| "–".to_owned(), format::percent)}</td>
            <td class="number" data-label="Reckoned p50">{days(row.expected.p50)}</td>
            <td class="number" data-label="Reckoned p90">{days(row.expected.p90)}</td>
            <td data-label="Rests on" class="because">{rests_on(row.leans_on, is_zone)}</td>
        </tr>
    }
    .into_any()
}

fn rests_on(leans_on: LeansOn, is_zone: bool) -> &'static str {
    match (leans_on, is_zone) {
        (LeansOn::Own, true) => "Its own deliveries",
        (LeansOn::Own, false) => "The lane's own deliveries",
        (LeansOn::Zone, _) => "Too little data: falls back to its zone",
        (LeansOn::Service, _) => "Too little data: falls back to the service's other zones",
        (LeansOn::Belief, _) => {
            "Too little data: falls back to what is usual, 95 of 100 by the stated day"
        }
    }
}
