//! How things travel: the carriers' services, what they cost, when they collect, and what they really take.

mod add;
mod detail;
mod draft;
mod form;
mod nodes;
mod suspend;
mod times;
mod zones;

use std::time::Duration;

use engine::model::{Page, Permission, Service};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::calls::carriers::load_carriers;
use crate::calls::{Answer, opened};
use crate::components::{Badge, Clock, Empty, ErrorState, Loading, Pager, may, when_it_happens};
use crate::format;
use crate::lazy::screen;
use crate::query::{self, encoded};
use crate::week;
use add::AddDialog;
use detail::Detail;

screen!(
    /// `/carriers` and `/carriers/{code}`
    CarriersPage = carriers_page: view
);

fn view() -> AnyView {
    let params = use_params_map();
    let code = Memo::new(move |_| params.with(|params| query::text(params, "code")));
    (move || match code.get() {
        Some(code) => view! { <Detail code/> }.into_any(),
        None => view! { <List/> }.into_any(),
    })
    .into_any()
}

/// The address of a service's screen.
fn address_of(code: &str) -> String {
    format!("/carriers/{}", encoded(code))
}

#[component]
fn List() -> impl IntoView {
    let params = use_query_map();
    let cursor = Memo::new(move |_| params.with(|params| query::text(params, "cursor")));
    let data: Answer = Resource::new(move || cursor.get(), load_carriers);
    when_it_happens(
        Duration::from_secs(1),
        |event| event.kind.starts_with("service"),
        move || data.refetch(),
    );
    let adding = RwSignal::new(false);
    let add = move || {
        may(Permission::ChangeNetwork).then(|| {
            view! {
                <button type="button" class="button primary" on:click=move |_| adding.set(true)>
                    "Add a service"
                </button>
            }
        })
    };
    view! {
        <Title text="Carriers"/>
        <div class="screen-head">
            <h1>"Carriers"</h1>
            {add()}
        </div>
        <Transition fallback=|| view! { <Loading rows=6/> }>
            {move || Suspend::new(async move {
                let paged = cursor.get_untracked().is_some();
                match opened::<Page<Service>>(data).await {
                    Ok(page) if page.items.is_empty() && !paged => {
                        view! {
                            <Empty
                                title="No services yet"
                                text="A service is a carrier's way to deliver: how far it reaches, what it costs and how many days it takes. Without one nothing can be sent."
                            >
                                {add()}
                            </Empty>
                        }
                            .into_any()
                    }
                    Ok(page) => view! { <Table page paged/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <AddDialog open=adding/>
    }
    .into_any()
}

#[component]
fn Table(page: Page<Service>, paged: bool) -> impl IntoView {
    let next = page
        .next_cursor
        .map(|cursor| format!("/carriers?cursor={cursor}"));
    let first = paged.then(|| "/carriers".to_owned());
    let range = if paged || next.is_some() {
        String::new()
    } else {
        format::counted(page.items.len(), "service", "services")
    };
    view! {
        <table class="list services">
            <caption class="visually-hidden">"The carriers' services"</caption>
            <thead>
                <tr>
                    <th scope="col">"Service"</th>
                    <th scope="col">"Carrier"</th>
                    <th scope="col">"Level"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Nodes"</th>
                    <th scope="col">"Zones"</th>
                    <th scope="col">"Transit"</th>
                    <th scope="col">"Collects"</th>
                    <th scope="col">"Delivers"</th>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|service| view! { <Row service/> }).collect_view()}</tbody>
        </table>
        <Pager first next range/>
    }
    .into_any()
}

#[component]
fn Row(service: Service) -> impl IntoView {
    let reach = service.zones.last().map_or(0.0, |zone| zone.up_to_km);
    let zones = format!(
        "{}, up to {}",
        format::count(service.zones.len()),
        format::km(reach)
    );
    let nodes = match &service.nodes {
        None => "All".to_owned(),
        Some(nodes) => format::count(nodes.len()),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=address_of(&service.code)>{service.code.clone()}</a>
            </th>
            <td data-label="Carrier">{service.carrier.clone()}</td>
            <td data-label="Level">{service.level.clone()}</td>
            <td class="state-cell"><State service=service.clone()/></td>
            <td data-label="Nodes">{nodes}</td>
            <td data-label="Zones">{zones}</td>
            <td data-label="Transit">{transit(&service)}</td>
            <td data-label="Collects">{week::words(week::days_of(&service.working_time().collects_on))}</td>
            <td data-label="Delivers">{week::words(week::days_of(&service.working_time().delivers_on))}</td>
        </tr>
    }
    .into_any()
}

/// Whether orders go out with it.
#[component]
fn State(service: Service) -> impl IntoView {
    let now = expect_context::<Clock>().now_untracked();
    if service.is_suspended(now) {
        view! { <Badge tone="warn" glyph="‖" word="Suspended"/> }
    } else if service.nodes.is_some_and(|nodes| nodes.is_empty()) {
        view! { <Badge tone="quiet" glyph="○" word="At no node"/> }
    } else {
        view! { <Badge tone="good" glyph="●" word="In use"/> }
    }
}

/// `1 to 8 days`
fn transit(service: &Service) -> String {
    let days = service.zones.iter().map(|zone| zone.transit_days);
    let (least, most) = (days.clone().min().unwrap_or(0), days.max().unwrap_or(0));
    if least == most {
        format::counted(most, "day", "days")
    } else {
        format!("{least} to {}", format::counted(most, "day", "days"))
    }
}
