//! What nodes have to do on which day, and which days have no room for more.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use engine::model::{MerchantId, Node};
use sea_orm::FromQueryResult;

use crate::store::sql::{self, values};
use crate::{Orchestrator, Result};

/// Units assigned, by node and local day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workload(HashMap<String, BTreeMap<NaiveDate, i64>>);

impl Workload {
    /// From the last day that is not over everywhere.
    pub async fn read(orc: &Orchestrator, merchant: MerchantId) -> Result<Self> {
        #[derive(FromQueryResult)]
        struct Row {
            node: String,
            day: String,
            units: i64,
        }
        // No local day is more than one day before the one in UTC.
        let since = (orc.now().date_naive() - Days::new(1)).to_string();
        let sql = "SELECT node, day, units FROM node_days WHERE merchant_id = ? AND day >= ?";
        let rows: Vec<Row> = sql::all(orc.reader(), sql, values![merchant.0, since]).await?;
        let mut workload = Workload::default();
        for row in rows {
            workload.add(&row.node, &row.day, row.units);
        }
        Ok(workload)
    }

    pub fn add(&mut self, node: &str, day: &str, units: i64) {
        let Ok(day) = day.parse() else { return };
        let days = self.0.entry(node.to_owned()).or_default();
        *days.entry(day).or_default() += units;
    }

    /// Days on which the node has no room for so many units. More than it can do in a day need a day of their own.
    pub fn full_days(&self, node: &Node, units: i64) -> Vec<NaiveDate> {
        let (Some(limit), Some(days)) = (node.daily_capacity, self.0.get(&node.code)) else {
            return Vec::new();
        };
        let limit = i64::from(limit);
        let full = days
            .iter()
            .filter(|(_, used)| limit - *used < units.min(limit));
        full.map(|(day, _)| *day).collect()
    }

    /// Units that a node with a limit can still take, on whichever of these days.
    pub fn room(&self, node: &Node, days: impl Iterator<Item = NaiveDate>) -> Option<u64> {
        let limit = node.daily_capacity?;
        let of_node = self.0.get(&node.code);
        let used = days.filter_map(|day| of_node?.get(&day).copied());
        let left = i64::from(limit) - used.max().unwrap_or(0);
        Some(left.max(0).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_full_for_an_order_that_does_not_fit_into_it() {
        let node: Node = serde_json::from_value(
            serde_json::json!({"code": "east", "name": "East", "kind": "warehouse",
            "address": {"postal_code": "10001", "country": "US"}, "daily_capacity": 10}),
        )
        .unwrap();
        let mut workload = Workload::default();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        workload.add("east", "2026-11-25", 7);
        workload.add("east", "2026-11-26", 10);
        let full = |units| workload.full_days(&node, units);
        assert_eq!(full(3), [day("2026-11-26")]);
        assert_eq!(full(4), [day("2026-11-25"), day("2026-11-26")]);
        workload.add("east", "2026-11-27", 1);
        assert_eq!(
            workload.full_days(&node, 25).len(),
            3,
            "it needs a day of its own"
        );
        let room = |text| workload.room(&node, [day(text)].into_iter());
        assert_eq!(
            (room("2026-11-25"), room("2026-11-28")),
            (Some(3), Some(10))
        );
    }
}
