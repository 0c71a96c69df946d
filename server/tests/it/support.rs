//! A server in this process with a database of its own, and calls as a client makes them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use chrono::Utc;
use engine::model::{KeyKind, Scope, Viewer};
use futures::StreamExt;
use http::{HeaderMap, Method, Request, StatusCode};
use orchestrator::accounts::{self, NewKey, NewMerchant};
use orchestrator::{Actor, ManualClock, Options, Orchestrator};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use server::config::Config;
use server::state::{AppState, ShutdownTrigger, shutdown};
use tower::ServiceExt;

/// Makes of one test function a test on each database: `NAME::sqlite` and `NAME::postgres`.
macro_rules! both {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($app: $crate::support::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check($crate::support::TestApp::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(app) = $crate::support::TestApp::postgres().await {
                    check(app).await;
                }
            }
        }
    )*};
}

/// A running router with its database.
pub struct TestApp {
    pub orc: Orchestrator,
    pub state: AppState,
    pub clock: Arc<ManualClock>,
    /// The owner of the merchant that is there from the start.
    pub owner: Viewer,
    /// A key of that merchant that may do everything.
    pub key: String,
    pub router: Router,
    pub trigger: ShutdownTrigger,
    // Last, so that the database goes after what uses it.
    _database: TestDatabase,
}

enum TestDatabase {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { server: String, name: String },
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let TestDatabase::Postgres { server, name } = self else {
            return;
        };
        let (server, sql) = (
            server.clone(),
            format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"),
        );
        // A destructor cannot wait for a future, a thread can.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                Database::connect(server)
                    .await?
                    .execute_unprepared(&sql)
                    .await
            })
        });
        let _ = dropping.join();
    }
}

pub const PASSWORD: &str = "correct horse battery";

impl TestApp {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("baton.db").display());
        Self::on(&url, TestDatabase::Sqlite { _folder: folder }).await
    }

    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("BATON_TEST_POSTGRES_URL").ok()?;
        let name = format!("baton_test_{}", uuid::Uuid::now_v7().simple());
        let admin = Database::connect(&server).await.unwrap();
        admin
            .execute_unprepared(&format!("CREATE DATABASE \"{name}\""))
            .await
            .unwrap();
        admin.close().await.unwrap();
        let (base, query) = server
            .split_once('?')
            .map_or((server.as_str(), None), |(base, query)| (base, Some(query)));
        let host_end = base.find("://").map_or(0, |at| at + 3);
        let base = base[host_end..]
            .find('/')
            .map_or(base, |at| &base[..host_end + at]);
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{base}/{name}{query}");
        Some(Self::on(&url, TestDatabase::Postgres { server, name }).await)
    }

    async fn on(url: &str, database: TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::new(Utc::now()));
        let options = Options {
            clock: clock.clone(),
            read_connections: 2,
            ..Options::new(url)
        };
        let orc = Orchestrator::open(options).await.unwrap();
        let owner = accounts::create_merchant(&orc, merchant("Tea House", "ana@example.com"))
            .await
            .unwrap();
        let (trigger, shutdown) = shutdown();
        let config = Config {
            database_url: url.to_owned(),
            ..Config::default()
        };
        let state = AppState::new(orc.clone(), config, shutdown);
        let router = server::http::router(&state);
        let mut app = TestApp {
            orc,
            state,
            clock,
            owner,
            key: String::new(),
            router,
            trigger,
            _database: database,
        };
        app.key = app.new_key(Scope::ALL).await;
        app
    }

    /// A key of the first merchant with these scopes.
    pub async fn new_key(&self, scopes: &[Scope]) -> String {
        let new = NewKey {
            name: "Test".into(),
            kind: KeyKind::Secret,
            scopes: scopes.to_vec(),
            origins: vec![],
        };
        accounts::add_key(&self.orc, &self.system(), new)
            .await
            .unwrap()
            .1
    }

    /// Another merchant with a key that may do everything there.
    pub async fn other_merchant(&self) -> String {
        let viewer =
            accounts::create_merchant(&self.orc, merchant("Coffee House", "bo@example.com"))
                .await
                .unwrap();
        let actor = Actor::system(viewer.merchant.id, "Test");
        let new = NewKey {
            name: "Other".into(),
            kind: KeyKind::Secret,
            scopes: Scope::ALL.to_vec(),
            origins: vec![],
        };
        accounts::add_key(&self.orc, &actor, new).await.unwrap().1
    }

    pub fn system(&self) -> Actor {
        Actor::system(self.owner.merchant.id, "Test")
    }

    /// Plans until nothing is due.
    pub async fn route(&self) {
        for _ in 0..100 {
            if orchestrator::routing::run(&self.orc, 64)
                .await
                .unwrap()
                .planned
                == 0
            {
                return;
            }
        }
        panic!("the router does not come to an end");
    }

    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
        let request = request.uri(if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/api/v1/{path}")
        });
        let call = Call {
            app: self,
            request,
            body: Body::empty(),
        };
        call.header("authorization", &format!("Bearer {}", self.key))
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("POST", path).json(body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("PUT", path).json(body)
    }

    /// Products A and B, nodes east and west, service ground; 10 of A and 5 of B lie in the east.
    pub async fn with_network(self) -> Self {
        for sku in ["A", "B"] {
            let product = json!({"name": format!("Thing {sku}"), "weight_g": 500});
            self.put(&format!("products/{sku}"), &product)
                .await
                .expect(201);
        }
        for (code, postal) in [("east", "10001"), ("west", "94105")] {
            let node = json!({"name": code, "kind": "warehouse", "address": {"postal_code": postal, "country": "US"}});
            self.put(&format!("nodes/{code}"), &node).await.expect(201);
        }
        let service = json!({"carrier": "Post", "level": "standard",
            "zones": [{"up_to_km": 6000.0, "per_package": 700.0, "per_kg": 50.0, "transit_days": 3}]});
        self.put("services/ground", &service).await.expect(201);
        let stock = json!([{"node": "east", "sku": "A", "on_hand": 10}, {"node": "east", "sku": "B", "on_hand": 5}]);
        self.put("stock", &stock).await.expect(200);
        self
    }

    /// Takes an order in and plans it.
    pub async fn routed_order(&self, external_id: &str, sku: &str, quantity: i64) -> Value {
        let placed = self
            .post("orders", &order(external_id, sku, quantity))
            .await
            .expect(201);
        self.route().await;
        self.get(&format!("orders/{}", placed["id"].as_str().unwrap()))
            .await
            .expect(200)
    }
}

