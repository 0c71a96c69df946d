//! A node's coming days, worked out once, so that a question costs a search among numbers and no allocation.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::carrier::CarrierDays;
use super::clock::MIDNIGHT;
use super::work::{PICKUP, WorkCalendar, weekday};

/// The working days of a node from one date to another, as instants (seconds since 1970).
#[derive(Debug, Clone, PartialEq)]
pub struct Timetable {
    zone: Tz,
    /// First and last date that it knows.
    from: NaiveDate,
    until: NaiveDate,
    days: Vec<WorkDay>,
    services: Vec<ServiceTimes>,
    handling_days: usize,
    pack_s: i64,
    collect_s: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct WorkDay {
    date: NaiveDate,
    open: i64,
    close: i64,
    cutoff: i64,
}

#[derive(Debug, Clone, PartialEq)]
struct ServiceTimes {
    code: String,
    /// One for each working day.
    cutoffs: Vec<i64>,
    /// Sorted, with the index of the working day; `None` where the carrier collects when the node closes.
    pickups: Option<Vec<(i64, usize)>>,
}

/// How a package leaves a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dispatch {
    /// The node's day that the order counts for.
    pub node_day: NaiveDate,
    /// The day on which it is ready, after handling.
    pub ship_day: NaiveDate,
    pub ready_at: DateTime<Utc>,
    /// When the carrier takes it.
    pub pickup_at: DateTime<Utc>,
    /// The last second at which the node may know of the order for it to count for the same day.
    pub order_by: DateTime<Utc>,
}

/// How an order becomes ready for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collection {
    /// The node's day that the order counts for.
    pub node_day: NaiveDate,
    /// The day on which it can be collected.
    pub ready_day: NaiveDate,
    pub ready_at: DateTime<Utc>,
    /// When the node closes on that day.
    pub closes_at: DateTime<Utc>,
    /// The last second at which the node may know of the order for it to count for the same day.
    pub order_by: DateTime<Utc>,
}

