//! What handlers share.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::{Env, LeptosOptions};
use orchestrator::Orchestrator;
use tokio::sync::watch;

use crate::client::Throttle;
use crate::config::Config;
use crate::customers::Limits;
use crate::metrics::Metrics;
use crate::quota::Quotas;
use crate::setup::SetupToken;

/// Everything a handler may need. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] points to.
pub struct Inner {
    pub orchestrator: Orchestrator,
    pub config: Config,
    pub metrics: Metrics,
    pub throttle: Throttle,
    pub limits: Limits,
    pub quotas: Quotas,
    pub setup: Arc<SetupToken>,
    pub shutdown: Shutdown,
    pub leptos: LeptosOptions,
}

impl AppState {
    pub fn new(orchestrator: Orchestrator, config: Config, shutdown: Shutdown) -> Self {
        AppState(Arc::new(Inner {
            orchestrator,
            leptos: leptos_options(&config),
            quotas: Quotas::new(&config),
            config,
            metrics: Metrics::default(),
            throttle: Throttle::default(),
            limits: Limits::default(),
            setup: Arc::default(),
            shutdown,
        }))
    }
}

impl Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl FromRef<AppState> for Orchestrator {
    fn from_ref(state: &AppState) -> Self {
        state.orchestrator.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// Tells background work and open streams that the process ends.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// Ends what listens to its [`Shutdown`]s.
#[derive(Debug)]
pub struct ShutdownTrigger(watch::Sender<bool>);

/// A trigger and what it triggers.
pub fn shutdown() -> (ShutdownTrigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownTrigger(sender), Shutdown(receiver))
}

impl ShutdownTrigger {
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Resolves when the process ends, also when that was decided before.
    pub async fn wait(&mut self) {
        // A trigger that was dropped ends it as well.
        let _ = self.0.wait_for(|ended| *ended).await;
    }

    pub fn is_triggered(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// Where the built pages are, as cargo-leptos leaves them: its variables while it runs us, the usual folders
/// otherwise.
fn leptos_options(config: &Config) -> LeptosOptions {
    let executable_folder = std::env::current_exe()
        .ok()
        .and_then(|path| path.parent().map(Path::to_owned))
        .unwrap_or_default();
    let from_variable = std::env::var("LEPTOS_SITE_ROOT").ok().map(PathBuf::from);
    let beside = executable_folder.join("site");
    let above = executable_folder.join("../site");
    let site_root = config
        .site_root
        .clone()
        .or(from_variable)
        .or_else(|| {
            [PathBuf::from("target/site"), beside, above]
                .into_iter()
                .find(|path| path.join("pkg").is_dir())
        })
        .unwrap_or_else(|| PathBuf::from("target/site"));
    let reload_port = std::env::var("LEPTOS_RELOAD_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(3001);
    let watched = std::env::var_os("LEPTOS_WATCH").is_some();
    LeptosOptions::builder()
        .output_name("baton")
        .site_root(site_root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .env(if watched { Env::DEV } else { Env::PROD })
        .site_addr(config.address)
        .reload_port(reload_port)
        // Names carry hashes exactly if the build has left the list of them beside the executable.
        .hash_files(executable_folder.join("hash.txt").is_file())
        .build()
}
