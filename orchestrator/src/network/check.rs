//! What products, nodes and services have to look like. Pointers are relative to the thing; an import puts the row
//! before them.

use engine::calendar::{CarrierCalendar, WorkCalendar};
use engine::model::{FieldError, Node, Product, Service};

use crate::places;

const LONGEST_CODE: usize = 100;
const LONGEST_TEXT: usize = 500;
/// The highest price of a zone and of handling, in minor units.
const HIGHEST_COST: f64 = 1e9;

pub(super) fn code(errors: &mut Vec<FieldError>, field: &str, code: &str) {
    let fits = !code.is_empty()
        && code.len() <= LONGEST_CODE
        && !code.chars().any(|c| c.is_control() || c == '/')
        && code.trim() == code;
    if !fits {
        let detail = format!(
            "a code has 1 to {LONGEST_CODE} characters, without '/', and no space at its ends"
        );
        errors.push(FieldError::new(format!("#/{field}"), detail));
    }
}

fn text(errors: &mut Vec<FieldError>, field: &str, text: &str) {
    if text.trim().is_empty() || text.len() > LONGEST_TEXT {
        let detail = format!("a text of 1 to {LONGEST_TEXT} characters is needed");
        errors.push(FieldError::new(format!("#/{field}"), detail));
    }
}

fn capabilities(errors: &mut Vec<FieldError>, field: &str, list: &[String]) {
    if list.len() > 50 {
        errors.push(FieldError::new(
            format!("#/{field}"),
            "at most 50 capabilities",
        ));
    }
    for (i, capability) in list.iter().enumerate() {
        code(errors, &format!("{field}/{i}"), capability);
    }
}

pub(super) fn product(product: &Product) -> Vec<FieldError> {
    let mut errors = Vec::new();
    code(&mut errors, "sku", &product.sku);
    text(&mut errors, "name", &product.name);
    if product.weight_g > 1_000_000 {
        errors.push(FieldError::new(
            "#/weight_g",
            format!(
                "{} g is too much; it goes up to 1,000,000",
                product.weight_g
            ),
        ));
    }
    capabilities(&mut errors, "requires", &product.requires);
    for (field, value) in [
        ("category", &product.category),
        ("barcode", &product.barcode),
        ("image_url", &product.image_url),
    ] {
        if value.as_ref().is_some_and(|value| value.len() > 2_000) {
            errors.push(FieldError::new(
                format!("#/{field}"),
                "at most 2,000 characters",
            ));
        }
    }
    errors
}

/// Also fills in what is looked up: the place and the time zone.
pub(super) fn node(node: &mut Node) -> Vec<FieldError> {
    let mut errors = Vec::new();
    code(&mut errors, "code", &node.code);
    text(&mut errors, "name", &node.name);
    let address = &node.address;
    if address.country.len() != 2 || !address.country.bytes().all(|b| b.is_ascii_uppercase()) {
        let detail = format!(
            "'{}' is not an ISO 3166 country code such as US",
            address.country
        );
        errors.push(FieldError::new("#/address/country", detail));
    }
    let place = places::lookup(&address.country, &address.postal_code);
    if address.country == "US" && place.is_none() {
        let detail = format!(
            "'{}' is not a US ZIP code such as 10001",
            address.postal_code
        );
        errors.push(FieldError::new("#/address/postal_code", detail));
    }
    match (node.location, place) {
        (Some(location), _) if !location.is_valid() => {
            errors.push(FieldError::new(
                "#/location",
                "lat goes from -90 to 90 and lon from -180 to 180",
            ));
        }
        (None, Some(place)) => {
            node.location = Some(engine::geo::Location {
                lat: place.lat,
                lon: place.lon,
            });
        }
        (None, None) if address.country != "US" => {
            let detail = "the place of this postal code is not known: give location {lat, lon}";
            errors.push(FieldError::new("#/location", detail));
        }
        _ => {}
    }
    match (&node.time_zone, place) {
        (None, Some(place)) => node.time_zone = Some(place.time_zone.to_owned()),
        (None, None) if address.country != "US" => {
            errors.push(FieldError::new(
                "#/time_zone",
                "give an IANA time zone such as Europe/Berlin",
            ));
        }
        _ => {}
    }
    if let Err(wrong) = WorkCalendar::new(&node.working_time()) {
        errors.extend(wrong);
    }
    if node.closed_on.len() > 1_000 {
        errors.push(FieldError::new("#/closed_on", "at most 1,000 days"));
    }
    for (field, cost) in [
        ("per_package", node.handling.per_package),
        ("per_unit", node.handling.per_unit),
    ] {
        cost_fits(&mut errors, &format!("handling/{field}"), cost);
    }
    capabilities(&mut errors, "provides", &node.provides);
    errors
}

pub(super) fn service(service: &Service) -> Vec<FieldError> {
    let mut errors = Vec::new();
    code(&mut errors, "code", &service.code);
    text(&mut errors, "carrier", &service.carrier);
    code(&mut errors, "level", &service.level);
    if service.zones.is_empty() || service.zones.len() > 100 {
        errors.push(FieldError::new("#/zones", "1 to 100 zones are needed"));
    }
    let mut reach = 0.0;
    for (i, zone) in service.zones.iter().enumerate() {
        if !(zone.up_to_km.is_finite() && zone.up_to_km > reach && zone.up_to_km <= 40_000.0) {
            let detail = format!(
                "has to be more than {reach}, the reach of the zone before it, and at most 40,000 km"
            );
            errors.push(FieldError::new(format!("#/zones/{i}/up_to_km"), detail));
        }
        reach = zone.up_to_km;
        cost_fits(
            &mut errors,
            &format!("zones/{i}/per_package"),
            zone.per_package,
        );
        cost_fits(&mut errors, &format!("zones/{i}/per_kg"), zone.per_kg);
        if zone.transit_days > 365 {
            errors.push(FieldError::new(
                format!("#/zones/{i}/transit_days"),
                "0 to 365 days",
            ));
        }
    }
    for (field, days) in [
        ("pickups", &service.pickups),
        ("delivers_on", &service.delivers_on),
    ] {
        if days.is_empty() {
            errors.push(FieldError::new(
                format!("#/{field}"),
                "needs at least one weekday; leave it out for every day",
            ));
        }
    }
    if service.closed_on.len() > 1_000 {
        errors.push(FieldError::new("#/closed_on", "at most 1,000 days"));
    }
    if let Err(wrong) = CarrierCalendar::new(&service.working_time()) {
        // The calendar has its own word for the days on which a carrier collects.
        errors.extend(wrong.into_iter().map(|mut error| {
            error.pointer = error.pointer.replacen("#/collects_on", "#/pickups", 1);
            error
        }));
    }
    errors
}

fn cost_fits(errors: &mut Vec<FieldError>, field: &str, cost: f64) {
    if !(0.0..=HIGHEST_COST).contains(&cost) {
        errors.push(FieldError::new(
            format!("#/{field}"),
            format!("{cost} is no cost from 0 to {HIGHEST_COST}"),
        ));
    }
}

/// Puts `#/ROW` before the pointers of a row's errors.
pub(super) fn in_row(row: usize, errors: Vec<FieldError>) -> impl Iterator<Item = FieldError> {
    errors.into_iter().map(move |error| {
        let rest = error.pointer.strip_prefix('#').unwrap_or(&error.pointer);
        FieldError::new(format!("#/{row}{rest}"), error.detail)
    })
}
