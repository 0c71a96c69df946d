use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use engine::calendar::HolidayRule;
use engine::model::{DayHours, FieldError, Node, WEEKDAYS};
use leptos::prelude::*;

use crate::week::{self, Days};

/// When a node works and how much it can do, as the form has it.
#[derive(Clone, Copy)]
pub struct Draft {
    pub always_open: RwSignal<bool>,
    /// Monday first.
    pub hours: [HoursDraft; 7],
    pub cutoffs: RwSignal<Vec<TimesDraft>>,
    pub pickups: RwSignal<Vec<TimesDraft>>,
    pub closed_on: RwSignal<Vec<NaiveDate>>,
    pub country: RwSignal<String>,
    pub region: RwSignal<String>,
    pub works_on: RwSignal<BTreeSet<String>>,
    pub handling_days: RwSignal<String>,
    pub pack_minutes: RwSignal<String>,
    pub collect_minutes: RwSignal<String>,
    pub capacity: RwSignal<String>,
}

/// A weekday.
#[derive(Clone, Copy)]
pub struct HoursDraft {
    pub is_open: RwSignal<bool>,
    pub open: RwSignal<String>,
    pub close: RwSignal<String>,
    pub cutoff: RwSignal<String>,
}

/// What a service has of its own on some days of the week.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TimesDraft {
    /// Its own as long as the form is open.
    pub id: usize,
    pub service: RwSignal<String>,
    /// One time or several, with commas.
    pub times: RwSignal<String>,
    pub days: RwSignal<Days>,
}

impl TimesDraft {
    pub fn new(id: usize, service: &str, times: &str, days: Days) -> Self {
        TimesDraft {
            id,
            service: RwSignal::new(service.to_owned()),
            times: RwSignal::new(times.to_owned()),
            days: RwSignal::new(days),
        }
    }
}

/// A row for each service and each of its times; one without days for a service that has none on any.
fn rows<T: Clone + PartialEq>(
    of: &BTreeMap<String, BTreeMap<String, T>>,
    words: fn(&T) -> String,
) -> RwSignal<Vec<TimesDraft>> {
    let mut rows = Vec::new();
    for (service, by_day) in of {
        let groups = week::grouped(by_day);
        if groups.is_empty() {
            rows.push(TimesDraft::new(rows.len(), service, "", [false; 7]));
        }
        for (days, value) in groups {
            rows.push(TimesDraft::new(rows.len(), service, &words(&value), days));
        }
    }
    RwSignal::new(rows)
}

