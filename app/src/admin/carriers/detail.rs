use std::time::Duration;

use engine::model::{Permission, Service};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;

use super::draft::Draft;
use super::form::ServiceForm;
use super::nodes::AtNodes;
use super::suspend::{Suspend, SuspendDialog};
use super::times::Times;
use super::{State, transit};
use crate::calls::carriers::{CarrierDesk, load_carrier};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Icon, Loading, may, visitor, when_it_happens};
use crate::format;

/// A service, whole.
#[component]
pub fn Detail(code: String) -> impl IntoView {
    let asked = code.clone();
    let data: Answer = Resource::new(move || asked.clone(), load_carrier);
    view! {
        <Title text=code.clone()/>
        <nav class="crumbs" aria-label="Carriers">
            <a href="/carriers">
                <Icon name="back"/>
                "Carriers"
            </a>
        </nav>
        <Transition fallback=|| view! { <Loading rows=10/> }>
            {move || Suspend::new(async move {
                match opened::<CarrierDesk>(data).await {
                    Ok(desk) => view! { <Loaded desk/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <Times code/>
    }
    .into_any()
}

/// What stays on the page while its data changes below it, so that nothing that is being entered is lost.
#[component]
fn Loaded(desk: CarrierDesk) -> impl IntoView {
    let currency = visitor().viewer.merchant.currency;
    let code = StoredValue::new(desk.service.code.clone());
    let subject = format!("service:{}", desk.service.code);
    let draft = RwSignal::new(Draft::of(&desk.service, currency));
    let desk = RwSignal::new(desk);
    // Whoever saves what is entered is told then that somebody else has changed it before.
    let dirty = RwSignal::new(false);
    let refresh = move || {
        spawn_local(async move {
            let found = load_carrier(code.get_value()).await;
            let Ok(found) = found.and_then(|packed| packed.open::<CarrierDesk>()) else {
                return;
            };
            let is_other = desk.try_with_untracked(|known| *known != found);
            if is_other == Some(true) && dirty.try_get_untracked() == Some(false) {
                draft.set(Draft::of(&found.service, currency));
                desk.set(found);
            }
        });
    };
    when_it_happens(
        Duration::from_millis(500),
        move |event| event.subject == subject || event.kind == "services.imported",
        move || {
            if !dirty.get_untracked() {
                refresh();
            }
        },
    );
    let suspending = RwSignal::new(false);
    let may_change = may(Permission::ChangeNetwork);
    view! {
        {move || view! { <Head service=desk.get().service/> }}
        {move || {
            may_change
                .then(|| view! { <Suspend service=desk.get().service open=suspending reload=refresh/> })
        }}
        <SuspendDialog code open=suspending reload=refresh/>
        <ServiceForm desk draft dirty/>
        {move || view! { <AtNodes desk=desk.get()/> }}
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
        <div class="page-head">
            <h1>
                {service.code.clone()} " " <State service/>
            </h1>
            <p class="muted">{format!("{facts} · reaches {}", format::km(reach))}</p>
        </div>
    }
    .into_any()
}
