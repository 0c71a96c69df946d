use std::collections::BTreeMap;

use engine::calendar::HolidayRule;
use engine::model::{
    DayHours, Handling, Node, NodeAddress, NodeKind, NodeOffer, NodeStatus, Product, Service,
    WEEKDAYS, Week, Zone,
};
use engine::promise::{FallbackDays, PromiseSettings};

use super::data::{Data, NodeRow, ProductRow};
use super::pick;

/// The catalog, with weights from the package's size where it can be read.
pub fn products(data: &Data) -> Vec<Product> {
    data.products
        .iter()
        .map(|row| Product {
            sku: row.sku.clone(),
            name: name(row),
            weight_g: weight_g(row),
            dimensions_mm: None,
            requires: Vec::new(),
            category: Some(row.department.to_lowercase()).filter(|name| !name.trim().is_empty()),
            barcode: None,
            image_url: None,
        })
        .collect()
}

fn name(row: &ProductRow) -> String {
    let kind = [&row.kind, &row.category, &row.department]
        .into_iter()
        .find(|kind| !kind.trim().is_empty())
        .map_or("Item", |kind| kind.trim());
    let mut name = String::new();
    for (i, c) in kind.to_lowercase().chars().enumerate() {
        name.extend(if i == 0 {
            c.to_uppercase().collect()
        } else {
            vec![c]
        });
    }
    if !row.package_size.is_empty() {
        name.push_str(", ");
        name.push_str(&row.package_size.to_lowercase());
    }
    if row.brand == "Private" {
        name.push_str(" (own brand)");
    }
    name
}

/// Grams with the packing. Without a size that says it, what goods of the department usually weigh.
fn weight_g(row: &ProductRow) -> u32 {
    let usual = match row.department.as_str() {
        "PRODUCE" | "MEAT" | "MEAT-PCKGD" => 700.0,
        "DRUG GM" | "COSMETICS" => 250.0,
        _ => 450.0,
    };
    let mut parts = row.package_size.split_whitespace();
    let amount: Option<f64> = parts.next().and_then(|text| {
        text.trim_matches(|c: char| !c.is_ascii_digit() && c != '.')
            .parse()
            .ok()
    });
    let unit = parts.next().unwrap_or_default();
    let grams = amount.and_then(|amount| {
        let each = match unit {
            "OZ" | "OZS" | "OZS." => 28.35,
            "LB" => 453.6,
            "GA" | "GAL" => 3_785.0,
            "QT" => 946.0,
            "PT" => 473.0,
            "L" => 1_000.0,
            "ML" => 1.0,
            "DZ" | "DOZ" => 700.0,
            _ => return None,
        };
        Some(amount * each * 1.05 + 10.0)
    });
    grams.unwrap_or(usual).clamp(20.0, 20_000.0) as u32
}

/// Every node of the table, with hours, costs and capacity of its kind. Capacity counts real days, and `speed` demo days
/// pass in one of those.
pub fn nodes(data: &Data, speed: f64) -> Vec<Node> {
    let days = speed.max(1.0);
    data.nodes.iter().map(|row| node(row, days)).collect()
}

fn node(row: &NodeRow, days: f64) -> Node {
    let store = row.kind == NodeKind::Store;
    let (daily_capacity, per_package, per_unit) = match row.kind {
        NodeKind::Warehouse => (Some(6_000), 90.0, 12.0),
        NodeKind::Store => (Some(60 + pick(&row.code, 8) as u32 * 20), 160.0, 25.0),
        NodeKind::ThirdParty => (Some(2_500), 210.0, 18.0),
        NodeKind::Vendor => (None, 260.0, 20.0),
    };
    Node {
        code: row.code.clone(),
        name: row.name.clone(),
        kind: row.kind,
        address: NodeAddress {
            line1: format!("{} Commerce Street", 100 + pick(&row.code, 900)),
            city: row.city.clone(),
            region: row.region.clone(),
            postal_code: row.zip.clone(),
            country: "US".to_owned(),
        },
        location: None,
        time_zone: None,
        week: Some(week(row.kind)),
        closed_on: Vec::new(),
        cutoffs: cutoffs(row.kind),
        holidays: Some(holidays(row.kind)),
        pickups: pickups(row.kind),
        handling_days: u8::from(row.kind == NodeKind::Vendor),
        pack_minutes: if store { 45 } else { 60 },
        collect_minutes: 120,
        daily_capacity: daily_capacity.map(|units| (f64::from(units) * days) as u32),
        handling: Handling {
            per_package,
            per_unit,
        },
        provides: Vec::new(),
        offers: if store {
            vec![NodeOffer::Ship, NodeOffer::Pickup]
        } else {
            vec![NodeOffer::Ship]
        },
        status: NodeStatus::Active,
    }
}

fn week(kind: NodeKind) -> Week {
    let hours = |open: &str, close: &str, cutoff: &str| DayHours {
        open: open.to_owned(),
        close: close.to_owned(),
        cutoff: Some(cutoff.to_owned()),
    };
    WEEKDAYS
        .into_iter()
        .filter_map(|day| {
            let hours = match (kind, day) {
                (NodeKind::Store, "sun") => hours("10:00", "18:00", "13:00"),
                (NodeKind::Store, _) => hours("09:00", "21:00", "15:00"),
                (NodeKind::Warehouse, "sun") | (NodeKind::Vendor, "sat" | "sun") => return None,
                (NodeKind::Warehouse, _) => hours("06:00", "22:00", "17:00"),
                (NodeKind::ThirdParty, "sun") => hours("08:00", "14:00", "11:00"),
                (NodeKind::ThirdParty, _) => hours("07:00", "20:00", "16:00"),
                (NodeKind::Vendor, _) => hours("08:00", "17:00", "12:00"),
            };
            Some((day.to_owned(), hours))
        })
        .collect()
}