impl Draft {
    pub fn of(node: &Node) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        let usual = DayHours {
            open: "09:00".to_owned(),
            close: "17:00".to_owned(),
            cutoff: None,
        };
        let hours = WEEKDAYS.map(|day| {
            let stored = node.week.as_ref().and_then(|week| week.get(day));
            let hours = stored.unwrap_or(&usual);
            HoursDraft {
                is_open: RwSignal::new(stored.is_some()),
                open: text(&hours.open),
                close: text(&hours.close),
                cutoff: text(hours.cutoff.as_deref().unwrap_or_default()),
            }
        });
        let rule = node.holidays.clone().unwrap_or_default();
        Draft {
            always_open: RwSignal::new(node.week.is_none()),
            hours,
            cutoffs: rows(&node.cutoffs, Clone::clone),
            pickups: rows(&node.pickups, |times| times.join(", ")),
            closed_on: RwSignal::new(node.closed_on.clone()),
            country: text(&rule.country),
            region: text(rule.region.as_deref().unwrap_or_default()),
            works_on: RwSignal::new(rule.works_on.into_iter().collect()),
            handling_days: text(&node.handling_days.to_string()),
            pack_minutes: text(&node.pack_minutes.to_string()),
            collect_minutes: text(&node.collect_minutes.to_string()),
            capacity: RwSignal::new(node.daily_capacity.map_or(String::new(), |n| n.to_string())),
        }
    }

    /// The node as it would be, or everything that cannot be read.
    pub fn read(self, before: &Node) -> Result<Node, Vec<FieldError>> {
        let mut errors = Vec::new();
        let cutoffs = times(
            &mut errors,
            "cutoffs",
            &self.cutoffs.get(),
            |times| match times {
                [] => Err("a time is needed, such as 15:00"),
                [one] => Ok(one.clone()),
                _ => Err("one time a day; a row of its own for other days"),
            },
        );
        let pickups = times(&mut errors, "pickups", &self.pickups.get(), |times| {
            Ok(times.to_vec())
        });
        let handling_days = number(&mut errors, "handling_days", self.handling_days, 30);
        let pack_minutes = number(&mut errors, "pack_minutes", self.pack_minutes, 10_000);
        let collect_minutes = number(&mut errors, "collect_minutes", self.collect_minutes, 10_000);
        let capacity = self.capacity.get();
        let daily_capacity = if capacity.trim().is_empty() {
            None
        } else {
            Some(number(
                &mut errors,
                "daily_capacity",
                self.capacity,
                u32::MAX,
            ))
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let week = WEEKDAYS.iter().zip(self.hours).filter_map(|(day, hours)| {
            let cutoff = hours.cutoff.get().trim().to_owned();
            let read = DayHours {
                open: hours.open.get().trim().to_owned(),
                close: hours.close.get().trim().to_owned(),
                cutoff: (!cutoff.is_empty()).then_some(cutoff),
            };
            hours.is_open.get().then(|| ((*day).to_owned(), read))
        });
        let week = week.collect();
        Ok(Node {
            week: (!self.always_open.get()).then_some(week),
            cutoffs,
            pickups,
            closed_on: self.closed_on.get(),
            holidays: self.holidays(before.holidays.as_ref()),
            handling_days: handling_days as u8,
            pack_minutes: pack_minutes as u16,
            collect_minutes: collect_minutes as u16,
            daily_capacity,
            ..before.clone()
        })
    }

    fn holidays(self, before: Option<&HolidayRule>) -> Option<HolidayRule> {
        let country = self.country.get().trim().to_uppercase();
        let region = self.region.get().trim().to_uppercase();
        let works_on = self.works_on.get();
        // In the order in which they were stored, so that nothing seems changed.
        let stored = before.map(|rule| rule.works_on.clone()).unwrap_or_default();
        let same = stored.iter().cloned().collect::<BTreeSet<_>>() == works_on;
        (!country.is_empty()).then(|| HolidayRule {
            country,
            region: (!region.is_empty()).then_some(region),
            works_on: if same {
                stored
            } else {
                works_on.into_iter().collect()
            },
        })
    }
}

fn number(errors: &mut Vec<FieldError>, field: &str, text: RwSignal<String>, most: u32) -> u32 {
    let number = text.with(|text| text.trim().replace(',', "").parse::<u32>());
    number.ok().filter(|n| *n <= most).unwrap_or_else(|| {
        let detail = format!("a number is needed, 0 to {}", crate::format::count(most));
        errors.push(FieldError::new(format!("#/{field}"), detail));
        0
    })
}

fn times<T>(
    errors: &mut Vec<FieldError>,
    field: &str,
    rows: &[TimesDraft],
    value: impl Fn(&[String]) -> Result<T, &'static str>,
) -> BTreeMap<String, BTreeMap<String, T>> {
    let mut all: BTreeMap<String, BTreeMap<String, T>> = BTreeMap::new();
    for row in rows {
        let service = row.service.get();
        let days = row.days.get();
        let text = row.times.get();
        let times = text.split(',').map(|time| time.trim().to_owned());
        let times: Vec<_> = times.filter(|time| !time.is_empty()).collect();
        let of_service = all.entry(service.clone()).or_default();
        for code in week::codes_of(days) {
            let pointer = format!("#/{field}/{service}/{code}");
            match value(&times) {
                Err(detail) => errors.push(FieldError::new(pointer, detail)),
                Ok(_) if of_service.contains_key(&code) => {
                    let detail = "this day is in two rows of the service";
                    errors.push(FieldError::new(pointer, detail));
                }
                Ok(value) => {
                    of_service.insert(code, value);
                }
            }
        }
    }
    all
}
