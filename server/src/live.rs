//! The event log as server-sent events. The stream reads the log itself, page by page, and is only woken by the
//! writer: so it never skips an event and never repeats one, however slow the reader is, and holds one page at most.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use engine::model::EventView;
use futures::Stream;
use futures::stream::unfold;
use http::HeaderMap;
use orchestrator::{Actor, Orchestrator, events};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::metrics::{Metrics, StreamGuard};
use crate::problem::Problem;
use crate::state::{AppState, Shutdown};

/// Comments that keep proxies from closing a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is checked that the reader may still read.
const CHECK_EVERY: Duration = Duration::from_secs(30);
/// Events read at once.
const PAGE: u64 = 100;
/// After how long a browser that lost the stream comes back.
const RETRY: Duration = Duration::from_secs(2);

/// Says whether the reader may still read.
pub type StillAllowed = Box<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// What to do with a position beyond the log's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// A feed that claims to have read what was never written is mistaken.
    Refuse,
    /// A page that was open while the database was replaced goes on from the end.
    GoOn,
}

/// Events after the position that the request names, and then each one as it comes.
pub async fn open(
    state: &AppState,
    actor: Actor,
    headers: &HeaderMap,
    after: Option<&str>,
    beyond: Beyond,
    still_allowed: StillAllowed,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    let orc = &state.orchestrator;
    // Asks what the actor may do, before anything is sent.
    events::heard(orc, &actor, i64::MAX, 1).await?;
    let last = events::last_seq(orc, actor.merchant).await?;
    let after = match position(headers, after)? {
        None => last,
        Some(after) if after <= last => after,
        Some(_) if beyond == Beyond::GoOn => last,
        Some(after) => {
            return Err(Problem::field(
                "#/after",
                format!("{after} is beyond the end of the log, which is {last}"),
            ));
        }
    };
    let reader = Reader {
        woken: events::watch(orc, actor.merchant),
        orc: orc.clone(),
        actor,
        after,
        page: VecDeque::new(),
        greeted: false,
        shutdown: state.shutdown.clone(),
        checked: Instant::now(),
        still_allowed,
        _counted: Metrics::stream_opened(state),
    };
    let stream = unfold(reader, |mut reader| async move {
        reader.next().await.map(|event| (Ok(event), reader))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// `Last-Event-ID`, which browsers send by themselves, comes before `?after=`, which was right when the page was made.
fn position(headers: &HeaderMap, after: Option<&str>) -> Result<Option<i64>, Problem> {
    let header = headers
        .get("last-event-id")
        .map(|value| value.to_str().unwrap_or("?"));
    let (text, pointer) = match (header.filter(|text| !text.is_empty()), after) {
        (Some(text), _) => (text, "#/headers/Last-Event-ID"),
        (None, Some(text)) => (text, "#/after"),
        (None, None) => return Ok(None),
    };
    let seq = text.parse::<i64>().ok().filter(|seq| *seq >= 0);
    let seq = seq.ok_or_else(|| {
        Problem::field(pointer, format!("'{text}' is not the number of an event"))
    })?;
    Ok(Some(seq))
}

struct Reader {
    orc: Orchestrator,
    actor: Actor,
    /// Number of the last event that was read.
    after: i64,
    page: VecDeque<EventView>,
    woken: watch::Receiver<i64>,
    greeted: bool,
    shutdown: Shutdown,
    checked: Instant,
    still_allowed: StillAllowed,
    _counted: StreamGuard,
}

impl Reader {
    /// The next event; `None` ends the stream, and the reader comes back with what it has read last.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            // No event, but the reader knows its position from now on, and browsers hand it back.
            return Some(
                Event::default()
                    .id(self.after.to_string())
                    .retry(RETRY)
                    .comment("connected"),
            );
        }
        loop {
            if self.shutdown.is_triggered() {
                return None;
            }
            if self.checked.elapsed() >= CHECK_EVERY {
                self.checked = Instant::now();
                if !(self.still_allowed)().await {
                    return None;
                }
            }
            if let Some(event) = self.page.pop_front() {
                return Some(event_of(&event));
            }
            // What is committed from here on wakes again, also while the page is read.
            self.woken.borrow_and_update();
            let up_to = match events::heard(&self.orc, &self.actor, self.after, PAGE).await {
                Ok(heard) => {
                    self.page = heard.events.into();
                    heard.up_to
                }
                Err(error) => {
                    tracing::warn!(%error, "a live stream ends");
                    return None;
                }
            };
            if let Some(up_to) = up_to {
                self.after = up_to;
                continue;
            }
            let until = self.checked + CHECK_EVERY;
            tokio::select! {
                woken = self.woken.changed() => woken.ok()?,
                () = self.shutdown.wait() => return None,
                () = tokio::time::sleep_until(until) => {}
            }
        }
    }
}

fn event_of(event: &EventView) -> Event {
    // Views of events always serialize, and their JSON has no line breaks.
    let json = serde_json::to_string(event).unwrap_or_default();
    Event::default().id(event.seq.to_string()).data(json)
}
