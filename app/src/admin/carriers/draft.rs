use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use engine::model::{Currency, FieldError, Service, Zone};
use leptos::prelude::*;

use crate::format;
use crate::week::{self, Days};

/// A service while it is being changed, as its form has it.
#[derive(Clone, Copy)]
pub struct Draft {
    pub carrier: RwSignal<String>,
    pub level: RwSignal<String>,
    pub zones: RwSignal<Vec<ZoneDraft>>,
    pub collects: RwSignal<Days>,
    pub delivers: RwSignal<Days>,
    pub closed_on: RwSignal<Vec<NaiveDate>>,
    /// One country a line: `US: Columbus Day, Veterans Day`.
    pub works_on: RwSignal<String>,
    pub at_all_nodes: RwSignal<bool>,
    pub nodes: RwSignal<BTreeSet<String>>,
    currency: Currency,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ZoneDraft {
    /// Its own as long as the form is open.
    pub id: usize,
    pub up_to_km: RwSignal<String>,
    pub per_package: RwSignal<String>,
    pub per_kg: RwSignal<String>,
    pub transit_days: RwSignal<String>,
}

impl ZoneDraft {
    pub fn empty(id: usize) -> Self {
        let text = || RwSignal::new(String::new());
        ZoneDraft {
            id,
            up_to_km: text(),
            per_package: text(),
            per_kg: text(),
            transit_days: text(),
        }
    }

    fn of(id: usize, zone: &Zone, currency: Currency) -> Self {
        ZoneDraft {
            id,
            up_to_km: RwSignal::new(zone.up_to_km.to_string()),
            per_package: RwSignal::new(format::amount(zone.per_package, currency)),
            per_kg: RwSignal::new(format::amount(zone.per_kg, currency)),
            transit_days: RwSignal::new(zone.transit_days.to_string()),
        }
    }

    /// The zone, or what is wrong with it where it is the `n`th.
    pub fn read(self, n: usize, currency: Currency) -> Result<Zone, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, detail: &str| {
            errors.push(FieldError::new(format!("#/zones/{n}/{field}"), detail));
        };
        let km = self
            .up_to_km
            .with(|text| text.trim().replace(',', "").parse());
        let km: f64 = km.unwrap_or_else(|_| {
            wrong("up_to_km", "a number of kilometers is needed, such as 250");
            0.0
        });
        let mut money = |field: &str, text: RwSignal<String>| {
            let minor = text.with(|text| format::minor_units(text, currency));
            minor.unwrap_or_else(|| {
                wrong(field, "an amount is needed, such as 6.90");
                0.0
            })
        };
        let per_package = money("per_package", self.per_package);
        let per_kg = money("per_kg", self.per_kg);
        let days = self.transit_days.with(|text| text.trim().parse());
        let transit_days = days.unwrap_or_else(|_| {
            wrong("transit_days", "a number of days is needed, 0 to 365");
            0
        });
        if errors.is_empty() {
            Ok(Zone {
                up_to_km: km,
                per_package,
                per_kg,
                transit_days,
            })
        } else {
            Err(errors)
        }
    }
}

impl Draft {
    pub fn of(service: &Service, currency: Currency) -> Self {
        let zones = service.zones.iter().enumerate();
        let zones = zones.map(|(id, zone)| ZoneDraft::of(id, zone, currency));
        let works_on: Vec<_> = service
            .works_on
            .iter()
            .map(|(country, names)| format!("{country}: {}", names.join(", ")))
            .collect();
        let times = service.working_time();
        Draft {
            carrier: RwSignal::new(service.carrier.clone()),
            level: RwSignal::new(service.level.clone()),
            zones: RwSignal::new(zones.collect()),
            collects: RwSignal::new(week::days_of(&times.collects_on)),
            delivers: RwSignal::new(week::days_of(&times.delivers_on)),
            closed_on: RwSignal::new(service.closed_on.clone()),
            works_on: RwSignal::new(works_on.join("\n")),
            at_all_nodes: RwSignal::new(service.nodes.is_none()),
            nodes: RwSignal::new(service.nodes.iter().flatten().cloned().collect()),
            currency,
        }
    }

    /// The service as it would be, or everything that cannot be read.
    pub fn read(self, before: &Service) -> Result<Service, Vec<FieldError>> {
        let (mut zones, mut errors) = (Vec::new(), Vec::new());
        for (n, zone) in self.zones.get().into_iter().enumerate() {
            match zone.read(n, self.currency) {
                Ok(zone) => zones.push(zone),
                Err(wrong) => errors.extend(wrong),
            }
        }
        let mut works_on = BTreeMap::new();
        for line in self
            .works_on
            .get()
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            if let Some((country, names)) = line.split_once(':') {
                let names = names.split(',').map(|name| name.trim().to_owned());
                let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
                works_on.insert(country.trim().to_uppercase(), names);
            } else {
                let detail =
                    format!("'{line}' has no colon: write a country, a colon and the holidays");
                errors.push(FieldError::new("#/works_on", detail));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        // What follows stays as it was stored where it says the same, so that nothing seems changed.
        let days = |days: RwSignal<Days>, stored: &[String]| {
            let days = days.get();
            if days == week::days_of(stored) {
                stored.to_vec()
            } else {
                week::codes_of(days)
            }
        };
        let chosen = self.nodes.get();
        let nodes = match &before.nodes {
            _ if self.at_all_nodes.get() => None,
            Some(stored) if stored.iter().cloned().collect::<BTreeSet<_>>() == chosen => {
                Some(stored.clone())
            }
            _ => Some(chosen.into_iter().collect()),
        };
        Ok(Service {
            code: before.code.clone(),
            carrier: self.carrier.get().trim().to_owned(),
            level: self.level.get().trim().to_owned(),
            zones,
            pickups: days(self.collects, &before.pickups),
            delivers_on: days(self.delivers, &before.delivers_on),
            closed_on: self.closed_on.get(),
            works_on,
            nodes,
            suspended_until: before.suspended_until,
        })
    }
}
