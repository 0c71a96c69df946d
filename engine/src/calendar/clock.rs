//! Wall-clock times and instants.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use crate::model::{FieldError, WEEKDAYS};

/// Minutes of a day: `24:00`.
pub(super) const MIDNIGHT: u32 = 24 * 60;

/// The instant of a local time, in minutes since midnight. A time that the clock skips is the first instant after the
/// gap; one that comes twice is the first of the two.
pub(super) fn instant(zone: Tz, day: NaiveDate, minutes: u32) -> DateTime<Utc> {
    let day = day + Days::new(u64::from(minutes / MIDNIGHT));
    let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes % MIDNIGHT * 60, 0)
        .unwrap_or_default();
    let local = NaiveDateTime::new(day, time);
    let found = zone.from_local_datetime(&local).earliest();
    let found = found.or_else(|| GapInfo::new(&local, &zone).and_then(|gap| gap.end));
    found.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

/// Reads `HH:MM`, `00:00` to `24:00`.
pub(super) fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text
        .split_once(':')
        .filter(|(h, m)| h.len() == 2 && m.len() == 2)?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= MIDNIGHT).then_some(hour * 60 + minute)
}

/// Writes `HH:MM`.
pub(super) fn hhmm(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Collects what is wrong with a calendar while it is read.
#[derive(Default)]
pub(super) struct Problems(pub Vec<FieldError>);

impl Problems {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError::new(pointer, detail));
    }

    pub fn zone(&mut self, pointer: &str, name: &str) -> Tz {
        name.parse().unwrap_or_else(|_| {
            let detail = format!("'{name}' is not an IANA time zone such as America/New_York");
            self.add(pointer, detail);
            Tz::UTC
        })
    }

    /// Position of a weekday, Monday first.
    pub fn weekday(&mut self, pointer: String, name: &str) -> Option<usize> {
        let found = WEEKDAYS.iter().position(|weekday| *weekday == name);
        if found.is_none() {
            self.add(
                pointer,
                format!("'{name}' is none of {}", WEEKDAYS.join(", ")),
            );
        }
        found
    }

    pub fn time(&mut self, pointer: String, text: &str) -> u32 {
        minutes(text).unwrap_or_else(|| {
            self.add(pointer, format!("'{text}' is no time from 00:00 to 24:00"));
            0
        })
    }

    pub fn or<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }
}
