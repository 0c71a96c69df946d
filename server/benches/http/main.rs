//! What the server does in a second on this machine, beside a handler that does nothing: orders taken, routed and
//! committed over HTTP, promises, the list of many orders, and the sizes of what a browser loads. Prints figures and ratios;
//! never fails on time. `BATON_BENCH_SECONDS` sets how long each load lasts (8 unless told), `BATON_ROUTER_BATCH` how many
//! orders the router plans at once.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod client;
mod promises;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::{Json, Router};
use chrono::Utc;
use client::Connection;
use engine::model::{
    Currency, KeyKind, NewOrder, Node, NodeAddress, NodeKind, NodeOffer, NodeStatus, OrderStatus,
    Product, Scope, Service, StockCount, Zone,
};
use futures::StreamExt;
use orchestrator::accounts::{self, NewKey, NewMerchant};
use orchestrator::{Actor, Orchestrator, network, orders, stock};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use server::config::Config;
use server::serve::Server;
use tokio::sync::oneshot;

const CONNECTIONS: usize = 64;
const PRODUCTS: usize = 200;
/// Postal codes of the nodes, which is where the orders go, too.
const POSTALS: [&str; 6] = ["10001", "30301", "60601", "75201", "94105", "98101"];
const MANY_ORDERS: u64 = 100_000;
/// The list is measured with as many orders as there are after this.
const MOST_FILLING: Duration = Duration::from_secs(70);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let seconds = std::env::var("BATON_BENCH_SECONDS")
            .ok()
            .and_then(|s| s.parse().ok())
            .unwrap_or(8);
        let span = Duration::from_secs(seconds);
        let nothing = empty_handler(span).await;
        println!(
            "empty JSON handler        {nothing:>8.0} requests/s with {CONNECTIONS} connections"
        );
        promises::run(span).await;
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite://{}", folder.path().join("baton.db").display());
        ledger("SQLite (synchronous=FULL)", &sqlite, span, nothing).await;
        if let Ok(server) = std::env::var("BATON_TEST_POSTGRES_URL") {
            let name = format!("baton_bench_{}", uuid::Uuid::now_v7().simple());
            let admin = Database::connect(&server).await.unwrap();
            admin
                .execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await
                .unwrap();
            let url = format!("{}/{name}", without_database(&server));
            ledger("PostgreSQL", &url, span, nothing).await;
            admin
                .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await
                .unwrap();
        }
        sizes();
    });
}

/// The server's URL up to its address.
fn without_database(url: &str) -> &str {
    let address = url.find("://").map_or(0, |at| at + 3);
    url[address..]
        .find('/')
        .map_or(url, |at| &url[..address + at])
}

/// The least that a server can do with the same body.
async fn empty_handler(span: Duration) -> f64 {
    let router = Router::new().route(
        "/",
        axum::routing::post(async |Json(_): Json<Value>| Json(json!({"ok": true}))),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let load = load(address, "/", "none", span, 200).await;
    serving.abort();
    load.per_second()
}

struct Load {
    answered: u64,
    took: Duration,
    latencies_us: Vec<u64>,
}

impl Load {
    fn per_second(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64()
    }

    fn latency_ms(&self, share: usize) -> f64 {
        let at = self.latencies_us.len().saturating_sub(1) * share / 100;
        self.latencies_us.get(at).copied().unwrap_or(0) as f64 / 1e3
    }
}

/// Orders from many connections at once, each sending the next as soon as it has an answer.
async fn load(
    address: SocketAddr,
    path: &'static str,
    key: &str,
    span: Duration,
    expect: u16,
) -> Load {
    let start = Instant::now();
    let connections = (0..CONNECTIONS).map(|c| {
        let key = key.to_owned();
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            let mut latencies_us = Vec::new();
            for i in 0.. {
                if start.elapsed() >= span {
                    break;
                }
                let body = order(&format!("{c}-{i}"), c * 7 + i).to_string();
                let sent = Instant::now();
                let (status, _) = connection.send("POST", path, &key, body.as_bytes()).await;
                assert_eq!(status, expect);
                latencies_us.push(sent.elapsed().as_micros() as u64);
            }
            latencies_us
        })
    });
    let mut latencies_us: Vec<u64> = Vec::new();
    for done in futures::future::join_all(connections).await {
        latencies_us.extend(done.unwrap());
    }
    let took = start.elapsed();
    latencies_us.sort_unstable();
    Load {
        answered: latencies_us.len() as u64,
        took,
        latencies_us,
    }
}

