//! What the tests share: databases that nobody else uses, and a merchant to begin with.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::sync::atomic::{AtomicU32, Ordering};

use engine::model::{Currency, Viewer};
use orchestrator::{Options, Orchestrator, accounts};

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Where PostgreSQL's databases may be made, if anywhere.
pub fn postgres() -> Option<String> {
    std::env::var("BATON_TEST_POSTGRES_URL").ok()
}

/// A database of its own on the PostgreSQL at `base`.
pub async fn postgres_database(base: &str) -> String {
    // Test programs may run side by side, so the number alone is not enough.
    let n = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("baton_{}_{n}", std::process::id());
    let admin = sea_orm::Database::connect(format!("{base}/postgres"))
        .await
        .unwrap();
    let create = format!("CREATE DATABASE {name}");
    sea_orm::ConnectionTrait::execute_unprepared(&admin, &create)
        .await
        .unwrap();
    format!("{base}/{name}")
}

/// A file in this folder, which has to live for as long as the database is used.
pub fn sqlite_database(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}/baton.db", folder.path().display())
}

/// A database of each kind that there is here.
pub async fn databases(folder: &tempfile::TempDir) -> Vec<String> {
    let mut urls = vec![sqlite_database(folder)];
    if let Some(base) = postgres() {
        urls.push(postgres_database(&base).await);
    }
    urls
}

/// A merchant with its owner, as they would be entered.
pub fn new_merchant() -> accounts::NewMerchant {
    accounts::NewMerchant {
        merchant_name: "Test".into(),
        currency: Currency::USD,
        time_zone: "America/New_York".into(),
        owner_name: "Ana".into(),
        owner_email: "ana@example.com".into(),
        owner_password: "a long enough password".into(),
    }
}

/// A ledger with one merchant, and its owner.
pub async fn ledger(url: &str) -> (Orchestrator, Viewer) {
    ledger_with(Options::new(url)).await
}

/// The same, with a clock of one's own.
pub async fn ledger_with(options: Options) -> (Orchestrator, Viewer) {
    let orc = Orchestrator::open(options).await.unwrap();
    let viewer = accounts::create_merchant(&orc, new_merchant())
        .await
        .unwrap();
    (orc, viewer)
}
