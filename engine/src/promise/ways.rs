//! The arithmetic of a promise: when each package leaves, and the probability that all of them have arrived by a date.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use super::answer::{DateRange, Method, PromisedPackage};
use super::ask::{Ask, Candidate, Destination, Leg};
use super::settings::PromiseSettings;
use super::snapshot::{NodeTimes, Snapshot};
use super::transit::{Lane, TransitDistribution, TransitModel};
use crate::calendar::CarrierDays;

/// How many days after it has left a package is waited for.
const LONGEST_DAYS: u64 = 60;

/// How many cut-offs ahead it is tried whether the dates stay the same.
const CUTOFFS_AHEAD: usize = 64;

/// Sums of probabilities are off by less than this.
const EPSILON: f64 = 1e-9;

/// What a leg needs that does not depend on the time of the order.
pub(super) struct Prepared<'a> {
    leg: &'a Leg<'a>,
    node: &'a NodeTimes,
    carriage: Option<Carriage<'a>>,
}

struct Carriage<'a> {
    collects: CarrierDays<'a>,
    delivers: CarrierDays<'a>,
    zone: Tz,
    transit: TransitDistribution,
}

/// A leg for an order at one time.
struct Way<'p> {
    prepared: &'p Prepared<'p>,
    node_day: NaiveDate,
    ship_day: NaiveDate,
    leaves_at: DateTime<Utc>,
    /// The date at the destination on which it leaves, or can be collected.
    start: NaiveDate,
    order_by: DateTime<Utc>,
}

/// Something that the snapshot does not know.
pub(super) struct Unknown;

/// The dates of a candidate.
pub(super) struct Found {
    pub date: DateRange,
    pub confidence: f64,
    pub cutoff_at: DateTime<Utc>,
    pub ready_at: Option<DateTime<Utc>>,
    pub packages: Vec<PromisedPackage>,
    /// The zone in which the dates are.
    pub zone: Tz,
}

pub(super) fn prepare<'a>(
    snapshot: &'a Snapshot,
    transit: &TransitModel,
    destination: &Destination<'a>,
    candidate: &'a Candidate<'a>,
) -> Result<Vec<Prepared<'a>>, Unknown> {
    let legs = candidate.legs.iter().map(|leg| {
        let node = snapshot.node(leg.node).ok_or(Unknown)?;
        let carriage = match candidate.method {
            Method::Pickup => None,
            Method::Delivery => {
                let service = snapshot.service(leg.service).ok_or(Unknown)?;
                let lane = Lane {
                    service: leg.service,
                    zone: leg.zone,
                    origin: leg.origin,
                    destination: destination.lane,
                };
                Some(Carriage {
                    collects: service.within(&node.country, node.region.as_deref()),
                    delivers: service.within(destination.country, destination.region),
                    zone: destination.zone,
                    transit: transit.estimate(lane, leg.stated_days),
                })
            }
        };
        Ok(Prepared {
            leg,
            node,
            carriage,
        })
    });
    legs.collect()
}

/// The dates of a candidate for an order now; `None` where no date within reach is sure enough.
pub(super) fn find(
    prepared: &[Prepared<'_>],
    settings: &PromiseSettings,
    ask: &Ask<'_>,
) -> Option<Found> {
    let ways = leave(prepared, settings, ask.now)?;
    let until = last_day(&ways)?;
    let (date, confidence) = dates(&ways, until, settings)?;
    let cutoff_at = holds(prepared, settings, &ways, date);
    let packages = ways.iter().map(|way| PromisedPackage {
        node: way.prepared.leg.node.to_owned(),
        service: way.prepared.leg.service.to_owned(),
        node_day: way.node_day,
        ship_day: way.ship_day,
        leaves_at: way.leaves_at,
        date: dates(std::slice::from_ref(way), until, settings).map(|(date, _)| date),
        confidence: arrived_by(way, date.by),
    });
    let first = ways.first()?;
    let collected = first.prepared.carriage.is_none();
    Some(Found {
        date,
        confidence,
        cutoff_at,
        ready_at: collected
            .then(|| ready(prepared, settings, ask, cutoff_at))
            .flatten(),
        packages: packages.collect(),
        zone: match &first.prepared.carriage {
            Some(carriage) => carriage.zone,
            None => first.prepared.node.timetable.zone(),
        },
    })
}

/// The probability that everything has arrived by a date, ordered now; 0 where that is not known.
pub(super) fn probability(
    prepared: &[Prepared<'_>],
    settings: &PromiseSettings,
    now: DateTime<Utc>,
    by: NaiveDate,
) -> f64 {
    let ways = leave(prepared, settings, now).unwrap_or_default();
    if ways.is_empty() {
        return 0.0;
    }
    ways.iter().map(|way| arrived_by(way, by)).product()
}

fn delay(settings: &PromiseSettings) -> Duration {
    Duration::seconds(settings.fulfillment_delay_seconds.into())
}

fn leave<'p>(
    prepared: &'p [Prepared<'p>],
    settings: &PromiseSettings,
    now: DateTime<Utc>,
) -> Option<Vec<Way<'p>>> {
    let placed = now + delay(settings);
    let ways = prepared.iter().map(|prepared| {
        let (leg, timetable) = (prepared.leg, &prepared.node.timetable);
        let place = leg.stock_from.map_or(placed, |from| placed.max(from));
        let Some(carriage) = &prepared.carriage else {
            let collection = timetable.collection(place, leg.full)?;
            return Some(Way {
                prepared,
                node_day: collection.node_day,
                ship_day: collection.ready_day,
                leaves_at: collection.ready_at,
                start: collection.ready_day,
                order_by: collection.order_by,
            });
        };
        let dispatch = timetable.dispatch(leg.service, &carriage.collects, place, leg.full)?;
        Some(Way {
            prepared,
            node_day: dispatch.node_day,
            ship_day: dispatch.ship_day,
            leaves_at: dispatch.pickup_at,
            start: dispatch
                .pickup_at
                .with_timezone(&carriage.zone)
                .date_naive(),
            order_by: dispatch.order_by,
        })
    });
    ways.collect()
}

