//! From a question and the world to an answer: what can be promised for each way to get the basket.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use engine::geo::distance_km;
use engine::model::{
    NewPromise, Node, PromiseChoice, PromiseId, PromisePrice, PromiseView, PromisedDestination,
};
use engine::promise::{self, Ask, Candidate, Leg, Method, Promise};
use engine::routing::{LineSpec, Package, Plan};

use super::hold::Wanted;
use super::ways::{Way, levels, ways};
use super::world::World;
use super::{destination, lane_of, token};
use crate::network::Network;
use crate::places::{self, Place};
use crate::routing::{Workload, when};

/// What is said, and the routes behind it.
pub(super) struct Answer {
    pub view: PromiseView,
    /// Each option with its route.
    pub plans: Vec<(String, Plan)>,
}

/// What can be promised now. `fresh` tells whether the world is what the ledger says; without that, or where the engine
/// fails, it is the service table.
pub(super) fn answer(
    world: &World,
    asked: &NewPromise,
    id: PromiseId,
    now: DateTime<Utc>,
    fresh: bool,
) -> Answer {
    let (lines, unknown) = lines(world, asked);
    let to = &asked.destination;
    let postal = to.postal_code.as_deref().map(str::trim);
    let postal = postal.filter(|postal| !postal.is_empty());
    let place = match postal {
        Some(postal) => places::lookup(&to.country, postal),
        None => places::midst(&to.country),
    };
    let ways = match place {
        Some(place) if fresh && !lines.is_empty() && world.settings.on => {
            let channel = asked.channel.as_deref().unwrap_or_default();
            ways(world, &lines, channel, place, now)
        }
        _ => Some(Vec::new()),
    };
    let lane = lane_of(&to.country, postal.unwrap_or_default());
    // Nothing goes to a country of which no place is known; in one that is known, the postal code is wrong.
    let zone = match place {
        Some(place) => Some(place.time_zone),
        None if places::midst(&to.country).is_none() => Some("UTC"),
        None => None,
    };
    let ask = |candidates: &[Candidate<'_>], quote: &dyn Fn(&Ask<'_>) -> Promise| {
        quote(&Ask {
            now,
            destination: zone.map(|zone| destination(&to.country, postal, zone, &lane)),
            locale: asked.locale.as_deref().unwrap_or("en-US"),
            currency: asked.currency.unwrap_or(world.currency),
            candidates,
            unknown_lines: &unknown,
            holds_until: None,
        })
    };
    let mut settings = (*world.settings).clone();
    if asked.hold {
        // What is held can be ordered for as long as it is held.
        settings.ttl_seconds = settings.hold_seconds;
    }
    let settings = &settings;
    let promise = match &ways {
        Some(ways) if fresh => {
            let times = world.network.times(now);
            let units = lines.iter().map(|line| i64::from(line.quantity)).sum();
            let full = full_days(&world.network, &world.assigned, ways, units, None);
            let origins = origins(&world.network, ways);
            let candidates = ways.iter().map(|way| {
                candidate(
                    &world.network,
                    way,
                    price(world, &way.id),
                    place,
                    &full,
                    &origins,
                )
            });
            let candidates: Vec<_> = candidates.collect();
            ask(&candidates, &|ask| {
                promise::quote(&times, &world.transit, settings, ask)
            })
        }
        _ => {
            let levels = levels(&world.network);
            let candidates: Vec<_> = levels
                .iter()
                .map(|level| Candidate {
                    id: level,
                    method: Method::Delivery,
                    price: price(world, level),
                    legs: Vec::new(),
                    refused: None,
                })
                .collect();
            ask(&candidates, &|ask| promise::degraded(settings, ask))
        }
    };
    let ways = ways.unwrap_or_default();
    let mut view = view(world, asked, id, promise, place, postal, &ways);
    view.token = token::sign(&world.signing_key, &view);
    let plans = ways.into_iter().map(|way| (way.id, way.plan));
    Answer {
        view,
        plans: plans.collect(),
    }
}

/// What an option takes, for it to be held.
pub(super) fn wanted(world: &World, asked: &NewPromise, plan: &Plan, now: DateTime<Utc>) -> Wanted {
    let times = world.network.times(now);
    let units = units(asked);
    let sku = |line: &str| {
        let line = asked.lines.get(line.parse::<usize>().ok()?)?;
        Some(line.sku.clone())
    };
    let day = |node: &str, service: &str| {
        let node = world.network.node(node)?;
        let full = world.assigned.full_days(&node.node, units);
        let days = when(&times, node, &[service], now, &full).days;
        let (_, day) = days.first()?;
        Some((day.to_string(), node.node.daily_capacity))
    };
    let channel = asked.channel.as_deref().unwrap_or_default();
    Wanted::of(plan, channel, sku, day)
}

fn price(world: &World, option: &str) -> i64 {
    world
        .settings
        .prices
        .get(option)
        .copied()
        .unwrap_or(0)
        .into()
}

