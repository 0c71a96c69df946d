//! What a message needs to be written out.

use chrono::{Duration, NaiveDate};
use engine::model::{
    Address, Customer, DelayReason, FulfillmentId, MessageKind, TrackedPackage, TrackingView,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Due;
use crate::store::tables::orders;
use crate::tracking::{self, Access};
use crate::{Error, Orchestrator, Result};

/// Orders that were placed so long before they came here are a shop's past, and nobody is told of them.
const PAST: Duration = Duration::days(3);

/// A message that can be written out.
#[derive(Debug, Clone)]
pub struct Letter {
    pub kind: MessageKind,
    pub to: String,
    /// Path of the order's page, `/t/…`.
    pub link: Option<String>,
    /// What the order's page says, as the browser sees it that opened the link.
    pub view: TrackingView,
    /// The package that it is about.
    pub package: Option<TrackedPackage>,
    pub address: Option<Address>,
    pub customer_name: String,
    pub order_number: i64,
    pub reason: Option<DelayReason>,
    /// The day that was said before.
    pub said_before: Option<NaiveDate>,
    pub code: Option<String>,
}

/// What is to be written out, and `None` where nobody is to be written.
pub async fn letter(orc: &Orchestrator, due: &Due) -> Result<Option<Letter>> {
    let order = orders::Entity::find_by_id(due.order.0)
        .filter(orders::Column::MerchantId.eq(due.merchant.0))
        .one(orc.reader())
        .await?;
    let Some(order) = order else {
        return Ok(None);
    };
    let customer: Customer = serde_json::from_str(&order.customer).map_err(Error::internal)?;
    let Some(to) = customer.email.filter(|to| to.contains('@')) else {
        return Ok(None);
    };
    let asked_for = matches!(due.kind, MessageKind::Code | MessageKind::Link);
    let settings = tracking::settings_of(orc, due.merchant).await?;
    let is_past = order.received_at - order.placed_at > PAST.num_microseconds().unwrap_or(i64::MAX);
    if !asked_for && (!settings.messages_on || is_past) {
        return Ok(None);
    }
    let address: Option<Address> = order
        .ship_to
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(Error::internal)?;
    let country = address.as_ref().map_or("", |to| to.country.as_str());
    let access = Access::of_customer(due.merchant, due.order);
    let view = tracking::view(orc, &access, language_of(country)).await?;
    let about: Option<FulfillmentId> = due.data["fulfillment"]
        .as_str()
        .and_then(|id| id.parse().ok());
    let mut packages = view.packages.iter();
    let package = about.and_then(|id| packages.find(|package| package.id == Some(id)).cloned());
    // What is collected is never handed to a carrier: no letter says so.
    let is_carried = package
        .as_ref()
        .is_some_and(|package| package.carrier.is_some());
    if matches!(due.kind, MessageKind::Shipped | MessageKind::Delivered) && !is_carried {
        return Ok(None);
    }
    let text = |field: &str| due.data[field].as_str();
    Ok(Some(Letter {
        kind: due.kind,
        to,
        link: tracking::link_of(orc, due.merchant, due.order).await?,
        package,
        address,
        customer_name: customer.name,
        order_number: order.number,
        reason: text("reason").and_then(|reason| reason.parse().ok()),
        said_before: text("from").and_then(|day| day.parse().ok()),
        code: text("code").map(str::to_owned),
        view,
    }))
}

/// The language that people speak where the order goes, of those that we know.
fn language_of(country: &str) -> &'static str {
    match country {
        "DE" | "AT" | "CH" | "LI" => "de",
        "ES" | "MX" | "AR" | "CO" | "CL" | "PE" => "es",
        "GB" | "IE" => "en-GB",
        _ => "en-US",
    }
}