impl Way<'_> {
    /// P(it has arrived by `day`), where `delivered` days of delivery have passed after the start.
    fn probability(&self, day: NaiveDate, delivered: u32) -> f64 {
        if day < self.start {
            return 0.0;
        }
        let Some(carriage) = &self.prepared.carriage else {
            return 1.0;
        };
        if delivered > 0 || carriage.delivers.delivers(self.start) {
            carriage.transit.within(delivered)
        } else {
            0.0
        }
    }

    /// Whether a day counts for transit.
    fn counts(&self, day: NaiveDate) -> bool {
        let carriage = self.prepared.carriage.as_ref();
        day > self.start && carriage.is_some_and(|carriage| carriage.delivers.delivers(day))
    }
}

fn arrived_by(way: &Way<'_>, day: NaiveDate) -> f64 {
    let days = way.start.iter_days().take_while(|date| *date <= day);
    let delivered = days.filter(|date| way.counts(*date)).count() as u32;
    way.probability(day, delivered)
}

/// The last day that is waited for.
fn last_day(ways: &[Way<'_>]) -> Option<NaiveDate> {
    let last = ways.iter().map(|way| way.start).max()?;
    Some(last + Days::new(LONGEST_DAYS))
}

/// The earliest date by which everything has arrived with the target probability, the one with the low probability,
/// and the probability of the first. Packages arrive independently of each other.
fn dates(
    ways: &[Way<'_>],
    until: NaiveDate,
    settings: &PromiseSettings,
) -> Option<(DateRange, f64)> {
    let first = ways.iter().map(|way| way.start).min()?;
    // A plan has few packages; more than these are counted anew each day.
    let mut delivered = [0_u32; 16];
    let mut from = None;
    for day in first.iter_days().take_while(|day| *day <= until) {
        let mut joint = 1.0;
        for (i, way) in ways.iter().enumerate() {
            joint *= match delivered.get_mut(i) {
                Some(delivered) => {
                    *delivered += u32::from(way.counts(day));
                    way.probability(day, *delivered)
                }
                None => arrived_by(way, day),
            };
        }
        if from.is_none() && joint + EPSILON >= settings.low {
            from = Some(day);
        }
        if joint + EPSILON >= settings.target {
            let from = from.unwrap_or(day);
            return Some((DateRange { from, by: day }, joint));
        }
    }
    None
}

/// The last second at which an order still gets these dates: from one cut-off to the next, while they stay the same.
fn holds(
    prepared: &[Prepared<'_>],
    settings: &PromiseSettings,
    ways: &[Way<'_>],
    date: DateRange,
) -> DateTime<Utc> {
    let ends = |ways: &[Way<'_>]| {
        let first = ways.iter().map(|way| way.order_by).min();
        first.unwrap_or_default() - delay(settings)
    };
    let mut last = ends(ways);
    for _ in 0..CUTOFFS_AHEAD {
        let Some(later) = leave(prepared, settings, last + Duration::seconds(1)) else {
            break;
        };
        let then = last_day(&later).and_then(|until| dates(&later, until, settings));
        if then.is_none_or(|(then, _)| then != date) {
            break;
        }
        last = ends(&later);
    }
    last
}

/// From when it can be collected, for whoever orders before the promise expires.
fn ready(
    prepared: &[Prepared<'_>],
    settings: &PromiseSettings,
    ask: &Ask<'_>,
    cutoff_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    const STEP_S: i64 = 300;
    let last = (ask.now + Duration::seconds(settings.ttl_seconds.into())).min(cutoff_at);
    let ways = leave(prepared, settings, last.max(ask.now))?;
    let at = ways.iter().map(|way| way.leaves_at).max()?;
    let rounded = (at.timestamp() + STEP_S - 1).div_euclid(STEP_S) * STEP_S;
    DateTime::from_timestamp(rounded, 0)
}
