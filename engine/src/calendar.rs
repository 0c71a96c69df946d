//! When a node works: opening hours and cut-offs by weekday in its own time zone, with daylight saving.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::{CalendarDay, FieldError, WEEKDAYS, Week};

/// For how many days a node may be closed before nothing more is expected of it.
const HORIZON_DAYS: u64 = 14;

/// A node's week, ready for questions.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkCalendar {
    zone: Tz,
    /// Monday first; minutes since midnight.
    days: [Option<Hours>; 7],
    closed_on: Vec<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hours {
    open: u32,
    close: u32,
    cutoff: u32,
}

const MIDNIGHT: u32 = 24 * 60;

/// Reads a week, telling every field that does not fit. No week: always open, cut-off at 24:00.
pub fn parse(
    week: Option<&Week>,
    closed_on: &[NaiveDate],
    time_zone: &str,
) -> Result<WorkCalendar, Vec<FieldError>> {
    let mut errors = Vec::new();
    let zone: Tz = time_zone.parse().unwrap_or_else(|_| {
        let detail = format!("'{time_zone}' is not an IANA time zone such as America/New_York");
        errors.push(FieldError::new("#/time_zone", detail));
        Tz::UTC
    });
    let always = Hours {
        open: 0,
        close: MIDNIGHT,
        cutoff: MIDNIGHT,
    };
    let mut days = [if week.is_none() { Some(always) } else { None }; 7];
    for (name, hours) in week.into_iter().flatten() {
        let Some(day) = WEEKDAYS.iter().position(|weekday| weekday == name) else {
            let detail = format!("'{name}' is none of {}", WEEKDAYS.join(", "));
            errors.push(FieldError::new(format!("#/week/{name}"), detail));
            continue;
        };
        let mut read = |field: &str, text: &str| {
            let minutes = minutes(text);
            if minutes.is_none() {
                let detail = format!("'{text}' is no time from 00:00 to 24:00");
                errors.push(FieldError::new(format!("#/week/{name}/{field}"), detail));
            }
            minutes.unwrap_or(0)
        };
        let (open, close) = (read("open", &hours.open), read("close", &hours.close));
        let cutoff = hours
            .cutoff
            .as_ref()
            .map_or(close, |cutoff| read("cutoff", cutoff));
        if close <= open {
            errors.push(FieldError::new(
                format!("#/week/{name}/close"),
                "has to be later than open",
            ));
        }
        if cutoff > close {
            errors.push(FieldError::new(
                format!("#/week/{name}/cutoff"),
                "has to be no later than close",
            ));
        }
        days[day] = Some(Hours {
            open,
            close,
            cutoff,
        });
    }
    if errors.is_empty() {
        Ok(WorkCalendar {
            zone,
            days,
            closed_on: closed_on.to_vec(),
        })
    } else {
        Err(errors)
    }
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text
        .split_once(':')
        .filter(|(h, m)| h.len() == 2 && m.len() == 2)?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= MIDNIGHT).then_some(hour * 60 + minute)
}

impl WorkCalendar {
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

    /// The local day on which an order known at `at` is worked: exactly at the cut-off still counts for the day.
    pub fn work_day(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        let today = self.local_day(at);
        (0..HORIZON_DAYS)
            .map(|n| today + Days::new(n))
            .find(|day| self.cutoff_of(*day).is_some_and(|cutoff| at <= cutoff))
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
                } else if (end - start).num_hours() != 24 {
                    Some("The clock changes".to_owned())
                } else {
                    None
                };
                CalendarDay {
                    date,
                    weekday: date.format("%a").to_string(),
                    open: hours.map(|h| clock(h.open)),
                    close: hours.map(|h| clock(h.close)),
                    cutoff: hours.map(|h| clock(h.cutoff)),
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

    fn hours(&self, day: NaiveDate) -> Option<Hours> {
        let weekday = day.weekday().num_days_from_monday() as usize;
        self.days[weekday].filter(|_| !self.closed_on.contains(&day))
    }

    fn cutoff_of(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.hours(day).map(|hours| self.instant(day, hours.cutoff))
    }

    /// A local time that the clock skips becomes the first one after the gap; one that comes twice is the first.
    fn instant(&self, day: NaiveDate, minutes: u32) -> DateTime<Utc> {
        let day = day + Days::new(u64::from(minutes / MIDNIGHT));
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes % MIDNIGHT * 60, 0)
            .unwrap_or_default();
        let mut local = NaiveDateTime::new(day, time);
        for _ in 0..24 {
            if let Some(at) = self.zone.from_local_datetime(&local).earliest() {
                return at.with_timezone(&Utc);
            }
            local += chrono::Duration::minutes(15);
        }
        local.and_utc()
    }
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DayHours;

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
            calendar.instant(spring, 150),
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
