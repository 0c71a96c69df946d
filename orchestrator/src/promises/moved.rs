//! What a changed node would move: the hand-over of orders that are open there, and the dates that shoppers were told.
//! Orders are reckoned anew from the moment they came to the node, promises as if they were asked again now; each with
//! the calendar and the capacity as they are and as they would be, and along the same routes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use engine::calendar::{Holidays, Timetable};
use engine::model::{
    CalendarDay, Currency, HolidayView, Moved, NewPromise, Node, NodeChange, Permission,
    PromiseView,
};
use engine::promise::{self, Ask, Candidate, DateRange, PromiseSettings, Snapshot, TransitModel};
use engine::routing::Plan;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;

use super::compute::{candidate, full_days, origins, units};
use super::ways::Way;
use super::{destination, lane_of};
use crate::clock::from_micros;
use crate::network::{self, Network, NetworkNode};
use crate::places;
use crate::routing::Workload;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

/// How far back shoppers' questions are looked at, how many of the newest, and how many of those that the node answers.
const QUESTIONS_OF: chrono::Duration = chrono::Duration::days(7);
const QUESTIONS_SEEN: i64 = 4_000;
const MOST_QUESTIONS: usize = 500;
/// Fulfillments that are reckoned anew at most, those that are due first.
const MOST_WORK: i64 = 5_000;
/// How far ahead days are looked at.
const DAYS: u32 = 90;
const WORKING_DAYS: usize = 14;

/// What this node would look like and move if it were stored like this. Nothing is written.
pub async fn node_change(orc: &Orchestrator, actor: &Actor, node: Node) -> Result<NodeChange> {
    actor.check(Permission::ChangeNetwork)?;
    let network = orc.network(actor.merchant).await?;
    if network.node(&node.code).is_none() {
        return Err(Error::not_found("node", &node.code));
    }
    let changed = network::checked(node)?;
    let now = orc.now();
    let work = open_work(orc, actor, &changed.node.code).await?;
    let told = told(orc, actor, &changed.node.code).await?;
    let shared = orc.promise_world(actor.merchant).await?;
    let facts = shared.read(|world| Facts {
        network: world.network.clone(),
        settings: world.settings.clone(),
        transit: world.transit.clone(),
        currency: world.currency,
        assigned: world.assigned.clone(),
        now,
    });
    // Hundreds of baskets are reckoned twice: nothing for a thread that others wait for.
    let reckoned = tokio::task::spawn_blocking(move || NodeChange {
        days: coming_days(&changed, now),
        holidays: holidays(&changed, now),
        orders: orders(&network, &changed, &work, now),
        promises: facts.promises(&changed, &told),
    });
    reckoned.await.map_err(Error::internal)
}

/// Days until enough of them are worked, without those that are closed every week.
fn coming_days(node: &NetworkNode, now: DateTime<Utc>) -> Vec<CalendarDay> {
    let mut worked = 0;
    let days = node.calendar.days(now, DAYS).into_iter();
    days.take_while(|day| {
        let enough = worked == WORKING_DAYS;
        worked += usize::from(day.open.is_some());
        !enough
    })
    .filter(|day| day.open.is_some() || day.note.is_some())
    .collect()
}

fn holidays(node: &NetworkNode, now: DateTime<Utc>) -> Vec<HolidayView> {
    let Some(rule) = &node.node.holidays else {
        return Vec::new();
    };
    let Some(all) = Holidays::of(&rule.country, rule.region.as_deref()) else {
        return Vec::new();
    };
    let today = node.calendar.local_day(now);
    let year = today..today + Days::new(365);
    let coming = all.iter().filter(|day| year.contains(&day.date));
    let mut coming: Vec<_> = coming
        .map(|day| HolidayView {
            date: day.date,
            name: day.name.to_owned(),
        })
        .collect();
    coming.sort_by_key(|day| day.date);
    coming
}

#[derive(FromQueryResult)]
struct Work {
    order_id: Uuid,
    service: Option<String>,
    created_at: i64,
}

async fn open_work(orc: &Orchestrator, actor: &Actor, node: &str) -> Result<Vec<Work>> {
    let sql = "SELECT order_id, service, created_at FROM fulfillments
        WHERE merchant_id = ? AND node = ? AND status IN ('assigned', 'accepted', 'packed')
        ORDER BY ship_by, id LIMIT ?";
    let bound = values![actor.merchant.0, node, MOST_WORK];
    Ok(sql::all(orc.reader(), sql, bound).await?)
}

fn orders(network: &Network, changed: &NetworkNode, work: &[Work], now: DateTime<Utc>) -> Moved {
    let Some(present) = network.node(&changed.node.code) else {
        return Moved::default();
    };
    let Some(first) = work.iter().map(|work| work.created_at).min() else {
        return Moved::default();
    };
    let since = from_micros(first);
    let timetable = |node: &NetworkNode| {
        let from = node.calendar.local_day(since) - Days::new(1);
        Timetable::new(&node.calendar, from, DAYS)
    };
    let (before, after) = (timetable(present), timetable(changed));
    let times = network.times(now);
    let leaves = |timetable: &Timetable, country: &str, work: &Work| {
        let known = from_micros(work.created_at);
        match &work.service {
            None => Some(timetable.collection(known, &[])?.ready_at),
            Some(service) => {
                let days = times.service(service)?.within(country, None);
                Some(timetable.dispatch(service, &days, known, &[])?.pickup_at)
            }
        }
    };
    let mut orders: HashMap<Uuid, (bool, bool)> = HashMap::new();
    for work in work {
        let then = leaves(&before, &present.node.address.country, work);
        let would = leaves(&after, &changed.node.address.country, work);
        let (moved, later) = orders.entry(work.order_id).or_default();
        *moved |= then != would;
        *later |= is_later(then, would);
    }
    counted(orders.into_values())
}

