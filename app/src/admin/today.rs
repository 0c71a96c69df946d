use std::time::Duration;

use engine::model::TodayView;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::calls::today::today;
use crate::calls::{Answer, opened};
use crate::components::{Empty, ErrorState, Loading, OrderBadge, When, when_it_happens};
use crate::format;
use crate::lazy::screen;

screen!(
    /// `/`: what needs a person now, and how the day stands.
    TodayPage = today_page: view
);

fn view() -> AnyView {
    let data: Answer = Resource::new(|| (), |()| today());
    when_it_happens(Duration::from_secs(2), |_| true, move || data.refetch());
    view! {
        <Title text="Today"/>
        <h1>"Today"</h1>
        <Transition fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                match opened::<TodayView>(data).await {
                    Ok(today) => view! { <Today today/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Today(today: TodayView) -> impl IntoView {
    let begun = today.has_orders;
    let orders_today = format::count(today.orders_today);
    let single = today
        .single_package_share
        .map_or_else(|| "–".to_owned(), format::percent);
    view! {
        {(!begun).then(|| view! { <Checklist today=today.clone()/> })}
        <div class="columns">
            <section class="card" aria-labelledby="needs-you">
                <h2 id="needs-you">
                    "Needs you "
                    <span class="muted">{format::count(today.needs_you_total)}</span>
                </h2>
                <NeedsYouList today=today.clone()/>
            </section>
            <section class="card" aria-labelledby="cutoffs">
                <h2 id="cutoffs">"Next cut-offs"</h2>
                <CutoffList today=today.clone()/>
            </section>
        </div>
        <section class="card" aria-labelledby="flow">
            <h2 id="flow">"Flow"</h2>
            <ol class="flow">
                {today
                    .flow
                    .iter()
                    .map(|step| {
                        let oldest = step.oldest;
                        view! {
                            <li>
                                <a href=format!("/orders?status={}", step.status)>
                                    <OrderBadge status=step.status/>
                                    <strong>{format::count(step.count)}</strong>
                                    <span class="muted">
                                        {match oldest {
                                            Some(at) => view! { "oldest " <When at/> }.into_any(),
                                            None => "none".into_any(),
                                        }}
                                    </span>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </section>
        <section class="card" aria-labelledby="figures">
            <h2 id="figures">"Figures"</h2>
            <dl class="figures">
                <div>
                    <dt>"Orders placed today"</dt>
                    <dd>{orders_today}</dd>
                </div>
                <div>
                    <dt>"Open orders that go out in one package"</dt>
                    <dd>{single}</dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}

#[component]
fn NeedsYouList(today: TodayView) -> impl IntoView {
    if today.needs_you.is_empty() {
        let next = today.cutoffs.first().map_or_else(String::new, |cutoff| {
            format!("Next cut-off {} at {}.", cutoff.at_local, cutoff.node_name)
        });
        return view! { <p class="quiet-day">{format!("Nothing needs you. {next}")}</p> }
            .into_any();
    }
    let more = today
        .needs_you_total
        .saturating_sub(today.needs_you.len() as u64);
    view! {
        <ul class="needs">
            {today
                .needs_you
                .into_iter()
                .map(|need| {
                    view! {
                        <li>
                            <a href=format!("/orders/{}", need.order)>{format!("#{}", need.number)}</a>
                            <OrderBadge status=need.status/>
                            <span class="cause">{need.cause}</span>
                            <span class="muted"><When at=need.since/></span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        {(more > 0)
            .then(|| {
                view! {
                    <a class="more" href="/orders?view=attention">
                        {format!("{} more", format::count(more))}
                    </a>
                }
            })}
    }
    .into_any()
}

#[component]
fn CutoffList(today: TodayView) -> impl IntoView {
    if today.cutoffs.is_empty() {
        return view! { <p class="muted">"No node has a cut-off in the next days."</p> }.into_any();
    }
    view! {
        <table class="plain">
            <thead>
                <tr>
                    <th scope="col">"Node"</th>
                    <th scope="col">"Cut-off there"</th>
                    <th scope="col">"For you"</th>
                    <th scope="col" class="number">"To hand over"</th>
                </tr>
            </thead>
            <tbody>
                {today
                    .cutoffs
                    .into_iter()
                    .map(|cutoff| {
                        view! {
                            <tr>
                                <th scope="row">
                                    <a href=format!("/nodes/{}", cutoff.node)>{cutoff.node_name}</a>
                                </th>
                                <td>{cutoff.at_local}</td>
                                <td><When at=cutoff.at/></td>
                                <td class="number">{format::count(cutoff.open_fulfillments)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

/// What a new merchant still has to do.
#[component]
fn Checklist(today: TodayView) -> impl IntoView {
    let steps = [
        (
            today.has_products,
            "Bring your products in",
            "baton import products products.csv",
        ),
        (
            today.has_nodes,
            "Add the nodes that fulfill",
            "baton import nodes nodes.csv",
        ),
        (
            today.has_services,
            "Add the carriers' services",
            "baton import services services.csv",
        ),
        (
            today.has_stock,
            "Count the stock",
            "baton import stock stock.csv",
        ),
        (
            today.has_orders,
            "Connect a shop",
            "baton key add --name Shop --scope orders_write",
        ),
    ];
    view! {
        <section class="card checklist" aria-labelledby="checklist">
            <Empty
                title="Get the first order in"
                text="Each step is one command, or one call of the API that is described under /docs."
            />
            <ol id="checklist">
                {steps
                    .into_iter()
                    .map(|(done, what, how)| {
                        view! {
                            <li class=if done { "done" } else { "" }>
                                <span class="glyph" aria-hidden="true">{if done { "●" } else { "○" }}</span>
                                <span>
                                    {what}
                                    <span class="visually-hidden">{if done { " (done)" } else { " (to do)" }}</span>
                                </span>
                                <code>{how}</code>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
            <a rel="external" href="/docs">"Read the API's description"</a>
        </section>
    }
    .into_any()
}
