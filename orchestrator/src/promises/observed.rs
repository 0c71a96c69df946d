//! What a service states for its zones and lanes against what was observed, for the merchant's own eyes.

use std::collections::BTreeMap;

use engine::model::{
    LaneTimes, LeansOn, ObservedDays, Permission, Service, ServiceTimes, TransitDays,
};
use engine::promise::{Lane, TransitModel};
use sea_orm::FromQueryResult;

use super::world;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, PageRequest, Result};

/// From this share on of its estimate a lane stands on its own deliveries.
const OWN_FEET: f64 = 0.5;

/// Zone, origin and destination.
type Key = (usize, String, String);

/// Stated against observed of one service: each of its zones, and a page of its lanes. Counted are the newest
/// deliveries, as many as promises learn from.
pub async fn service_times(
    orc: &Orchestrator,
    actor: &Actor,
    code: &str,
    page: &PageRequest,
) -> Result<ServiceTimes> {
    actor.check(Permission::ReadNetwork)?;
    let limit = page.limit()?;
    let after = page.after()?.map(|text| place(&text)).transpose()?;
    let network = orc.network(actor.merchant).await?;
    let service = network
        .service(code)
        .ok_or_else(|| Error::not_found("service", code))?;
    let (transit, _) = world::transit(orc, actor.merchant).await?;
    let observed = observed(orc, actor, code).await?;

    let mut by_zone: Vec<ObservedDays> = vec![ObservedDays::default(); service.zones.len()];
    let mut lanes: BTreeMap<Key, ObservedDays> = BTreeMap::new();
    for row in observed {
        // A zone that there was once says nothing of those that there are.
        let zone = row.zone as usize;
        let Some(of_zone) = by_zone.get_mut(zone) else {
            continue;
        };
        let (days, packages) = (row.taken_days as u32, row.packages.unsigned_abs());
        of_zone.add(days, packages);
        let key = (zone, row.origin, row.destination);
        lanes.entry(key).or_default().add(days, packages);
    }
    let zones = by_zone.into_iter().enumerate().map(|(zone, observed)| {
        let key = (zone, String::new(), String::new());
        times(&transit, service, key, observed)
    });
    let zones = zones.collect();

    let total = page.with_total.then_some(lanes.len() as u64);
    let mut lanes: Vec<_> = lanes.into_iter().collect();
    lanes.sort_by(|(a_key, a), (b_key, b)| (b.total(), a_key).cmp(&(a.total(), b_key)));
    let begin = after.map_or(0, |(packages, key)| {
        lanes.partition_point(|(own, days)| {
            days.total() > packages || (days.total() == packages && *own <= key)
        })
    });
    let rows = lanes.into_iter().skip(begin).take(limit as usize + 1);
    let rows: Vec<_> = rows
        .map(|(key, observed)| times(&transit, service, key, observed))
        .collect();
    let lanes = page_of(rows, limit, total, |row| {
        let packages = row.observed.total();
        format!("{packages} {} {} {}", row.zone, row.origin, row.destination)
    });
    Ok(ServiceTimes { zones, lanes })
}

fn place(text: &str) -> Result<(u64, Key)> {
    let parts: Vec<&str> = text.split(' ').collect();
    let &[packages, zone, origin, destination] = parts.as_slice() else {
        return Err(bad_cursor());
    };
    let packages = packages.parse().map_err(|_| bad_cursor())?;
    let zone = zone.parse().map_err(|_| bad_cursor())?;
    Ok((packages, (zone, origin.to_owned(), destination.to_owned())))
}

fn times(
    transit: &TransitModel,
    service: &Service,
    (zone, origin, destination): Key,
    observed: ObservedDays,
) -> LaneTimes {
    let stated_days = service.zones[zone].transit_days;
    let lane = Lane {
        service: &service.code,
        zone,
        origin: &origin,
        destination: &destination,
    };
    let expected = transit.estimate(lane, stated_days);
    let weights = transit.rests_on(lane);
    let is_zone = origin.is_empty() && destination.is_empty();
    let own = if is_zone { weights.zone } else { weights.lane };
    let belief = 1.0 - weights.lane - weights.zone - weights.service;
    let wider = [
        (LeansOn::Zone, if is_zone { 0.0 } else { weights.zone }),
        (LeansOn::Service, weights.service),
        (LeansOn::Belief, belief),
    ];
    let most = wider.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    LaneTimes {
        zone,
        stated_days,
        expected: TransitDays {
            p50: expected.quantile(0.5),
            p90: expected.quantile(0.9),
        },
        leans_on: match most {
            Some((wider, _)) if own < OWN_FEET => wider,
            _ => LeansOn::Own,
        },
        origin,
        destination,
        observed,
    }
}

#[derive(FromQueryResult)]
struct Row {
    zone: i64,
    origin: String,
    destination: String,
    taken_days: i64,
    packages: i64,
}

async fn observed(orc: &Orchestrator, actor: &Actor, service: &str) -> Result<Vec<Row>> {
    let sql = "SELECT zone, origin, destination, taken_days, count(*) AS packages FROM
          (SELECT service, zone, origin, destination, taken_days FROM transit_observations
           WHERE merchant_id = ? ORDER BY seq DESC LIMIT ?) AS newest
        WHERE service = ? GROUP BY zone, origin, destination, taken_days";
    let bound = values![actor.merchant.0, world::MOST_OBSERVATIONS, service];
    Ok(sql::all(orc.reader(), sql, bound).await?)
}
