//! The demonstration: filled the same every time, kept apart from real data, and worked on.

use std::sync::Arc;

use chrono::{Duration, Utc};
use engine::model::{FulfillmentStatus, OrderFilter, OrderStatus, StockFilter};
use orchestrator::{ManualClock, Options, Orchestrator, PageRequest};
use orchestrator::{accounts, fulfillments, network, orders, places, routing, stock};
use server::demo::{self, Data, Staff};

use crate::support::TestApp;

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
        let merchant = demo::fill(&orc, &data).await.unwrap();
        let actor = demo::actor(merchant);
        let before = orchestrator::events::last_seq(&orc, merchant)
            .await
            .unwrap();
        assert_eq!(demo::fill(&orc, &data).await.unwrap(), merchant);
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
    let error = demo::fill(&app.orc, &Data::load().unwrap())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Tea House"), "{error}");
    assert_eq!(accounts::merchants(&app.orc).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_orders_are_routed_and_its_people_deliver_them() {
    let data = Data::load().unwrap();
    // Monday noon in New York.
    let clock = Arc::new(ManualClock::new("2026-11-23T17:00:00Z".parse().unwrap()));
    let (_folder, orc) = empty(clock.clone()).await;
    let merchant = demo::fill(&orc, &data).await.unwrap();
    let actor = demo::actor(merchant);
    for n in 0..150 {
        orders::place(&orc, &actor, demo::order(&data, n, orc.now()))
            .await
            .unwrap();
    }
    loop {
        let report = routing::run(&orc, 64).await.unwrap();
        assert_eq!(report.failed, 0);
        if report.planned == 0 {
            break;
        }
    }
    let counts = orders::counts(&orc, &actor).await.unwrap();
    assert_eq!(counts.total(), 150);
    assert_eq!(
        counts.of(OrderStatus::Routed) + counts.of(OrderStatus::Backordered),
        150
    );
    assert!(
        (2..=20).contains(&counts.of(OrderStatus::Backordered)),
        "{counts:?}"
    );
    let rows = orders::list(
        &orc,
        &actor,
        &OrderFilter::default(),
        &PageRequest::first(150),
    )
    .await
    .unwrap();
    let split = rows.items.iter().filter(|row| row.nodes.len() > 1).count();
    assert!((5..=80).contains(&split), "{split} of 150 orders are split");
    let mut staff = Staff::new(&data, 144.0);
    // A demo day is ten minutes; five of them bring the first orders to their customers.
    for _ in 0..60 {
        clock.advance(Duration::seconds(50));
        staff.work(&orc, &actor).await.unwrap();
        while routing::run(&orc, 64).await.unwrap().planned > 0 {}
    }
    let (few, delivered) = (PageRequest::first(10), Some(FulfillmentStatus::Delivered));
    let delivered = fulfillments::list(&orc, &actor, None, delivered, &few)
        .await
        .unwrap();
    assert!(!delivered.items.is_empty());
    assert!(
        orchestrator::events::verify(&orc, merchant)
            .await
            .unwrap()
            .first_bad
            .is_none()
    );
}