/// Whether it would be later, or not at all any more.
fn is_later<T: Ord>(before: Option<T>, after: Option<T>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => after > before,
        (before, after) => before.is_some() && after.is_none(),
    }
}

fn counted(all: impl Iterator<Item = (bool, bool)>) -> Moved {
    all.fold(Moved::default(), |sum, (moved, later)| Moved {
        of: sum.of + 1,
        moved: sum.moved + u64::from(moved),
        later: sum.later + u64::from(later),
    })
}

/// A question and the routes that answered it.
struct Told {
    asked: NewPromise,
    ways: Vec<Way>,
}

/// The newest questions that a way from this node answers; the same question once.
async fn told(orc: &Orchestrator, actor: &Actor, node: &str) -> Result<Vec<Told>> {
    #[derive(FromQueryResult)]
    struct Row {
        asked: String,
        answer: String,
        plans: String,
    }
    let since = (orc.now() - QUESTIONS_OF).timestamp_micros();
    let sql = "SELECT asked, answer, plans FROM promises WHERE merchant_id = ? AND expires_at >= ?
        ORDER BY expires_at DESC LIMIT ?";
    let bound = values![actor.merchant.0, since, QUESTIONS_SEEN];
    let rows: Vec<Row> = sql::all(orc.reader(), sql, bound).await?;
    let from_here = format!(
        "\"node\":{}",
        serde_json::to_string(node).map_err(Error::internal)?
    );
    let (mut told, mut seen) = (Vec::new(), BTreeSet::new());
    for row in rows.iter().filter(|row| row.plans.contains(&from_here)) {
        if told.len() >= MOST_QUESTIONS {
            break;
        }
        if !seen.insert(row.asked.as_str()) {
            continue;
        }
        let asked = serde_json::from_str(&row.asked).map_err(Error::internal)?;
        let answer: PromiseView = serde_json::from_str(&row.answer).map_err(Error::internal)?;
        let plans: Vec<(String, Plan)> =
            serde_json::from_str(&row.plans).map_err(Error::internal)?;
        let ways = plans.into_iter().filter_map(|(id, plan)| {
            let option = answer.options.iter().find(|option| option.id == id)?;
            let goods_from = option.goods_from.into_iter().flat_map(|from| {
                let nodes = plan.packages.iter().map(|package| package.node.clone());
                nodes.map(move |node| (node, from))
            });
            Some(Way {
                method: option.method,
                goods_from: goods_from.collect(),
                store: None,
                id,
                plan,
            })
        });
        let ways: Vec<_> = ways.collect();
        let here = |way: &Way| way.plan.packages.iter().any(|package| package.node == node);
        if ways.iter().any(here) {
            told.push(Told { asked, ways });
        }
    }
    Ok(told)
}

/// What promises are made from.
struct Facts {
    network: Arc<Network>,
    settings: Arc<PromiseSettings>,
    transit: Arc<TransitModel>,
    currency: Currency,
    assigned: Workload,
    now: DateTime<Utc>,
}

impl Facts {
    fn promises(&self, changed: &NetworkNode, told: &[Told]) -> Moved {
        let ways = told.iter().flat_map(|told| &told.ways);
        let packages = ways.flat_map(|way| &way.plan.packages);
        let nodes: BTreeSet<_> = packages.map(|package| package.node.clone()).collect();
        let times = self.network.times(self.now);
        let would = self.network.times_with(changed, &nodes, self.now);
        counted(told.iter().map(|told| {
            let full = |changed: Option<&Node>| {
                let units = units(&told.asked);
                full_days(&self.network, &self.assigned, &told.ways, units, changed)
            };
            let before = self.dates(told, &times, &full(None));
            let after = self.dates(told, &would, &full(Some(&changed.node)));
            let ends = |dates: &BTreeMap<String, DateRange>, id: &String| {
                dates.get(id).map(|date| (date.by, date.from))
            };
            let later = told
                .ways
                .iter()
                .any(|way| is_later(ends(&before, &way.id), ends(&after, &way.id)));
            (before != after, later)
        }))
    }

    /// The dates of its ways that have one.
    fn dates(
        &self,
        told: &Told,
        times: &Snapshot,
        full: &BTreeMap<String, Vec<NaiveDate>>,
    ) -> BTreeMap<String, DateRange> {
        let to = &told.asked.destination;
        let postal = to.postal_code.as_deref().map(str::trim);
        let postal = postal.filter(|postal| !postal.is_empty());
        let place = match postal {
            Some(postal) => places::lookup(&to.country, postal),
            None => places::midst(&to.country),
        };
        let Some(place) = place else {
            return BTreeMap::new();
        };
        let lane = lane_of(&to.country, postal.unwrap_or_default());
        let origins = origins(&self.network, &told.ways);
        let candidates = told
            .ways
            .iter()
            .map(|way| candidate(&self.network, way, 0, Some(place), full, &origins));
        let candidates: Vec<Candidate<'_>> = candidates.collect();
        let promise = promise::quote(
            times,
            &self.transit,
            &self.settings,
            &Ask {
                now: self.now,
                destination: Some(destination(&to.country, postal, place.time_zone, &lane)),
                locale: "en-US",
                currency: self.currency,
                candidates: &candidates,
                unknown_lines: &[],
                holds_until: None,
            },
        );
        let options = promise.options.into_iter();
        options
            .filter_map(|option| Some((option.id, option.date?)))
            .collect()
    }
}
