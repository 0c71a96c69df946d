//! An order's way through the ledger, on SQLite and, where `BATON_TEST_POSTGRES_URL` is set, on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::Arc;

use engine::model::*;
use orchestrator::fulfillments::FulfillmentAction;
use orchestrator::{
    Actor, Error, ManualClock, Options, Orchestrator, PageRequest, Ticket, accounts, events,
    fulfillments, network, orders, routing, stock,
};

/// A ledger with one merchant, two nodes, one service and one product.
struct World {
    orc: Orchestrator,
    actor: Actor,
    url: String,
    clock: Arc<ManualClock>,
}

#[derive(Clone, Copy)]
enum Database {
    Sqlite,
    Postgres,
}

/// The folder, which the caller keeps for as long as it uses the world, goes when it is dropped.
async fn world(database: Database) -> Option<(World, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let url = match database {
        Database::Sqlite => common::sqlite_database(&folder),
        Database::Postgres => common::postgres_database(&common::postgres()?).await,
    };
    let clock = Arc::new(ManualClock::new("2026-11-24T15:00:00Z".parse().unwrap()));
    let options = Options {
        clock: clock.clone(),
        ..Options::new(&url)
    };
    let (orc, viewer) = common::ledger_with(options).await;
    let actor = accounts::actor_of(&viewer);
    for (code, zip) in [("east", "10001"), ("west", "90001")] {
        let node = serde_json::json!({ "name": code, "kind": "warehouse",
            "address": { "postal_code": zip, "country": "US" } });
        network::put_node(&orc, &actor, code, serde_json::from_value(node).unwrap())
            .await
            .unwrap();
    }
    let service = serde_json::json!({ "carrier": "Post", "level": "standard", "zones": [
        { "up_to_km": 1000, "per_package": 500, "per_kg": 50, "transit_days": 2 },
        { "up_to_km": 9000, "per_package": 900, "per_kg": 90, "transit_days": 5 }] });
    network::put_service(
        &orc,
        &actor,
        "ground",
        serde_json::from_value(service).unwrap(),
    )
    .await
    .unwrap();
    let product = serde_json::json!({ "name": "Tea", "weight_g": 250 });
    network::put_product(
        &orc,
        &actor,
        "TEA",
        serde_json::from_value(product).unwrap(),
    )
    .await
    .unwrap();
    Some((
        World {
            orc,
            actor,
            url,
            clock,
        },
        folder,
    ))
}

impl World {
    async fn count(&self, node: &str, on_hand: i64) {
        let count = StockCount {
            node: node.into(),
            sku: "TEA".into(),
            on_hand,
            safety_stock: None,
        };
        stock::count(&self.orc, &self.actor, vec![count])
            .await
            .unwrap();
    }

    async fn place(&self, external_id: &str, quantity: i64) -> OrderView {
        self.place_to(external_id, quantity, "10002").await
    }

    async fn place_to(&self, external_id: &str, quantity: i64, postal_code: &str) -> OrderView {
        let mut order = order(external_id, quantity);
        order.ship_to.as_mut().unwrap().postal_code = postal_code.into();
        let placed = orders::place(&self.orc, &self.actor, order).await;
        placed.unwrap().order
    }

    /// What handling a package costs at a node.
    async fn handling(&self, node: &str, per_package: i64) {
        let known = network::node(&self.orc, &self.actor, node).await.unwrap();
        let handling = Handling {
            per_package: per_package as f64,
            per_unit: 0.0,
        };
        let changed = Node { handling, ..known };
        network::put_node(&self.orc, &self.actor, node, changed)
            .await
            .unwrap();
    }

    async fn route(&self) {
        for _ in 0..20 {
            if routing::run(&self.orc, 100).await.unwrap().planned == 0 {
                return;
            }
        }
        panic!("the router does not come to rest");
    }

    async fn get(&self, order: &OrderView) -> OrderView {
        orders::get(&self.orc, &self.actor, &order.id.to_string())
            .await
            .unwrap()
    }

    async fn row(&self, node: &str) -> StockRow {
        let filter = StockFilter {
            node: Some(node.into()),
            ..StockFilter::default()
        };
        stock::list(&self.orc, &self.actor, &filter, &PageRequest::first(10))
            .await
            .unwrap()
            .items
            .remove(0)
    }
}

