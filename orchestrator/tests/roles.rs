//! Every role against every use case: what the table says is what happens.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use engine::model::*;
use engine::promise::PromiseSettings;
use orchestrator::accounts::{self, NewKey, NewUser, UserChange};
use orchestrator::fulfillments::{self, FulfillmentAction};
use orchestrator::personal::{self, NewView};
use orchestrator::{
    Actor, Error, Orchestrator, PageRequest, Who, events, network, orders, promises, routing,
    stock, today,
};

/// Whether the use case let the actor through; that it then found something wrong is not the question here.
fn allowed<T>(result: Result<T, Error>) -> bool {
    !matches!(result, Err(Error::Forbidden(_)))
}

/// Each use case with the permission that it has to ask for.
async fn walk(
    orc: &Orchestrator,
    actor: &Actor,
    n: usize,
) -> Vec<(&'static str, Permission, bool)> {
    use Permission as P;
    let page = PageRequest::first(10);
    let filter = OrderFilter::default();
    let nobody: OrderId = format!("ord_{}", "0".repeat(32)).parse().unwrap();
    let nothing: FulfillmentId = format!("ful_{}", "0".repeat(32)).parse().unwrap();
    let order = serde_json::json!({ "channel": "web", "external_id": n.to_string(),
        "placed_at": "2026-11-24T09:30:00-05:00", "currency": "USD",
        "ship_to": { "name": "", "line1": "", "city": "", "region": "", "postal_code": "10002", "country": "US" },
        "lines": [{ "external_id": "1", "sku": "TEA", "quantity": 1 }] });
    let order: NewOrder = serde_json::from_value(order).unwrap();
    let product: Product =
        serde_json::from_value(serde_json::json!({ "name": "Tea", "weight_g": 250 })).unwrap();
    let node: Node = serde_json::from_value(serde_json::json!({ "name": "East", "kind": "store",
        "address": { "postal_code": "10001", "country": "US" } }))
    .unwrap();
    let service: Service =
        serde_json::from_value(serde_json::json!({ "carrier": "Post", "level": "standard",
        "zones": [{ "up_to_km": 9000, "per_package": 500, "per_kg": 50, "transit_days": 2 }] }))
        .unwrap();
    let count = StockCount {
        node: "east".into(),
        sku: "TEA".into(),
        on_hand: 5,
        safety_stock: None,
    };
    let adjustment = StockAdjustment {
        node: "east".into(),
        sku: "TEA".into(),
        delta: 1,
        reason: "found".into(),
    };
    let expected = IncomingStock {
        node: "east".into(),
        sku: "TEA".into(),
        incoming: Vec::new(),
    };
    let user = NewUser {
        email: format!("user{n}@example.com"),
        name: "New".into(),
        role: Role::Viewer,
        nodes: Vec::new(),
        password: "a long enough password".into(),
    };
    let key = NewKey {
        name: "New".into(),
        kind: KeyKind::Secret,
        scopes: vec![Scope::OrdersRead],
        origins: Vec::new(),
    };
    let basket: NewPromise = serde_json::from_value(serde_json::json!({
        "lines": [{ "sku": "TEA" }], "destination": { "country": "US", "postal_code": "10002" } }))
    .unwrap();
    let to_hold = NewPromise {
        hold: true,
        ..basket.clone()
    };
    let to_preview = basket.clone();
    let unknown: KeyId = format!("key_{}", "0".repeat(32)).parse().unwrap();
    let no_user: UserId = format!("usr_{}", "0".repeat(32)).parse().unwrap();
    let no_view: SavedViewId = format!("viw_{}", "0".repeat(32)).parse().unwrap();
    let change = UserChange {
        name: "New".into(),
        role: Role::Viewer,
        nodes: Vec::new(),
    };
    let view = NewView {
        name: format!("View {n}"),
        query: String::new(),
        columns: Vec::new(),
    };
    let stock_filter = StockFilter::default();
    let hold = OrderAction::Hold;
    let no_bulk = "blk_00000000000000000000000000000000";
    vec![
        (
            "orders::place",
            P::PlaceOrders,
            allowed(orders::place(orc, actor, order).await),
        ),
        (
            "orders::get",
            P::ReadOrders,
            allowed(orders::get(orc, actor, "web:0").await),
        ),
        (
            "orders::list",
            P::ReadOrders,
            allowed(orders::list(orc, actor, &filter, &page).await),
        ),
        (
            "orders::rows",
            P::ReadOrders,
            allowed(orders::rows(orc, actor, &[nobody]).await),
        ),
        (
            "orders::counts",
            P::ReadOrders,
            allowed(orders::counts(orc, actor).await),
        ),
        (
            "orders::timeline",
            P::ReadOrders,
            allowed(orders::timeline(orc, actor, nobody).await),
        ),
        (
            "orders::neighbours",
            P::ReadOrders,
            allowed(orders::neighbours(orc, actor, nobody, &filter).await),
        ),
        (
            "orders::act",
            P::ChangeOrders,
            allowed(orders::act(orc, actor, "web:0", hold, None).await),
        ),
        (
            "orders::bulk::start",
            P::ChangeOrders,
            allowed(orders::bulk::start(orc, actor, &filter, hold, None).await),
        ),
        (
            "orders::bulk::get",
            P::ReadOrders,
            allowed(orders::bulk::get(orc, actor, no_bulk).await),
        ),
        (
            "orders::bulk::list",
            P::ReadOrders,
            allowed(orders::bulk::list(orc, actor, &page).await),
        ),
        (
            "orders::bulk::stop",
            P::ChangeOrders,
            allowed(orders::bulk::stop(orc, actor, no_bulk).await),
        ),
        (
            "routing::decisions",
            P::ReadOrders,
            allowed(routing::decisions(orc, actor, "web:0").await),
        ),
        (
            "routing::replay",
            P::ReadOrders,
            allowed(routing::replay(orc, actor, "web:0").await),
        ),
        (
            "today::view",
            P::ReadOrders,
            allowed(today::view(orc, actor).await),
        ),
        (
            "events::list",
            P::ReadEvents,
            allowed(events::list(orc, actor, 0, 10).await),
        ),
        (
            "fulfillments::list",
            P::ReadFulfillments,
            allowed(fulfillments::list(orc, actor, Some("east"), None, &page).await),
        ),
        (
            "fulfillments::act",
            P::WorkFulfillments,
            allowed(fulfillments::act(orc, actor, nothing, FulfillmentAction::Accept).await),
        ),
        (
            "fulfillments::settings",
            P::ReadNetwork,
            allowed(fulfillments::settings(orc, actor).await),
        ),
        (
            "fulfillments::put_settings",
            P::ChangeNetwork,
            allowed(fulfillments::put_settings(orc, actor, WorkSettings::default()).await),
        ),
        (
            "network::put_product",
            P::ChangeNetwork,
            allowed(network::put_product(orc, actor, "TEA", product.clone()).await),
        ),
        (
            "network::import_products",
            P::ChangeNetwork,
            allowed(
                network::import_products(
                    orc,
                    actor,
                    vec![Product {
                        sku: "TEA".into(),
                        ..product
                    }],
                )
                .await,
            ),
        ),
        (
            "network::product",
            P::ReadNetwork,
            allowed(network::product(orc, actor, "TEA").await),
        ),
        (
            "network::products",
            P::ReadNetwork,
            allowed(network::products(orc, actor, None, &page).await),
        ),
        (
            "network::put_node",
            P::ChangeNetwork,
            allowed(network::put_node(orc, actor, "east", node.clone()).await),
        ),
        (
            "network::import_nodes",
            P::ChangeNetwork,
            allowed(
                network::import_nodes(
                    orc,
                    actor,
                    vec![Node {
                        code: "east".into(),
                        ..node
                    }],
                )
                .await,
            ),
        ),
        (
            "network::set_node_status",
            P::ChangeNetwork,
            allowed(network::set_node_status(orc, actor, "east", NodeStatus::Active).await),
        ),
        (
            "network::node",
            P::ReadNetwork,
            allowed(network::node(orc, actor, "east").await),
        ),
        (
            "network::nodes",
            P::ReadNetwork,
            allowed(network::nodes(orc, actor, &page).await),
        ),
        (
            "network::node_view",
            P::ReadNetwork,
            allowed(network::node_view(orc, actor, "east").await),
        ),
        (
            "network::node_views",
            P::ReadNetwork,
            allowed(network::node_views(orc, actor).await),
        ),
        (
            "network::calendar",
            P::ReadNetwork,
            allowed(network::calendar(orc, actor, "east", 3).await),
        ),
        (
            "network::put_service",
            P::ChangeNetwork,
            allowed(network::put_service(orc, actor, "ground", service.clone()).await),
        ),
        (
            "network::import_services",
            P::ChangeNetwork,
            allowed(
                network::import_services(
                    orc,
                    actor,
                    vec![Service {
                        code: "ground".into(),
                        ..service
                    }],
                )
                .await,
            ),
        ),
        (
            "network::service",
            P::ReadNetwork,
            allowed(network::service(orc, actor, "ground").await),
        ),
        (
            "network::services",
            P::ReadNetwork,
            allowed(network::services(orc, actor, &page).await),
        ),
        (
            "stock::count",
            P::ChangeStock,
            allowed(stock::count(orc, actor, vec![count]).await),
        ),
        (
            "stock::adjust",
            P::ChangeStock,
            allowed(stock::adjust(orc, actor, vec![adjustment]).await),
        ),
        (
            "stock::expect",
            P::ChangeStock,
            allowed(stock::expect(orc, actor, vec![expected]).await),
        ),
        (
            "stock::rules",
            P::ReadStock,
            allowed(stock::rules(orc, actor).await),
        ),
        (
            "stock::allocations",
            P::ReadStock,
            allowed(stock::allocations(orc, actor).await),
        ),
        (
            "stock::divided",
            P::ReadStock,
            allowed(stock::divided(orc, actor, "east", "TEA").await),
        ),
        (
            "stock::import",
            P::ChangeStock,
            allowed(stock::import(orc, actor, b"node,sku,on_hand\neast,TEA,9\n", true).await),
        ),
        (
            "stock::list",
            P::ReadStock,
            allowed(stock::list(orc, actor, &stock_filter, &page).await),
        ),
        (
            "stock::ledger",
            P::ReadStock,
            allowed(stock::ledger(orc, actor, "east", "TEA", &page).await),
        ),
        (
            "promises::ask",
            P::AskPromises,
            allowed(promises::ask(orc, actor, basket.clone()).await),
        ),
        (
            "promises::ask to hold",
            P::PlaceOrders,
            allowed(promises::ask(orc, actor, to_hold).await),
        ),
        (
            "promises::ask_public",
            P::AskPromises,
            allowed(promises::ask_public(orc, actor, basket).await),
        ),
        (
            "promises::preview",
            P::ReadNetwork,
            allowed(promises::preview(orc, actor, to_preview, None).await),
        ),
        (
            "promises::track_record",
            P::ReadOrders,
            allowed(promises::track_record(orc, actor).await),
        ),
        (
            "promises::settings",
            P::ReadNetwork,
            allowed(promises::settings(orc, actor).await),
        ),
        (
            "promises::put_settings",
            P::ChangeNetwork,
            allowed(promises::put_settings(orc, actor, PromiseSettings::default()).await),
        ),
        (
            "accounts::add_user",
            P::ManageAccess,
            allowed(accounts::add_user(orc, actor, user).await),
        ),
        (
            "accounts::users",
            P::ManageAccess,
            allowed(accounts::users(orc, actor).await),
        ),
        (
            "accounts::change_user",
            P::ManageAccess,
            allowed(accounts::change_user(orc, actor, no_user, change).await),
        ),
        (
            "accounts::set_user_disabled",
            P::ManageAccess,
            allowed(accounts::set_user_disabled(orc, actor, no_user, true).await),
        ),
        (
            "accounts::reset_password",
            P::ManageAccess,
            allowed(accounts::reset_password(orc, actor, no_user).await),
        ),
        (
            "personal::views",
            P::ReadOrders,
            allowed(personal::views(orc, actor).await),
        ),
        (
            "personal::add_view",
            P::ReadOrders,
            allowed(personal::add_view(orc, actor, view.clone()).await),
        ),
        (
            "personal::change_view",
            P::ReadOrders,
            allowed(personal::change_view(orc, actor, no_view, view).await),
        ),
        (
            "personal::delete_view",
            P::ReadOrders,
            allowed(personal::delete_view(orc, actor, no_view).await),
        ),
        (
            "accounts::add_key",
            P::ManageAccess,
            allowed(accounts::add_key(orc, actor, key).await),
        ),
        (
            "accounts::keys",
            P::ManageAccess,
            allowed(accounts::keys(orc, actor).await),
        ),
        (
            "accounts::revoke_key",
            P::ManageAccess,
            allowed(accounts::revoke_key(orc, actor, unknown).await),
        ),
    ]
}

