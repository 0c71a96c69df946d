//! What the server hands to pages and server functions by context, beside the [`orchestrator::Orchestrator`] and,
//! when somebody is signed in, the [`engine::model::Viewer`]. The server implements the ports; the pages only call
//! them, so that nothing here knows about HTTP, cookies or the database.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use engine::model::UserId;

/// The browser's session, as far as pages may touch it.
#[async_trait]
pub trait SessionPort: Send + Sync + 'static {
    /// Signs the user in: the session gets a new id (so that one planted before is worth nothing), the user and its
    /// absolute end. The error is a sentence for people.
    async fn sign_in(&self, user: UserId) -> Result<(), String>;

    /// Forgets the session here and in the browser.
    async fn sign_out(&self);
}

/// The session of the request that is being answered.
#[derive(Clone)]
pub struct SessionHandle(pub Arc<dyn SessionPort>);

/// Where the request came from: what sign-in is throttled by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// How browsers reach this server, without a slash at the end.
#[derive(Debug, Clone)]
pub struct PublicUrl(pub String);

/// The one-time link that leads the first visitor through set-up.
pub trait SetupPort: Send + Sync + 'static {
    /// Whether this is the token of the link in the log, and set-up has not happened yet.
    fn check(&self, token: &str) -> bool;

    /// Set-up has happened: no token is good any more.
    fn use_up(&self);
}

/// Guards the set-up page.
#[derive(Clone)]
pub struct SetupGate(pub Arc<dyn SetupPort>);

impl SetupGate {
    /// Whether this token opens set-up.
    pub fn check(&self, token: &str) -> bool {
        self.0.check(token)
    }

    /// Closes set-up for good.
    pub fn use_up(&self) {
        self.0.use_up();
    }
}

/// The script of the widget that this server has, for whoever wants exactly that one.
#[derive(Debug, Clone)]
pub struct WidgetPin {
    /// Where this server is reached.
    pub base_url: String,
    /// Path of the script under the name with its hash.
    pub script: String,
    /// What browsers check it against.
    pub integrity: String,
}
