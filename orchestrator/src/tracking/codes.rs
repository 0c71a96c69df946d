//! Codes that are mailed to the customer before something that moves money or goods.

use chrono::Duration;
use engine::model::{Customer, MessageKind};
use futures::FutureExt;
use rand::Rng;
use sea_orm::{EntityTrait, FromQueryResult};
use serde_json::json;

use super::links::hash_of;
use super::{Access, Tier};
use crate::store::NewEvent;
use crate::store::sql::{self, values};
use crate::store::tables::orders;
use crate::{Actor, Error, Orchestrator, Result, messages};

/// For how long a code is good, and for how long it counts once it was entered.
const GOOD_FOR: Duration = Duration::minutes(15);
/// Wrong tries before a code is worth nothing.
const MOST_TRIES: i64 = 5;
/// Codes that go out for an order within an hour.
const MOST_CODES: i64 = 5;

/// What became of asking for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSent {
    /// To this address, masked.
    To(String),
    /// The order has no address for mail.
    NoMail,
    TooMany,
}

/// Mails a code to the order's own address.
pub async fn send_code(orc: &Orchestrator, access: &Access) -> Result<CodeSent> {
    let (Some(visit), order, link) = (access.visit.clone(), access.order, access.link.clone())
    else {
        return Err(forbidden());
    };
    orc.write(access.merchant, move |tx| {
        async move {
            let row = orders::Entity::find_by_id(order.0).one(tx.conn()).await?;
            let row = row.ok_or_else(forbidden)?;
            let customer: Customer =
                serde_json::from_str(&row.customer).map_err(Error::internal)?;
            let Some(mail) = customer.email.filter(|mail| mail.contains('@')) else {
                return Ok(CodeSent::NoMail);
            };
            let hour_ago = (tx.now() - Duration::hours(1)).timestamp_micros();
            let sent = "SELECT count(*) AS n FROM messages WHERE order_id = ? AND kind = 'code' AND created_at > ?";
            if sql::number(tx.conn(), sent, values![order.0, hour_ago]).await? >= MOST_CODES {
                return Ok(CodeSent::TooMany);
            }
            let code = format!("{:06}", rand::rng().random_range(0..1_000_000));
            let until = (tx.now() + GOOD_FOR).timestamp_micros();
            // With the visit, so that nobody can work codes out beforehand.
            let hash = hash_of(&format!("{visit} {code}"));
            let sql = "UPDATE tracking_visits SET code_hash = ?, code_until = ?, code_tries = 0, codes_sent = codes_sent + 1
                WHERE hash = ? AND link_hash = ?";
            sql::run(tx.conn(), sql, values![hash, until, visit, link]).await?;
            let by = Actor::system(tx.merchant(), "Customer page");
            let summary = "A code was mailed to the customer";
            let event = NewEvent::new("order.code_sent", order, &by, summary);
            messages::write(tx, order, MessageKind::Code, &json!({ "code": code }), event).await?;
            Ok(CodeSent::To(masked(&mail)))
        }
        .boxed()
    })
    .await
}

/// Whether it is the code; if so, the browser may do everything for a while.
pub async fn enter_code(orc: &Orchestrator, access: &Access, code: &str) -> Result<bool> {
    #[derive(FromQueryResult)]
    #[expect(clippy::struct_field_names, reason = "the columns are called so")]
    struct Row {
        code_hash: Option<String>,
        code_until: Option<i64>,
        code_tries: i64,
    }
    let code: String = code.chars().filter(char::is_ascii_digit).take(12).collect();
    let Some(visit) = access.visit.clone() else {
        return Err(forbidden());
    };
    orc.write(access.merchant, move |tx| {
        async move {
            let sql = "SELECT code_hash, code_until, code_tries FROM tracking_visits WHERE hash = ?";
            let row: Option<Row> = sql::one(tx.conn(), sql, values![visit.clone()]).await?;
            let Some(row) = row else { return Ok(false) };
            let is_good = row.code_until.is_some_and(|until| until > tx.now_us())
                && row.code_tries < MOST_TRIES
                && row.code_hash == Some(hash_of(&format!("{visit} {code}")));
            let (sql, at) = if is_good {
                let until = (tx.now() + GOOD_FOR).timestamp_micros();
                // It is good once.
                let sql = "UPDATE tracking_visits SET verified_until = ?, code_hash = NULL, code_until = NULL WHERE hash = ?";
                (sql, until)
            } else {
                ("UPDATE tracking_visits SET code_tries = code_tries + ? WHERE hash = ?", 1)
            };
            sql::run(tx.conn(), sql, values![at, visit]).await?;
            Ok(is_good)
        }
        .boxed()
    })
    .await
}

pub(super) fn forbidden() -> Error {
    Error::Conflict("this browser may not do that".to_owned())
}

/// Whether this browser may do what moves money or goods.
pub(super) fn needs_code(access: &Access) -> bool {
    access.tier < Tier::Verified
}

/// `r•••@e•••.com`
fn masked(mail: &str) -> String {
    let (name, host) = mail.split_once('@').unwrap_or((mail, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let end = host.rsplit_once('.').map_or("", |(_, end)| end);
    format!("{}•••@{}•••.{end}", first(name), first(host))
}
