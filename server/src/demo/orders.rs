use chrono::{DateTime, Utc};
use engine::model::{
    Address, Currency, Customer, Delivery, DeliveryMethod, NewLine, NewOrder, NewPromise,
    PromiseDestination, PromiseLine,
};

use super::data::Data;
use super::pick;

const FIRST: [&str; 24] = [
    "Ava", "Ben", "Carla", "Diego", "Elena", "Finn", "Grace", "Hugo", "Iris", "Jonas", "Kim",
    "Leo", "Maya", "Noah", "Olga", "Paul", "Quinn", "Rosa", "Sam", "Tara", "Uma", "Victor",
    "Wendy", "Yusuf",
];
const LAST: [&str; 24] = [
    "Adams", "Baker", "Castillo", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ito",
    "Jensen", "Khan", "Lopez", "Morgan", "Nguyen", "Okafor", "Patel", "Quist", "Rossi", "Silva",
    "Turner", "Ueda", "Varga", "Walker", "Young",
];
const STREETS: [&str; 8] = [
    "Maple Street",
    "Oak Avenue",
    "Second Street",
    "Cedar Lane",
    "Park Road",
    "Lake Drive",
    "Hill Street",
    "Mill Road",
];

/// The channel of the order with this number: a fixed share for each.
pub fn channel(n: usize) -> &'static str {
    match pick(&format!("channel {n}"), 100) {
        0..40 => "web",
        40..65 => "mobile",
        65..70 => "b2b",
        70..78 => "social",
        78..90 => "marketplace",
        _ => "store",
    }
}

/// The channel's own id of the order with this number.
pub fn external_id(n: usize) -> String {
    format!("D-{n:06}")
}

/// What a shopper asks before the order with this number is placed; three of ten do not look.
pub fn question(order: &NewOrder, n: usize) -> Option<NewPromise> {
    let to = order.ship_to.as_ref()?;
    if pick(&format!("looks {n}"), 10) >= 7 {
        return None;
    }
    let mut lines: Vec<PromiseLine> = Vec::new();
    for line in &order.lines {
        let quantity = u32::try_from(line.quantity).ok()?;
        match lines.iter_mut().find(|known| known.sku == line.sku) {
            Some(known) => known.quantity += quantity,
            None => lines.push(PromiseLine {
                sku: line.sku.clone(),
                quantity,
            }),
        }
    }
    Some(NewPromise {
        lines,
        destination: PromiseDestination {
            country: to.country.clone(),
            postal_code: Some(to.postal_code.clone()),
        },
        channel: Some(order.channel.clone()),
        locale: None,
        currency: None,
        hints: false,
        hold: false,
        option: None,
    })
}

/// The order with this number, placed now. Past the last basket the first one comes again, under a new number.
pub fn order(data: &Data, n: usize, now: DateTime<Utc>) -> NewOrder {
    let basket = &data.baskets[n % data.baskets.len()];
    let key = format!("household {}", basket.household);
    let name = format!(
        "{} {}",
        FIRST[pick(&format!("{key} first"), FIRST.len() as u64) as usize],
        LAST[pick(&format!("{key} last"), LAST.len() as u64) as usize]
    );
    let channel = channel(n);
    // A store offers for collection what it has in its range.
    let collects = channel == "store"
        && pick(&format!("collects {n}"), 100) < 80
        && data.can_be_collected(basket);
    let ship_to = data.households.get(&basket.household).filter(|_| !collects);
    let ship_to = ship_to.map(|home| Address {
        name: name.clone(),
        line1: format!(
            "{} {}",
            1 + pick(&format!("{key} house"), 900),
            STREETS[pick(&format!("{key} street"), STREETS.len() as u64) as usize]
        ),
        line2: None,
        city: home.city.clone(),
        region: home.region.clone(),
        postal_code: home.zip.clone(),
        country: "US".to_owned(),
    });
    let hurries = pick(&format!("hurries {n}"), 100) < 8;
    let lines = basket.lines.iter().enumerate();
    NewOrder {
        channel: channel.to_owned(),
        external_id: external_id(n),
        placed_at: now.fixed_offset(),
        currency: Currency::USD,
        customer: Customer {
            email: Some(format!(
                "{}.{}@example.com",
                name.to_lowercase().replace(' ', "."),
                basket.household
            )),
            name,
            phone: None,
            tier: 0,
        },
        ship_to,
        lines: lines
            .map(|(i, (sku, quantity, unit_price))| NewLine {
                external_id: (i + 1).to_string(),
                sku: sku.clone(),
                quantity: *quantity,
                unit_price: *unit_price,
            })
            .collect(),
        delivery: Delivery {
            method: if collects {
                DeliveryMethod::Pickup
            } else {
                DeliveryMethod::Ship
            },
            level: (!collects).then(|| if hurries { "express" } else { "standard" }.to_owned()),
            node: collects.then(|| basket.store.clone()),
            promise_id: None,
        },
    }
}
