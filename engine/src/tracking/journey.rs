use chrono::{Days, NaiveDate};

use crate::calendar::CarrierDays;
use crate::promise::TransitDistribution;

/// How many days ahead an arrival is looked for.
const LONGEST_DAYS: u64 = 60;

/// The way of a package from the day on which it left.
#[derive(Debug, Clone, Copy)]
pub struct Journey<'a> {
    /// When the carrier delivers at the destination.
    pub days: CarrierDays<'a>,
    /// How many days of delivery this way takes.
    pub transit: TransitDistribution,
    /// The day, at the destination, on which it left.
    pub left: NaiveDate,
}

impl Journey<'_> {
    /// Days of delivery after it has left, up to a day.
    fn passed(&self, day: NaiveDate) -> u32 {
        let after = self.left.iter_days().skip(1);
        let days = after.take_while(|date| *date <= day).take(366);
        days.filter(|date| self.days.delivers(*date)).count() as u32
    }

    /// The probability that it has arrived by `day`, given that it had not when `today` began.
    pub fn arrived_by(&self, day: NaiveDate, today: NaiveDate) -> f64 {
        let yesterday = today.pred_opt().unwrap_or(today);
        let before = self.transit.within(self.passed(yesterday));
        let by = self.transit.within(self.passed(day));
        if day < today {
            0.0
        } else {
            (by - before).max(0.0) / (1.0 - before)
        }
    }

    /// The first day by which it has arrived with this probability, given that it had not when `today` began; `None`
    /// where it has been longer on its way than anything that was ever seen.
    pub fn expected_by(&self, today: NaiveDate, target: f64) -> Option<NaiveDate> {
        let first = self.left.max(today);
        let days = first
            .iter_days()
            .take_while(|day| *day <= first + Days::new(LONGEST_DAYS));
        let mut days = days.filter(|day| self.days.delivers(*day));
        days.find(|day| self.arrived_by(*day, today) + 1e-9 >= target)
    }

    /// The first day of delivery after this one.
    pub fn next_delivery(&self, after: NaiveDate) -> Option<NaiveDate> {
        let mut days = after.iter_days().skip(1).take(LONGEST_DAYS as usize);
        days.find(|day| self.days.delivers(*day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{CarrierCalendar, ServiceCalendar};
    use crate::promise::PRIOR;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_has_not_arrived_in_time_is_expected_later_day_by_day() {
        let five = ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned);
        let calendar = CarrierCalendar::new(&ServiceCalendar {
            collects_on: five.to_vec(),
            delivers_on: five.to_vec(),
            ..ServiceCalendar::default()
        });
        let calendar = calendar.unwrap();
        // A Wednesday; two days of delivery are stated, and 95 of 100 packages take no longer.
        let journey = Journey {
            days: calendar.within("XX", None),
            transit: TransitDistribution::new(2, &PRIOR),
            left: day("2026-11-18"),
        };
        let expected = |today: &str| journey.expected_by(day(today), 0.9).map(|d| d.to_string());
        assert_eq!(expected("2026-11-18").as_deref(), Some("2026-11-20"));
        assert_eq!(
            expected("2026-11-20").as_deref(),
            Some("2026-11-20"),
            "the last day is not over"
        );
        assert_eq!(expected("2026-11-21").as_deref(), Some("2026-11-27"));
        assert_eq!(expected("2027-02-01"), None);
        assert!(journey.arrived_by(day("2026-11-20"), day("2026-11-19")) > 0.9);
        assert_eq!(
            journey.next_delivery(day("2026-11-20")),
            Some(day("2026-11-23"))
        );
    }
}