fn order(external_id: &str, quantity: i64) -> NewOrder {
    let json = serde_json::json!({ "channel": "web", "external_id": external_id,
        "placed_at": "2026-11-24T09:30:00-05:00", "currency": "USD",
        "customer": { "name": "Bo", "email": "bo@example.com", "phone": null },
        "ship_to": { "name": "Bo", "line1": "1 Main St", "line2": null, "city": "New York", "region": "NY",
            "postal_code": "10002", "country": "US" },
        "lines": [{ "external_id": "1", "sku": "TEA", "quantity": quantity, "unit_price": 139 }],
        "delivery": { "method": "ship", "level": "standard", "promise_id": null } });
    serde_json::from_value(json).unwrap()
}

/// Runs a journey on both databases; without a PostgreSQL that one says so and passes.
macro_rules! on_both {
    ($($name:ident: $journey:expr;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn sqlite() {
                let (world, _folder) = world(Database::Sqlite).await.unwrap();
                let journey: fn(World) -> futures::future::BoxFuture<'static, ()> = $journey;
                journey(world).await;
            }

            #[tokio::test]
            async fn postgres() {
                match world(Database::Postgres).await {
                    Some((world, _folder)) => {
                        let journey: fn(World) -> futures::future::BoxFuture<'static, ()> = $journey;
                        journey(world).await;
                    }
                    None => eprintln!("BATON_TEST_POSTGRES_URL is not set: not run on PostgreSQL"),
                }
            }
        }
    )*};
}

#[path = "journeys/repair.rs"]
mod repair;

