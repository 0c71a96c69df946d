use chrono::NaiveDate;
use engine::model::{OrderRow, OrderSort, OrderStatus};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::query;

/// Which orders the list shows; the whole of it stands in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersQuery {
    /// A tab above the list.
    pub view: View,
    /// One state within the tab.
    pub status: Option<OrderStatus>,
    pub channel: Option<String>,
    pub node: Option<String>,
    pub q: Option<String>,
    /// Placed on this day or later, in the merchant's time zone.
    pub from: Option<NaiveDate>,
    /// Placed on this day or before.
    pub to: Option<NaiveDate>,
    pub sort: OrderSort,
}

/// A tab: a name for some states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    #[default]
    All,
    Attention,
    New,
    Waiting,
    InWork,
    Shipped,
    Cancelled,
}

impl View {
    pub const ALL: [View; 7] = [
        View::All,
        View::Attention,
        View::New,
        View::Waiting,
        View::InWork,
        View::Shipped,
        View::Cancelled,
    ];

    pub fn label(self) -> &'static str {
        match self {
            View::All => "All",
            View::Attention => "Needs attention",
            View::New => "To be routed",
            View::Waiting => "Waiting for stock",
            View::InWork => "With the nodes",
            View::Shipped => "Shipped",
            View::Cancelled => "Cancelled",
        }
    }

    /// As addresses have it.
    pub fn name(self) -> &'static str {
        match self {
            View::All => "all",
            View::Attention => "attention",
            View::New => "new",
            View::Waiting => "waiting",
            View::InWork => "work",
            View::Shipped => "shipped",
            View::Cancelled => "cancelled",
        }
    }

    /// The states that it shows; none for all of them.
    pub fn statuses(self) -> &'static [OrderStatus] {
        use OrderStatus as S;
        match self {
            View::All => &[],
            View::Attention => &[S::NeedsAttention, S::OnHold, S::Backordered],
            View::New => &[S::Received],
            View::Waiting => &[S::Backordered],
            View::InWork => &[S::Routed, S::InProgress],
            View::Shipped => &[S::Shipped, S::Delivered],
            View::Cancelled => &[S::Cancelled],
        }
    }
}

impl OrdersQuery {
    /// What the address asks for. What it does not understand it leaves out.
    pub fn read(params: &ParamsMap) -> Self {
        let text = |key| query::text(params, key);
        let view = text("view");
        OrdersQuery {
            view: View::ALL
                .into_iter()
                .find(|v| view.as_deref() == Some(v.name()))
                .unwrap_or_default(),
            status: text("status").and_then(|status| status.parse().ok()),
            channel: text("channel"),
            node: text("node"),
            q: text("q"),
            from: text("from").and_then(|date| date.parse().ok()),
            to: text("to").and_then(|date| date.parse().ok()),
            sort: match text("sort").as_deref() {
                Some("oldest") => OrderSort::Oldest,
                _ => OrderSort::Newest,
            },
        }
    }

    /// The same as it stands in an address, without `?`; empty for all orders.
    pub fn write(&self) -> String {
        query::written(self.pairs())
    }