fn merchant(name: &str, email: &str) -> NewMerchant {
    NewMerchant {
        merchant_name: name.into(),
        currency: engine::model::Currency::USD,
        time_zone: "America/New_York".into(),
        owner_name: "Ana".into(),
        owner_email: email.into(),
        owner_password: PASSWORD.into(),
    }
}

/// An order of one line.
pub fn order(external_id: &str, sku: &str, quantity: i64) -> Value {
    json!({
        "channel": "web", "external_id": external_id, "placed_at": "2026-11-24T09:30:00-05:00", "currency": "USD",
        "customer": {"name": "Cy Customer", "email": "cy@example.com"},
        "ship_to": {"name": "Cy", "line1": "1 Road", "city": "New York", "region": "NY", "postal_code": "10002", "country": "US"},
        "lines": [{"external_id": "1", "sku": sku, "quantity": quantity, "unit_price": 139}],
    })
}

/// A request that is being made up.
pub struct Call<'a> {
    app: &'a TestApp,
    request: http::request::Builder,
    body: Body,
}

impl Call<'_> {
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request
            .headers_mut()
            .unwrap()
            .insert(name, value.parse().unwrap());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().unwrap().remove(name);
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn no_key(self) -> Self {
        self.without("authorization")
    }

    pub fn json(self, body: &Value) -> Self {
        self.bytes(body.to_string().into_bytes())
            .header("content-type", "application/json")
    }

    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Body::from(body);
        self
    }

    async fn response(self) -> http::Response<Body> {
        let request = self.request.body(self.body).unwrap();
        self.app.router.clone().oneshot(request).await.unwrap()
    }

    /// Opens the answer as a stream of server-sent events.
    pub async fn open(self) -> EventStream {
        let response = self.response().await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        EventStream {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }
}

impl<'a> std::future::IntoFuture for Call<'a> {
    type Output = Answer;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let response = self.response().await;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap().to_vec();
            Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body,
            }
        })
    }
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The JSON body of an answer with this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A problem document with this status, and a pointer to this field unless it is empty.
    #[track_caller]
    pub fn problem(&self, status: u16, pointer: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        for field in ["type", "title", "detail"] {
            assert!(
                problem[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field} of {problem}"
            );
        }
        let pointers: Vec<_> = problem["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| e["pointer"].as_str().unwrap())
            .collect();
        assert!(
            pointer.is_empty() || pointers.contains(&pointer),
            "no {pointer} in {problem}"
        );
        problem
    }
}

/// Server-sent events as they arrive.
pub struct EventStream {
    body: axum::body::BodyDataStream,
    text: String,
}

impl EventStream {
    /// The number and the data of the next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<(i64, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::to_owned)
                };
                if let Some(data) = field("data: ") {
                    let id = field("id: ").unwrap().parse().unwrap();
                    return Some((id, serde_json::from_str(&data).unwrap()));
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.body.next()).await;
            let chunk = chunk.expect("the stream has stopped talking")?;
            self.text
                .push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }
}