impl Timetable {
    /// Works out `days` days from a local date on.
    pub fn new(calendar: &WorkCalendar, from: NaiveDate, days: u32) -> Self {
        // What ends at 24:00 ends with the last second of its day, so that it has the day's date.
        let second = |day: NaiveDate, minutes: u32| {
            calendar.instant(day, minutes).timestamp() - i64::from(minutes == MIDNIGHT)
        };
        let dates = || from.iter_days().take(days as usize);
        let open = dates().filter_map(|date| Some((date, calendar.hours(date)?)));
        let work_days = open.clone().map(|(date, hours)| WorkDay {
            date,
            open: second(date, hours.open),
            close: second(date, hours.close),
            cutoff: second(date, hours.cutoff),
        });
        let services = calendar.services.iter().map(|service| ServiceTimes {
            code: service.code.clone(),
            cutoffs: open
                .clone()
                .map(|(date, hours)| {
                    let own = service.cutoffs[weekday(date)];
                    second(date, own.unwrap_or(hours.cutoff))
                })
                .collect(),
            pickups: service.pickups.as_ref().map(|week| {
                let days = open.clone().enumerate();
                let mut pickups: Vec<_> = days
                    .flat_map(|(i, (date, _))| {
                        let times = week[weekday(date)].iter();
                        times.map(move |minutes| (second(date, *minutes), i))
                    })
                    .collect();
                pickups.sort_unstable();
                pickups
            }),
        });
        Timetable {
            zone: calendar.zone,
            from,
            until: from + Days::new(u64::from(days.saturating_sub(1))),
            days: work_days.collect(),
            services: services.collect(),
            handling_days: usize::from(calendar.handling_days),
            pack_s: i64::from(calendar.pack_minutes) * 60,
            collect_s: i64::from(calendar.collect_minutes) * 60,
        }
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// First and last date that it knows.
    pub fn span(&self) -> (NaiveDate, NaiveDate) {
        (self.from, self.until)
    }

    /// The local day that an order known at `place` counts for; `full` are days without capacity.
    pub fn work_day(
        &self,
        service: &str,
        place: DateTime<Utc>,
        full: &[NaiveDate],
    ) -> Option<NaiveDate> {
        let times = self.service(service);
        let day = self.node_day(place.timestamp(), full, |i| self.cutoff(times, i))?;
        Some(self.days[day].date)
    }

    /// The last cut-off for the service that had passed at `place`.
    pub fn missed_cutoff(&self, service: &str, place: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let times = self.service(service);
        let cutoffs = (0..self.days.len()).map(|i| self.cutoff(times, i));
        let missed = cutoffs.take_while(|cutoff| *cutoff < place.timestamp());
        missed.last().map(at)
    }

    /// How a package that is ordered at `place` leaves with a service; `None` where that is not within what the
    /// timetable knows.
    pub fn dispatch(
        &self,
        service: &str,
        carrier: &CarrierDays<'_>,
        place: DateTime<Utc>,
        full: &[NaiveDate],
    ) -> Option<Dispatch> {
        let times = self.service(service);
        let node_day = self.node_day(place.timestamp(), full, |i| self.cutoff(times, i))?;
        let ship_day = node_day + self.handling_days;
        let shipped = self.days.get(ship_day)?;
        let ready = self.cutoff(times, ship_day) + self.pack_s;
        let own = times.and_then(|times| times.pickups.as_ref());
        let pickup = if let Some(pickups) = own {
            let first = pickups.partition_point(|(at, _)| *at < ready);
            let mut later = pickups[first..].iter();
            later
                .find(|(_, day)| carrier.collects(self.days[*day].date))?
                .0
        } else {
            let mut later = self.days[ship_day..].iter();
            let taken = |day: &&WorkDay| day.close >= ready && carrier.collects(day.date);
            later.find(taken)?.close
        };
        Some(Dispatch {
            node_day: self.days[node_day].date,
            ship_day: shipped.date,
            ready_at: at(ready),
            pickup_at: at(pickup),
            order_by: at(self.cutoff(times, node_day)),
        })
    }

    /// How an order that is placed at `place` becomes ready for the customer: `collect_minutes` of opening time
    /// later, on a day whose hours leave room for that, or with handling days, that long after opening on the last.
    pub fn collection(&self, place: DateTime<Utc>, full: &[NaiveDate]) -> Option<Collection> {
        let times = self.service(PICKUP);
        let long_enough = |day: &WorkDay| day.open + self.collect_s <= day.close;
        let last = |i: usize| {
            let day = &self.days[i];
            let room = if self.handling_days == 0 {
                self.collect_s
            } else {
                0
            };
            let fits = self.handling_days > 0 || long_enough(day);
            if fits {
                self.cutoff(times, i).min(day.close - room)
            } else {
                i64::MIN
            }
        };
        let place = place.timestamp();
        let node_day = self.node_day(place, full, last)?;
        let mut rest = self.days.get(node_day + self.handling_days..)?.iter();
        let ready_day = rest.find(|day| long_enough(day))?;
        let begun = if self.handling_days == 0 {
            place
        } else {
            i64::MIN
        };
        Some(Collection {
            node_day: self.days[node_day].date,
            ready_day: ready_day.date,
            ready_at: at(begun.max(ready_day.open) + self.collect_s),
            closes_at: at(ready_day.close),
            order_by: at(last(node_day)),
        })
    }

    /// The first working day with room whose cut-off is not before `place`.
    fn node_day(
        &self,
        place: i64,
        full: &[NaiveDate],
        cutoff: impl Fn(usize) -> i64,
    ) -> Option<usize> {
        let first = self.days.partition_point(|day| day.close < place);
        (first..self.days.len())
            .find(|i| place <= cutoff(*i) && !full.contains(&self.days[*i].date))
    }

    fn cutoff(&self, times: Option<&ServiceTimes>, day: usize) -> i64 {
        times.map_or(self.days[day].cutoff, |times| times.cutoffs[day])
    }

    fn service(&self, code: &str) -> Option<&ServiceTimes> {
        self.services.iter().find(|service| service.code == code)
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}
