//! Browser sessions, kept in the ledger's database: a cookie with a random id, its hash in the table.

use std::net::IpAddr;
use std::sync::Arc;

use app::server_context::{SessionHandle, SessionPort};
use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, Utc};
use engine::model::{UserId, Viewer};
use orchestrator::{Orchestrator, accounts, sessions};
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

use crate::client;
use crate::security::CspNonce;
use crate::state::AppState;

/// The cookie's name.
pub const COOKIE: &str = "baton_session";
/// A session that is not used ends.
const IDLE_END: Duration = Duration::hours(12);
/// A session ends at the latest.
const ABSOLUTE_END: chrono::Duration = chrono::Duration::days(7);
/// How often the use of a session is noted: not on each request, for each note is a write.
const NOTED_EVERY: chrono::Duration = chrono::Duration::minutes(10);

const USER: &str = "user";
const ENDS_AT: &str = "ends_at";
const USED_AT: &str = "used_at";

/// Keeps sessions in the ledger's database.
#[derive(Clone)]
pub struct Store(Orchestrator);

impl Store {
    /// When a session that is used now ends, by the ledger's clock and not by the record's, which only knows the
    /// system's.
    fn expiry(&self) -> DateTime<Utc> {
        self.0.now() + chrono::Duration::seconds(IDLE_END.whole_seconds())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// The table has the id's hash only: who reads it cannot take a session over.
fn key(id: &Id) -> String {
    blake3::hash(id.to_string().as_bytes()).to_hex().to_string()
}

fn data(record: &Record) -> Result<Vec<u8>> {
    serde_json::to_vec(&record.data).map_err(|e| Error::Encode(e.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn backend(error: orchestrator::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !sessions::create(&self.0, &key(&record.id), &data(record)?, self.expiry())
            .await
            .map_err(backend)?
        {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        sessions::save(&self.0, &key(&record.id), &data(record)?, self.expiry())
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some((data, expiry)) = sessions::load(&self.0, &key(id)).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_slice(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(expiry.timestamp())
            .map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::delete(&self.0, &key(id)).await.map_err(backend)
    }
}

/// The layer that reads and writes the cookie.
pub fn layer(orc: &Orchestrator) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store(orc.clone()))
        .with_name(COOKIE)
        .with_http_only(true)
        .with_secure(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE_END))
}

/// What pages and server functions learn about the request that they answer.
#[derive(Clone)]
pub struct Visit {
    /// Who is signed in, as they are now.
    pub viewer: Option<Viewer>,
    pub session: SessionHandle,
    pub address: IpAddr,
    pub nonce: Option<CspNonce>,
}

/// Looks who is signed in and puts the [`Visit`] into the request.
pub async fn look(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let orc = &state.orchestrator;
    let session = request.extensions().get::<Session>().cloned();
    let viewer = match &session {
        Some(session) => viewer(orc, session).await,
        None => None,
    };
    let address = client::address(
        request.extensions(),
        request.headers(),
        &state.config.trusted_proxies,
    );
    let nonce = request.extensions().get::<CspNonce>().cloned();
    let session = SessionHandle(Arc::new(Port {
        orc: orc.clone(),
        session,
    }));
    request.extensions_mut().insert(Visit {
        viewer,
        session,
        address,
        nonce,
    });
    next.run(request).await
}

/// Who is signed in. A session past its absolute end, or of a person who may no longer sign in, is nobody's.
pub async fn viewer(orc: &Orchestrator, session: &Session) -> Option<Viewer> {
    let user: UserId = session.get(USER).await.ok()??;
    let ends_at: DateTime<Utc> = session.get(ENDS_AT).await.ok()??;
    let now = orc.now();
    let viewer = if now < ends_at {
        accounts::viewer_of_session(orc, user, ends_at - ABSOLUTE_END)
            .await
            .ok()
    } else {
        None
    };
    if viewer.is_none() {
        // Nothing is lost if it cannot be deleted now: it is nobody's all the same.
        let _ = session.flush().await;
        return None;
    }
    let used_at: Option<DateTime<Utc>> = session.get(USED_AT).await.ok()?;
    if used_at.is_none_or(|used_at| now - used_at >= NOTED_EVERY) {
        let _ = session.insert(USED_AT, now).await;
    }
    viewer
}

/// Whether the session still stands for somebody: for streams, which outlive the look at their request.
pub async fn is_alive(orc: &Orchestrator, id: Option<Id>) -> bool {
    let session = Session::new(id, Arc::new(Store(orc.clone())), None);
    id.is_some() && viewer(orc, &session).await.is_some()
}

struct Port {
    orc: Orchestrator,
    session: Option<Session>,
}

#[async_trait]
impl SessionPort for Port {
    async fn sign_in(&self, user: UserId) -> std::result::Result<(), String> {
        let failed = |error: tower_sessions::session::Error| {
            tracing::error!(%error, "the session could not be written");
            "signing in failed on our side; please try again".to_owned()
        };
        let session = self.session.as_ref().ok_or("there is no session here")?;
        let now = self.orc.now();
        // A new id, so that one that somebody has planted before is worth nothing.
        session.cycle_id().await.map_err(failed)?;
        session.insert(USER, user).await.map_err(failed)?;
        session
            .insert(ENDS_AT, now + ABSOLUTE_END)
            .await
            .map_err(failed)?;
        session.insert(USED_AT, now).await.map_err(failed)
    }

    async fn sign_out(&self) {
        if let Some(session) = &self.session
            && let Err(error) = session.flush().await
        {
            tracing::error!(%error, "the session could not be deleted");
        }
    }
}
