//! A node's week, ready for questions about any day.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::clock::{MIDNIGHT, Problems, hhmm, instant};
use super::holidays::Holidays;
use super::spec::NodeCalendar;
use crate::model::{CalendarDay, FieldError, Week};

/// For how many days a node may be closed before nothing more is expected of it.
const HORIZON_DAYS: u64 = 14;

/// The most working days that handling may take.
const MOST_HANDLING_DAYS: u8 = 60;

/// The service code under which collection by the customer has its cut-offs.
pub const PICKUP: &str = "pickup";

/// A node's week, ready for questions.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkCalendar {
    pub(super) zone: Tz,
    /// Monday first; minutes since midnight.
    days: [Option<Hours>; 7],
    closed_on: Vec<NaiveDate>,
    holidays: Holidays,
    works_on: Vec<String>,
    /// Services with times of their own, by code.
    pub(super) services: Vec<ServiceHours>,
    pub(super) handling_days: u8,
    pub(super) pack_minutes: u16,
    pub(super) collect_minutes: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hours {
    pub open: u32,
    pub close: u32,
    pub cutoff: u32,
}

/// What a service does differently from the week.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ServiceHours {
    pub code: String,
    pub cutoffs: [Option<u32>; 7],
    /// `None` where the carrier collects when the node closes.
    pub pickups: Option<[Vec<u32>; 7]>,
}

/// Reads a week, telling every field that does not fit. No week: always open, cut-off at 24:00.
pub fn parse(
    week: Option<&Week>,
    closed_on: &[NaiveDate],
    time_zone: &str,
) -> Result<WorkCalendar, Vec<FieldError>> {
    WorkCalendar::new(&NodeCalendar {
        week: week.cloned(),
        closed_on: closed_on.to_vec(),
        ..NodeCalendar::always(time_zone)
    })
}

fn read_week(week: Option<&Week>, problems: &mut Problems) -> [Option<Hours>; 7] {
    let always = Hours {
        open: 0,
        close: MIDNIGHT,
        cutoff: MIDNIGHT,
    };
    let mut days = [if week.is_none() { Some(always) } else { None }; 7];
    for (name, hours) in week.into_iter().flatten() {
        let at = |field: &str| format!("#/week/{name}/{field}");
        let Some(day) = problems.weekday(format!("#/week/{name}"), name) else {
            continue;
        };
        let open = problems.time(at("open"), &hours.open);
        let close = problems.time(at("close"), &hours.close);
        let cutoff = hours.cutoff.as_ref();
        let cutoff = cutoff.map_or(close, |text| problems.time(at("cutoff"), text));
        if close <= open {
            problems.add(at("close"), "has to be later than open");
        }
        if cutoff > close {
            problems.add(at("cutoff"), "has to be no later than close");
        }
        days[day] = Some(Hours {
            open,
            close,
            cutoff,
        });
    }
    days
}

fn read_services(
    spec: &NodeCalendar,
    days: &[Option<Hours>; 7],
    problems: &mut Problems,
) -> Vec<ServiceHours> {
    let mut codes: Vec<&String> = spec.cutoffs.keys().chain(spec.pickups.keys()).collect();
    codes.sort_unstable();
    codes.dedup();
    let open_day = |problems: &mut Problems, pointer: &str, name: &str| {
        let day = problems.weekday(pointer.to_owned(), name)?;
        if days[day].is_none() {
            problems.add(pointer, "the node is closed on this weekday");
        }
        days[day].map(|hours| (day, hours))
    };
    let mut services = Vec::new();
    for code in codes {
        let mut cutoffs = [None; 7];
        for (name, text) in spec.cutoffs.get(code).into_iter().flatten() {
            let pointer = format!("#/cutoffs/{code}/{name}");
            let cutoff = problems.time(pointer.clone(), text);
            if let Some((day, hours)) = open_day(problems, &pointer, name) {
                if cutoff > hours.close {
                    problems.add(pointer, "has to be no later than close");
                }
                cutoffs[day] = Some(cutoff);
            }
        }
        let pickups = spec.pickups.get(code).map(|week| {
            let mut pickups: [Vec<u32>; 7] = Default::default();
            for (name, times) in week {
                let pointer = format!("#/pickups/{code}/{name}");
                let Some((day, _)) = open_day(problems, &pointer, name) else {
                    continue;
                };
                let times = times.iter().enumerate();
                pickups[day] = times
                    .map(|(i, text)| problems.time(format!("{pointer}/{i}"), text))
                    .collect();
                pickups[day].sort_unstable();
            }
            if pickups.iter().all(Vec::is_empty) {
                let detail = "needs a time, or leave the service out: it then collects at closing";
                problems.add(format!("#/pickups/{code}"), detail);
            }
            pickups
        });
        services.push(ServiceHours {
            code: code.clone(),
            cutoffs,
            pickups,
        });
    }
    services
}