/// The lines that can be planned, and the SKUs that nobody knows.
fn lines(world: &World, asked: &NewPromise) -> (Vec<LineSpec>, Vec<String>) {
    let (mut lines, mut unknown) = (Vec::new(), Vec::new());
    for (i, line) in asked.lines.iter().enumerate() {
        match world.products.get(&line.sku) {
            Some(facts) => lines.push(LineSpec {
                id: i.to_string(),
                sku: line.sku.clone(),
                quantity: line.quantity,
                weight_g: facts.weight_g as f64,
                requires: facts.requires.clone(),
            }),
            None => unknown.push(line.sku.clone()),
        }
    }
    (lines, unknown)
}

/// Days on which the routes' nodes have no room for so many units, by node; of the node that is given with its limit.
pub(super) fn full_days(
    network: &Network,
    assigned: &Workload,
    ways: &[Way],
    units: i64,
    changed: Option<&Node>,
) -> BTreeMap<String, Vec<NaiveDate>> {
    let packages = ways.iter().flat_map(|way| &way.plan.packages);
    let full = packages.filter_map(|package| {
        let node = changed.filter(|node| node.code == package.node);
        let node = node.or_else(|| Some(&network.node(&package.node)?.node))?;
        let days = assigned.full_days(node, units);
        (!days.is_empty()).then(|| (package.node.clone(), days))
    });
    full.collect()
}

/// How many units a basket has.
pub(super) fn units(asked: &NewPromise) -> i64 {
    asked.lines.iter().map(|l| i64::from(l.quantity)).sum()
}

/// The lanes' names of the places that packages leave from, by node.
pub(super) fn origins(network: &Network, ways: &[Way]) -> BTreeMap<String, String> {
    let packages = ways.iter().flat_map(|way| &way.plan.packages);
    let origins = packages.filter_map(|package| {
        let address = &network.node(&package.node)?.node.address;
        let lane = lane_of(&address.country, &address.postal_code);
        Some((package.node.clone(), lane))
    });
    origins.collect()
}

pub(super) fn candidate<'a>(
    network: &Network,
    way: &'a Way,
    price: i64,
    to: Option<Place>,
    full: &'a BTreeMap<String, Vec<NaiveDate>>,
    origins: &'a BTreeMap<String, String>,
) -> Candidate<'a> {
    let leg = |package: &'a Package| {
        let zone =
            to.and_then(|to| zone_of(network, &package.node, &package.service, to.lat, to.lon));
        let (zone, stated_days) = zone.unwrap_or((0, 0));
        Leg {
            node: &package.node,
            service: &package.service,
            zone,
            stated_days,
            origin: origins.get(&package.node).map_or("", String::as_str),
            full: full.get(&package.node).map_or(&[], Vec::as_slice),
            stock_from: way.goods_from.get(&package.node).copied(),
        }
    };
    Candidate::of_plan(&way.id, way.method, price, &way.plan, leg)
}

/// The position of a service's zone for the way from a node to a place, and the days that it states.
pub(crate) fn zone_of(
    network: &Network,
    node: &str,
    service: &str,
    lat: f64,
    lon: f64,
) -> Option<(usize, u32)> {
    let from = network.node(node)?.node.location?;
    let km = distance_km(from.lat, from.lon, lat, lon);
    let zones = &network.service(service)?.zones;
    let zone = zones.iter().position(|zone| zone.up_to_km >= km)?;
    Some((zone, zones[zone].transit_days))
}

fn view(
    world: &World,
    asked: &NewPromise,
    id: PromiseId,
    promise: Promise,
    place: Option<Place>,
    postal: Option<&str>,
    ways: &[Way],
) -> PromiseView {
    let options = promise.options.into_iter().map(|option| {
        let way = ways.iter().find(|way| way.id == option.id);
        PromiseChoice {
            store: way.and_then(|way| way.store.clone()),
            id: option.id,
            method: option.method,
            date: option.date,
            days: option.days,
            ready_at: option.ready_at,
            confidence: (option.confidence * 1e4).floor() / 1e4,
            cutoff_at: option.cutoff_at,
            goods_from: way.and_then(|way| way.goods_from.values().max().copied()),
            packages: way.map_or(1, |way| way.plan.packages.len()),
            price: PromisePrice {
                amount: option.price,
                currency: option.currency,
            },
            text: option.text,
            hints: if asked.hints {
                option.packages
            } else {
                Vec::new()
            },
        }
    });
    PromiseView {
        id,
        version: world.network.version(),
        status: promise.status,
        reason: promise.reason,
        now: promise.now,
        issued_at: promise.now,
        cutoff_at: promise.cutoff_at,
        expires_at: promise.expires_at,
        destination: PromisedDestination {
            country: asked.destination.country.clone(),
            postal: postal.map(str::to_owned),
            tz: place.map(|place| place.time_zone.to_owned()),
            precision: if postal.is_some() {
                "postal"
            } else {
                "country"
            }
            .to_owned(),
        },
        options: options.collect(),
        refused: promise.refused,
        unknown: promise.unknown_lines,
        text: promise.text,
        locale: promise.locale,
        held_until: None,
        token: String::new(),
    }
}
