//! Time that passes only while a node is open.

use chrono::{DateTime, Days, Duration, Utc};

use super::work::WorkCalendar;

/// For how many days a node may be closed in between before nothing more is expected of it.
const HORIZON_DAYS: u64 = 60;

impl WorkCalendar {
    /// When the node has been open for so many minutes from `at` on; `None` where that is not within two months.
    pub fn after_open_minutes(&self, at: DateTime<Utc>, minutes: u32) -> Option<DateTime<Utc>> {
        let mut left = Duration::minutes(minutes.into());
        let today = self.local_day(at);
        for n in 0..HORIZON_DAYS {
            let day = today + Days::new(n);
            let Some(hours) = self.hours(day) else {
                continue;
            };
            let open = self.instant(day, hours.open).max(at);
            let close = self.instant(day, hours.close);
            let room = close - open;
            if room <= Duration::zero() {
                continue;
            }
            if left <= room {
                return Some(open + left);
            }
            left -= room;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse;
    use crate::model::{DayHours, WEEKDAYS, Week};

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text)
            .unwrap()
            .with_timezone(&Utc)
    }

    fn shop() -> WorkCalendar {
        let hours = || DayHours {
            open: "10:00".into(),
            close: "18:00".into(),
            cutoff: None,
        };
        let days = WEEKDAYS[..5].iter();
        let week: Week = days.map(|day| ((*day).to_owned(), hours())).collect();
        parse(Some(&week), &[], "America/New_York").unwrap()
    }

    #[test]
    fn time_stands_still_while_the_shop_is_closed() {
        let shop = shop();
        let after = |text: &str, minutes| shop.after_open_minutes(at(text), minutes).unwrap();
        assert_eq!(
            after("2026-11-20T11:00:00-05:00", 60),
            at("2026-11-20T12:00:00-05:00")
        );
        // Before opening it begins with opening; half an hour before closing on a Friday it ends on Monday.
        assert_eq!(
            after("2026-11-20T07:00:00-05:00", 60),
            at("2026-11-20T11:00:00-05:00")
        );
        assert_eq!(
            after("2026-11-20T17:30:00-05:00", 60),
            at("2026-11-23T10:30:00-05:00")
        );
        assert_eq!(
            after("2026-11-20T17:00:00-05:00", 60),
            at("2026-11-20T18:00:00-05:00")
        );
        // Three working days and a bit, across a weekend.
        assert_eq!(
            after("2026-11-19T10:00:00-05:00", 3 * 480 + 1),
            at("2026-11-24T10:01:00-05:00")
        );
    }

    #[test]
    fn a_node_that_never_opens_owes_nothing_and_one_that_never_closes_owes_it_at_once() {
        let closed = parse(Some(&Week::new()), &[], "UTC").unwrap();
        assert_eq!(
            closed.after_open_minutes(at("2026-11-20T10:00:00Z"), 1),
            None
        );
        let always = parse(None, &[], "America/New_York").unwrap();
        // The clock goes back that night: the same time passes.
        assert_eq!(
            always.after_open_minutes(at("2026-10-31T23:00:00-04:00"), 240),
            Some(at("2026-11-01T02:00:00-05:00"))
        );
    }
}
