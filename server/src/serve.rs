//! A running server: bound, working, and ended gracefully.

use std::net::SocketAddr;
use std::time::Duration;

use app::server_context::SetupPort;
use axum::serve::ListenerExt;
use orchestrator::{Actor, Options, Orchestrator, accounts, routing};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::state::{AppState, ShutdownTrigger, shutdown};
use crate::{demo, http, workers};

/// How long open requests may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "the address {address} is taken by another program: end it, or choose another one with --address or BATON_ADDRESS"
    )]
    AddressTaken { address: SocketAddr },
    #[error("cannot listen on {address}: {error}")]
    CannotListen {
        address: SocketAddr,
        error: std::io::Error,
    },
    #[error(transparent)]
    Ledger(#[from] orchestrator::Error),
    #[error("the connection to clients failed: {0}")]
    Io(#[from] std::io::Error),
}

/// A server that is bound but does not answer yet.
pub struct Server {
    pub state: AppState,
    listener: TcpListener,
    trigger: ShutdownTrigger,
    /// What plays the demonstration's orders, in demonstrations.
    player: Option<(demo::Data, Actor)>,
}

impl Server {
    /// Binds the address, then opens the ledger: who cannot serve shall not touch the database.
    pub async fn bind(config: Config) -> Result<Self, ServeError> {
        let address = config.address;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::AddrInUse => ServeError::AddressTaken { address },
                _ => ServeError::CannotListen { address, error },
            })?;
        let options = Options {
            read_connections: config.read_connections,
            window: std::time::Duration::from_secs(config.router_window.into()),
            ..Options::new(&config.database_url)
        };
        let orchestrator = Orchestrator::open(options).await?;
        if config.database_url.starts_with("sqlite:") {
            // Nobody else routes in this file; what an ended process has claimed is free again.
            routing::forget_claims(&orchestrator).await?;
        }
        let (trigger, shutdown) = shutdown();
        Ok(Server {
            state: AppState::new(orchestrator, config, shutdown),
            listener,
            trigger,
            player: None,
        })
    }

    /// Plays the demonstration's orders while it serves.
    pub fn play(&mut self, data: demo::Data, actor: Actor) {
        self.player = Some((data, actor));
    }

    /// Where it listens; with port 0 in the configuration, the port that it got.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `until` resolves, then ends: no new requests, streams closed, work in hand done.
    pub async fn run(
        self,
        until: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let Server {
            state,
            listener,
            trigger,
            player,
        } = self;
        tell_about_setup(&state).await?;
        let shop = player
            .as_ref()
            .map(|_| demo::shop::router(&state, demo::SECRET_KEY));
        let router = http::router_with(&state, shop.unwrap_or_default());
        let mut workers = workers::start(&state);
        if let Some((data, actor)) = player {
            workers.spawn(demo::work(state.clone(), data, actor));
        }
        tracing::info!(
            address = %listener.local_addr()?,
            url = %state.config.base_url(),
            database = database_kind(&state.config.database_url),
            "serving"
        );
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::trace!(%error, "TCP_NODELAY could not be set");
            }
        });
        let mut ending = state.shutdown.clone();
        let ended = async move {
            until.await;
            tracing::info!("going down");
            trigger.trigger();
        };
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(ended);
        let patience = async {
            ending.wait().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            outcome = serving => outcome?,
            () = patience => tracing::warn!("some requests took too long to end; they are cut off"),
        }
        while workers.join_next().await.is_some() {}
        state.orchestrator.clone().close().await;
        tracing::info!("ended");
        Ok(())
    }
}

/// On an empty database the log leads the first visitor: only who can read it may create the merchant.
async fn tell_about_setup(state: &AppState) -> Result<(), ServeError> {
    if accounts::is_empty(&state.orchestrator).await? {
        let token = state.setup.open();
        tracing::info!(
            "this installation is empty; create the merchant at {}/setup?token={token}",
            state.config.base_url()
        );
    } else {
        state.setup.use_up();
    }
    Ok(())
}

/// Resolves on Ctrl C or when the system asks the process to end.
pub async fn ctrl_c_or_terminate() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}

/// A URL may hold a password: the log only says which kind it is.
fn database_kind(url: &str) -> &str {
    if url.starts_with("sqlite:") {
        url
    } else {
        "PostgreSQL"
    }
}