    /// Each part of it with its name in addresses.
    pub fn pairs(&self) -> [(&'static str, Option<String>); 8] {
        let view = (self.view != View::All).then(|| self.view.name().to_owned());
        let sort = (self.sort == OrderSort::Oldest).then(|| "oldest".to_owned());
        [
            ("view", view),
            ("status", self.status.map(|status| status.to_string())),
            ("channel", self.channel.clone()),
            ("node", self.node.clone()),
            ("q", self.q.clone()),
            ("from", self.from.map(|date| date.to_string())),
            ("to", self.to.map(|date| date.to_string())),
            ("sort", sort),
        ]
    }

    /// The same tab with everything in it.
    pub fn widened(&self) -> Self {
        OrdersQuery {
            view: self.view,
            ..OrdersQuery::default()
        }
    }

    /// The states that may show, none for all of them.
    pub fn statuses(&self) -> Vec<OrderStatus> {
        match self.status {
            Some(status) => vec![status],
            None => self.view.statuses().to_vec(),
        }
    }

    /// Whether anything narrows the list beyond its tab.
    pub fn is_narrowed(&self) -> bool {
        *self
            != OrdersQuery {
                view: self.view,
                sort: self.sort,
                ..OrdersQuery::default()
            }
    }

    /// Whether an order that just came belongs on this list, as far as its row tells. Days and text are the server's
    /// to judge: with them in the query, a new order is shown when the list is asked for again.
    pub fn takes(&self, row: &OrderRow) -> bool {
        let statuses = self.statuses();
        (statuses.is_empty() || statuses.contains(&row.status))
            && self.channel.as_ref().is_none_or(|c| *c == row.channel)
            && self.node.as_ref().is_none_or(|n| row.nodes.contains(n))
            && self.q.is_none()
            && self.from.is_none()
            && self.to.is_none()
    }
}

#[cfg(feature = "ssr")]
impl OrdersQuery {
    /// As the ledger understands it, with days of this time zone.
    pub fn filter(self, time_zone: &str) -> engine::model::OrderFilter {
        use chrono::{DateTime, TimeZone, Utc};
        let zone: chrono_tz::Tz = time_zone.parse().unwrap_or(chrono_tz::UTC);
        let begin = |date: NaiveDate| -> Option<DateTime<Utc>> {
            let midnight = date.and_hms_opt(0, 0, 0)?;
            // Where the clock jumps over midnight the day begins an hour later.
            let begin = zone.from_local_datetime(&midnight).earliest().or_else(|| {
                zone.from_local_datetime(&date.and_hms_opt(1, 0, 0)?)
                    .earliest()
            })?;
            Some(begin.with_timezone(&Utc))
        };
        engine::model::OrderFilter {
            order: Vec::new(),
            status: self.statuses(),
            channel: self.channel.into_iter().collect(),
            node: self.node.into_iter().collect(),
            q: self.q,
            placed_from: self.from.and_then(begin),
            placed_to: self.to.and_then(|date| begin(date.succ_opt()?)),
            sort: self.sort,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_reads_back_from_its_address() {
        let query = OrdersQuery {
            view: View::Attention,
            status: Some(OrderStatus::OnHold),
            channel: Some("web".to_owned()),
            node: Some("east & co".to_owned()),
            q: Some("Ana +1".to_owned()),
            from: NaiveDate::from_ymd_opt(2026, 11, 24),
            to: None,
            sort: OrderSort::Oldest,
        };
        let address = query.write();
        assert_eq!(
            address,
            "view=attention&status=on_hold&channel=web&node=east%20%26%20co&q=Ana%20%2B1&from=2026-11-24&sort=oldest"
        );
        let mut params = ParamsMap::new();
        for pair in address.split('&') {
            let (key, value) = pair.split_once('=').unwrap();
            let value = value
                .replace("%20", " ")
                .replace("%26", "&")
                .replace("%2B", "+");
            params.insert(key.to_owned(), value);
        }
        assert_eq!(OrdersQuery::read(&params), query);
        assert_eq!(OrdersQuery::default().write(), "");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn days_are_the_merchants() {
        let query = OrdersQuery {
            from: NaiveDate::from_ymd_opt(2026, 11, 1),
            to: NaiveDate::from_ymd_opt(2026, 11, 1),
            ..OrdersQuery::default()
        };
        let filter = query.filter("America/New_York");
        // The clock goes back that night, so the day has 25 hours.
        assert_eq!(
            filter.placed_from.unwrap().to_rfc3339(),
            "2026-11-01T04:00:00+00:00"
        );
        assert_eq!(
            filter.placed_to.unwrap().to_rfc3339(),
            "2026-11-02T05:00:00+00:00"
        );
    }
}
