//! The demonstration: filled the same every time, kept apart from real data, and worked on.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Duration, Utc};
use engine::model::{OrderAction, OrderFilter, OrderStatus, StockFilter};
use orchestrator::{Actor, ManualClock, Options, Orchestrator, PageRequest};
use orchestrator::{accounts, network, orders, places, routing, stock};
use server::demo::{self, Data, Staff};

use crate::support::TestApp;

/// Seconds of demo time per second, as it is unless told: a day in ten minutes.
const SPEED: f64 = 144.0;

async fn empty(clock: Arc<ManualClock>) -> (tempfile::TempDir, Orchestrator) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let orc = Orchestrator::open(Options {
        clock,
        read_connections: 2,
        ..Options::new(&url)
    })
    .await
    .unwrap();
    (folder, orc)
}

#[test]
fn every_node_and_household_has_a_place() {
    let data = Data::load().unwrap();
    assert_eq!(
        (data.nodes.len(), data.products.len(), data.baskets.len()),
        (67, 2_000, 12_000)
    );
    let households = data.households.values().map(|household| &household.zip);
    for zip in data.nodes.iter().map(|node| &node.zip).chain(households) {
        assert!(places::lookup_us(zip).is_some(), "{zip}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_the_same_every_time_and_a_second_filling_changes_nothing() {
    let data = Data::load().unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (_folder, orc) = empty(Arc::new(ManualClock::new(Utc::now()))).await;
        let merchant = demo::fill(&orc, &data, SPEED).await.unwrap();
        let actor = demo::actor(merchant);
        let before = orchestrator::events::last_seq(&orc, merchant)
            .await
            .unwrap();
        assert_eq!(demo::fill(&orc, &data, SPEED).await.unwrap(), merchant);
        assert_eq!(
            orchestrator::events::last_seq(&orc, merchant)
                .await
                .unwrap(),
            before
        );
        let page = PageRequest {
            with_total: true,
            ..PageRequest::first(200)
        };
        let products = network::products(&orc, &actor, None, &page).await.unwrap();
        let nodes = network::nodes(&orc, &actor, &page).await.unwrap();
        let rows = stock::list(&orc, &actor, &StockFilter::default(), &page)
            .await
            .unwrap();
        let rows: Vec<_> = rows
            .items
            .iter()
            .map(|r| (r.node.clone(), r.sku.clone(), r.on_hand))
            .collect();
        seen.push((products, nodes, rows));
    }
    assert!(seen[0] == seen[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_not_mix_with_real_data() {
    let app = TestApp::sqlite().await;
    let error = demo::fill(&app.orc, &Data::load().unwrap(), SPEED)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Tea House"), "{error}");
    assert_eq!(accounts::merchants(&app.orc).await.unwrap().len(), 1);
}

/// Orders, the routing of them, and every decision once more from what was stored of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_orders_are_decided_again_byte_for_byte() {
    let data = Data::load().unwrap();
    let (_folder, orc) = empty(Arc::new(ManualClock::new(Utc::now()))).await;
    let merchant = demo::fill(&orc, &data, SPEED).await.unwrap();
    let actor = demo::actor(merchant);
    for n in 0..1_000 {
        let order = demo::order(&data, n, orc.now());
        orders::place(&orc, &actor, order).await.unwrap();
    }
    while routing::run(&orc, 64).await.unwrap().planned > 0 {}
    // Some are planned a second time, together.
    let waiting = OrderFilter {
        status: vec![OrderStatus::Backordered],
        ..OrderFilter::default()
    };
    let page = PageRequest::first(50);
    let waiting = orders::list(&orc, &actor, &waiting, &page).await.unwrap();
    for order in &waiting.items {
        let id = order.id.to_string();
        orders::act(&orc, &actor, &id, OrderAction::Reroute, None)
            .await
            .unwrap();
    }
    while routing::run(&orc, 64).await.unwrap().planned > 0 {}
    let mut decisions = 0;
    for n in 0..1_000 {
        let order = format!("{}:{}", demo::channel(n), demo::external_id(n));
        let replays = routing::replay(&orc, &actor, &order).await.unwrap();
        assert!(!replays.is_empty(), "{order} was not decided");
        for replay in &replays {
            assert!(
                replay.is_same(),
                "{order}: {} became {}",
                replay.stored,
                replay.now
            );
        }
        decisions += replays.len();
    }
    assert!(decisions >= 1_000);
}

/// Plays the demonstration for days of its own time, 2 unless `BATON_TEST_DEMO_DAYS` says more: most orders go in one
/// package, some are split, some wait, all of that ends, and the work on the desks does not pile up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_days_go_by_and_nothing_piles_up() {
    let days: usize = std::env::var("BATON_TEST_DEMO_DAYS")
        .ok()
        .and_then(|days| days.parse().ok())
        .unwrap_or(2);
    let data = Data::load().unwrap();
    // Monday noon in New York.
    let clock = Arc::new(ManualClock::new("2026-11-23T17:00:00Z".parse().unwrap()));
    let (_folder, orc) = empty(clock.clone()).await;
    let merchant = demo::fill(&orc, &data, SPEED).await.unwrap();
    let actor = demo::actor(merchant);
    let mut staff = Staff::new(&data, SPEED, 0);
    let (mut placed, mut now, mut due) = (0, 0.0, 0.0);
    // A demo day is 600 seconds.
    for day in 1..=days {
        while now < 600.0 * day as f64 {
            while placed < 150 || due <= now {
                let order = demo::order(&data, placed, orc.now());
                orders::place(&orc, &actor, order).await.unwrap();
                if placed >= 150 {
                    due += demo::pause_after(&data, placed, SPEED).as_secs_f64();
                }
                placed += 1;
            }
            loop {
                let report = routing::run(&orc, 256).await.unwrap();
                assert_eq!(report.failed, 0);
                if report.planned == 0 {
                    break;
                }
            }
            staff.work(&orc, &actor).await.unwrap();
            now += 2.0;
            clock.advance(Duration::seconds(2));
        }
        let counts = orders::counts(&orc, &actor).await.unwrap();
        println!("after day {day}: {placed} orders, {:?}", counts.by_status);
        let open =
            placed as u64 - counts.of(OrderStatus::Shipped) - counts.of(OrderStatus::Delivered);
        // A day brings about 300 orders; what is not on its way is a part of that.
        assert!(
            open < 250,
            "{open} orders are not on their way after {day} days"
        );
        assert!(counts.of(OrderStatus::Backordered) < 40, "{counts:?}");
        assert_eq!(counts.of(OrderStatus::NeedsAttention), 0);
    }
    let shares = shares(&orc, &actor).await;
    println!(
        "in one package {:.3}, waited {:.3}",
        shares.single, shares.waited
    );
    assert!((0.8..0.92).contains(&shares.single), "{}", shares.single);
    assert!((0.002..0.1).contains(&shares.waited), "{}", shares.waited);
    let counts = orders::counts(&orc, &actor).await.unwrap();
    for status in [
        OrderStatus::Routed,
        OrderStatus::InProgress,
        OrderStatus::Shipped,
        OrderStatus::Delivered,
    ] {
        assert!(counts.of(status) > 0, "no order is {status}");
    }
    let verified = orchestrator::events::verify(&orc, merchant).await.unwrap();
    assert_eq!(verified.first_bad, None);
}

struct Shares {
    /// Of the orders, those that went in one package.
    single: f64,
    /// Of the orders, those that once waited for stock.
    waited: f64,
}

async fn shares(orc: &Orchestrator, actor: &Actor) -> Shares {
    let (mut orders_seen, mut single, mut after) = (0, 0, None);
    loop {
        let page = PageRequest {
            cursor: after,
            ..PageRequest::first(200)
        };
        let page = orders::list(orc, actor, &OrderFilter::default(), &page)
            .await
            .unwrap();
        orders_seen += page.items.len();
        single += page.items.iter().filter(|row| row.nodes.len() == 1).count();
        after = page.next_cursor;
        if after.is_none() {
            break;
        }
    }
    let (mut waited, mut seq) = (BTreeSet::new(), 0);
    loop {
        let events = orchestrator::events::list(orc, actor, seq, 1_000)
            .await
            .unwrap();
        let Some(last) = events.last() else { break };
        seq = last.seq;
        let waits = events
            .into_iter()
            .filter(|event| event.data["waiting_units"].as_i64() > Some(0));
        waited.extend(waits.map(|event| event.subject));
    }
    Shares {
        single: single as f64 / orders_seen as f64,
        waited: waited.len() as f64 / orders_seen as f64,
    }
}
