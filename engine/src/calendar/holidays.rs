//! Public holidays by country, from `engine/data/holidays.tsv` (made by `scripts/public-holidays.py`, which says from
//! what and describes the file).

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

static TABLE: LazyLock<HashMap<&'static str, Country>> =
    LazyLock::new(|| read(include_str!("../../data/holidays.tsv")));

#[derive(Default)]
struct Country {
    national: Vec<Holiday>,
    parts: HashMap<&'static str, Vec<Holiday>>,
}

/// A public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    pub date: NaiveDate,
    /// In English.
    pub name: &'static str,
}

/// The public holidays of a country, and those that a part of it has beside them. Copies are free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holidays {
    national: &'static [Holiday],
    regional: &'static [Holiday],
}

impl Holidays {
    /// By ISO 3166 codes, `DE` and `BY`. A part that has no days of its own is as good as none; `None` for a country
    /// that the table does not know.
    pub fn of(country: &str, region: Option<&str>) -> Option<Self> {
        let country = TABLE.get(country)?;
        let regional = region.and_then(|region| country.parts.get(region));
        Some(Holidays {
            national: &country.national,
            regional: regional.map_or(&[], Vec::as_slice),
        })
    }

    /// The countries that the table knows, by code.
    pub fn countries() -> Vec<&'static str> {
        let mut codes: Vec<_> = TABLE.keys().copied().collect();
        codes.sort_unstable();
        codes
    }

    /// All of them, the country's first, each by date.
    pub fn iter(self) -> impl Iterator<Item = &'static Holiday> {
        self.national.iter().chain(self.regional)
    }

    /// The holiday that keeps people from work on a date: one that is not among `works_on` (`*` is all of them).
    pub fn kept_on(self, date: NaiveDate, works_on: &[String]) -> Option<&'static str> {
        let on = |days: &'static [Holiday]| {
            let first = days.partition_point(|day| day.date < date);
            days[first..].iter().take_while(move |day| day.date == date)
        };
        let worked = |day: &&Holiday| works_on.iter().any(|name| name == "*" || name == day.name);
        on(self.national)
            .chain(on(self.regional))
            .find(|day| !worked(day))
            .map(|day| day.name)
    }
}

fn read(text: &'static str) -> HashMap<&'static str, Country> {
    let mut table: HashMap<&str, Country> = HashMap::new();
    let (mut code, mut years) = ("", 0..=0);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let name = columns.next().unwrap_or_default();
        if name == "@" {
            code = columns.next().unwrap_or_default();
            let mut year = || columns.next().and_then(|year| year.parse().ok());
            years = year().unwrap_or(0)..=year().unwrap_or(0);
            continue;
        }
        let days = match code.split_once('-') {
            Some((country, part)) => {
                let country = table.entry(country).or_default();
                country.parts.entry(part).or_default()
            }
            None => &mut table.entry(code).or_default().national,
        };
        let dates: Vec<&str> = columns.collect();
        for (i, year) in years.clone().enumerate() {
            // One column stands for every year.
            let column = dates.get(i).or(dates.first()).copied().unwrap_or("-");
            let days_of_year = column.split(',').filter_map(|day| date(year, day));
            days.extend(days_of_year.map(|date| Holiday { date, name }));
        }
    }
    for country in table.values_mut() {
        for days in country.parts.values_mut() {
            days.sort_by_key(|day| day.date);
        }
        country.national.sort_by_key(|day| day.date);
    }
    table
}

fn date(year: i32, month_day: &str) -> Option<NaiveDate> {
    let (month, day) = month_day.split_at_checked(2)?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;

    use super::*;

    fn on(country: &str, region: Option<&str>, date: &str) -> Option<&'static str> {
        let holidays = Holidays::of(country, region).unwrap();
        holidays.kept_on(date.parse().unwrap(), &[])
    }

    #[test]
    fn thanksgiving_is_kept_in_the_united_states_and_not_in_germany() {
        assert_eq!(on("US", None, "2026-11-26"), Some("Thanksgiving Day"));
        assert_eq!(on("DE", None, "2026-11-26"), None);
        assert_eq!(on("DE", None, "2026-10-03"), Some("German Unity Day"));
    }

    #[test]
    fn corpus_christi_is_kept_in_bavaria_and_not_in_berlin() {
        assert_eq!(on("DE", Some("BY"), "2026-06-04"), Some("Corpus Christi"));
        assert_eq!(on("DE", Some("BE"), "2026-06-04"), None);
        assert_eq!(on("DE", None, "2026-06-04"), None);
    }

    #[test]
    fn a_holiday_that_is_worked_keeps_nobody_at_home() {
        let (holidays, day) = (
            Holidays::of("US", None).unwrap(),
            "2026-10-12".parse().unwrap(),
        );
        assert_eq!(holidays.kept_on(day, &["Columbus Day".to_owned()]), None);
        assert_eq!(holidays.kept_on(day, &["*".to_owned()]), None);
        assert_eq!(
            holidays.kept_on(day, &["Veterans Day".to_owned()]),
            Some("Columbus Day")
        );
    }

    #[test]
    fn every_country_has_days_this_year_and_no_date_that_does_not_exist() {
        let text = include_str!("../../data/holidays.tsv");
        let tokens = text
            .lines()
            .filter(|line| !line.starts_with(['#', '@']))
            .flat_map(|line| line.split('\t').skip(1))
            .flat_map(|column| column.split(','));
        for token in tokens.filter(|token| *token != "-") {
            assert!(date(2028, token).is_some(), "{token}");
        }
        // Not in every year: some countries announce their holidays year by year.
        for (code, country) in TABLE.iter() {
            let mut national = country.national.iter();
            assert!(national.any(|day| day.date.year() == 2026), "{code}");
        }
        assert_eq!(TABLE.len(), 246);
    }
}
