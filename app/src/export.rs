//! The list of orders as rows of text: the columns that the screen shows, after what names an order for good.

use engine::model::{Currency, OrderFilter, OrderRow, Viewer};
use leptos_router::params::ParamsMap;

use crate::admin::{Column, Shown, columns_for};
use crate::format;

/// What a file of orders holds.
pub struct OrdersExport {
    pub filter: OrderFilter,
    columns: Vec<Column>,
}

impl OrdersExport {
    /// From the query of the file's address, which is that of the list.
    pub fn read(query: impl IntoIterator<Item = (String, String)>, viewer: &Viewer) -> Self {
        let mut params = ParamsMap::new();
        for (key, value) in query {
            params.insert(key, value);
        }
        let shown = Shown::read(&params);
        let mut columns = columns_for(&shown, &viewer.preferences);
        // On the screen the customer's column says where to as well.
        let customer = columns.iter().position(|c| *c == Column::Customer);
        if let Some(i) = customer.filter(|_| !columns.contains(&Column::Destination)) {
            columns.insert(i + 1, Column::Destination);
        }
        OrdersExport {
            columns,
            filter: shown.query.filter(&viewer.merchant.time_zone),
        }
    }

    /// Names of the columns.
    pub fn head(&self) -> Vec<&'static str> {
        let mut head = vec!["id", "number", "channel", "external_id"];
        for column in &self.columns {
            head.extend(names(*column));
        }
        head
    }

    /// An order, in the order of the names.
    pub fn row(&self, order: &OrderRow) -> Vec<String> {
        let mut row = vec![
            order.id.to_string(),
            order.number.to_string(),
            order.channel.clone(),
            order.external_id.clone(),
        ];
        for column in &self.columns {
            row.extend(texts(*column, order));
        }
        row
    }
}

fn names(column: Column) -> &'static [&'static str] {
    match column {
        // It stands in every file.
        Column::ExternalId => &[],
        Column::Placed => &["placed_at"],
        Column::Customer => &["customer"],
        Column::Destination => &["destination"],
        Column::Lines => &["lines"],
        Column::Units => &["units"],
        Column::Total => &["total", "currency"],
        Column::State => &["state"],
        Column::Nodes => &["nodes"],
        Column::Waiting => &["waiting_units"],
        Column::Note => &["note"],
        Column::Updated => &["updated_at"],
    }
}

fn texts(column: Column, order: &OrderRow) -> Vec<String> {
    match column {
        Column::ExternalId => vec![],
        Column::Placed => vec![format::machine(order.placed_at)],
        Column::Customer => vec![order.customer_name.clone()],
        Column::Destination => vec![order.destination.clone()],
        Column::Lines => vec![order.line_count.to_string()],
        Column::Units => vec![order.units.to_string()],
        Column::Total => vec![
            amount(order.total, order.currency),
            order.currency.to_string(),
        ],
        Column::State => vec![order.status.to_string()],
        Column::Nodes => vec![order.nodes.join(" ")],
        Column::Waiting => vec![order.waiting_units.to_string()],
        Column::Note => vec![order.note.clone().unwrap_or_default()],
        Column::Updated => vec![format::machine(order.updated_at)],
    }
}

/// An amount as programs read it: `-12.34`.
fn amount(minor: i64, currency: Currency) -> String {
    let digits = currency.exponent() as usize;
    let scale = 10u64.pow(currency.exponent());
    let (whole, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
    let sign = if minor < 0 { "-" } else { "" };
    if digits == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:0digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_numbers() {
        assert_eq!(amount(-1_234_567, Currency::USD), "-12345.67");
        assert_eq!(amount(5, Currency::USD), "0.05");
        assert_eq!(amount(1500, "JPY".parse().unwrap()), "1500");
    }

    #[test]
    fn a_row_has_as_many_texts_as_its_column_has_names() {
        let order = serde_json::json!({
            "id": format!("ord_{}", "0".repeat(32)), "number": 1, "channel": "web", "external_id": "W-1",
            "status": "routed", "placed_at": "2026-11-24T12:00:00Z", "updated_at": "2026-11-24T12:00:00Z",
            "currency": "USD", "total": 139, "customer_name": "Cy", "destination": "New York, NY",
            "line_count": 1, "units": 1, "nodes": ["east"], "waiting_units": 0, "note": null, "version": 1
        });
        let order: OrderRow = serde_json::from_value(order).unwrap();
        for column in Column::ALL {
            assert_eq!(
                names(column).len(),
                texts(column, &order).len(),
                "{column:?}"
            );
        }
    }
}
