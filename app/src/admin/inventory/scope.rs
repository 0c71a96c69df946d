//! What a rule about stock is about: some products, at some nodes.

use engine::model::NodeKind;
use leptos::prelude::*;

use crate::components::Entry;

/// What a rule is about while it is entered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ScopeDraft {
    /// `all`, `sku` or `category`.
    pub what: RwSignal<String>,
    pub of: RwSignal<String>,
    /// `all`, `node`, or a kind of node.
    pub place: RwSignal<String>,
    pub node: RwSignal<String>,
}

/// As rules have it: SKU, category, node, kind of node.
pub type Scope = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<NodeKind>,
);

impl ScopeDraft {
    pub fn of((sku, category, node, kind): Scope) -> Self {
        let (what, of) = match (sku, category) {
            (Some(sku), _) => ("sku", sku),
            (None, Some(category)) => ("category", category),
            (None, None) => ("all", String::new()),
        };
        let (place, node) = match (node, kind) {
            (Some(node), _) => ("node", node),
            (None, Some(kind)) => (kind.as_str(), String::new()),
            (None, None) => ("all", String::new()),
        };
        ScopeDraft {
            what: RwSignal::new(what.to_owned()),
            of: RwSignal::new(of),
            place: RwSignal::new(place.to_owned()),
            node: RwSignal::new(node),
        }
    }

    pub fn read(self) -> Scope {
        let of = Some(self.of.get().trim().to_owned());
        let node = Some(self.node.get().trim().to_owned());
        let (what, place) = (self.what.get(), self.place.get());
        let kind = NodeKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == place);
        (
            of.clone().filter(|_| what == "sku"),
            of.filter(|_| what == "category"),
            node.filter(|_| place == "node"),
            kind,
        )
    }
}

/// The cells of a rule's row that say what it is about.
#[component]
pub fn ScopeCells(
    scope: ScopeDraft,
    /// Unlike that of any other row.
    id: usize,
    /// Where the rule is in the list that is sent.
    at: Signal<usize>,
) -> impl IntoView {
    let n = id + 1;
    let whats = [
        ("all", "All products"),
        ("sku", "One SKU"),
        ("category", "A category"),
    ];
    let places = [("all", "All nodes"), ("node", "One node")];
    let kinds = NodeKind::ALL.map(|kind| (kind.as_str(), kind_words(kind)));
    let select = |label: String,
                  value: RwSignal<String>,
                  options: Vec<(&'static str, &'static str)>| {
        let options = options.into_iter().map(|(code, words)| {
            view! {
                <option value=code selected=move || value.with(|value| value == code)>
                    {words}
                </option>
            }
        });
        view! {
            <select aria-label=label on:change=move |event| value.set(event_target_value(&event))>
                {options.collect_view()}
            </select>
        }
    };
    let of_what = move || match scope.what.get().as_str() {
        "sku" => Some(("SKU", "sku")),
        "category" => Some(("Category", "category")),
        _ => None,
    };
    let entry = move || {
        of_what().map(|(words, field)| {
            let pointer = Signal::derive(move || format!("#/{}/{field}", at.get()));
            view! {
                <Entry
                    label=format!("{words} of rule {n}")
                    id=format!("rule-{id}-of")
                    value=scope.of
                    pointer
                    placeholder=words
                    in_table=true
                />
            }
        })
    };
    let node = move || {
        (scope.place.get() == "node").then(|| {
            let pointer = Signal::derive(move || format!("#/{}/node", at.get()));
            view! {
                <Entry
                    label=format!("Node of rule {n}")
                    id=format!("rule-{id}-node")
                    value=scope.node
                    pointer
                    placeholder="Node's code"
                    list="node-codes"
                    in_table=true
                />
            }
        })
    };
    view! {
        <td data-label="Of what" class="scope">
            {select(format!("What rule {n} is about"), scope.what, whats.into())}
            {entry}
        </td>
        <td data-label="Where" class="scope">
            {select(format!("Where rule {n} holds"), scope.place, places.into_iter().chain(kinds).collect())}
            {node}
        </td>
    }
    .into_any()
}

/// The codes of nodes, for the fields that ask for one.
#[component]
pub fn NodeCodes(nodes: Vec<(String, String)>) -> impl IntoView {
    let options = nodes
        .into_iter()
        .map(|(code, name)| view! { <option value=code>{name}</option> });
    view! { <datalist id="node-codes">{options.collect_view()}</datalist> }.into_any()
}

fn kind_words(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Warehouse => "All warehouses",
        NodeKind::Store => "All stores",
        NodeKind::ThirdParty => "All third parties",
        NodeKind::Vendor => "All vendors",
    }
}