/// A ledger in which there is something to look at, and its owner; on each database that there is.
async fn looked_at(folder: &tempfile::TempDir) -> Vec<(Orchestrator, Actor)> {
    let mut ledgers = Vec::new();
    for url in common::databases(folder).await {
        let (orc, viewer) = common::ledger(&url).await;
        let owner = accounts::actor_of(&viewer);
        walk(&orc, &owner, 0).await;
        ledgers.push((orc, owner));
    }
    ledgers
}

/// The same person in another role, at one node.
fn somebody(owner: &Actor, role: Role, node: &str) -> Actor {
    let mut actor = owner.clone();
    let Who::User {
        role: at, nodes, ..
    } = &mut actor.who
    else {
        panic!("the owner is a person");
    };
    (*at, *nodes) = (role, vec![node.into()]);
    actor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_does_what_the_table_says_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner) in looked_at(&folder).await {
        for (n, role) in Role::ALL.iter().enumerate() {
            let actor = somebody(&owner, *role, "east");
            for (use_case, permission, got) in walk(&orc, &actor, n + 1).await {
                assert_eq!(
                    got,
                    role.may(permission),
                    "{role} and {use_case}, which needs {permission}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_a_node_reach_no_other() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner) in looked_at(&folder).await {
        let elsewhere = somebody(&owner, Role::NodeStaff, "west");
        let count = StockCount {
            node: "east".into(),
            sku: "TEA".into(),
            on_hand: 9,
            safety_stock: None,
        };
        let page = PageRequest::first(10);
        assert!(!allowed(stock::count(&orc, &elsewhere, vec![count]).await));
        // Rules are about all nodes.
        let own = somebody(&owner, Role::NodeStaff, "east");
        assert!(!allowed(stock::put_rules(&orc, &own, Vec::new()).await));
        assert!(allowed(stock::put_rules(&orc, &owner, Vec::new()).await));
        assert!(!allowed(
            stock::put_allocations(&orc, &own, Vec::new()).await
        ));
        assert!(allowed(
            stock::put_allocations(&orc, &owner, Vec::new()).await
        ));
        assert!(!allowed(
            stock::divided(&orc, &elsewhere, "east", "TEA").await
        ));
        // Of a file, only rows of their own nodes fit.
        let file = b"node,sku,on_hand\neast,TEA,9\n";
        let report = stock::import(&orc, &elsewhere, file, false).await.unwrap();
        assert_eq!(report.problems.len(), 1, "{report:?}");
        assert!(!allowed(
            stock::ledger(&orc, &elsewhere, "east", "TEA", &page).await
        ));
        assert!(!allowed(
            fulfillments::list(&orc, &elsewhere, Some("east"), None, &page).await
        ));
        let rows = stock::list(&orc, &elsewhere, &StockFilter::default(), &page)
            .await
            .unwrap();
        assert!(rows.items.is_empty(), "{rows:?}");
    }
}
