//! Trouble repairs itself, or a person is told.

use chrono::Duration;
use engine::model::*;
use orchestrator::fulfillments::FulfillmentAction;
use orchestrator::{
    PageRequest, exceptions, fulfillments, network, orders, repair, routing, stock,
};

use super::{Database, World, order, world};

impl World {
    async fn exceptions(&self, state: ExceptionState) -> Vec<ExceptionRow> {
        let filter = ExceptionFilter {
            state: Some(state),
            ..ExceptionFilter::default()
        };
        let all = PageRequest::first(200);
        let page = exceptions::list(&self.orc, &self.actor, &filter, &all).await;
        page.unwrap().items
    }

    async fn pause(&self, node: &str) {
        network::set_node_status(&self.orc, &self.actor, node, NodeStatus::Paused)
            .await
            .unwrap();
    }

    async fn place_with(&self, external_id: &str, quantity: i64, tier: u8) -> OrderView {
        let mut new = order(external_id, quantity);
        new.customer.tier = tier;
        orders::place(&self.orc, &self.actor, new)
            .await
            .unwrap()
            .order
    }

    async fn act(&self, order: &OrderView, action: FulfillmentAction) {
        let order = self.get(order).await;
        let open = order.fulfillments.iter().find(|f| f.status.is_open());
        let id = open.unwrap().id;
        fulfillments::act(&self.orc, &self.actor, id, action)
            .await
            .unwrap();
    }

    async fn nodes_of(&self, order: &OrderView) -> Vec<String> {
        let order = self.get(order).await;
        let open = order
            .fulfillments
            .into_iter()
            .filter(|f| f.status.is_open());
        open.map(|f| f.node).collect()
    }
}

fn reject(reason: &str) -> FulfillmentAction {
    FulfillmentAction::Reject {
        reason: reason.to_owned(),
        cause: None,
    }
}

