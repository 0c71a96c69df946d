//! When a carrier's service collects and delivers.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::clock::Problems;
use super::holidays::Holidays;
use super::spec::ServiceCalendar;
use super::work::weekday;
use crate::model::FieldError;

/// A carrier's service, ready for questions.
#[derive(Debug, Clone, PartialEq)]
pub struct CarrierCalendar {
    /// Monday first.
    collects: [bool; 7],
    delivers: [bool; 7],
    /// Sorted.
    closed: Vec<NaiveDate>,
    /// By country.
    works_on: BTreeMap<String, Vec<String>>,
}

/// A carrier's service in one country. Copies are free and making one allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct CarrierDays<'a> {
    calendar: &'a CarrierCalendar,
    holidays: Holidays,
    works_on: &'a [String],
}

impl CarrierCalendar {
    /// Reads a service's calendar, telling every field that does not fit.
    pub fn new(spec: &ServiceCalendar) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        let mut weekdays = |field: &str, names: &[String]| {
            let mut days = [false; 7];
            for (i, name) in names.iter().enumerate() {
                if let Some(day) = problems.weekday(format!("#/{field}/{i}"), name) {
                    days[day] = true;
                }
            }
            if names.is_empty() {
                problems.add(format!("#/{field}"), "needs at least one weekday");
            }
            days
        };
        let collects = weekdays("collects_on", &spec.collects_on);
        let delivers = weekdays("delivers_on", &spec.delivers_on);
        for (country, names) in &spec.works_on {
            let pointer = format!("#/works_on/{country}");
            match Holidays::of(country, None) {
                Some(holidays) => check_names(holidays, names, &pointer, &mut problems),
                None => {
                    problems.add(pointer, format!("no holidays are known for '{country}'"));
                }
            }
        }
        let mut closed = spec.closed_on.clone();
        closed.sort_unstable();
        problems.or(CarrierCalendar {
            collects,
            delivers,
            closed,
            works_on: spec.works_on.clone(),
        })
    }

    /// The service in a country, or a part of it (`DE`, `BY`). A country without a table has no holidays.
    pub fn within(&self, country: &str, region: Option<&str>) -> CarrierDays<'_> {
        CarrierDays {
            calendar: self,
            holidays: Holidays::of(country, region).unwrap_or_default(),
            works_on: self.works_on.get(country).map_or(&[], Vec::as_slice),
        }
    }
}

impl CarrierDays<'_> {
    /// Whether it collects on a date.
    pub fn collects(&self, date: NaiveDate) -> bool {
        self.calendar.collects[weekday(date)] && self.moves(date)
    }

    /// Whether it delivers on a date.
    pub fn delivers(&self, date: NaiveDate) -> bool {
        self.calendar.delivers[weekday(date)] && self.moves(date)
    }

    fn moves(&self, date: NaiveDate) -> bool {
        self.calendar.closed.binary_search(&date).is_err()
            && self.holidays.kept_on(date, self.works_on).is_none()
    }

    /// The date of delivery after `transit_days` days of delivery, counted after the date (at the destination) on
    /// which the carrier took the package. 0 is that date itself, or the first day of delivery after it. `None` where
    /// there is none by `until`.
    pub fn arrival(
        &self,
        collected: NaiveDate,
        transit_days: u32,
        until: NaiveDate,
    ) -> Option<NaiveDate> {
        let skip = (transit_days as usize).saturating_sub(1);
        let first = usize::from(transit_days != 0);
        let days = collected.iter_days().skip(first);
        days.take_while(|day| *day <= until)
            .filter(|day| self.delivers(*day))
            .nth(skip)
    }

    /// How many days of delivery a package took: the inverse of [`arrival`](Self::arrival), for what was observed. A
    /// delivery on a day without deliveries took as long as one on the next day with them.
    pub fn transit_days(&self, collected: NaiveDate, delivered: NaiveDate) -> u32 {
        let after = collected.iter_days().skip(1);
        let full = after
            .take_while(|day| *day <= delivered)
            .filter(|day| self.delivers(*day));
        let full = full.take(366).count() as u32;
        full + u32::from(delivered > collected && !self.delivers(delivered))
    }
}

/// Every name has to be one of the table's, so that a typing error does not close a carrier for a day.
pub(super) fn check_names(
    holidays: Holidays,
    names: &[String],
    pointer: &str,
    problems: &mut Problems,
) {
    for (i, name) in names.iter().enumerate().filter(|(_, name)| *name != "*") {
        if !holidays.iter().any(|day| day.name == name) {
            let mut known: Vec<&str> = holidays.iter().map(|day| day.name).collect();
            known.sort_unstable();
            known.dedup();
            let detail = format!("'{name}' is none of {}", known.join(", "));
            problems.add(format!("{pointer}/{i}"), detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn weekdays() -> ServiceCalendar {
        let five: Vec<String> = crate::model::WEEKDAYS[..5]
            .iter()
            .map(ToString::to_string)
            .collect();
        ServiceCalendar {
            collects_on: five.clone(),
            delivers_on: five,
            ..ServiceCalendar::default()
        }
    }

    #[test]
    fn transit_is_counted_in_days_of_delivery_at_the_destination() {
        let carrier = CarrierCalendar::new(&weekdays()).unwrap();
        let until = date("2027-01-31");
        // Tuesday before Thanksgiving, two days: Wednesday, then Friday; in Germany Thursday.
        let tuesday = date("2026-11-24");
        let arrival = |country| carrier.within(country, None).arrival(tuesday, 2, until);
        assert_eq!(arrival("US"), Some(date("2026-11-27")));
        assert_eq!(arrival("DE"), Some(date("2026-11-26")));
    }

    #[test]
    fn what_was_observed_is_counted_as_what_was_promised() {
        let carrier = CarrierCalendar::new(&weekdays()).unwrap();
        let days = carrier.within("US", None);
        let until = date("2027-12-31");
        for start in date("2026-11-20").iter_days().take(60) {
            for transit in 1..12 {
                let arrived = days.arrival(start, transit, until).unwrap();
                assert_eq!(
                    days.transit_days(start, arrived),
                    transit,
                    "{start} {transit}"
                );
            }
        }
        // A parcel left on a Saturday was there before Monday.
        assert_eq!(days.transit_days(date("2026-11-20"), date("2026-11-21")), 1);
    }

    #[test]
    fn a_name_that_is_no_holiday_is_refused_with_the_ones_that_are() {
        let spec = ServiceCalendar {
            works_on: BTreeMap::from([("US".to_owned(), vec!["Columbus".to_owned()])]),
            ..weekdays()
        };
        let errors = CarrierCalendar::new(&spec).unwrap_err();
        assert_eq!(errors[0].pointer, "#/works_on/US/0");
        assert!(
            errors[0].detail.contains("Columbus Day"),
            "{}",
            errors[0].detail
        );
    }
}
