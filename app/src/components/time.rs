use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::format;

/// The time as this page sees it: the server's when it was made, and going on from there.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<DateTime<Utc>>,
    /// The browser has taken over, and with it the reader's time zone is known.
    alive: RwSignal<bool>,
}

impl Clock {
    /// Starts at the server's `now` and ticks once the page is alive.
    pub fn provide(now: DateTime<Utc>) -> Self {
        let clock = Clock {
            now: RwSignal::new(now),
            alive: RwSignal::new(false),
        };
        provide_context(clock);
        Effect::new(move || {
            clock.alive.set(true);
            let started = js_sys::Date::now();
            let tick = move || {
                let ms = js_sys::Date::now() - started;
                clock
                    .now
                    .set(now + chrono::Duration::milliseconds(ms as i64));
            };
            if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(15)) {
                on_cleanup(move || handle.clear());
            }
        });
        clock
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now.get()
    }

    pub fn now_untracked(&self) -> DateTime<Utc> {
        self.now.get_untracked()
    }
}

/// A moment: relative within a day, absolute after; the whole of it on hover.
#[component]
pub fn When(#[prop(into)] at: Signal<DateTime<Utc>>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let absolute = move || format::absolute(at.get(), clock.alive.get());
    let text = move || format::relative(at.get(), clock.now()).unwrap_or_else(absolute);
    view! {
        <time datetime=move || format::machine(at.get()) title=absolute>
            {text}
        </time>
    }
    .into_any()
}

/// A moment in the reader's time, however near it is.
#[component]
pub fn Moment(at: DateTime<Utc>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! { <time datetime=format::machine(at)>{move || format::absolute(at, clock.alive.get())}</time> }
        .into_any()
}

/// A moment as a field for local time has it: `2026-11-26T14:00`.
pub fn local_field(at: DateTime<Utc>) -> String {
    let ms = wasm_bindgen::JsValue::from_f64(at.timestamp_millis() as f64);
    let date = js_sys::Date::new(&ms);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// The moment that a field for local time means.
pub fn moment_of(local: &str) -> Option<DateTime<Utc>> {
    let ms = js_sys::Date::new(&local.into()).get_time();
    (!local.is_empty() && ms.is_finite()).then(|| DateTime::from_timestamp_millis(ms as i64))?
}
