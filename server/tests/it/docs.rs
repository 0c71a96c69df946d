//! The API's document and its page.

use std::collections::BTreeSet;

use serde_json::Value;

both! {
    async fn the_document_is_complete(app: TestApp) {
        let document = app.get("openapi.json").no_key().await.expect(200);
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let paths: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        for path in ["/products/{sku}", "/nodes/{code}", "/services/{code}", "/stock", "/stock/adjustments", "/stock/rules", "/stock/incoming", "/stock/allocations", "/stock/channels", "/stock/imports", "/orders",
            "/orders/{id}", "/orders/{id}/decisions", "/orders/{id}/{action}", "/bulk_actions", "/bulk_actions/{id}", "/bulk_actions/{id}/stop", "/fulfillments", "/fulfillments/{id}/ship",
            "/events", "/stream", "/promises", "/promises/record", "/promise", "/promise.html", "/promise_settings"] {
            assert!(paths.contains(format!("/api/v1{path}").as_str()), "{path} is not in {paths:?}");
        }
        assert!(document["components"]["schemas"]["NewOrder"]["properties"]["lines"].is_object());
        assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
        let post = &document["paths"]["/api/v1/orders"]["post"];
        assert!(post["parameters"].as_array().unwrap().iter().any(|p| p["name"] == "Idempotency-Key"));
        assert!(post["responses"]["default"]["content"]["application/problem+json"].is_object());
        // Whatever is referred to is there.
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(references.len() > 50);
        for reference in references {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
        }
    }

    async fn the_page_needs_nothing_from_elsewhere(app: TestApp) {
        let answer = app.get("/docs").no_key().await;
        assert_eq!(answer.status, 200);
        let page = answer.text();
        assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("style="));
        for part in ["Take an order in", "/api/v1/orders/{id}/decisions", "id=\"problem-invalid\"", "id=\"shape-NewOrder\""] {
            assert!(page.contains(part), "{part}");
        }
        let nonce = page.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(answer.header("content-security-policy").contains(&format!("style-src 'self' 'nonce-{nonce}'")));
        // Every link within the page leads somewhere.
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
        }
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            into.extend(
                fields
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            fields.values().for_each(|value| collect(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, into)),
        _ => {}
    }
}
