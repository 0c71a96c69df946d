//! Random networks, orders and actions, several at once, in any order: no unit is invented or lost, no stock is
//! promised twice, and every fulfillment adds up to its order after each step.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::model::*;
use futures::future::join_all;
use orchestrator::fulfillments::FulfillmentAction;
use orchestrator::{
    Actor, Error, ManualClock, Options, Orchestrator, PageRequest, accounts, events, fulfillments,
    network, orders, repair, routing, stock,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sea_orm::{ConnectionTrait, Statement};

const NODES: [(&str, &str); 4] = [
    ("nyc", "10001"),
    ("chi", "60601"),
    ("dal", "75201"),
    ("sea", "98101"),
];
const SKUS: [&str; 3] = ["CUP", "POT", "TEA"];

/// One thing that somebody does. Numbers pick an order or a fulfillment among those that there are.
#[derive(Debug, Clone)]
enum Step {
    Take {
        lines: Vec<(usize, i64)>,
    },
    Route,
    Act {
        order: usize,
        action: OrderAction,
    },
    Work {
        fulfillment: usize,
        action: Work,
    },
    Receive {
        node: usize,
        sku: usize,
        units: i64,
    },
    /// A node closes, or opens again.
    Toggle {
        node: usize,
    },
    /// A node can do so many units a day from now on.
    Limit {
        node: usize,
        units: u32,
    },
    /// A person says where an order goes.
    Move {
        order: usize,
        node: usize,
    },
    /// Time passes, and what has become late is looked after.
    Wait {
        hours: i64,
    },
}

#[derive(Debug, Clone, Copy)]
enum Work {
    Accept,
    Reject,
    /// Of each line as many units less as this, where there are so many.
    ShortPick(i64),
    Pack,
    Ship,
    Deliver,
}

fn step() -> impl Strategy<Value = Step> {
    let lines = prop::collection::btree_map(0..SKUS.len(), 1_i64..6, 1..=SKUS.len());
    prop_oneof![
        4 => lines.prop_map(|lines| Step::Take { lines: lines.into_iter().collect() }),
        4 => Just(Step::Route),
        3 => (0..50_usize, prop::sample::select(OrderAction::ALL))
            .prop_map(|(order, action)| Step::Act { order, action }),
        2 => (0..50_usize, 1_i64..4)
            .prop_map(|(fulfillment, less)| Step::Work { fulfillment, action: Work::ShortPick(less) }),
        4 => (0..50_usize, prop::sample::select(&[Work::Accept, Work::Reject, Work::Pack, Work::Ship, Work::Deliver][..]))
            .prop_map(|(fulfillment, action)| Step::Work { fulfillment, action }),
        2 => (0..NODES.len(), 0..SKUS.len(), 1_i64..8)
            .prop_map(|(node, sku, units)| Step::Receive { node, sku, units }),
        1 => (0..NODES.len()).prop_map(|node| Step::Toggle { node }),
        1 => (0..NODES.len(), 3_u32..20).prop_map(|(node, units)| Step::Limit { node, units }),
        1 => (0..50_usize, 0..NODES.len()).prop_map(|(order, node)| Step::Move { order, node }),
        1 => (1_i64..30).prop_map(|hours| Step::Wait { hours }),
    ]
}

fn is_short_pick(step: &Step) -> bool {
    let short = |action: &Work| matches!(action, Work::ShortPick(_));
    matches!(step, Step::Work { action, .. } if short(action))
}

/// Steps that happen at the same time.
fn moments() -> impl Strategy<Value = (Vec<Vec<i64>>, Vec<Vec<Step>>)> {
    (
        prop::collection::vec(prop::collection::vec(0_i64..12, SKUS.len()), NODES.len()),
        prop::collection::vec(prop::collection::vec(step(), 1..4), 4..14),
    )
}

struct World {
    orc: Orchestrator,
    actor: Actor,
    /// Units that there were, or have come since.
    received: BTreeMap<&'static str, i64>,
    orders: Vec<OrderId>,
    taken: usize,
    clock: Arc<ManualClock>,
    /// The tables themselves, for what no call tells.
    tables: sea_orm::DatabaseConnection,
}

impl World {
    async fn new(url: &str, stocked: &[Vec<i64>]) -> Self {
        let clock = Arc::new(ManualClock::new("2026-11-24T15:00:00Z".parse().unwrap()));
        let options = Options {
            clock: clock.clone(),
            ..Options::new(url)
        };
        let (orc, viewer) = common::ledger_with(options).await;
        let actor = accounts::actor_of(&viewer);
        for (code, zip) in NODES {
            let node = serde_json::json!({ "name": code, "kind": "store",
                "address": { "postal_code": zip, "country": "US" } });
            let node = serde_json::from_value(node).unwrap();
            network::put_node(&orc, &actor, code, node).await.unwrap();
        }
        let service = serde_json::json!({ "carrier": "Post", "level": "standard", "zones": [
            { "up_to_km": 1500, "per_package": 500, "per_kg": 50, "transit_days": 2 },
            { "up_to_km": 9000, "per_package": 900, "per_kg": 90, "transit_days": 5 }] });
        let service = serde_json::from_value(service).unwrap();
        network::put_service(&orc, &actor, "ground", service)
            .await
            .unwrap();
        let mut received = BTreeMap::new();
        let mut counts = Vec::new();
        for (s, sku) in SKUS.into_iter().enumerate() {
            let product = serde_json::json!({ "name": sku, "weight_g": 250 });
            let product = serde_json::from_value(product).unwrap();
            network::put_product(&orc, &actor, sku, product)
                .await
                .unwrap();
            received.insert(sku, stocked.iter().map(|levels| levels[s]).sum());
            counts.extend(NODES.iter().enumerate().map(|(n, (node, _))| StockCount {
                node: (*node).into(),
                sku: sku.into(),
                on_hand: stocked[n][s],
                safety_stock: None,
            }));
        }
        stock::count(&orc, &actor, counts).await.unwrap();
        World {
            orc,
            actor,
            received,
            orders: Vec::new(),
            taken: 0,
            clock,
            tables: sea_orm::Database::connect(url).await.unwrap(),
        }
    }

    /// Does all of these at the same time.
    async fn moment(&mut self, steps: &[Step]) {
        let open = self.fulfillments().await;
        let (world, first) = (&*self, self.taken);
        let results = join_all(steps.iter().enumerate().map(|(i, step)| {
            let open = &open;
            async move { world.step(step, first + i, open).await }
        }))
        .await;
        self.taken += steps.len();
        for (step, result) in steps.iter().zip(results) {
            match result {
                Ok(Some(order)) => self.orders.push(order),
                // What the state does not allow is answered so, and changes nothing.
                Ok(None) | Err(Error::Conflict(_)) => {}
                // Somebody else has found even less of it meanwhile.
                Err(Error::Invalid(_)) if is_short_pick(step) => {}
                Err(error) => panic!("{step:?}: {error:?}"),
            }
            if let Step::Receive { sku, units, .. } = step {
                *self.received.get_mut(SKUS[*sku]).unwrap() += units;
            }
        }
    }

    async fn step(
        &self,
        step: &Step,
        n: usize,
        open: &[FulfillmentRow],
    ) -> Result<Option<OrderId>, Error> {
        let (orc, actor) = (&self.orc, &self.actor);
        match step {
            Step::Take { lines } => {
                let lines: Vec<_> = lines
                    .iter()
                    .map(|(sku, quantity)| {
                        serde_json::json!({ "external_id": SKUS[*sku], "sku": SKUS[*sku], "quantity": quantity })
                    })
                    .collect();
                let new = serde_json::json!({ "channel": "web", "external_id": n.to_string(),
                    "placed_at": "2026-11-24T09:30:00-05:00", "currency": "USD", "lines": lines,
                    "ship_to": { "name": "Bo", "line1": "1 Main St", "city": "", "region": "",
                        "postal_code": "10002", "country": "US" } });
                let new = serde_json::from_value(new).unwrap();
                Ok(Some(orders::place(orc, actor, new).await?.order.id))
            }
            Step::Route => routing::run(orc, 100).await.map(|_| None),
            Step::Act { order, action } => {
                if let Some(order) = self.orders.get(order % self.orders.len().max(1)) {
                    orders::act(orc, actor, &order.to_string(), *action, None).await?;
                }
                Ok(None)
            }
            Step::Work {
                fulfillment,
                action,
            } => {
                if let Some(row) = open.get(fulfillment % open.len().max(1)) {
                    let action = match action {
                        Work::Accept => FulfillmentAction::Accept,
                        Work::Reject => FulfillmentAction::Reject {
                            reason: "damaged".into(),
                            cause: None,
                        },
                        Work::ShortPick(less) => FulfillmentAction::ShortPick {
                            lines: row
                                .fulfillment
                                .lines
                                .iter()
                                .map(|line| PickedLine {
                                    line: line.line,
                                    picked: (line.quantity - less).max(0),
                                })
                                .collect(),
                        },
                        Work::Pack => FulfillmentAction::Pack,
                        Work::Ship => FulfillmentAction::Ship {
                            service: None,
                            tracking_number: None,
                        },
                        Work::Deliver => FulfillmentAction::Deliver,
                    };
                    fulfillments::act(orc, actor, row.fulfillment.id, action).await?;
                }
                Ok(None)
            }
            Step::Receive { node, sku, units } => {
                let adjustment = StockAdjustment {
                    node: NODES[*node].0.into(),
                    sku: SKUS[*sku].into(),
                    delta: *units,
                    reason: "received".into(),
                };
                stock::adjust(orc, actor, vec![adjustment]).await?;
                Ok(None)
            }
            Step::Toggle { node } => {
                let code = NODES[*node].0;
                let known = network::node(orc, actor, code).await?;
                let status = match known.status {
                    NodeStatus::Active => NodeStatus::Paused,
                    NodeStatus::Paused => NodeStatus::Active,
                };
                network::set_node_status(orc, actor, code, status).await?;
                Ok(None)
            }
            Step::Limit { node, units } => {
                let code = NODES[*node].0;
                let known = network::node(orc, actor, code).await?;
                let limited = Node {
                    daily_capacity: Some(*units),
                    ..known
                };
                network::put_node(orc, actor, code, limited).await?;
                Ok(None)
            }
            Step::Move { order, node } => {
                if let Some(order) = self.orders.get(order % self.orders.len().max(1)) {
                    let nodes = SKUS.map(|sku| (sku.to_owned(), NODES[*node].0.to_owned()));
                    let to = OrderMove {
                        nodes: nodes.into(),
                        any_service: false,
                    };
                    orders::move_to(orc, actor, &order.to_string(), to).await?;
                }
                Ok(None)
            }
            Step::Wait { hours } => {
                self.clock.advance(chrono::Duration::hours(*hours));
                repair::watch(orc).await?;
                Ok(None)
            }
        }
    }

    /// Units of work by node and day, as a query tells.
    async fn work_days(&self, sql: &str) -> BTreeMap<(String, String), i64> {
        let statement = Statement::from_string(self.tables.get_database_backend(), sql);
        let rows = self.tables.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| {
                let day = (
                    row.try_get("", "node").unwrap(),
                    row.try_get("", "day").unwrap(),
                );
                (day, row.try_get("", "units").unwrap())
            })
            .collect()
    }

    async fn fulfillments(&self) -> Vec<FulfillmentRow> {
        let page = PageRequest::first(200);
        let page = fulfillments::list(&self.orc, &self.actor, None, None, &page);
        page.await.unwrap().items
    }

    async fn check(&self) -> Result<(), TestCaseError> {
        let (orc, actor) = (&self.orc, &self.actor);
        let (mut held, mut gone) = (BTreeMap::new(), BTreeMap::new());
        for row in self.fulfillments().await {
            for line in &row.fulfillment.lines {
                if row.fulfillment.status.is_open() {
                    let key = (row.fulfillment.node.clone(), line.sku.clone());
                    *held.entry(key).or_insert(0) += line.quantity;
                } else if row.fulfillment.status.has_left() {
                    *gone.entry(line.sku.clone()).or_insert(0) += line.quantity;
                }
            }
        }
        let (mut on_hand, mut missing) = (BTreeMap::new(), BTreeMap::new());
        let page = PageRequest::first(200);
        let rows = stock::list(orc, actor, &StockFilter::default(), &page)
            .await
            .unwrap();
        for row in rows.items {
            let key = (row.node.clone(), row.sku.clone());
            let held = held.remove(&key).unwrap_or(0);
            prop_assert_eq!(
                row.reserved,
                held,
                "reserved of {:?} is what open work holds",
                key
            );
            prop_assert!(
                0 <= row.reserved && row.reserved <= row.on_hand,
                "{:?}",
                row
            );
            let moved = stock::ledger(orc, actor, &row.node, &row.sku, &page).await;
            for moved in moved.unwrap().items {
                if moved.cause == "short_pick" {
                    prop_assert_eq!(moved.on_hand_delta, moved.reserved_delta);
                    *missing.entry(row.sku.clone()).or_insert(0) -= moved.on_hand_delta;
                }
            }
            *on_hand.entry(row.sku).or_insert(0) += row.on_hand;
        }
        prop_assert!(
            held.is_empty(),
            "work holds stock that is nowhere: {:?}",
            held
        );
        for (sku, received) in &self.received {
            let there = on_hand.get(*sku).copied().unwrap_or(0);
            let gone = gone.get(*sku).copied().unwrap_or(0);
            let missing = missing.get(*sku).copied().unwrap_or(0);
            prop_assert_eq!(*received, there + gone + missing, "units of {}", sku);
        }
        let taken = "SELECT node, day, units FROM node_days WHERE units > 0";
        let works = "SELECT node, work_day AS day, CAST(sum(units) AS BIGINT) AS units FROM fulfillments
                     WHERE work_day IS NOT NULL AND status NOT IN ('rejected', 'cancelled') GROUP BY node, work_day";
        prop_assert_eq!(
            self.work_days(taken).await,
            self.work_days(works).await,
            "what nodes have to do on a day is what work there is for it"
        );
        for id in &self.orders {
            let order = orders::get(orc, actor, &id.to_string()).await.unwrap();
            for line in &order.lines {
                let sum = |wanted: fn(FulfillmentStatus) -> bool| -> i64 {
                    let lines = order
                        .fulfillments
                        .iter()
                        .filter(|f| wanted(f.status))
                        .flat_map(|f| &f.lines);
                    lines
                        .filter(|l| l.line == line.id)
                        .map(|l| l.quantity)
                        .sum()
                };
                let waiting = order.waiting.iter().filter(|w| w.line == line.id);
                let waiting: i64 = waiting.map(|w| w.quantity).sum();
                prop_assert_eq!(line.allocated, sum(|s| !s.is_void()), "{:?}", order);
                prop_assert_eq!(
                    line.shipped,
                    sum(FulfillmentStatus::has_left),
                    "{:?}",
                    order
                );
                prop_assert_eq!(
                    line.quantity,
                    line.allocated + line.cancelled + waiting,
                    "{:?}",
                    order
                );
            }
        }
        Ok(())
    }
}

fn run(cases: u32, postgres: Option<&str>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&moments(), |(stocked, moments)| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let url = match postgres {
                None => common::sqlite_database(&folder),
                Some(base) => common::postgres_database(base).await,
            };
            let mut world = World::new(&url, &stocked).await;
            for steps in &moments {
                world.moment(steps).await;
                world.check().await?;
            }
            let report = events::verify(&world.orc, world.actor.merchant)
                .await
                .unwrap();
            prop_assert_eq!(report.first_bad, None);
            world.tables.close_by_ref().await.unwrap();
            world.orc.close().await;
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn no_unit_is_invented_or_lost_sqlite() {
    run(24, None);
}

#[test]
fn no_unit_is_invented_or_lost_postgres() {
    match common::postgres() {
        Some(base) => run(8, Some(&base)),
        None => println!("no PostgreSQL: BATON_TEST_POSTGRES_URL is not set"),
    }
}