impl WorkCalendar {
    /// Reads a node's calendar, telling every field that does not fit.
    pub fn new(spec: &NodeCalendar) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        let zone = problems.zone("#/time_zone", &spec.time_zone);
        let days = read_week(spec.week.as_ref(), &mut problems);
        let services = read_services(spec, &days, &mut problems);
        let (mut holidays, mut works_on) = (Holidays::default(), Vec::new());
        if let Some(rule) = &spec.holidays {
            let found = Holidays::of(&rule.country, rule.region.as_deref());
            if found.is_none() {
                let detail = format!("no holidays are known for the country '{}'", rule.country);
                problems.add("#/holidays/country", detail);
            }
            holidays = found.unwrap_or_default();
            works_on.clone_from(&rule.works_on);
            super::carrier::check_names(holidays, &works_on, "#/holidays/works_on", &mut problems);
        }
        if spec.handling_days > MOST_HANDLING_DAYS {
            let detail = format!("has to be {MOST_HANDLING_DAYS} working days or fewer");
            problems.add("#/handling_days", detail);
        }
        let mut closed_on = spec.closed_on.clone();
        closed_on.sort_unstable();
        problems.or(WorkCalendar {
            zone,
            days,
            closed_on,
            holidays,
            works_on,
            services,
            handling_days: spec.handling_days,
            pack_minutes: spec.pack_minutes,
            collect_minutes: spec.collect_minutes,
        })
    }

    /// The local date of an instant.
    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The first instant of a local day and of the next one.
    pub fn day_bounds(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.instant(day, 0), self.instant(day, MIDNIGHT))
    }

    pub fn is_open_at(&self, at: DateTime<Utc>) -> bool {
        let day = self.local_day(at);
        self.hours(day)
            .is_some_and(|h| at >= self.instant(day, h.open) && at < self.instant(day, h.close))
    }

    /// The next cut-off at or after an instant, within 14 days.
    pub fn next_cutoff(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.work_day(at).and_then(|day| self.cutoff_of(day))
    }

    /// The local day on which an order known at `at` is worked: the second of the cut-off still counts for the day.
    pub fn work_day(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        let today = self.local_day(at);
        let in_time = |cutoff: DateTime<Utc>| at.timestamp() <= cutoff.timestamp();
        (0..HORIZON_DAYS)
            .map(|n| today + Days::new(n))
            .find(|day| self.cutoff_of(*day).is_some_and(in_time))
    }

    /// When the node closes on a day; `None` on a day closed.
    pub fn close_of(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.hours(day).map(|hours| self.instant(day, hours.close))
    }

    /// The coming days, today first.
    pub fn days(&self, from: DateTime<Utc>, count: u32) -> Vec<CalendarDay> {
        let today = self.local_day(from);
        let days = (0..u64::from(count))
            .map(|n| today + Days::new(n))
            .map(|date| {
                let hours = self.hours(date);
                let (start, end) = self.day_bounds(date);
                let note = if self.closed_on.contains(&date) {
                    Some("Closed on this date".to_owned())
                } else if let Some(holiday) = self.holidays.kept_on(date, &self.works_on) {
                    Some(holiday.to_owned())
                } else if (end - start).num_hours() != 24 {
                    Some("The clock changes".to_owned())
                } else {
                    None
                };
                CalendarDay {
                    date,
                    weekday: date.format("%a").to_string(),
                    open: hours.map(|h| hhmm(h.open)),
                    close: hours.map(|h| hhmm(h.close)),
                    cutoff: hours.map(|h| hhmm(h.cutoff)),
                    cutoff_at: self.cutoff_of(date),
                    note,
                }
            });
        days.collect()
    }

    /// `Tue, Nov 24, 14:00` in the node's own time.
    pub fn format_local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone)
            .format("%a, %b %-d, %H:%M")
            .to_string()
    }

    /// `None` on a day closed.
    pub(super) fn hours(&self, day: NaiveDate) -> Option<Hours> {
        let hours = self.days[weekday(day)]?;
        let works = self.closed_on.binary_search(&day).is_err()
            && self.holidays.kept_on(day, &self.works_on).is_none();
        works.then_some(hours)
    }

    fn cutoff_of(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.hours(day).map(|hours| self.instant(day, hours.cutoff))
    }

    pub(super) fn instant(&self, day: NaiveDate, minutes: u32) -> DateTime<Utc> {
        instant(self.zone, day, minutes)
    }
}