on_both! {
    an_order_goes_to_the_nearest_stock_and_its_decision_replays: |w| Box::pin(async move {
        w.count("east", 5).await;
        w.count("west", 5).await;
        let placed = w.place("1001", 2).await;
        assert_eq!((placed.status, placed.number), (OrderStatus::Received, 10_001));
        w.route().await;
        let routed = w.get(&placed).await;
        assert_eq!(routed.status, OrderStatus::Routed);
        assert_eq!(routed.fulfillments[0].node, "east");
        let row = w.row("east").await;
        assert_eq!((row.on_hand, row.reserved, row.available), (5, 2, 3));
        let decisions = routing::decisions(&w.orc, &w.actor, "web:1001").await.unwrap();
        assert!(decisions[0].plan.optimal);
        let replays = routing::replay(&w.orc, &w.actor, "web:1001").await.unwrap();
        assert!(replays.iter().all(routing::Replay::is_same));
        assert_eq!(events::verify(&w.orc, w.actor.merchant).await.unwrap().first_bad, None);
    });

    the_same_order_again_is_the_same_order_and_another_content_is_refused: |w| Box::pin(async move {
        let first = w.place("1001", 2).await;
        let again = orders::place(&w.orc, &w.actor, order("1001", 2)).await.unwrap();
        assert!(!again.created);
        assert_eq!(again.order.id, first.id);
        assert!(matches!(orders::place(&w.orc, &w.actor, order("1001", 3)).await, Err(Error::Conflict(_))));
    });

    what_waits_is_routed_when_stock_arrives: |w| Box::pin(async move {
        w.count("east", 1).await;
        let placed = w.place("1", 3).await;
        w.route().await;
        let waits = w.get(&placed).await;
        assert_eq!(waits.status, OrderStatus::Backordered);
        assert_eq!((waits.waiting[0].quantity, waits.waiting[0].reason.as_str()), (2, "no_stock"));
        let more = StockAdjustment { node: "west".into(), sku: "TEA".into(), delta: 9, reason: "received".into() };
        stock::adjust(&w.orc, &w.actor, vec![more]).await.unwrap();
        w.route().await;
        let routed = w.get(&placed).await;
        assert_eq!((routed.status, routed.fulfillments.len()), (OrderStatus::Routed, 2));
    });

    orders_that_waited_are_planned_together_and_each_decision_still_replays: |w| Box::pin(async move {
        // Both are one unit short. The west is a little dearer for the first, and much dearer for the second.
        w.handling("west", 10).await;
        let far = w.place_to("1", 1, "80202").await;
        let near = w.place_to("2", 1, "10002").await;
        w.route().await;
        let arrives = |node: &str| StockAdjustment { node: node.into(), sku: "TEA".into(), delta: 1, reason: "received".into() };
        stock::adjust(&w.orc, &w.actor, vec![arrives("east"), arrives("west")]).await.unwrap();
        w.route().await;
        let (far, near) = (w.get(&far).await, w.get(&near).await);
        assert_eq!((far.fulfillments[0].node.as_str(), near.fulfillments[0].node.as_str()), ("west", "east"));
        let decision = routing::decisions(&w.orc, &w.actor, "web:1").await.unwrap().remove(0);
        let together = decision.together.unwrap();
        // One by one the first takes the east (900 + 22.5), and the second pays 910 + 22.5 instead of 500 + 12.5.
        assert_eq!((together.orders, together.saves), (2, 410.0));
        assert_eq!(together.kept["east"]["TEA"], 1);
        for order in ["web:1", "web:2"] {
            let replays = routing::replay(&w.orc, &w.actor, order).await.unwrap();
            assert!(replays.len() == 2 && replays.iter().all(routing::Replay::is_same));
        }
    });

    together_no_order_waits_for_a_unit_that_it_would_have_had: |w| Box::pin(async move {
        // One unit for two: the second could have it for less, but the first is older.
        let far = w.place_to("1", 1, "96801").await;
        let near = w.place_to("2", 1, "10002").await;
        w.route().await;
        let one = StockAdjustment { node: "east".into(), sku: "TEA".into(), delta: 1, reason: "received".into() };
        stock::adjust(&w.orc, &w.actor, vec![one]).await.unwrap();
        w.route().await;
        assert_eq!(w.get(&far).await.status, OrderStatus::Routed);
        assert_eq!(w.get(&near).await.status, OrderStatus::Backordered);
    });

    new_orders_wait_for_the_end_of_the_window_and_are_planned_together: |w| Box::pin(async move {
        w.handling("west", 10).await;
        w.count("east", 1).await;
        w.count("west", 1).await;
        let clock = std::sync::Arc::new(ManualClock::new("2026-11-24T15:00:10Z".parse().unwrap()));
        let window = std::time::Duration::from_mins(1);
        let options = Options { clock: clock.clone(), window, ..Options::new(&w.url) };
        let orc = Orchestrator::open(options).await.unwrap();
        let w = World { orc, ..w };
        let far = w.place_to("1", 1, "80202").await;
        let near = w.place_to("2", 1, "10002").await;
        w.route().await;
        assert_eq!(w.get(&far).await.status, OrderStatus::Received);
        clock.advance(chrono::Duration::seconds(50));
        w.route().await;
        let (far, near) = (w.get(&far).await, w.get(&near).await);
        assert_eq!((far.fulfillments[0].node.as_str(), near.fulfillments[0].node.as_str()), ("west", "east"));
    });

    hold_gives_the_stock_back_and_cancel_ends_it: |w| Box::pin(async move {
        w.count("east", 5).await;
        let placed = w.place("1", 2).await;
        w.route().await;
        let id = placed.id.to_string();
        let act = async |action| orders::act(&w.orc, &w.actor, &id, action, None).await;
        assert_eq!(act(OrderAction::Hold).await.unwrap().status, OrderStatus::OnHold);
        assert_eq!(act(OrderAction::Hold).await.unwrap().status, OrderStatus::OnHold);
        assert_eq!(w.row("east").await.reserved, 0);
        act(OrderAction::Release).await.unwrap();
        w.route().await;
        assert_eq!((w.get(&placed).await.status, w.row("east").await.reserved), (OrderStatus::Routed, 2));
        assert_eq!(act(OrderAction::Cancel).await.unwrap().status, OrderStatus::Cancelled);
        assert_eq!(w.row("east").await.reserved, 0);
        assert!(matches!(act(OrderAction::Hold).await, Err(Error::Conflict(_))));
        let ledger = stock::ledger(&w.orc, &w.actor, "east", "TEA", &PageRequest::first(2)).await.unwrap();
        assert_eq!((ledger.items[0].reserved_delta, ledger.items[0].reserved_after), (-2, 0));
        assert!(ledger.next_cursor.is_some());
    });

    a_node_works_an_order_to_the_door: |w| Box::pin(async move {
        w.count("east", 5).await;
        let placed = w.place("1", 2).await;
        w.route().await;
        let id = w.get(&placed).await.fulfillments[0].id;
        let act = async |action| fulfillments::act(&w.orc, &w.actor, id, action).await;
        assert!(matches!(act(FulfillmentAction::Pack).await, Err(Error::Conflict(_))));
        act(FulfillmentAction::Accept).await.unwrap();
        act(FulfillmentAction::Pack).await.unwrap();
        let ship = FulfillmentAction::Ship { service: None, tracking_number: Some("T1".into()) };
        act(ship.clone()).await.unwrap();
        act(ship).await.unwrap();
        let row = w.row("east").await;
        assert_eq!((row.on_hand, row.reserved), (3, 0));
        act(FulfillmentAction::Deliver).await.unwrap();
        assert_eq!(w.get(&placed).await.status, OrderStatus::Delivered);
    });

    a_rejected_order_moves_to_the_other_node: |w| Box::pin(async move {
        w.count("east", 5).await;
        w.count("west", 5).await;
        let placed = w.place("1", 2).await;
        w.route().await;
        let id = w.get(&placed).await.fulfillments[0].id;
        let reject = FulfillmentAction::Reject { reason: "not found".into(), cause: None };
        fulfillments::act(&w.orc, &w.actor, id, reject).await.unwrap();
        w.route().await;
        let moved = w.get(&placed).await;
        assert_eq!((moved.status, moved.fulfillments[1].node.as_str()), (OrderStatus::Routed, "west"));
        assert_eq!((w.row("east").await.reserved, w.row("west").await.reserved), (0, 2));
    });

    a_hundred_orders_for_forty_units_reserve_exactly_forty: |w| Box::pin(async move {
        w.count("east", 25).await;
        w.count("west", 15).await;
        let ids: Vec<String> = (0..100).map(|i| i.to_string()).collect();
        futures::future::join_all(ids.iter().map(|id| w.place(id, 1))).await;
        let (a, b) = tokio::join!(w.route(), w.route());
        let ((), ()) = (a, b);
        assert_eq!((w.row("east").await.reserved, w.row("west").await.reserved), (25, 15));
        let counts = orders::counts(&w.orc, &w.actor).await.unwrap();
        assert_eq!((counts.of(OrderStatus::Routed), counts.of(OrderStatus::Backordered)), (40, 60));
        assert_eq!(events::verify(&w.orc, w.actor.merchant).await.unwrap().first_bad, None);
    });

    an_idempotency_key_does_it_once: |w| Box::pin(async move {
        let more = || vec![StockAdjustment { node: "east".into(), sku: "TEA".into(), delta: 4, reason: "received".into() }];
        for replayed in [false, true] {
            let ticket = Ticket::new("k1", "adjust", b"same").unwrap();
            stock::adjust(&w.orc, &w.actor.clone().with_ticket(ticket.clone()), more()).await.unwrap();
            assert_eq!(ticket.replayed(), replayed);
        }
        assert_eq!(w.row("east").await.on_hand, 4);
        let other = Ticket::new("k1", "adjust", b"other").unwrap();
        let answer = stock::adjust(&w.orc, &w.actor.clone().with_ticket(other), more()).await;
        assert!(matches!(answer, Err(Error::KeyReused)));
    });

    bad_input_names_every_field_and_keeps_nothing: |w| Box::pin(async move {
            let w = w;
        let mut bad = order("1", 0);
        bad.channel = "fax".into();
        bad.lines[0].sku = "X".into();
        bad.ship_to.as_mut().unwrap().postal_code = "00000".into();
        let answer = orders::place(&w.orc, &w.actor, bad).await;
        let Err(Error::Invalid(errors)) = answer else { panic!("answered {answer:?}") };
        let mut pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["#/channel", "#/lines/0/quantity", "#/lines/0/sku", "#/ship_to/postal_code"]);
        assert_eq!(orders::counts(&w.orc, &w.actor).await.unwrap().total(), 0);
    });

    another_merchant_sees_and_changes_nothing: |w| Box::pin(async move {
        let placed = w.place("1", 2).await;
        let other = Actor::system(MerchantId(placed.id.0), "Stranger");
        let id = placed.id.to_string();
        assert!(matches!(orders::get(&w.orc, &other, &id).await, Err(Error::NotFound { .. })));
        assert!(orders::act(&w.orc, &other, &id, OrderAction::Cancel, None).await.is_err());
        let page = orders::list(&w.orc, &other, &OrderFilter::default(), &PageRequest::first(10)).await.unwrap();
        assert!(page.items.is_empty());
    });
}
