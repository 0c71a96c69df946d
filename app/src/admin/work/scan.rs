use engine::model::{Scanned, WorkItem, WorkLine};
use leptos::html;
use leptos::prelude::*;

/// What a scan led to, for eyes and ears.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Counted(String),
    Refused(String),
}

/// A line of one of the orders that are picked.
pub type Wanted = (WorkItem, WorkLine, i64);

/// Finds what was scanned among what is to be picked: the first line that still misses some of it. What is said when
/// there is none is what the person can do about it.
pub fn find<'a>(text: &str, wanted: &'a [Wanted]) -> Result<&'a Wanted, String> {
    let scanned = Scanned::read(text).map_err(|wrong| wrong.to_string())?;
    let named: Vec<_> = wanted
        .iter()
        .filter(|(_, line, _)| scanned.names(&line.sku, line.barcode.as_deref()))
        .collect();
    let open = named
        .iter()
        .find(|(_, line, picked)| *picked < line.quantity);
    match (open, named.first()) {
        (Some(found), _) => Ok(found),
        (None, Some((_, line, _))) => Err(format!(
            "{} is complete: put this one back.",
            line.product_name
        )),
        (None, None) => Err(format!(
            "{} is not on this list. {}",
            text.trim(),
            expected(wanted)
        )),
    }
}

/// What is still to be found.
fn expected(wanted: &[Wanted]) -> String {
    let missing = wanted
        .iter()
        .filter(|(_, line, picked)| *picked < line.quantity);
    let names: Vec<_> = missing
        .map(|(_, line, _)| {
            let code = line.barcode.as_deref().unwrap_or(&line.sku);
            format!("{} ({code})", line.product_name)
        })
        .collect();
    match names.as_slice() {
        [] => "Everything is picked.".to_owned(),
        [one] => format!("Expected: {one}."),
        [first, second] => format!("Expected: {first} or {second}."),
        [first, second, rest @ ..] => {
            format!("Expected: {first}, {second} or {} more.", rest.len())
        }
    }
}

/// The field that a scanner types into. It keeps the focus, so that one scan can follow the other.
#[component]
pub fn ScanField(
    heard: RwSignal<Option<Heard>>,
    on_scan: impl Fn(String) + Send + Sync + 'static,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let scan = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get() else { return };
        let text = field.value();
        field.set_value("");
        let _ = field.focus();
        if !text.trim().is_empty() {
            on_scan(text);
        }
    };
    let said = move || match heard.get() {
        Some(Heard::Counted(text)) => view! { <p class="scan-said is-good">{text}</p> }.into_any(),
        Some(Heard::Refused(text)) => view! { <p class="scan-said is-bad">{text}</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <form class="scan" on:submit=scan>
            <label class="field">
                "Scan or type a barcode"
                <input
                    node_ref=field
                    type="text"
                    name="code"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="done"
                    maxlength="60"
                />
            </label>
            <button type="submit" class="button">"Count"</button>
        </form>
        <div role="status" aria-live="assertive">{said}</div>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn wanted(sku: &str, barcode: Option<&str>, quantity: i64, picked: i64) -> Wanted {
        let line = serde_json::json!({"line": format!("lin_{:032}", 1), "sku": sku,
            "product_name": format!("Thing {sku}"), "quantity": quantity, "bin": null, "barcode": barcode});
        let item = serde_json::json!({"id": format!("ful_{:032}", 1), "order": format!("ord_{:032}", 1),
            "order_number": 1, "node": "n", "node_name": "N", "status": "accepted", "service": null, "lines": [],
            "accept_by": null, "ship_by": null, "ship_by_local": null, "collect_by": null, "tracking_number": null,
            "created_at": "2026-11-24T12:00:00Z"});
        let item = serde_json::from_value(item).unwrap();
        (item, serde_json::from_value(line).unwrap(), picked)
    }

    #[test]
    fn a_scan_counts_the_next_line_that_misses_it_and_says_what_it_expected_otherwise() {
        let mut list = vec![
            wanted("A", Some("4006381333931"), 1, 1),
            wanted("A", Some("4006381333931"), 2, 0),
            wanted("B", None, 1, 0),
        ];
        assert_eq!(find("4006381333931", &list).unwrap().1.quantity, 2);
        assert_eq!(find("b", &list).unwrap().1.sku, "B");
        let wrong = find("4006381333932", &list).unwrap_err();
        assert!(wrong.contains("misread"), "{wrong}");
        let unknown = find("036000291452", &list).unwrap_err();
        assert_eq!(
            unknown,
            "036000291452 is not on this list. Expected: Thing A (4006381333931) or Thing B (B)."
        );
        list[1].2 = 2;
        let complete = find("4006381333931", &list).unwrap_err();
        assert_eq!(complete, "Thing A is complete: put this one back.");
    }
}