on_both! {
    work_of_a_paused_node_goes_to_another_and_nobody_has_to_do_anything: |w| Box::pin(async move {
        w.count("east", 5).await;
        w.count("west", 5).await;
        let (one, two) = (w.place("1", 2).await, w.place("2", 3).await);
        w.route().await;
        w.act(&two, FulfillmentAction::Accept).await;
        w.pause("east").await;
        assert_eq!(w.exceptions(ExceptionState::Repairing).await.len(), 2);
        w.route().await;
        assert_eq!(w.nodes_of(&one).await, ["west"]);
        assert_eq!(w.nodes_of(&two).await, ["west"]);
        assert_eq!((w.row("east").await.reserved, w.row("west").await.reserved), (0, 5));
        let done = w.exceptions(ExceptionState::Automatic).await;
        assert_eq!(done.len(), 2);
        assert!(done[0].cause.contains("was paused"), "{}", done[0].cause);
        assert!(done[0].resolution.as_deref().unwrap().contains("west with ground"), "{done:?}");
        assert!(w.exceptions(ExceptionState::Open).await.is_empty());
        assert_eq!(exceptions::counts(&w.orc, &w.actor).await.unwrap().automatic_today, 2);
    });

    what_has_no_other_node_waits_is_told_and_ends_by_itself_when_stock_comes: |w| Box::pin(async move {
        w.count("east", 5).await;
        let one = w.place("1", 2).await;
        w.route().await;
        w.pause("east").await;
        w.route().await;
        assert_eq!(w.get(&one).await.status, OrderStatus::Backordered);
        let open = w.exceptions(ExceptionState::Open).await;
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].order, open[0].at_stake), (Some(one.id), 278));
        assert!(open[0].cause.contains("2 units wait"), "{}", open[0].cause);
        w.count("west", 9).await;
        w.route().await;
        assert_eq!(w.nodes_of(&one).await, ["west"]);
        assert!(w.exceptions(ExceptionState::Open).await.is_empty());
        assert_eq!(w.exceptions(ExceptionState::Automatic).await.len(), 1);
    });

    a_correction_below_what_is_reserved_names_whom_it_hurts_and_they_move: |w| Box::pin(async move {
        w.count("east", 6).await;
        w.count("west", 9).await;
        let (old, dear, young) = (w.place_with("1", 2, 0).await, w.place_with("2", 2, 5).await, w.place_with("3", 2, 0).await);
        w.route().await;
        let less = StockAdjustment { node: "east".into(), sku: "TEA".into(), delta: -3, reason: "broken".into() };
        let rows = stock::adjust(&w.orc, &w.actor, vec![less]).await.unwrap();
        // Three are missing; the dearer customer's stay.
        let mut hurt = rows[0].planned_again.clone();
        hurt.sort();
        assert_eq!(hurt, [old.id, young.id]);
        w.route().await;
        assert_eq!(w.nodes_of(&dear).await, ["east"]);
        assert_eq!(w.nodes_of(&young).await, ["west"]);
        let east = w.row("east").await;
        assert!(east.reserved <= east.on_hand, "{east:?}");
        let west = w.row("west").await;
        assert_eq!(east.reserved + west.reserved, 6);
    });

    less_capacity_moves_what_is_too_much: |w| Box::pin(async move {
        w.count("east", 9).await;
        w.count("west", 9).await;
        let orders = [w.place("1", 2).await, w.place("2", 2).await, w.place("3", 2).await];
        let known = network::node(&w.orc, &w.actor, "east").await.unwrap();
        let limited = Node { daily_capacity: Some(6), ..known.clone() };
        network::put_node(&w.orc, &w.actor, "east", limited.clone()).await.unwrap();
        w.route().await;
        let less = Node { daily_capacity: Some(4), ..known };
        network::put_node(&w.orc, &w.actor, "east", less).await.unwrap();
        w.route().await;
        // The youngest is handed over a day later than the others, or by somebody else.
        let mut ways = Vec::new();
        for order in &orders {
            let order = w.get(order).await;
            let open = order.fulfillments.into_iter().find(|f| f.status.is_open()).unwrap();
            ways.push((open.node, open.ship_by));
        }
        assert_eq!(ways[0], ways[1]);
        assert_ne!(ways[1], ways[2]);
        let done = w.exceptions(ExceptionState::Automatic).await;
        assert!(done[0].cause.contains("can do 4 units"), "{done:?}");
    });

    what_a_suspended_service_should_carry_goes_another_way: |w| Box::pin(async move {
        w.count("east", 5).await;
        let slow = serde_json::json!({ "carrier": "Bus", "level": "standard",
            "zones": [{ "up_to_km": 9000, "per_package": 5_000, "per_kg": 50, "transit_days": 4 }] });
        network::put_service(&w.orc, &w.actor, "bus", serde_json::from_value(slow).unwrap()).await.unwrap();
        let one = w.place("1", 2).await;
        w.route().await;
        assert_eq!(w.get(&one).await.fulfillments[0].service.as_deref(), Some("ground"));
        let until = Some(w.orc.now() + Duration::days(1));
        network::suspend_service(&w.orc, &w.actor, "ground", until).await.unwrap();
        w.route().await;
        let order = w.get(&one).await;
        let open = order.fulfillments.iter().find(|f| f.status.is_open()).unwrap();
        assert_eq!((open.node.as_str(), open.service.as_deref()), ("east", Some("bus")));
        let done = w.exceptions(ExceptionState::Automatic).await;
        assert!(done[0].cause.contains("ground of Post is suspended"), "{done:?}");
        assert!(done[0].resolution.as_deref().unwrap().contains("more"), "{done:?}");
    });

    an_empty_shelf_is_not_sold_from_until_somebody_counts_it: |w| Box::pin(async move {
        w.count("east", 5).await;
        let one = w.place("1", 2).await;
        w.route().await;
        let reject = FulfillmentAction::Reject { reason: "not there".into(), cause: Some(RejectCause::OutOfStock) };
        w.act(&one, reject).await;
        w.route().await;
        let row = w.row("east").await;
        assert_eq!((row.on_hand, row.available, row.stopped_until.is_some()), (5, 0, true));
        let two = w.place("2", 1).await;
        w.route().await;
        assert_eq!(w.get(&two).await.status, OrderStatus::Backordered);
        // The same number, but somebody has looked.
        w.count("east", 5).await;
        w.route().await;
        assert_eq!(w.nodes_of(&two).await, ["east"]);
        assert_eq!(w.row("east").await.stopped_until, None);
    });

    after_too_many_repairs_a_person_is_asked_and_nothing_goes_round: |w| Box::pin(async move {
        let settings = RepairSettings { most_attempts: 3, leave_out_minutes: 1, ..RepairSettings::default() };
        repair::put_settings(&w.orc, &w.actor, settings).await.unwrap();
        w.count("east", 5).await;
        w.count("west", 5).await;
        let one = w.place("1", 2).await;
        w.route().await;
        for n in 1..=4 {
            w.act(&one, reject("too busy")).await;
            w.route().await;
            // The nodes are asked again as soon as their time is over.
            w.clock.set(w.orc.now() + Duration::minutes(2));
            repair::watch(&w.orc).await.unwrap();
            w.route().await;
            let status = w.get(&one).await.status;
            assert_eq!(status == OrderStatus::NeedsAttention, n == 4, "{n}: {status}");
        }
        let open = w.exceptions(ExceptionState::Open).await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].kind, ExceptionKind::CannotRoute);
        assert!(open[0].cause.contains("3 repairs were tried"), "{}", open[0].cause);
        assert_eq!((w.row("east").await.reserved, w.row("west").await.reserved), (0, 0));
        // A person says that it may go on.
        orders::act(&w.orc, &w.actor, &one.id.to_string(), OrderAction::Reroute, None).await.unwrap();
        w.route().await;
        assert_eq!(w.get(&one).await.status, OrderStatus::Routed);
        assert!(w.exceptions(ExceptionState::Open).await.is_empty());
    });

    arrived_stock_goes_to_the_dearer_customer_and_then_to_the_older_order: |w| Box::pin(async move {
        let orders = [w.place_with("1", 2, 0).await, w.place_with("2", 2, 0).await, w.place_with("3", 2, 7).await];
        w.route().await;
        w.count("west", 4).await;
        w.route().await;
        let mut waits = Vec::new();
        for order in &orders {
            waits.push(w.get(order).await.status == OrderStatus::Backordered);
        }
        assert_eq!(waits, [false, true, false]);
    });

    fixes_say_what_they_would_do_and_do_it: |w| Box::pin(async move {
        w.count("east", 5).await;
        w.count("west", 5).await;
        let one = w.place("1", 2).await;
        w.route().await;
        w.clock.set(w.get(&one).await.fulfillments[0].ship_by.unwrap() + Duration::minutes(1));
        repair::watch(&w.orc).await.unwrap();
        let late = w.exceptions(ExceptionState::Open).await.remove(0);
        let fixes = exceptions::fixes(&w.orc, &w.actor, late.id).await.unwrap();
        let labels: Vec<_> = fixes.iter().map(|fix| fix.label.as_str()).collect();
        assert_eq!(labels, ["Move to west", "Cancel order"]);
        let effect = &fixes[0].effect;
        assert!(effect.cost.unwrap() > 0.0 && effect.arrives.is_some() && effect.waiting == 0, "{effect:?}");
        let to = OrderMove { nodes: [("TEA".to_owned(), "west".to_owned())].into(), any_service: false };
        let tried = orders::try_move(&w.orc, &w.actor, "web:1", to).await.unwrap();
        assert_eq!((tried.ways.as_str(), tried.effect.cost), ("west with ground", effect.cost));
        assert_eq!(w.nodes_of(&one).await, ["east"]);
        exceptions::apply(&w.orc, &w.actor, late.id, "node:west").await.unwrap();
        w.route().await;
        assert_eq!(w.nodes_of(&one).await, ["west"]);
        assert!(w.exceptions(ExceptionState::Open).await.is_empty());
        let unknown = exceptions::apply(&w.orc, &w.actor, late.id, "pray").await;
        assert_eq!(unknown.unwrap().state, ExceptionState::Automatic);
    });

    a_missed_hand_over_is_told_once: |w| Box::pin(async move {
        w.count("east", 5).await;
        let one = w.place("1", 2).await;
        w.route().await;
        w.act(&one, FulfillmentAction::Accept).await;
        let ship_by = w.get(&one).await.fulfillments[0].ship_by.unwrap();
        assert_eq!(repair::watch(&w.orc).await.unwrap(), 0);
        w.clock.set(ship_by + Duration::minutes(1));
        assert_eq!(repair::watch(&w.orc).await.unwrap(), 1);
        assert_eq!(repair::watch(&w.orc).await.unwrap(), 0);
        let open = w.exceptions(ExceptionState::Open).await;
        assert_eq!((open.len(), open[0].kind), (1, ExceptionKind::LateRisk));
        let resolve = ExceptionAction::Resolve { reason: "called them".into() };
        exceptions::act(&w.orc, &w.actor, vec![open[0].id], resolve.clone()).await.unwrap();
        exceptions::act(&w.orc, &w.actor, vec![open[0].id], resolve).await.unwrap();
        assert!(w.exceptions(ExceptionState::Open).await.is_empty());
        let done = w.exceptions(ExceptionState::Resolved).await;
        assert_eq!(done[0].resolution.as_deref(), Some("called them"));
    });

    a_node_goes_down_with_a_thousand_open_orders: |w| Box::pin(async move {
        w.count("east", 3_000).await;
        w.count("west", 1_500).await;
        for n in 0..1_000 {
            w.place(&n.to_string(), 2).await;
        }
        w.route().await;
        assert_eq!(w.row("east").await.reserved, 2_000);
        let start = std::time::Instant::now();
        w.pause("east").await;
        let marked = start.elapsed();
        w.route().await;
        eprintln!("1,000 orders of a node that went down: marked after {marked:?}, planned again after {:?}", start.elapsed());
        // 750 fit into the other node; the rest waits, and says so.
        assert_eq!((w.row("east").await.reserved, w.row("west").await.reserved), (0, 1_500));
        let counts = exceptions::counts(&w.orc, &w.actor).await.unwrap();
        assert_eq!((counts.automatic_today, counts.total(), counts.repairing), (750, 250, 0));
        assert!(routing::replay(&w.orc, &w.actor, "web:7").await.unwrap().iter().all(routing::Replay::is_same));
    });
}
