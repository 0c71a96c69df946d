//! Server processes as they run: several on one database, and one that ends without warning.
//! Whether they sell what is there once is in `oversell`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, FromQueryResult, Statement};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::TestApp;

both! {
    /// What was acknowledged is there after a crash, and no crash leaves an order between two states. Rounds of sending
    /// orders and killing the server: 3, or as many as `BATON_TEST_CRASHES` says.
    async fn a_crash_loses_nothing_and_leaves_nothing_half_done(app: TestApp) {
        let app = shop(app).await;
        let rounds = std::env::var("BATON_TEST_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
        let mut acknowledged = Vec::new();
        let sent = AtomicUsize::new(0);
        for _ in 0..rounds {
            let mut server = Process::start(&app).await;
            let address = server.address;
            let senders = join_all((0..6).map(|_| send_until_cut_off(&app, address, &sent)));
            let crash = async {
                tokio::time::sleep(Duration::from_millis(rand::random_range(100..1_500))).await;
                server.kill();
            };
            let (sent_now, ()) = tokio::join!(senders, crash);
            acknowledged.extend(sent_now.into_iter().flatten());
            // PostgreSQL ends what it had been given, and notices then that nobody listens.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let ledger = Ledger::read(&app).await;
            ledger.check(&app).await;
            for id in &acknowledged {
                assert!(ledger.orders.contains_key(id), "order {id} was acknowledged and is not there");
            }
        }
        assert!(acknowledged.len() >= rounds, "too few orders to say anything: {}", acknowledged.len());
        // The next start goes on where the last one ended; on a shared database once the claims of the dead have run out.
        let server = Process::start(&app).await;
        let (status, order) = get(&app, server.address, &format!("/api/v1/orders/{}", acknowledged[0])).await.unwrap();
        assert_eq!((status, order["id"].as_str().unwrap()), (200, acknowledged[0].as_str()));
        drop(server);
        app.clock.advance(chrono::Duration::minutes(10));
        app.route().await;
        let ledger = Ledger::read(&app).await;
        ledger.check(&app).await;
        let waiting = ledger.orders.values().filter(|order| order.status == "received").count();
        assert_eq!(waiting, 0, "of {}", ledger.orders.len());
        println!(
            "{rounds} servers killed: {} orders acknowledged and there, {} in all, none twice, none half done",
            acknowledged.len(),
            ledger.orders.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_database_route_each_order_once() {
    let Some(app) = TestApp::postgres().await else {
        return;
    };
    let app = shop(app).await;
    let servers = [Process::start(&app).await, Process::start(&app).await];
    let sending = servers.iter().enumerate().flat_map(|(s, server)| {
        let (app, address) = (&app, server.address);
        (0..4).map(move |c| async move {
            let mut connection = TcpStream::connect(address).await.unwrap();
            for i in 0..30 {
                let order = order(&format!("{s}-{c}-{i}"), c + i);
                let sent = send(app, &mut connection, "POST", "/api/v1/orders", &order).await;
                assert_eq!(sent.unwrap().0, 201);
            }
        })
    });
    join_all(sending).await;
    let start = Instant::now();
    let ledger = loop {
        let ledger = Ledger::read(&app).await;
        if ledger
            .orders
            .values()
            .all(|order| order.status != "received")
        {
            break ledger;
        }
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "orders are left unplanned"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(ledger.orders.len(), 240);
    ledger.check(&app).await;
    for server in &servers {
        let planned = figure(&app, server.address, "baton_router_planned_total").await;
        assert!(planned > 0, "one of them has done all the work");
    }
}

/// A merchant with plenty of A, and too little of B for everybody who wants it.
async fn shop(app: TestApp) -> TestApp {
    let app = app.with_network().await;
    let stock = json!([
        {"node": "east", "sku": "A", "on_hand": 50_000}, {"node": "west", "sku": "A", "on_hand": 50_000},
        {"node": "east", "sku": "B", "on_hand": 60}, {"node": "west", "sku": "B", "on_hand": 40}]);
    app.put("stock", &stock).await.expect(200);
    app
}

fn order(external_id: &str, n: usize) -> Value {
    let mut order = crate::support::order(external_id, "A", 1 + n as i64 % 3);
    if n.is_multiple_of(2) {
        let b = json!({"external_id": "2", "sku": "B", "quantity": 1, "unit_price": 100});
        order["lines"].as_array_mut().unwrap().push(b);
    }
    order
}

/// `baton serve`, as its own process.
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
    log: tempfile::TempDir,
}

impl Process {
    pub(super) async fn start(app: &TestApp) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let log = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(log.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_baton"))
            .args(["serve", "--address", &address.to_string()])
            .current_dir(log.path())
            .env_clear()
            .env("BATON_DATABASE_URL", &app.state.config.database_url)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let process = Process {
            child,
            address,
            log,
        };
        let start = Instant::now();
        while !matches!(get(app, address, "/readyz").await, Ok((200, _))) {
            let told = std::fs::read_to_string(process.log.path().join("log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "it does not start: {told}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        process
    }

    /// Ends it as a loss of power would: nothing of it runs any more.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends order after order until the server is gone; returns the ids of those that it acknowledged.
async fn send_until_cut_off(app: &TestApp, address: SocketAddr, sent: &AtomicUsize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let Ok(mut connection) = TcpStream::connect(address).await else {
        return acknowledged;
    };
    loop {
        let n = sent.fetch_add(1, Ordering::Relaxed);
        let order = order(&format!("crash-{n}"), n);
        match send(app, &mut connection, "POST", "/api/v1/orders", &order).await {
            Ok((201, order)) => acknowledged.push(order["id"].as_str().unwrap().to_owned()),
            Ok((status, problem)) => panic!("{status}: {problem}"),
            Err(_) => return acknowledged,
        }
    }
}

pub(super) async fn get(
    app: &TestApp,
    address: SocketAddr,
    path: &str,
) -> std::io::Result<(u16, Value)> {
    let mut connection = TcpStream::connect(address).await?;
    send(app, &mut connection, "GET", path, &Value::Null).await
}

/// One of the figures that the process tells of itself.
async fn figure(app: &TestApp, address: SocketAddr, name: &str) -> i64 {
    let (_, text) = get(app, address, "/metrics").await.unwrap();
    let line = text
        .as_str()
        .unwrap()
        .lines()
        .find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().parse().unwrap()
}

/// A request over a connection that is kept; the answer's body as JSON, or as text where it is none.
pub(super) async fn send(
    app: &TestApp,
    connection: &mut TcpStream,
    method: &str,
    path: &str,
    body: &Value,
) -> std::io::Result<(u16, Value)> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        app.key,
        body.len()
    );
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(body.as_bytes()).await?;
    let cut_off = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let mut buffer = Vec::new();
    loop {
        if connection.read_buf(&mut buffer).await? == 0 {
            return Err(cut_off());
        }
        let text = String::from_utf8_lossy(&buffer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() < length.and_then(|n| n.parse().ok()).unwrap_or(0) {
            continue;
        }
        let status = head[9..12].parse().map_err(|_| cut_off())?;
        let body = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
        return Ok((status, body));
    }
}

/// What the database holds, read past all of Baton's own code.
pub(super) struct Ledger {
    /// By id.
    pub(super) orders: BTreeMap<String, OrderRow>,
    connection: DatabaseConnection,
}

#[derive(Debug, FromQueryResult)]
pub(super) struct OrderRow {
    id: uuid::Uuid,
    number: i64,
    pub(super) status: String,
    units: i64,
    waiting_units: i64,
    allocated: i64,
    carried: i64,
    in_parcels: i64,
    decisions: i64,
}

impl Ledger {
    pub(super) async fn read(app: &TestApp) -> Self {
        let connection = Database::connect(&app.state.config.database_url)
            .await
            .unwrap();
        let sql = "SELECT id, number, status, units, waiting_units,
            (SELECT CAST(coalesce(sum(allocated), 0) AS BIGINT) FROM order_lines WHERE order_id = o.id) AS allocated,
            (SELECT CAST(coalesce(sum(units), 0) AS BIGINT) FROM fulfillments WHERE order_id = o.id) AS carried,
            (SELECT CAST(coalesce(sum(l.quantity), 0) AS BIGINT) FROM fulfillments f
             JOIN fulfillment_lines l ON l.fulfillment_id = f.id WHERE f.order_id = o.id) AS in_parcels,
            (SELECT count(*) FROM decisions WHERE order_id = o.id) AS decisions FROM orders o";
        let rows: Vec<OrderRow> = all(&connection, sql).await;
        let id = |row: &OrderRow| engine::model::OrderId(row.id).to_string();
        let orders = rows.into_iter().map(|row| (id(&row), row)).collect();
        Ledger { orders, connection }
    }

    /// Each order is as it came or fully routed, once; stock and capacity are taken for exactly that; the log fits.
    pub(super) async fn check(&self, app: &TestApp) {
        for order in self.orders.values() {
            let held = (order.allocated, order.carried, order.in_parcels);
            if order.status == "received" {
                assert_eq!((held, order.decisions), ((0, 0, 0), 0), "{order:?}");
                assert_eq!(order.waiting_units, order.units, "{order:?}");
            } else {
                let routed = order.units - order.waiting_units;
                assert_eq!(
                    (held, order.decisions),
                    ((routed, routed, routed), 1),
                    "{order:?}"
                );
                let status = if routed == order.units {
                    "routed"
                } else {
                    "backordered"
                };
                assert_eq!(order.status, status, "{order:?}");
            }
        }
        let numbers: BTreeSet<_> = self.orders.values().map(|order| order.number).collect();
        if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
            assert_eq!(
                last - first + 1,
                self.orders.len() as i64,
                "numbers have gaps"
            );
        }
        assert_eq!(
            self.taken("SELECT node, sku AS what, reserved AS units FROM stock WHERE reserved > 0").await,
            self.taken("SELECT f.node, l.sku AS what, CAST(sum(l.quantity) AS BIGINT) AS units FROM fulfillments f
                        JOIN fulfillment_lines l ON l.fulfillment_id = f.id GROUP BY f.node, l.sku").await,
            "stock is reserved for what the orders hold"
        );
        assert_eq!(
            self.taken("SELECT node, sku || ' ' || channel AS what, units FROM channel_reservations WHERE units > 0").await,
            self.taken("SELECT f.node, l.sku || ' ' || o.channel AS what, CAST(sum(l.quantity) AS BIGINT) AS units
                        FROM fulfillments f JOIN fulfillment_lines l ON l.fulfillment_id = f.id
                        JOIN orders o ON o.id = f.order_id GROUP BY f.node, l.sku, o.channel").await,
            "and each channel has reserved what its orders hold"
        );
        assert_eq!(
            self.taken("SELECT node, day AS what, units FROM node_days WHERE units > 0").await,
            self.taken("SELECT node, work_day AS what, CAST(sum(units) AS BIGINT) AS units FROM fulfillments
                        WHERE work_day IS NOT NULL GROUP BY node, work_day").await,
            "capacity is taken for what the orders hold"
        );
        let verified = Command::new(env!("CARGO_BIN_EXE_baton"))
            .arg("verify")
            .env_clear()
            .env("BATON_DATABASE_URL", &app.state.config.database_url)
            .output()
            .unwrap();
        assert!(verified.status.success(), "{verified:?}");
    }

    async fn taken(&self, sql: &str) -> BTreeMap<(String, String), i64> {
        #[derive(FromQueryResult)]
        struct Row {
            node: String,
            what: String,
            units: i64,
        }
        let rows: Vec<Row> = all(&self.connection, sql).await;
        let rows = rows
            .into_iter()
            .map(|row| ((row.node, row.what), row.units));
        rows.collect()
    }
}

async fn all<T: FromQueryResult>(connection: &DatabaseConnection, sql: &str) -> Vec<T> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    let rows = rows.iter().map(|row| T::from_query_result(row, ""));
    rows.collect::<Result<_, _>>().unwrap()
}
