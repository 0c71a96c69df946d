//! What is there is sold once, whoever sells it and whatever dies meanwhile. One round of each test, or as many as
//! `BATON_TEST_ROUNDS` says.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::processes::{Ledger, Process, send};
use crate::support::TestApp;

/// Buyers at the same time, and how many each wants one after the other.
const BUYERS: usize = 40;
const EACH: usize = 25;

both! {
    /// A thousand people want one of a hundred, at the same time, from one process or (on a shared database) two: a hundred
    /// get one, nine hundred wait, and no shelf is ever below nothing.
    async fn what_is_there_is_sold_once(app: TestApp) {
        let app = app.with_network().await;
        south(&app).await;
        let mut servers = vec![Process::start(&app).await];
        if is_shared(&app) {
            servers.push(Process::start(&app).await);
        }
        let addresses = Mutex::new(servers.iter().map(|server| server.address).collect());
        for round in 0..rounds() {
            let start = Instant::now();
            let sku = scarce(&app, round).await;
            buy(&app, &sku, &addresses).await;
            planned(&app).await;
            sold(&app, round, &sku).await;
            println!("round {}: sold once in {:?}", round + 1, start.elapsed());
        }
        Ledger::read(&app).await.check(&app).await;
    }

    /// The same while a server dies in the midst of it and another one takes its place.
    async fn what_is_there_is_sold_once_when_servers_die(app: TestApp) {
        let app = app.with_network().await;
        south(&app).await;
        let mut servers = vec![Process::start(&app).await];
        if is_shared(&app) {
            servers.push(Process::start(&app).await);
        }
        let addresses = Mutex::new(servers.iter().map(|server| server.address).collect::<Vec<_>>());
        for round in 0..rounds() {
            let start = Instant::now();
            let sku = scarce(&app, round).await;
            let kill = async {
                tokio::time::sleep(Duration::from_millis(rand::random_range(50..900))).await;
                servers[0].kill();
                let new = Process::start(&app).await;
                addresses.lock().unwrap()[0] = new.address;
                servers[0] = new;
            };
            tokio::join!(buy(&app, &sku, &addresses), kill);
            if is_shared(&app) {
                // What the dead had claimed is free once the claim ends.
                app.clock.set(chrono::Utc::now() + chrono::Duration::minutes(1));
                app.route().await;
            }
            planned(&app).await;
            sold(&app, round, &sku).await;
            println!("round {}: sold once beside a death in {:?}", round + 1, start.elapsed());
        }
        Ledger::read(&app).await.check(&app).await;
    }
}

fn rounds() -> usize {
    let told = std::env::var("BATON_TEST_ROUNDS").ok();
    told.and_then(|n| n.parse().ok()).unwrap_or(1)
}

fn is_shared(app: &TestApp) -> bool {
    app.state.config.database_url.starts_with("postgres")
}

async fn south(app: &TestApp) {
    let node = json!({"name": "South", "kind": "store", "address": {"postal_code": "30301", "country": "US"}});
    app.put("nodes/south", &node).await.expect(201);
}

/// A product of which three nodes have a hundred.
async fn scarce(app: &TestApp, round: usize) -> String {
    let sku = format!("SCARCE-{round}");
    let product = json!({"name": "Scarce", "weight_g": 100});
    app.put(&format!("products/{sku}"), &product)
        .await
        .expect(201);
    let counts = json!([{"node": "east", "sku": sku, "on_hand": 50}, {"node": "west", "sku": sku, "on_hand": 30},
        {"node": "south", "sku": sku, "on_hand": 20}]);
    app.put("stock", &counts).await.expect(200);
    sku
}

/// Everybody buys at once. Who is cut off asks again, as shops do.
async fn buy(app: &TestApp, sku: &str, addresses: &Mutex<Vec<SocketAddr>>) {
    let buyers = (0..BUYERS).map(|buyer| async move {
        let mut orders = (0..EACH)
            .map(|i| crate::support::order(&format!("{sku}-{buyer}-{i}"), sku, 1))
            .peekable();
        while orders.peek().is_some() {
            let address = {
                let addresses = addresses.lock().unwrap();
                addresses[buyer % addresses.len()]
            };
            let Ok(mut connection) = TcpStream::connect(address).await else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            while let Some(order) = orders.peek() {
                match send(app, &mut connection, "POST", "/api/v1/orders", order).await {
                    Ok((status, body)) => {
                        assert!(status == 201 || status == 200, "{status}: {body}");
                        orders.next();
                    }
                    Err(_) => break,
                }
            }
        }
    });
    join_all(buyers).await;
}

/// Waits until no order is left that nobody has planned.
async fn planned(app: &TestApp) {
    let start = Instant::now();
    while count(&Ledger::read(app).await, "received") > 0 {
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "orders are left unplanned"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn count(ledger: &Ledger, status: &str) -> usize {
    let orders = ledger.orders.values();
    orders.filter(|order| order.status == status).count()
}

async fn sold(app: &TestApp, round: usize, sku: &str) {
    let ledger = Ledger::read(app).await;
    let counts = (count(&ledger, "routed"), count(&ledger, "backordered"));
    assert_eq!(counts, (100 * (round + 1), 900 * (round + 1)));
    let rows = app.get(&format!("stock?sku={sku}")).await.expect(200);
    let rows: &Vec<Value> = rows["items"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let is = (&row["reserved"], &row["available"], &row["short"]);
        assert_eq!(is, (&row["on_hand"], &json!(0), &json!(0)), "{row}");
    }
}
