//! What `/metrics` shows, in Prometheus' text format: requests by route and status with their latency, the router,
//! the writer's queue, the database's time, orders by state.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use engine::model::OrderStatus;
use http::header::CONTENT_TYPE;
use orchestrator::{Actor, Orchestrator, Stats, accounts, orders};

use crate::problem::Problem;
use crate::state::AppState;

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Counters of this process.
#[derive(Default)]
pub struct Metrics(Mutex<Counters>);

#[derive(Default)]
struct Counters {
    requests: BTreeMap<(String, String, u16), u64>,
    latency: BTreeMap<String, Histogram>,
    router_batches: Histogram,
    router_orders: BTreeMap<&'static str, u64>,
    streams: i64,
}

#[derive(Default, Clone)]
struct Histogram {
    counts: [u64; BUCKETS.len()],
    count: u64,
    sum_s: f64,
}

impl Histogram {
    fn observe(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        for (count, bound) in self.counts.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= bound);
        }
        self.count += 1;
        self.sum_s += seconds;
    }

    fn write(&self, out: &mut String, name: &str, label: &str) {
        let comma = if label.is_empty() { "" } else { "," };
        for (count, bound) in self.counts.iter().zip(BUCKETS) {
            let _ = writeln!(out, "{name}_bucket{{{label}{comma}le=\"{bound}\"}} {count}");
        }
        let _ = writeln!(
            out,
            "{name}_bucket{{{label}{comma}le=\"+Inf\"}} {}",
            self.count
        );
        let braced = if label.is_empty() {
            String::new()
        } else {
            format!("{{{label}}}")
        };
        let _ = writeln!(out, "{name}_sum{braced} {}", self.sum_s);
        let _ = writeln!(out, "{name}_count{braced} {}", self.count);
    }
}

impl Metrics {
    fn change(&self, change: impl FnOnce(&mut Counters)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Counts one answered request. `route` is the pattern, never the path: there are few of them.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.change(|counters| {
            *counters
                .requests
                .entry((route.to_owned(), method.to_owned(), status))
                .or_default() += 1;
            counters
                .latency
                .entry(route.to_owned())
                .or_default()
                .observe(took);
        });
    }

    /// Counts one batch of the router.
    pub fn routed(&self, report: &orchestrator::routing::RunReport) {
        self.change(|counters| {
            for _ in 0..report.batches {
                counters
                    .router_batches
                    .observe(report.took / report.batches);
            }
            for (outcome, n) in [
                ("routed", report.routed),
                ("backordered", report.backordered),
                ("conflict", report.conflicts),
                ("failed", report.failed),
            ] {
                *counters.router_orders.entry(outcome).or_default() += n as u64;
            }
        });
    }

    /// Counts a live stream for as long as the guard lives.
    pub fn stream_opened(state: &AppState) -> StreamGuard {
        state.metrics.change(|counters| counters.streams += 1);
        StreamGuard(state.clone())
    }

    fn render(&self, stats: &Stats, orders: &BTreeMap<OrderStatus, u64>) -> String {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::with_capacity(16_384);
        head(
            &mut out,
            "baton_http_requests_total",
            "counter",
            "Requests answered, by route, method and status.",
        );
        for ((route, method, status), n) in &counters.requests {
            let _ = writeln!(
                out,
                "baton_http_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {n}"
            );
        }
        let name = "baton_http_request_duration_seconds";
        head(
            &mut out,
            name,
            "histogram",
            "Time until the answer began, by route.",
        );
        for (route, latency) in &counters.latency {
            latency.write(&mut out, name, &format!("route=\"{route}\""));
        }
        head(
            &mut out,
            "baton_streams_open",
            "gauge",
            "Live streams open at this moment.",
        );
        let _ = writeln!(out, "baton_streams_open {}", counters.streams);
        head(
            &mut out,
            "baton_router_batch_duration_seconds",
            "histogram",
            "From claim to commit of a batch of orders.",
        );
        counters
            .router_batches
            .write(&mut out, "baton_router_batch_duration_seconds", "");
        head(
            &mut out,
            "baton_router_orders_total",
            "counter",
            "Orders planned by this process, by outcome.",
        );
        for (outcome, n) in &counters.router_orders {
            let _ = writeln!(
                out,
                "baton_router_orders_total{{outcome=\"{outcome}\"}} {n}"
            );
        }
        head(
            &mut out,
            "baton_orders",
            "gauge",
            "Orders by state, over all merchants.",
        );
        for status in OrderStatus::ALL {
            let _ = writeln!(
                out,
                "baton_orders{{status=\"{status}\"}} {}",
                orders.get(status).copied().unwrap_or(0)
            );
        }
        let waiting = orders.get(&OrderStatus::Received).copied().unwrap_or(0);
        for (name, kind, about, value) in [
            (
                "baton_router_queue",
                "gauge",
                "Orders that wait for their first plan.",
                waiting as f64,
            ),
            (
                "baton_router_planned_total",
                "counter",
                "Plans made.",
                stats.planned as f64,
            ),
            (
                "baton_router_conflicts_total",
                "counter",
                "Plans made again because the world changed.",
                stats.conflicts as f64,
            ),
            (
                "baton_engine_seconds_total",
                "counter",
                "Time the engine took for plans.",
                stats.engine_seconds,
            ),
            (
                "baton_routing_seconds_total",
                "counter",
                "Time from claim to commit, over all batches.",
                stats.routing_seconds,
            ),
            (
                "baton_write_queue",
                "gauge",
                "Changes that wait for the database's writer.",
                stats.write_queue as f64,
            ),
            (
                "baton_database_commits_total",
                "counter",
                "Transactions committed.",
                stats.commits as f64,
            ),
            (
                "baton_database_changes_total",
                "counter",
                "Changes in them.",
                stats.jobs as f64,
            ),
            (
                "baton_database_write_seconds_total",
                "counter",
                "Time the writer spent in transactions.",
                stats.write_seconds,
            ),
        ] {
            head(&mut out, name, kind, about);
            let _ = writeln!(out, "{name} {value}");
        }
        out
    }
}

/// Keeps a live stream counted.
pub struct StreamGuard(AppState);

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.metrics.change(|counters| counters.streams -= 1);
    }
}

fn head(out: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(out, "# HELP {name} {about}\n# TYPE {name} {kind}");
}

/// `GET /metrics`
pub async fn show(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let orders = orders_by_status(&state.orchestrator).await?;
    let text = state.metrics.render(&state.orchestrator.stats(), &orders);
    Ok((
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    ))
}

async fn orders_by_status(orc: &Orchestrator) -> Result<BTreeMap<OrderStatus, u64>, Problem> {
    let mut sum = BTreeMap::new();
    for merchant in accounts::merchants(orc).await? {
        for (status, n) in orders::counts(orc, &Actor::system(merchant.id, "Metrics"))
            .await?
            .by_status
        {
            *sum.entry(status).or_default() += n;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up() {
        let mut out = String::new();
        let mut histogram = Histogram::default();
        histogram.observe(Duration::from_millis(3));
        histogram.observe(Duration::from_mins(1));
        histogram.write(&mut out, "x", "route=\"/\"");
        for line in [
            "x_bucket{route=\"/\",le=\"0.0025\"} 0",
            "le=\"0.005\"} 1",
            "le=\"5\"} 1",
            "le=\"+Inf\"} 2",
            "x_count{route=\"/\"} 2",
        ] {
            assert!(out.contains(line), "{line} in\n{out}");
        }
    }
}