fn order(external_id: &str, seed: usize) -> Value {
    let line = |i: usize| {
        let sku = format!("P{}", (seed * 31 + i * 17) % PRODUCTS);
        json!({"external_id": i.to_string(), "sku": sku, "quantity": 1 + (seed + i) % 3, "unit_price": 199})
    };
    let lines: Vec<Value> = (0..=seed % 4).map(line).collect();
    json!({
        "channel": "web", "external_id": external_id, "placed_at": Utc::now().to_rfc3339(), "currency": "USD",
        "customer": {"name": "Cy Customer", "email": "cy@example.com"},
        "ship_to": {"name": "Cy", "line1": "1 Road", "city": "Town", "postal_code": POSTALS[seed % POSTALS.len()], "country": "US"},
        "lines": lines,
    })
}

async fn ledger(name: &str, url: &str, span: Duration, nothing: f64) {
    let mut config = Config {
        address: ([127, 0, 0, 1], 0).into(),
        database_url: url.to_owned(),
        ..Config::default()
    };
    if let Ok(batch) = std::env::var("BATON_ROUTER_BATCH") {
        config
            .set("router_batch", &batch, "BATON_ROUTER_BATCH")
            .unwrap();
    }
    let server = Server::bind(config).await.unwrap();
    let address = server.address().unwrap();
    let orc = server.state.orchestrator.clone();
    let (actor, key) = fill(&orc).await;
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async move { drop(ended.await) }));

    let start = Instant::now();
    let load = load(address, "/api/v1/orders", &key, span, 201).await;
    while orders::counts(&orc, &actor)
        .await
        .unwrap()
        .of(OrderStatus::Received)
        > 0
    {
        assert!(
            start.elapsed() < span + Duration::from_mins(1),
            "the router does not come to an end"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let routed = load.answered as f64 / start.elapsed().as_secs_f64();
    println!("{name}");
    println!(
        "  orders taken            {:>8.0} /s   {:.2} of the empty handler; p50 {:.1} ms, p99 {:.1} ms",
        load.per_second(),
        load.per_second() / nothing,
        load.latency_ms(50),
        load.latency_ms(99),
    );
    println!(
        "  taken, routed, committed{routed:>8.0} /s   {} orders, the last routed {:.2} s after the last was taken",
        load.answered,
        start.elapsed().saturating_sub(load.took).as_secs_f64()
    );
    many_orders(&orc, &actor, url, address, &key).await;
    let _ = end.send(());
    serving.await.unwrap().unwrap();
}

fn merchant() -> NewMerchant {
    NewMerchant {
        merchant_name: "Bench".into(),
        currency: Currency::USD,
        time_zone: "America/New_York".into(),
        owner_name: "Bench".into(),
        owner_email: "bench@example.com".into(),
        owner_password: "correct horse battery".into(),
    }
}

fn node(code: &str, postal: &str) -> Node {
    Node {
        code: code.into(),
        name: format!("Node {postal}"),
        kind: NodeKind::Warehouse,
        address: NodeAddress {
            postal_code: postal.into(),
            country: "US".into(),
            ..NodeAddress::default()
        },
        location: None,
        time_zone: None,
        week: None,
        closed_on: vec![],
        cutoffs: BTreeMap::new(),
        holidays: None,
        pickups: BTreeMap::new(),
        handling_days: 0,
        pack_minutes: 0,
        collect_minutes: 60,
        daily_capacity: None,
        handling: engine::model::Handling {
            per_package: 150.0,
            per_unit: 20.0,
        },
        provides: vec![],
        offers: vec![NodeOffer::Ship],
        status: NodeStatus::Active,
    }
}

fn zone(up_to_km: f64, per_package: f64, per_kg: f64, transit_days: u32) -> Zone {
    Zone {
        up_to_km,
        per_package,
        per_kg,
        transit_days,
    }
}

fn services() -> Vec<Service> {
    let every_day = || engine::model::WEEKDAYS.map(str::to_owned).to_vec();
    let service = |code: &str, zones: Vec<Zone>| Service {
        code: code.into(),
        carrier: "Post".into(),
        level: "standard".into(),
        zones,
        pickups: every_day(),
        delivers_on: every_day(),
        closed_on: vec![],
        works_on: BTreeMap::new(),
        nodes: None,
        suspended_until: None,
    };
    vec![
        service(
            "near",
            vec![zone(300.0, 500.0, 40.0, 1), zone(1500.0, 900.0, 90.0, 3)],
        ),
        service("far", vec![zone(6000.0, 1000.0, 120.0, 5)]),
    ]
}

/// A merchant with products, nodes with plenty of stock, and two services.
async fn fill(orc: &Orchestrator) -> (Actor, String) {
    let viewer = accounts::create_merchant(orc, merchant()).await.unwrap();
    let actor = Actor::system(viewer.merchant.id, "Bench");
    let key = NewKey {
        name: "Bench".into(),
        kind: KeyKind::Secret,
        scopes: Scope::ALL.to_vec(),
        origins: vec![],
    };
    let (_, secret) = accounts::add_key(orc, &actor, key).await.unwrap();
    let products = (0..PRODUCTS).map(|i| Product {
        sku: format!("P{i}"),
        name: format!("Thing {i}"),
        weight_g: 300 + i as u32,
        dimensions_mm: None,
        requires: vec![],
        category: None,
        barcode: None,
        image_url: None,
    });
    network::import_products(orc, &actor, products.collect())
        .await
        .unwrap();
    let nodes = POSTALS
        .iter()
        .map(|postal| node(&format!("n{postal}"), postal));
    network::import_nodes(orc, &actor, nodes.collect())
        .await
        .unwrap();
    network::import_services(orc, &actor, services())
        .await
        .unwrap();
    let counts = POSTALS.iter().enumerate().flat_map(|(n, postal)| {
        // Every node lacks some products, so that orders split.
        (0..PRODUCTS)
            .filter(move |i| (i + n) % 5 != 0)
            .map(move |i| StockCount {
                node: format!("n{postal}"),
                sku: format!("P{i}"),
                on_hand: 100_000_000,
                safety_stock: None,
            })
    });
    stock::count(orc, &actor, counts.collect()).await.unwrap();
    (actor, secret)
}

/// The list of orders when there are many.
async fn many_orders(orc: &Orchestrator, actor: &Actor, url: &str, address: SocketAddr, key: &str) {
    let start = Instant::now();
    let known = orders::counts(orc, actor).await.unwrap().total();
    let missing = MANY_ORDERS.saturating_sub(known);
    futures::stream::iter(0..missing)
        .take_while(|_| std::future::ready(start.elapsed() < MOST_FILLING))
        .for_each_concurrent(256, |i| async move {
            let new: NewOrder =
                serde_json::from_value(order(&format!("fill-{i}"), i as usize)).unwrap();
            orders::place(orc, actor, new).await.unwrap();
        })
        .await;
    let total = orders::counts(orc, actor).await.unwrap().total();
    if url.starts_with("postgres") {
        // As PostgreSQL does by itself within minutes.
        let database = Database::connect(url).await.unwrap();
        database
            .execute_unprepared("VACUUM (ANALYZE)")
            .await
            .unwrap();
    }
    println!("  list of 50 orders, with {total} in the database (over HTTP, 40 calls each)");
    let mut connection = Connection::open(address).await;
    let (_, first) = connection
        .send("GET", "/api/v1/orders?limit=200", key, b"")
        .await;
    let cursor = serde_json::from_slice::<Value>(&first).unwrap()["next_cursor"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let hour_ago = (Utc::now() - chrono::Duration::hours(1)).format("%Y-%m-%dT%H:%M:%SZ");
    for (what, query) in [
        ("newest", String::new()),
        ("oldest", "sort=oldest".to_owned()),
        ("a further page", format!("cursor={cursor}")),
        ("with the count of all", "total=true".to_owned()),
        ("one state", "status=received&total=true".to_owned()),
        (
            "a state that none has",
            "status=delivered&total=true".to_owned(),
        ),
        (
            "one state, one channel",
            "status=routed&channel=web&total=true".to_owned(),
        ),
        ("at one node", "node=n10001&total=true".to_owned()),
        (
            "placed within an hour",
            format!("placed_from={hour_ago}&total=true"),
        ),
        ("by number", "q=%2377&total=true".to_owned()),
        ("text that many have", "q=customer&total=true".to_owned()),
        (
            "text that the oldest has",
            "q=0-0&sort=newest&total=true".to_owned(),
        ),
        ("text that nobody has", "q=zzzzzz&total=true".to_owned()),
        ("two letters, nobody", "q=zz&total=true".to_owned()),
        (
            "many, in one state",
            "q=customer&status=routed&total=true".to_owned(),
        ),
        (
            "many, in a state without",
            "q=customer&status=delivered&total=true".to_owned(),
        ),
        (
            "nobody, at one node",
            "q=zzzzzz&node=n10001&total=true".to_owned(),
        ),
    ] {
        let path = format!("/api/v1/orders?{query}");
        let mut times_us = Vec::new();
        for _ in 0..40 {
            let sent = Instant::now();
            let (status, _) = connection.send("GET", &path, key, b"").await;
            assert_eq!(status, 200);
            times_us.push(sent.elapsed().as_micros());
        }
        times_us.sort_unstable();
        println!(
            "    {what:<26}p50 {:>6.2} ms   p95 {:>6.2} ms",
            times_us[times_us.len() / 2] as f64 / 1e3,
            times_us[times_us.len() * 95 / 100] as f64 / 1e3
        );
    }
}

/// What a browser loads, compressed as far as it goes.
fn sizes() {
    let folder = std::env::var("BATON_SITE_ROOT").unwrap_or_else(|_| "target/site".into());
    // Benches run in their crate's folder, the build's output is in the workspace's.
    let folder = [
        Path::new(&folder).join("pkg"),
        Path::new("..").join(&folder).join("pkg"),
    ]
    .into_iter()
    .find(|f| f.is_dir());
    let Some(folder) = folder else {
        println!(
            "no built pages: run 'cargo leptos build --release' for the sizes of WASM, JS and CSS"
        );
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    println!("sizes                           raw     brotli");
    let mut sum = 0;
    for file in files {
        let kind = file
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        if !["wasm", "js", "css"].contains(&kind) {
            continue;
        }
        let raw = std::fs::read(&file).unwrap();
        let mut small = Vec::new();
        brotli::BrotliCompress(
            &mut raw.as_slice(),
            &mut small,
            &brotli::enc::BrotliEncoderParams::default(),
        )
        .unwrap();
        sum += small.len();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        println!(
            "  {name:<28}{:>7.1} kB {:>7.1} kB",
            raw.len() as f64 / 1e3,
            small.len() as f64 / 1e3
        );
    }
    println!(
        "  all of it, lazy parts included          {:>7.1} kB",
        sum as f64 / 1e3
    );
}
