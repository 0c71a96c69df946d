//! The columns of a file that say when nodes work and carriers move.

use std::collections::BTreeMap;

use engine::calendar::HolidayRule;
use engine::model::{DayHours, WEEKDAYS, Week};

use orchestrator::sheet::Row;

pub(super) fn dates(row: &mut Row, column: &str) -> Option<Vec<chrono::NaiveDate>> {
    let list = row.list(column);
    let parsed: Option<Vec<_>> = list.iter().map(|date| date.parse().ok()).collect();
    if parsed.is_none() {
        row.wrong(
            column,
            format!("'{}' does not fit", list.join(";")),
            "dates such as 2026-12-25;2027-01-01",
        );
    }
    parsed
}

/// `09:00-18:00/14:00` for each day; the use case checks the times themselves.
pub(super) fn week(row: &mut Row) -> Option<Week> {
    let mut week = Week::new();
    let mut fits = true;
    for day in WEEKDAYS {
        let Some(text) = row.optional(day) else {
            continue;
        };
        let (hours, cutoff) = match text.split_once('/') {
            Some((hours, cutoff)) => (hours, Some(cutoff.trim().to_owned())),
            None => (text.as_str(), None),
        };
        if let Some((open, close)) = hours.split_once('-') {
            let hours = DayHours {
                open: open.trim().to_owned(),
                close: close.trim().to_owned(),
                cutoff,
            };
            week.insert(day.to_owned(), hours);
        } else {
            row.wrong(
                day,
                format!("'{text}' does not fit"),
                "hours such as 09:00-18:00, or 09:00-18:00/14:00 with a cut-off",
            );
            fits = false;
        }
    }
    fits.then_some(week)
}

/// `US` or `DE-BY`, with the holidays that are worked all the same; the use case checks the names.
pub(super) fn holidays(row: &mut Row) -> Option<HolidayRule> {
    let text = row.optional("holidays")?;
    let (country, region) = match text.split_once('-') {
        Some((country, region)) => (country, Some(region.to_owned())),
        None => (text.as_str(), None),
    };
    Some(HolidayRule {
        country: country.to_owned(),
        region,
        works_on: row.list("works_on"),
    })
}

/// By service code and weekday.
pub(super) type ByService<T> = BTreeMap<String, BTreeMap<String, T>>;

/// `express mon-fri 15:30` for each service; the use case checks the times themselves.
pub(super) fn cutoffs(row: &mut Row) -> Option<ByService<String>> {
    let times = service_times(row, "cutoffs")?;
    let mut all = ByService::new();
    for (service, day, mut times) in times {
        if times.len() != 1 {
            let wrong = format!("'{service}' has several cut-offs a day");
            row.wrong("cutoffs", wrong, "one such as ground mon-fri 15:30");
            return None;
        }
        all.entry(service).or_default().insert(day, times.remove(0));
    }
    Some(all)
}

/// `ground mon-fri 14:00 18:00` for each service.
pub(super) fn pickups(row: &mut Row) -> Option<ByService<Vec<String>>> {
    let mut all = ByService::new();
    for (service, day, times) in service_times(row, "pickups")? {
        all.entry(service).or_default().insert(day, times);
    }
    Some(all)
}

/// A service, a weekday and times, for each weekday of each item.
fn service_times(row: &mut Row, column: &str) -> Option<Vec<(String, String, Vec<String>)>> {
    let mut all = Vec::new();
    for item in row.list(column) {
        let mut words = item.split_whitespace().map(str::to_owned);
        let (service, days) = (words.next(), words.next());
        let times: Vec<_> = words.collect();
        let days = days.and_then(|days| weekdays(&days));
        let (Some(service), Some(days), false) = (service, days, times.is_empty()) else {
            let wrong = format!("'{item}' does not fit");
            row.wrong(
                column,
                wrong,
                "a service, days and times such as ground mon-fri 15:30",
            );
            return None;
        };
        for day in days {
            all.push((service.clone(), (*day).to_owned(), times.clone()));
        }
    }
    Some(all)
}

/// `mon` or `mon-fri`.
fn weekdays(text: &str) -> Option<&'static [&'static str]> {
    let position = |name: &str| WEEKDAYS.iter().position(|day| *day == name);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (position(first)?, position(last)?);
    WEEKDAYS.get(first..=last)
}