pub(super) fn weekday(day: NaiveDate) -> usize {
    day.weekday().num_days_from_monday() as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::calendar::HolidayRule;
    use crate::model::{DayHours, WEEKDAYS};

    fn weekdays(cutoff: &str) -> Week {
        let hours = || DayHours {
            open: "08:00".into(),
            close: "18:00".into(),
            cutoff: Some(cutoff.into()),
        };
        WEEKDAYS[..5]
            .iter()
            .map(|day| ((*day).to_owned(), hours()))
            .collect()
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text)
            .unwrap()
            .with_timezone(&Utc)
    }

    #[test]
    fn an_order_at_the_cutoff_is_worked_today_and_one_second_later_the_next_working_day() {
        let calendar = parse(Some(&weekdays("14:00")), &[], "America/New_York").unwrap();
        let friday = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(
            calendar.work_day(at("2026-11-20T13:59:59-05:00")),
            Some(friday)
        );
        assert_eq!(
            calendar.work_day(at("2026-11-20T14:00:00-05:00")),
            Some(friday)
        );
        assert_eq!(
            calendar.work_day(at("2026-11-20T14:00:01-05:00")),
            Some(friday + Days::new(3))
        );
    }

    #[test]
    fn the_cutoff_keeps_its_local_time_when_the_clock_changes() {
        let calendar = parse(None, &[], "America/New_York").unwrap();
        let spring = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        let (start, end) = calendar.day_bounds(spring);
        assert_eq!((end - start).num_hours(), 23);
        let (start, end) = calendar.day_bounds(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap());
        assert_eq!((end - start).num_hours(), 25);
        assert_eq!(
            calendar.instant(spring, 140),
            at("2026-03-08T03:00:00-04:00")
        );
    }

    #[test]
    fn a_closed_date_moves_work_to_the_next_day_and_honolulu_is_a_day_behind() {
        let thanksgiving = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        let calendar = parse(
            Some(&weekdays("14:00")),
            &[thanksgiving],
            "Pacific/Honolulu",
        )
        .unwrap();
        assert_eq!(
            calendar.work_day(at("2026-11-26T05:00:00Z")),
            Some(thanksgiving + Days::new(1))
        );
        assert_eq!(
            calendar.local_day(at("2026-11-26T05:00:00Z")),
            thanksgiving - Days::new(1)
        );
    }

    #[test]
    fn a_node_keeps_the_holidays_it_names_and_says_which() {
        let mut spec = NodeCalendar::always("America/New_York");
        spec.holidays = Some(HolidayRule {
            country: "US".into(),
            region: None,
            works_on: vec!["Columbus Day".into()],
        });
        let calendar = WorkCalendar::new(&spec).unwrap();
        let days = calendar.days(at("2026-10-12T12:00:00Z"), 46);
        assert!(days[0].cutoff.is_some() && days[0].note.is_none());
        assert_eq!(days[45].note.as_deref(), Some("Thanksgiving Day"));
        assert_eq!(days[45].cutoff, None);
    }

    #[test]
    fn every_wrong_field_of_services_and_holidays_is_named() {
        let spec = NodeCalendar {
            week: Some(weekdays("14:00")),
            cutoffs: BTreeMap::from([(
                "ground".to_owned(),
                BTreeMap::from([
                    ("mon".to_owned(), "19:00".to_owned()),
                    ("sat".to_owned(), "12:00".to_owned()),
                ]),
            )]),
            pickups: BTreeMap::from([(
                "air".to_owned(),
                BTreeMap::from([("tue".to_owned(), vec!["5pm".to_owned()])]),
            )]),
            holidays: Some(HolidayRule {
                country: "XX".into(),
                ..HolidayRule::default()
            }),
            handling_days: 99,
            ..NodeCalendar::always("Europe/Berlin")
        };
        let errors = WorkCalendar::new(&spec).unwrap_err();
        let mut pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                "#/cutoffs/ground/mon",
                "#/cutoffs/ground/sat",
                "#/handling_days",
                "#/holidays/country",
                "#/pickups/air/tue/0"
            ]
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        let mut week = weekdays("19:00");
        week.insert(
            "someday".into(),
            DayHours {
                open: "9".into(),
                close: "18:00".into(),
                cutoff: None,
            },
        );
        let errors = parse(Some(&week), &[], "Mars/Base").unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert!(
            pointers.contains(&"#/time_zone") && pointers.contains(&"#/week/mon/cutoff"),
            "{pointers:?}"
        );
        assert!(pointers.contains(&"#/week/someday"), "{pointers:?}");
    }
}
