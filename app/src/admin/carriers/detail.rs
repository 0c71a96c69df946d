use std::time::Duration;

use engine::model::Service;
use leptos::prelude::*;
use leptos_meta::Title;

use super::form::ServiceForm;
use super::nodes::AtNodes;
use super::times::Times;
use super::{State, transit};
use crate::calls::carriers::{CarrierDesk, load_carrier};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Icon, Loading, when_it_happens};
use crate::format;

/// A service, whole.
#[component]
pub fn Detail(code: String) -> impl IntoView {
    let subject = format!("service:{code}");
    let asked = code.clone();
    let data: Answer = Resource::new(move || asked.clone(), load_carrier);
    // What is being entered stays: whoever saves is told then that somebody else did before.
    let dirty = RwSignal::new(false);
    when_it_happens(
        Duration::from_millis(500),
        move |event| event.subject == subject || event.kind == "services.imported",
        move || {
            if !dirty.get_untracked() {
                data.refetch();
            }
        },
    );
    view! {
        <nav class="crumbs" aria-label="Carriers">
            <a href="/carriers">
                <Icon name="back"/>
                "Carriers"
            </a>
        </nav>
        <Transition fallback=|| view! { <Loading rows=10/> }>
            {move || Suspend::new(async move {
                match opened::<CarrierDesk>(data).await {
                    Ok(desk) => {
                        view! {
                            <Head service=desk.service.clone()/>
                            <ServiceForm desk=desk.clone() dirty reload=move || data.refetch()/>
                            <AtNodes desk/>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <Times code/>
    }
    .into_any()
}

#[component]
fn Head(service: Service) -> impl IntoView {
    let facts = format!(
        "{} · {} · {}",
        service.carrier,
        service.level,
        transit(&service)
    );
    let reach = service.zones.last().map_or(0.0, |zone| zone.up_to_km);
    view! {
        <Title text=service.code.clone()/>
        <div class="page-head">
            <h1>
                {service.code.clone()} " " <State service/>
            </h1>
            <p class="muted">{format!("{facts} · reaches {}", format::km(reach))}</p>
        </div>
    }
    .into_any()
}
