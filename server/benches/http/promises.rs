//! Promises over HTTP: 10 lines among 300 nodes, each question another one, and a basket of one line that pages ask for
//! again and again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use engine::model::{Handling, KeyKind, Product, StockCount};
use orchestrator::accounts::{self, NewKey};
use orchestrator::{Actor, Orchestrator, network, places, stock};
use serde_json::json;
use server::config::Config;
use server::serve::Server;
use tokio::sync::oneshot;

use crate::client::Connection;
use crate::{CONNECTIONS, Load};

const NODES: usize = 300;
const PRODUCTS: usize = 500;

pub async fn run(span: Duration) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        address: ([127, 0, 0, 1], 0).into(),
        database_url: format!("sqlite://{}", folder.path().join("baton.db").display()),
        promises_per_key: 0,
        promises_per_address: 0,
        ..Config::default()
    };
    let server = Server::bind(config).await.unwrap();
    let address = server.address().unwrap();
    let orc = server.state.orchestrator.clone();
    let key = fill(&orc).await;
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async move { drop(ended.await) }));
    println!("promises, {NODES} nodes, two levels and collection");
    let empty = load(address, span / 2, |_, _| "/healthz".to_owned()).await;
    println!("  GET of an empty handler {:>8.0} /s", empty.per_second());
    let of_ten = key.clone();
    let ten = load(address, span, move |c, i| ask(&of_ten, 10, c * 100_003 + i)).await;
    println!(
        "  10 lines, all different {:>8.0} /s   p50 {:.1} ms, p99 {:.1} ms",
        ten.per_second(),
        ten.latency_ms(50),
        ten.latency_ms(99)
    );
    let one = load(address, span, move |_, i| ask(&key, 1, i % 50)).await;
    println!(
        "  one line, 50 pages      {:>8.0} /s   {:.2} of the empty handler; p50 {:.1} ms, p99 {:.1} ms",
        one.per_second(),
        one.per_second() / empty.per_second(),
        one.latency_ms(50),
        one.latency_ms(99)
    );
    let _ = end.send(());
    serving.await.unwrap().unwrap();
}

fn ask(key: &str, lines: usize, seed: usize) -> String {
    let skus: Vec<String> = (0..lines)
        .map(|i| {
            format!(
                "sku=P{}&qty={}",
                (seed * 31 + i * 47) % PRODUCTS,
                1 + (seed + i) % 2
            )
        })
        .collect();
    let home = crate::POSTALS[seed % crate::POSTALS.len()];
    format!(
        "/api/v1/promise?key={key}&{}&country=US&postal={home}",
        skus.join("&")
    )
}

async fn load(
    address: SocketAddr,
    span: Duration,
    path: impl Fn(usize, usize) -> String + Clone + Send + 'static,
) -> Load {
    let start = Instant::now();
    let connections = (0..CONNECTIONS).map(|c| {
        let path = path.clone();
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            let mut latencies_us = Vec::new();
            for i in 0.. {
                if start.elapsed() >= span {
                    break;
                }
                let path = path(c, i);
                let sent = Instant::now();
                let (status, _) = connection.send("GET", &path, "none", b"").await;
                assert_eq!(status, 200);
                latencies_us.push(sent.elapsed().as_micros() as u64);
            }
            latencies_us
        })
    });
    let mut latencies_us: Vec<u64> = Vec::new();
    for done in futures::future::join_all(connections).await {
        latencies_us.extend(done.unwrap());
    }
    latencies_us.sort_unstable();
    Load {
        answered: latencies_us.len() as u64,
        took: start.elapsed(),
        latencies_us,
    }
}

/// A network all over the country; each product lies at every third node.
async fn fill(orc: &Orchestrator) -> String {
    let viewer = accounts::create_merchant(orc, crate::merchant())
        .await
        .unwrap();
    let actor = Actor::system(viewer.merchant.id, "Bench");
    let key = NewKey {
        name: "Pages".into(),
        kind: KeyKind::Publishable,
        scopes: vec![],
        origins: vec![],
    };
    let (_, key) = accounts::add_key(orc, &actor, key).await.unwrap();
    let product = |i: usize| Product {
        sku: format!("P{i}"),
        name: format!("Thing {i}"),
        weight_g: 200 + i as u32,
        dimensions_mm: None,
        requires: vec![],
        category: None,
        barcode: None,
        image_url: None,
    };
    let products = (0..PRODUCTS).map(product).collect();
    network::import_products(orc, &actor, products)
        .await
        .unwrap();
    let postals = (0..).map(|i| format!("{:05}", 1_001 + i * 301));
    let postals: Vec<String> = postals
        .take_while(|postal| postal.len() == 5)
        .chain((0..).map(|i| format!("{:05}", 1_002 + i * 97)))
        .filter(|postal| places::lookup_us(postal).is_some())
        .take(NODES)
        .collect();
    let week = json!({"open": "08:00", "close": "20:00", "cutoff": "16:00"});
    let nodes = postals.iter().enumerate().map(|(n, postal)| {
        let mut node = crate::node(&format!("n{n}"), postal);
        node.week = engine::model::WEEKDAYS
            .iter()
            .map(|day| {
                (
                    (*day).to_owned(),
                    serde_json::from_value(week.clone()).unwrap(),
                )
            })
            .collect::<BTreeMap<_, _>>()
            .into();
        node.handling = Handling {
            per_package: 100.0 + (n % 7) as f64 * 20.0,
            per_unit: 20.0,
        };
        if n.is_multiple_of(2) {
            node.offers.push(engine::model::NodeOffer::Pickup);
        }
        node
    });
    network::import_nodes(orc, &actor, nodes.collect())
        .await
        .unwrap();
    let mut services = crate::services();
    let mut express = services[0].clone();
    (express.code, express.level) = ("air".into(), "express".into());
    express.zones = vec![crate::zone(6_000.0, 2_000.0, 200.0, 1)];
    services.push(express);
    network::import_services(orc, &actor, services)
        .await
        .unwrap();
    let counts: Vec<StockCount> = (0..NODES)
        .flat_map(|n| {
            (0..PRODUCTS)
                .filter(move |i| (i + n).is_multiple_of(3))
                .map(move |i| (n, i))
        })
        .map(|(n, i)| StockCount {
            node: format!("n{n}"),
            sku: format!("P{i}"),
            on_hand: 1_000,
            safety_stock: None,
        })
        .collect();
    for part in counts.chunks(10_000) {
        stock::count(orc, &actor, part.to_vec()).await.unwrap();
    }
    key
}
