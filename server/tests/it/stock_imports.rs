//! Counted stock from a CSV file.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

async fn import(app: &TestApp, path: &str, file: &str) -> Answer {
    let call = app.call("POST", path).header("content-type", "text/csv");
    call.bytes(file.as_bytes().to_vec()).await
}

async fn on_hand(app: &TestApp, node: &str, sku: &str) -> Value {
    let rows = app
        .get(&format!("stock?node={node}&sku={sku}"))
        .await
        .expect(200);
    rows["items"][0]["on_hand"].clone()
}

both! {
    async fn a_dry_run_says_what_would_change_and_changes_nothing(app: TestApp) {
        let app = app.with_network().await;
        let hurt = app.routed_order("1", "A", 3).await;
        let file = "sku,node,on_hand,safety_stock\nA,east,2,\nB,east,5,\nA,west,7,1\n";
        let would = import(&app, "stock/imports?dry_run=true", file).await.expect(200);
        assert_eq!(would, json!({"dry_run": true, "rows": 3, "changed": 2, "new": 1, "units_up": 7, "units_down": 8,
            "short": [{"node": "east", "sku": "A", "on_hand": 2, "reserved": 3}], "problems": []}));
        assert_eq!(on_hand(&app, "east", "A").await, 10);
        let done = import(&app, "stock/imports", file).await.expect(200);
        assert_eq!((&done["dry_run"], &done["changed"]), (&json!(false), &json!(2)));
        let short = json!([{"node": "east", "sku": "A", "on_hand": 2, "reserved": 3, "orders": [hurt["id"]]}]);
        assert_eq!(done["short"], short, "and says whom it hurts");
        assert_eq!((on_hand(&app, "east", "A").await, on_hand(&app, "west", "A").await), (json!(2), json!(7)));
        let again = import(&app, "stock/imports?dry_run=true", file).await.expect(200);
        assert_eq!((&again["changed"], &again["units_up"]), (&json!(0), &json!(0)), "it is as the file says");
    }

    async fn every_problem_is_told_with_its_line_and_what_would_be_right(app: TestApp) {
        let app = app.with_network().await;
        let file = "node,sku,on_hand,safety_stock\neast,A,11,\nmoon,a,-1,x\n,B,,\neast,A,3,\neast,B\nEAST,B,1.5,\neast,Z,4,\n";
        let would = import(&app, "stock/imports?dry_run=true", file).await.expect(200);
        let told: Vec<String> = would["problems"].as_array().unwrap().iter()
            .map(|p| format!("{} {}: {} | {}", p["line"], p["column"].as_str().unwrap_or("-"), p["wrong"].as_str().unwrap(), p["right"].as_str().unwrap()))
            .collect();
        let units = "a whole number of units from 0 to 1000000000";
        let expected = [
            "3 node: there is no node 'moon' | one of east, west".to_owned(),
            "3 sku: there is no product 'a' | 'A'".to_owned(),
            format!("3 on_hand: '-1' does not fit | {units}"),
            format!("3 safety_stock: 'x' does not fit | {units}"),
            "4 node: a value is needed | a value in every row".to_owned(),
            "4 on_hand: a value is needed | a value in every row".to_owned(),
            "5 sku: 'A' at 'east' came before in line 2 | one row for each SKU at a node".to_owned(),
            "6 -: 2 fields instead of 4 | a value, or nothing, for each of node, sku, on_hand, safety_stock, in UTF-8".to_owned(),
            "7 node: there is no node 'EAST' | 'east'".to_owned(),
            format!("7 on_hand: '1.5' does not fit | {units}"),
            "8 sku: there is no product 'Z' | the SKU of a product; new products come first".to_owned(),
        ];
        assert_eq!(told, expected);
        assert_eq!((&would["rows"], &would["changed"]), (&json!(1), &json!(1)), "one row is right");
        let refused = import(&app, "stock/imports", file).await.problem(422, "#/3/node");
        assert_eq!(refused["errors"].as_array().unwrap().len(), expected.len());
        assert_eq!(on_hand(&app, "east", "A").await, 10, "nothing was written");
        for (file, wrong) in [("sku,on_hand\nA,1\n", "the file lacks the column node"), ("node,sku,on_hand\n", "the file has no rows"),
            ("node,sku,on_hand,price\neast,A,1,2\n", "the column 'price' means nothing here"), ("", "the file lacks the column node, sku, on_hand")] {
            let would = import(&app, "stock/imports?dry_run=true", file).await.expect(200);
            assert_eq!((&would["problems"][0]["line"], &would["problems"][0]["wrong"]), (&json!(1), &json!(wrong)), "{file}");
        }
    }

    async fn an_import_can_be_repeated_and_is_only_for_csv(app: TestApp) {
        let app = app.with_network().await;
        let file = "node,sku,on_hand\neast,A,20\n";
        let call = || app.call("POST", "stock/imports").header("content-type", "text/csv; charset=utf-8").header("idempotency-key", "monday");
        let first = call().bytes(file.into()).await;
        app.post("stock/adjustments", &json!([{"node": "east", "sku": "A", "delta": -1, "reason": "sold"}])).await.expect(200);
        let second = call().bytes(file.into()).await;
        assert_eq!(first.expect(200), second.expect(200));
        assert_eq!(second.header("idempotency-replayed"), "true");
        assert_eq!(on_hand(&app, "east", "A").await, 19);
        app.call("POST", "stock/imports").json(&json!([])).await.problem(415, "");
        import(&app, "stock/imports?dry_run=maybe", file).await.problem(422, "#/dry_run");
        let reader = app.new_key(&[engine::model::Scope::StockRead]).await;
        app.call("POST", "stock/imports").header("content-type", "text/csv").key(&reader).bytes(file.into()).await.problem(403, "");
    }

    async fn a_large_file_is_written_in_parts(app: TestApp) {
        let app = app.with_network().await;
        let products = (0..6_000).map(|i| engine::model::Product {
            sku: format!("S{i}"), name: "Thing".into(), weight_g: 1, dimensions_mm: None, requires: vec![], category: None, barcode: None,
            image_url: None,
        });
        orchestrator::network::import_products(&app.orc, &app.system(), products.collect()).await.unwrap();
        let rows = (0..12_000).map(|i| format!("{},S{},{i}\n", if i < 6_000 { "east" } else { "west" }, i % 6_000));
        let file = format!("node,sku,on_hand\n{}", rows.collect::<String>());
        let done = import(&app, "stock/imports", &file).await.expect(200);
        assert_eq!((&done["rows"], &done["changed"], &done["new"]), (&json!(12_000), &json!(12_000), &json!(12_000)));
        assert_eq!(on_hand(&app, "west", "S5999").await, 11_999);
    }
}
