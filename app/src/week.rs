//! Weekdays as people read and enter them; the data has them as `mon` to `sun`.

use std::collections::BTreeMap;

use engine::model::WEEKDAYS;

pub const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Which days of the week, Monday first.
pub type Days = [bool; 7];

pub fn days_of<'a>(codes: impl IntoIterator<Item = &'a String>) -> Days {
    let mut days = [false; 7];
    for code in codes {
        if let Some(day) = WEEKDAYS.iter().position(|weekday| weekday == code) {
            days[day] = true;
        }
    }
    days
}

pub fn codes_of(days: Days) -> Vec<String> {
    let chosen = WEEKDAYS.iter().zip(days).filter(|(_, is_in)| *is_in);
    chosen.map(|(code, _)| (*code).to_owned()).collect()
}

/// `Mon–Fri`, `Mon, Wed–Fri`, `every day`, `never`.
pub fn words(days: Days) -> String {
    if days == [true; 7] {
        return "every day".to_owned();
    }
    let mut parts = Vec::new();
    let mut day = 0;
    while day < 7 {
        let first = day;
        while day < 7 && days[day] {
            day += 1;
        }
        match day - first {
            0 => day += 1,
            1 => parts.push(NAMES[first].to_owned()),
            2 => parts.extend([NAMES[first].to_owned(), NAMES[first + 1].to_owned()]),
            _ => parts.push(format!("{}–{}", NAMES[first], NAMES[day - 1])),
        }
    }
    if parts.is_empty() {
        return "never".to_owned();
    }
    parts.join(", ")
}

/// Days that have the same, together, in the order of their first day.
pub fn grouped<T: Clone + PartialEq>(by_day: &BTreeMap<String, T>) -> Vec<(Days, T)> {
    let mut groups: Vec<(Days, T)> = Vec::new();
    for (day, code) in WEEKDAYS.iter().enumerate() {
        let Some(value) = by_day.get(*code) else {
            continue;
        };
        match groups.iter_mut().find(|(_, known)| known == value) {
            Some((days, _)) => days[day] = true,
            None => {
                let mut days = [false; 7];
                days[day] = true;
                groups.push((days, value.clone()));
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(codes: &[&str]) -> Days {
        days_of(&codes.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn weekdays_read_as_people_say_them() {
        assert_eq!(words([true; 7]), "every day");
        assert_eq!(words([false; 7]), "never");
        assert_eq!(words(days(&["mon", "tue", "wed", "thu", "fri"])), "Mon–Fri");
        assert_eq!(
            words(days(&["mon", "wed", "thu", "sat", "sun"])),
            "Mon, Wed, Thu, Sat, Sun"
        );
        assert_eq!(codes_of(days(&["sun", "mon"])), ["mon", "sun"]);
    }

    #[test]
    fn days_with_the_same_time_are_one_line() {
        let week = ["mon", "tue", "wed"].map(|day| (day.to_owned(), "17:00"));
        let mut week = BTreeMap::from(week);
        week.insert("sat".to_owned(), "12:00");
        let groups = grouped(&week);
        assert_eq!(
            groups,
            [
                (days(&["mon", "tue", "wed"]), "17:00"),
                (days(&["sat"]), "12:00")
            ]
        );
    }
}