/// Holidays on which goods move and only offices are closed.
const OFFICES_ONLY: &[&str] = &[
    "Washington's Birthday",
    "Columbus Day",
    "Veterans Day",
    "Veterans Day (observed)",
];

/// Weekdays of the kind's week, each with the same.
fn each_day<T: Clone>(kind: NodeKind, value: T) -> BTreeMap<String, T> {
    let days = week(kind).into_keys();
    days.map(|day| (day, value.clone())).collect()
}

/// Warehouses take what hurries later than the rest, since its carrier comes last.
fn cutoffs(kind: NodeKind) -> BTreeMap<String, BTreeMap<String, String>> {
    match kind {
        NodeKind::Warehouse => {
            BTreeMap::from([("two-day".to_owned(), each_day(kind, "18:30".to_owned()))])
        }
        _ => BTreeMap::new(),
    }
}

/// Carriers come to warehouses at set times, to all others when they close.
fn pickups(kind: NodeKind) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let at = |times: &[&str]| each_day(kind, times.iter().map(ToString::to_string).collect());
    match kind {
        NodeKind::Warehouse => BTreeMap::from([
            ("regional".to_owned(), at(&["18:30"])),
            ("ground".to_owned(), at(&["14:00", "19:00"])),
            ("two-day".to_owned(), at(&["20:30"])),
        ]),
        _ => BTreeMap::new(),
    }
}

/// Shops are closed on the two days on which everybody is, the others on most public holidays.
fn holidays(kind: NodeKind) -> HolidayRule {
    let works_on: &[&str] = match kind {
        NodeKind::Store => &[
            "New Year's Day",
            "New Year's Day (observed)",
            "Martin Luther King Jr. Day",
            "Washington's Birthday",
            "Memorial Day",
            "Juneteenth National Independence Day",
            "Juneteenth National Independence Day (observed)",
            "Independence Day",
            "Independence Day (observed)",
            "Labor Day",
            "Columbus Day",
            "Veterans Day",
            "Veterans Day (observed)",
            "Christmas Day (observed)",
        ],
        _ => OFFICES_ONLY,
    };
    HolidayRule {
        country: "US".to_owned(),
        region: None,
        works_on: works_on.iter().map(ToString::to_string).collect(),
    }
}

/// What customers pay, and what the shop's own page says of delivery times.
pub fn promises() -> PromiseSettings {
    let days = |min, max| FallbackDays { min, max };
    PromiseSettings {
        prices: BTreeMap::from([("standard".to_owned(), 499), ("express".to_owned(), 1_499)]),
        fallback: BTreeMap::from([
            ("standard".to_owned(), days(2, 6)),
            ("express".to_owned(), days(2, 3)),
        ]),
        ..PromiseSettings::default()
    }
}

/// Three services: one for near destinations, one for everywhere, one that hurries.
pub fn services() -> Vec<Service> {
    let zone = |up_to_km: f64, per_package: f64, per_kg: f64, transit_days: u32| Zone {
        up_to_km,
        per_package,
        per_kg,
        transit_days,
    };
    let days = |days: &[&str]| days.iter().map(ToString::to_string).collect::<Vec<_>>();
    let workdays = days(&["mon", "tue", "wed", "thu", "fri"]);
    let mut six = workdays.clone();
    six.push("sat".to_owned());
    let works_on = BTreeMap::from([("US".to_owned(), days(OFFICES_ONLY))]);
    vec![
        Service {
            code: "regional".to_owned(),
            carrier: "Regional Courier".to_owned(),
            level: "standard".to_owned(),
            zones: vec![zone(80.0, 480.0, 35.0, 1), zone(400.0, 590.0, 55.0, 1)],
            pickups: six.clone(),
            delivers_on: six.clone(),
            closed_on: Vec::new(),
            works_on: works_on.clone(),
            nodes: None,
            suspended_until: None,
        },
        Service {
            code: "ground".to_owned(),
            carrier: "National Parcel".to_owned(),
            level: "standard".to_owned(),
            zones: vec![
                zone(250.0, 690.0, 40.0, 2),
                zone(1_000.0, 790.0, 60.0, 3),
                zone(2_200.0, 890.0, 85.0, 4),
                zone(4_500.0, 990.0, 115.0, 5),
                zone(9_000.0, 1_690.0, 240.0, 8),
            ],
            pickups: workdays,
            delivers_on: six.clone(),
            closed_on: Vec::new(),
            works_on: works_on.clone(),
            nodes: None,
            suspended_until: None,
        },
        Service {
            code: "two-day".to_owned(),
            carrier: "National Parcel".to_owned(),
            level: "express".to_owned(),
            zones: vec![
                zone(1_000.0, 1_490.0, 160.0, 2),
                zone(4_500.0, 1_990.0, 290.0, 2),
                zone(9_000.0, 2_990.0, 420.0, 3),
            ],
            pickups: six.clone(),
            delivers_on: six,
            closed_on: Vec::new(),
            works_on: works_on.clone(),
            nodes: None,
            suspended_until: None,
        },
    ]
}
