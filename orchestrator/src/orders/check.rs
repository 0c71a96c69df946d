//! What is wrong with an order that comes in, field by field.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Duration, Utc};
use engine::model::{DeliveryMethod, FieldError, NewOrder, NodeOffer};

use crate::network::Network;
use crate::places::{self, Place};
use crate::{Error, Result};

pub(super) const MOST_LINES: usize = 500;
const MOST_UNITS: i64 = 100_000;
const HIGHEST_PRICE: i64 = 1_000_000_000_000;
/// The level of a shipped order that names none.
pub(super) const USUAL_LEVEL: &str = "standard";

/// Where the order goes, if it is shipped, or everything that is wrong with it. `names` are the names of the products
/// that there are, by SKU.
pub(super) fn check(
    new: &NewOrder,
    network: &Network,
    names: &BTreeMap<String, String>,
    now: chrono::DateTime<Utc>,
    promise_is_known: bool,
) -> Result<Option<Place>> {
    let mut errors = check_shape(new, now);
    if !promise_is_known {
        let promise = new.delivery.promise_id.as_deref().unwrap_or_default();
        let promise: String = promise.chars().take(80).collect();
        errors.push(FieldError::new(
            "#/delivery/promise_id",
            format!("there is no promise '{promise}'; leave it out where nothing was promised"),
        ));
    }
    for (i, line) in new.lines.iter().enumerate().take(MOST_LINES) {
        if !names.contains_key(&line.sku) {
            errors.push(FieldError::new(
                format!("#/lines/{i}/sku"),
                format!("unknown SKU '{}'", line.sku),
            ));
        }
    }
    let place = check_delivery(network, new, &mut errors);
    if !network.channels.contains(&new.channel) {
        let known: Vec<_> = network.channels.iter().map(String::as_str).collect();
        let detail = format!(
            "unknown channel '{}'; there are {}",
            new.channel,
            known.join(", ")
        );
        errors.push(FieldError::new("#/channel", detail));
    }
    if errors.is_empty() {
        Ok(place)
    } else {
        Err(Error::Invalid(errors))
    }
}

fn check_shape(new: &NewOrder, now: chrono::DateTime<Utc>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, detail: String| errors.push(FieldError::new(pointer, detail));
    let text_fits =
        |text: &str, most: usize| text.len() <= most && !text.chars().any(char::is_control);
    if new.external_id.trim().is_empty() || !text_fits(&new.external_id, 200) {
        wrong(
            "#/external_id".into(),
            "the channel's own id of the order is needed, 1 to 200 characters".into(),
        );
    }
    if new.placed_at > now + Duration::days(1) {
        wrong(
            "#/placed_at".into(),
            format!("{} lies in the future", new.placed_at.to_rfc3339()),
        );
    }
    if new.placed_at.timestamp() < 946_684_800 {
        wrong(
            "#/placed_at".into(),
            format!("{} lies before the year 2000", new.placed_at.to_rfc3339()),
        );
    }
    let customer = &new.customer;
    if customer.tier > 9 {
        wrong(
            "#/customer/tier".into(),
            format!("{}: a tier goes from 0 (usual) to 9", customer.tier),
        );
    }
    let mut texts = vec![
        ("customer/name", Some(&customer.name)),
        ("customer/email", customer.email.as_ref()),
        ("customer/phone", customer.phone.as_ref()),
    ];
    if let Some(to) = &new.ship_to {
        texts.extend([
            ("ship_to/name", Some(&to.name)),
            ("ship_to/line1", Some(&to.line1)),
            ("ship_to/line2", to.line2.as_ref()),
            ("ship_to/city", Some(&to.city)),
            ("ship_to/region", Some(&to.region)),
        ]);
    }
    for (field, text) in texts {
        if text.is_some_and(|text| !text_fits(text, 300)) {
            wrong(
                format!("#/{field}"),
                "at most 300 characters, without control characters".into(),
            );
        }
    }
    if new.lines.is_empty() || new.lines.len() > MOST_LINES {
        wrong(
            "#/lines".into(),
            format!(
                "an order has 1 to {MOST_LINES} lines, this one has {}",
                new.lines.len()
            ),
        );
    }
    let mut seen = HashSet::new();
    for (i, line) in new.lines.iter().enumerate() {
        if line.external_id.is_empty() || !text_fits(&line.external_id, 200) {
            wrong(
                format!("#/lines/{i}/external_id"),
                "the channel's own id of the line is needed, 1 to 200 characters".into(),
            );
        } else if !seen.insert(line.external_id.as_str()) {
            wrong(
                format!("#/lines/{i}/external_id"),
                format!("'{}' came before in this order", line.external_id),
            );
        }
        if !(1..=MOST_UNITS).contains(&line.quantity) {
            wrong(
                format!("#/lines/{i}/quantity"),
                format!("{} is no quantity from 1 to {MOST_UNITS}", line.quantity),
            );
        }
        if !(0..=HIGHEST_PRICE).contains(&line.unit_price) {
            wrong(
                format!("#/lines/{i}/unit_price"),
                format!("{} is no price from 0 to {HIGHEST_PRICE}", line.unit_price),
            );
        }
    }
    errors
}

/// Where it goes, once that is possible at all.
fn check_delivery(
    network: &Network,
    new: &NewOrder,
    errors: &mut Vec<FieldError>,
) -> Option<Place> {
    let mut wrong = |pointer: &str, detail: String| errors.push(FieldError::new(pointer, detail));
    match new.delivery.method {
        DeliveryMethod::Ship => {
            if let Some(level) = new
                .delivery
                .level
                .as_deref()
                .filter(|level| *level != USUAL_LEVEL)
            {
                let known: BTreeSet<_> = network
                    .snapshot
                    .services
                    .iter()
                    .map(|service| service.level.as_str())
                    .collect();
                if !known.contains(level) {
                    let known: Vec<_> = known.into_iter().collect();
                    wrong(
                        "#/delivery/level",
                        format!(
                            "no service has the level '{level}'; there are {}",
                            known.join(", ")
                        ),
                    );
                }
            }
            let Some(to) = &new.ship_to else {
                wrong(
                    "#/ship_to",
                    "an order that is shipped needs an address".to_owned(),
                );
                return None;
            };
            if to.country.len() != 2 || !to.country.bytes().all(|b| b.is_ascii_uppercase()) {
                wrong(
                    "#/ship_to/country",
                    format!(
                        "'{}' is not an ISO 3166 country code such as US",
                        to.country
                    ),
                );
                return None;
            }
            let place = places::lookup(&to.country, &to.postal_code);
            if place.is_none() {
                let detail = if to.country == "US" {
                    format!("'{}' is not a US ZIP code such as 10001", to.postal_code)
                } else {
                    format!(
                        "the postal codes of {} are not known yet; orders go to US",
                        to.country
                    )
                };
                wrong(
                    if to.country == "US" {
                        "#/ship_to/postal_code"
                    } else {
                        "#/ship_to/country"
                    },
                    detail,
                );
            }
            place
        }
        DeliveryMethod::Pickup => {
            match new
                .delivery
                .node
                .as_deref()
                .map(|code| (code, network.node(code)))
            {
                None => wrong(
                    "#/delivery/node",
                    "an order that is collected needs the node where".to_owned(),
                ),
                Some((code, None)) => wrong("#/delivery/node", format!("unknown node '{code}'")),
                Some((code, Some(node))) if !node.node.offers.contains(&NodeOffer::Pickup) => {
                    wrong(
                        "#/delivery/node",
                        format!("node '{code}' does not offer pickup"),
                    );
                }
                Some(_) => {}
            }
            None
        }
    }
}
