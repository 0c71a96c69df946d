//! Files of what screens list, made while they are sent: a list of any length takes no more memory than a page of it.

use app::export::OrdersExport;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use orchestrator::{Actor, Orchestrator, PageRequest, accounts, orders};

use crate::problem::Problem;
use crate::session::Visit;
use crate::state::AppState;

/// `GET /orders.csv`: every order of the list with the same query, and its columns.
pub async fn orders_csv(
    State(state): State<AppState>,
    axum::Extension(visit): axum::Extension<Visit>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let viewer = visit
        .viewer
        .ok_or_else(|| Problem::unauthenticated("sign in to export orders"))?;
    let orc = state.orchestrator.clone();
    let mut file = File {
        export: OrdersExport::read(query, &viewer),
        actor: accounts::actor_of(&viewer),
        next: Some(PageRequest::first(PageRequest::MAX)),
    };
    // The first page is read before anything is sent, so that a refusal is an answer of its own.
    let mut begin = lines([file.export.head()])?;
    begin.extend(file.page(&orc).await?);
    let rest = stream::unfold((file, orc), |(mut file, orc)| async move {
        file.next.as_ref()?;
        let page = file.page(&orc).await.map_err(|error| {
            tracing::error!(%error, "an export broke off");
            // The connection is cut, so that nobody takes the part for the whole.
            std::io::Error::other("the export broke off")
        });
        if page.is_err() {
            file.next = None;
        }
        Some((page, (file, orc)))
    });
    let begin = stream::once(async { Ok(begin) });
    // What compresses it asks once more after the end.
    let body = Body::from_stream(begin.chain(rest).fuse());
    let day = state.orchestrator.now().date_naive();
    let name = format!("attachment; filename=\"orders-{day}.csv\"");
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, body).into_response())
}

struct File {
    export: OrdersExport,
    actor: Actor,
    /// `None` at the end.
    next: Option<PageRequest>,
}

impl File {
    async fn page(&mut self, orc: &Orchestrator) -> orchestrator::Result<Vec<u8>> {
        let Some(request) = self.next.take() else {
            return Ok(Vec::new());
        };
        let page = orders::list(orc, &self.actor, &self.export.filter, &request).await?;
        self.next = page.next_cursor.map(|cursor| PageRequest {
            cursor: Some(cursor),
            ..request
        });
        lines(page.items.iter().map(|order| self.export.row(order)))
    }
}

/// Lines of the file.
fn lines<T: AsRef<str>>(rows: impl IntoIterator<Item = Vec<T>>) -> orchestrator::Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| orchestrator::Error::Internal(error.to_string());
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| harmless(cell.as_ref()).into_owned());
        csv.write_record(cells).map_err(|error| broken(&error))?;
    }
    csv.into_inner().map_err(|error| broken(&error))
}

/// A customer may be called `=HYPERLINK(…)`: what a spreadsheet would run begins with a sign that makes it text.
fn harmless(cell: &str) -> std::borrow::Cow<'_, str> {
    let number = cell.parse::<f64>().is_ok();
    if !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_back_as_they_were_and_never_run() {
        let cells = vec!["a", "b, \"c\"", "-12.34", "=1+1", "two\nlines"];
        let text = String::from_utf8(lines([cells]).unwrap()).unwrap();
        assert_eq!(text, "a,\"b, \"\"c\"\"\",-12.34,'=1+1,\"two\nlines\"\r\n");
    }
}
