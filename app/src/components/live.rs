use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::Clock;
use crate::format;

type Listener = Arc<dyn Fn(&Happened) + Send + Sync>;

/// What screens need to know of an event to see whether it concerns them.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Happened {
    /// Its number in the merchant's log.
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(dead_code, reason = "only browsers connect")
    )]
    seq: i64,
    /// What happened, such as `order.routed`.
    pub kind: String,
    /// What it happened to, such as an order's id.
    pub subject: String,
}

/// How the stream stands.
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "only browsers connect")
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveState {
    Connecting,
    Live,
    Reconnecting,
    Paused,
    Offline,
}

/// The merchant's events, one stream for the whole tab. Screens listen and fetch what has changed.
#[derive(Clone, Copy)]
pub struct Live {
    state: RwSignal<LiveState>,
    /// Number of the last event that came.
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(dead_code, reason = "only browsers connect")
    )]
    last: StoredValue<i64>,
    last_heard: RwSignal<Option<chrono::DateTime<chrono::Utc>>>,
    listeners: StoredValue<Vec<(u64, Listener)>>,
    next: StoredValue<u64>,
}

impl Live {
    /// Connects once the page is alive, from the event on that the page already knows.
    pub fn provide(last_seq: i64, may_listen: bool) -> Self {
        let live = Live {
            state: RwSignal::new(LiveState::Connecting),
            last: StoredValue::new(last_seq),
            last_heard: RwSignal::new(None),
            listeners: StoredValue::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(live);
        #[cfg(feature = "hydrate")]
        if may_listen {
            Effect::new(move || source::connect(live));
            on_cleanup(source::disconnect);
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = may_listen;
        live
    }

    /// Calls `listener` for each event while the component that asks is there.
    pub fn listen(&self, listener: impl Fn(&Happened) + Send + Sync + 'static) {
        let (id, listeners) = (self.next.get_value(), self.listeners);
        self.next.set_value(id + 1);
        listeners.update_value(|all| all.push((id, Arc::new(listener))));
        on_cleanup(move || {
            let _ = listeners.try_update_value(|all| all.retain(|(other, _)| *other != id));
        });
    }

    #[cfg(feature = "hydrate")]
    fn heard(&self, event: &Happened) {
        if event.seq <= self.last.get_value() {
            return;
        }
        self.last.set_value(event.seq);
        // A listener may lead to another one coming or going, so the list is not held while they run.
        for (_, listener) in self.listeners.get_value() {
            listener(event);
        }
    }

    fn toggle(self) {
        #[cfg(feature = "hydrate")]
        if self.state.get_untracked() == LiveState::Paused {
            self.state.set(LiveState::Connecting);
            source::connect(self);
        } else {
            source::disconnect();
            self.state.set(LiveState::Paused);
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = self;
    }
}

/// Runs `job` after events that concern it, at most once in `every`, while the component that asks is there.
pub fn when_it_happens(
    every: Duration,
    concerns: impl Fn(&Happened) -> bool + Send + Sync + 'static,
    job: impl Fn() + Copy + Send + Sync + 'static,
) {
    let soon = Coalesced::new(every);
    if let Some(live) = use_context::<Live>() {
        live.listen(move |event| {
            if concerns(event) {
                soon.run(job);
            }
        });
    }
}

/// Says how live the page is, and pauses it.
#[component]
pub fn LiveButton() -> impl IntoView {
    let live = expect_context::<Live>();
    let clock = expect_context::<Clock>();
    let text = move || match live.state.get() {
        LiveState::Connecting => "Connecting…".to_owned(),
        LiveState::Live => "Live".to_owned(),
        LiveState::Reconnecting => "Reconnecting…".to_owned(),
        LiveState::Paused => "Paused".to_owned(),
        LiveState::Offline => match live.last_heard.get() {
            Some(at) => format!(
                "Offline, data from {}",
                format::relative(at, clock.now()).unwrap_or_else(|| "before".to_owned())
            ),
            None => "Offline".to_owned(),
        },
    };
    let class = move || match live.state.get() {
        LiveState::Live => "live-button is-live",
        LiveState::Paused => "live-button is-paused",
        LiveState::Offline => "live-button is-offline",
        LiveState::Connecting | LiveState::Reconnecting => "live-button",
    };
    let title = move || {
        if live.state.get() == LiveState::Paused {
            "Go on with live updates"
        } else {
            "Pause live updates"
        }
    };
    view! {
        <button type="button" class=class title=title on:click=move |_| live.toggle()>
            <span class="dot" aria-hidden="true"></span>
            <span class="live-text">{text}</span>
        </button>
    }
    .into_any()
}

/// Runs something at most once in a while: what happens meanwhile is covered by the next run.
#[derive(Clone, Copy)]
pub struct Coalesced {
    waiting: StoredValue<bool>,
    every: Duration,
}

impl Coalesced {
    pub fn new(every: Duration) -> Self {
        Coalesced {
            waiting: StoredValue::new(false),
            every,
        }
    }

    pub fn run(&self, job: impl FnOnce() + 'static) {
        if self.waiting.try_get_value() != Some(false) {
            return;
        }
        self.waiting.set_value(true);
        let waiting = self.waiting;
        set_timeout(
            move || {
                // Whoever asked for it may be gone by now.
                if waiting.try_set_value(false).is_none() {
                    job();
                }
            },
            self.every,
        );
    }
}

#[cfg(feature = "hydrate")]
mod source {
    use std::cell::RefCell;

    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    use super::{Live, LiveState};

    struct Source {
        stream: EventSource,
        _on_open: Closure<dyn FnMut()>,
        _on_message: Closure<dyn FnMut(MessageEvent)>,
        _on_error: Closure<dyn FnMut()>,
    }

    thread_local! {
        static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
    }

    pub fn connect(live: Live) {
        disconnect();
        let last = live.last.get_value();
        let url = if last > 0 {
            format!("/admin/events?after={last}")
        } else {
            "/admin/events".to_owned()
        };
        let Ok(source) = EventSource::new(&url) else {
            live.state.set(LiveState::Offline);
            return;
        };
        let on_open = Closure::<dyn FnMut()>::new(move || {
            live.state.set(LiveState::Live);
            live.last_heard.set(Some(now()));
        });
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            live.last_heard.set(Some(now()));
            let text = message.data().as_string().unwrap_or_default();
            match serde_json::from_str(&text) {
                Ok(event) => live.heard(&event),
                Err(error) => leptos::logging::warn!("an event was not understood: {error}"),
            }
        });
        let on_error = Closure::<dyn FnMut()>::new(move || {
            let closed = SOURCE.with_borrow(|source| {
                source
                    .as_ref()
                    .is_none_or(|s| s.stream.ready_state() == EventSource::CLOSED)
            });
            if live.state.get_untracked() == LiveState::Paused {
                return;
            }
            live.state.set(if closed {
                LiveState::Offline
            } else {
                LiveState::Reconnecting
            });
            if closed {
                // The browser has given up, as it does when a proxy answers with an error; we have not.
                set_timeout(
                    move || {
                        if live.state.try_get_untracked() == Some(LiveState::Offline) {
                            connect(live);
                        }
                    },
                    std::time::Duration::from_secs(10),
                );
            }
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        SOURCE.set(Some(Source {
            stream: source,
            _on_open: on_open,
            _on_message: on_message,
            _on_error: on_error,
        }));
    }

    pub fn disconnect() {
        if let Some(old) = SOURCE.take() {
            old.stream.close();
        }
    }

    fn now() -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
    }
}
