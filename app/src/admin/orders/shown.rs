use engine::model::OrderId;
use leptos_router::params::ParamsMap;

use super::{Column, OrdersQuery, View};
use crate::query;

/// A list as its address has it: which orders, and how they are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    pub query: OrdersQuery,
    /// Name of the person's view that it was opened as.
    pub saved: Option<String>,
    /// Columns, unless they are those that the person usually has.
    pub columns: Option<Vec<Column>>,
}

impl Shown {
    pub fn read(params: &ParamsMap) -> Self {
        Shown {
            query: OrdersQuery::read(params),
            saved: query::text(params, "saved"),
            columns: query::text(params, "cols").and_then(|names| Column::read(names.split(','))),
        }
    }

    /// The same tab with everything in it, which is no longer what a view shows.
    pub fn widened(&self) -> Self {
        Shown {
            query: self.query.widened(),
            saved: None,
            columns: self.columns.clone(),
        }
    }

    /// What the address has beside the query.
    pub fn look(&self) -> [(&'static str, Option<String>); 2] {
        let columns = self.columns.as_deref().map(Column::names);
        let columns = columns.map(|names| names.join(","));
        [("saved", self.saved.clone()), ("cols", columns)]
    }

    /// As it stands in an address, without `?`; empty for all orders.
    pub fn write(&self) -> String {
        let mut pairs = self.query.pairs().to_vec();
        pairs.extend(self.look());
        query::written(pairs)
    }

    /// The list itself, or a page of it: `page` is what the address has beside.
    pub fn list_address(&self, page: &[(&str, Option<String>)]) -> String {
        addressed("/orders", [&self.write(), &query::written(page.to_vec())])
    }

    /// The page of an order that remembers the list it was opened from.
    pub fn order_address(&self, id: OrderId) -> String {
        addressed(&format!("/orders/{id}"), [&self.write(), ""])
    }

    /// What people call the list.
    pub fn name(&self) -> String {
        self.saved
            .clone()
            .unwrap_or_else(|| self.query.view.label().to_owned())
    }

    /// A tab that every merchant has.
    pub fn tab(view: View) -> Self {
        Shown {
            query: OrdersQuery {
                view,
                ..OrdersQuery::default()
            },
            ..Shown::default()
        }
    }
}

fn addressed(path: &str, parts: [&str; 2]) -> String {
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", parts.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_what_differs_from_the_list_of_all_orders() {
        assert_eq!(Shown::default().list_address(&[]), "/orders");
        let cursor = [("cursor", Some("6f".to_owned()))];
        assert_eq!(Shown::default().list_address(&cursor), "/orders?cursor=6f");
        let shown = Shown {
            saved: Some("Held & web".to_owned()),
            columns: Some(vec![Column::Total, Column::Placed]),
            ..Shown::tab(View::Attention)
        };
        assert_eq!(
            shown.list_address(&cursor),
            "/orders?view=attention&saved=Held%20%26%20web&cols=total,placed&cursor=6f"
        );
        assert_eq!(shown.name(), "Held & web");
        assert_eq!(Shown::tab(View::Attention).name(), "Needs attention");
    }
}
