use engine::model::{OrderRow, format_money};
use leptos::prelude::*;

use crate::components::{OrderBadge, When};
use crate::format;

/// A column of the list that can be shown or not. The order's number is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    ExternalId,
    Placed,
    Customer,
    Destination,
    Lines,
    Units,
    Total,
    State,
    Nodes,
    Waiting,
    Note,
    Updated,
}

impl Column {
    pub const ALL: [Column; 12] = [
        Column::ExternalId,
        Column::Placed,
        Column::Customer,
        Column::Destination,
        Column::Lines,
        Column::Units,
        Column::Total,
        Column::State,
        Column::Nodes,
        Column::Waiting,
        Column::Note,
        Column::Updated,
    ];

    /// What is shown to who has not chosen.
    pub const USUAL: [Column; 8] = [
        Column::Placed,
        Column::Customer,
        Column::Units,
        Column::Total,
        Column::State,
        Column::Nodes,
        Column::Note,
        Column::Updated,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Column::ExternalId => "Channel's number",
            Column::Placed => "Placed",
            Column::Customer => "Customer",
            Column::Destination => "Destination",
            Column::Lines => "Lines",
            Column::Units => "Units",
            Column::Total => "Total",
            Column::State => "State",
            Column::Nodes => "Nodes",
            Column::Waiting => "Waiting",
            Column::Note => "Note",
            Column::Updated => "Updated",
        }
    }

    /// As addresses, views and exports have it.
    pub fn name(self) -> &'static str {
        match self {
            Column::ExternalId => "external_id",
            Column::Placed => "placed",
            Column::Customer => "customer",
            Column::Destination => "destination",
            Column::Lines => "lines",
            Column::Units => "units",
            Column::Total => "total",
            Column::State => "state",
            Column::Nodes => "nodes",
            Column::Waiting => "waiting",
            Column::Note => "note",
            Column::Updated => "updated",
        }
    }

    /// Those that are known, each once; none for the usual ones.
    pub fn read<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Vec<Column>> {
        let mut columns = Vec::new();
        for name in names {
            let column = Column::ALL.into_iter().find(|c| c.name() == name);
            columns.extend(column.filter(|c| !columns.contains(c)));
        }
        (!columns.is_empty()).then_some(columns)
    }

    /// The same columns as names.
    pub fn names(columns: &[Column]) -> Vec<String> {
        columns.iter().map(|c| c.name().to_owned()).collect()
    }

    /// Numbers stand on the right.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Column::Lines | Column::Units | Column::Total | Column::Waiting
        )
    }

    pub fn head(self) -> AnyView {
        let class = if self.is_number() { "number" } else { "" };
        view! {
            <th scope="col" class=class>
                {self.label()}
            </th>
        }
        .into_any()
    }

    /// The cell of an order, which changes with it.
    pub fn cell(self, row: Memo<OrderRow>) -> AnyView {
        let class = match self {
            Column::State => "state-cell",
            Column::Note => "note-cell",
            column if column.is_number() => "number",
            _ => "",
        };
        // On a phone these two need no word before them.
        let label = (!matches!(self, Column::State | Column::Note)).then(|| self.label());
        let of = move |f: fn(&OrderRow) -> String| {
            let text = move || row.with(f);
            text.into_any()
        };
        let content = match self {
            Column::ExternalId => of(|row| row.external_id.clone()),
            Column::Placed => {
                view! { <When at=Signal::derive(move || row.with(|row| row.placed_at))/> }
                    .into_any()
            }
            Column::Customer => {
                let to = move || row.with(|row| row.destination.clone());
                view! {
                    {of(|row| row.customer_name.clone())}
                    " "
                    <span class="muted">{to}</span>
                }
                .into_any()
            }
            Column::Destination => of(|row| row.destination.clone()),
            Column::Lines => of(|row| format::count(row.line_count)),
            Column::Units => of(|row| format::count(row.units)),
            Column::Total => of(|row| format_money(row.total, row.currency)),
            Column::State => {
                view! { <OrderBadge status=Signal::derive(move || row.with(|row| row.status))/> }
                    .into_any()
            }
            Column::Nodes => {
                let all = move || row.with(|row| row.nodes.join(", "));
                view! { <span title=all>{of(nodes)}</span> }.into_any()
            }
            Column::Waiting => of(|row| format::count(row.waiting_units)),
            Column::Note => of(note),
            Column::Updated => {
                view! { <When at=Signal::derive(move || row.with(|row| row.updated_at))/> }
                    .into_any()
            }
        };
        view! {
            <td class=class data-label=label>
                {content}
            </td>
        }
        .into_any()
    }
}

fn nodes(row: &OrderRow) -> String {
    match row.nodes.as_slice() {
        [] => "–".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} + {}", rest.len()),
    }
}

/// Why the order waits or is held.
pub fn note(row: &OrderRow) -> String {
    row.note.clone().unwrap_or_else(|| {
        if row.waiting_units > 0 {
            format!(
                "{} wait",
                format::counted(row.waiting_units, "unit", "units")
            )
        } else {
            String::new()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_read_back_and_what_is_not_known_is_left_out() {
        let read = |text: &str| Column::read(text.split(','));
        assert_eq!(
            read("total,moon,placed,total"),
            Some(vec![Column::Total, Column::Placed])
        );
        assert_eq!(read("moon"), None);
        assert_eq!(read(""), None);
        let names = Column::names(&Column::ALL);
        assert_eq!(
            Column::read(names.iter().map(String::as_str)),
            Some(Column::ALL.to_vec())
        );
    }
}
