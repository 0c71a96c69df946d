//! What shoppers and customers read, in their language. Sentences are whole in the message files (`messages/*.json`,
//! here and in `tracking`), never put together from parts, since languages order and inflect them differently.
//!
//! The files hold the part of ICU MessageFormat that they need: `{name}` and `{name, plural, one {…} other {…}}` with
//! `#` for the number. A locale takes what its own file does not have from its language's, and an unknown language
//! from English.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use crate::model::Currency;

/// A language's promises, and its pages and letters for customers.
const EN: [&str; 2] = [
    include_str!("messages/en.json"),
    include_str!("../tracking/messages/en.json"),
];
const DE: [&str; 2] = [
    include_str!("messages/de.json"),
    include_str!("../tracking/messages/de.json"),
];
const ES: [&str; 2] = [
    include_str!("messages/es.json"),
    include_str!("../tracking/messages/es.json"),
];

static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    let files = [
        ("en-US", EN, ""),
        ("en-GB", EN, include_str!("messages/en-GB.json")),
        ("de-DE", DE, ""),
        ("es-ES", ES, ""),
    ];
    let read = |text: &'static str| -> HashMap<String, String> {
        serde_json::from_str(text).unwrap_or_default()
    };
    let locale = |(tag, base, own): (&'static str, [&'static str; 2], _)| {
        let mut messages = HashMap::new();
        for file in base.into_iter().chain([own]) {
            messages.extend(read(file));
        }
        Locale { tag, messages }
    };
    files.into_iter().map(locale).collect()
});

/// A language as it is written somewhere.
#[derive(Debug)]
pub struct Locale {
    tag: &'static str,
    messages: HashMap<String, String>,
}

/// What a message has for a placeholder.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Text(&'a str),
    Number(u64),
}

impl Locale {
    /// The best that there is for a tag such as `de-AT`: itself, its language, or English.
    pub fn of(tag: &str) -> &'static Locale {
        let language = |tag: &str| {
            tag.split(['-', '_'])
                .next()
                .unwrap_or("")
                .to_ascii_lowercase()
        };
        let same = |locale: &&Locale| locale.tag.eq_ignore_ascii_case(&tag.replace('_', "-"));
        let wanted = language(tag);
        LOCALES
            .iter()
            .find(same)
            .or_else(|| LOCALES.iter().find(|locale| language(locale.tag) == wanted))
            .unwrap_or(&LOCALES[0])
    }

    /// `en-US`
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// `Thu, Nov 26`; with the year when it is more than 300 days after `today`.
    pub fn date(&self, date: NaiveDate, today: NaiveDate) -> String {
        let far = (date - today).num_days().abs() > 300;
        let weekday = date.weekday().num_days_from_monday() as usize;
        let values = [
            ("weekday", Value::Text(self.nth("date.weekdays", weekday))),
            (
                "month",
                Value::Text(self.nth("date.months", date.month0() as usize)),
            ),
            ("day", Value::Number(u64::from(date.day()))),
            ("year", Value::Number(date.year().unsigned_abs().into())),
        ];
        self.say(if far { "date.day_year" } else { "date.day" }, &values)
    }

    /// `4:05 PM` or `16:05`
    pub fn time(&self, time: NaiveTime) -> String {
        let (afternoon, hour12) = time.hour12();
        let hour = format!("{:02}", time.hour());
        let minute = format!("{:02}", time.minute());
        let half = self.message(if afternoon { "time.pm" } else { "time.am" });
        let values = [
            ("hour", Value::Text(&hour)),
            ("hour12", Value::Number(hour12.into())),
            ("minute", Value::Text(&minute)),
            ("half", Value::Text(half)),
        ];
        self.say("time.of_day", &values)
    }

    /// `$4.99`, `4,99 €`; nothing to pay is a word.
    pub fn price(&self, minor: i64, currency: Currency) -> String {
        if minor == 0 {
            return self.message("promise.free").to_owned();
        }
        let digits = currency.exponent() as usize;
        let text = format!("{:0width$}", minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = text.split_at(text.len() - digits);
        let mut number = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i) % 3 == 0 {
                number.push_str(self.message("money.group"));
            }
            number.push(digit);
        }
        if digits > 0 {
            let _ = write!(number, "{}{fraction}", self.message("money.decimal"));
        }
        let code = currency.code();
        let symbol = match (code, self.tag) {
            ("USD", "en-US") => "$",
            ("USD", _) => "US$",
            ("EUR", _) => "€",
            ("GBP", _) => "£",
            _ => code,
        };
        // A code stands apart from the figures, a symbol where the language sets it.
        let separate = if symbol == code {
            format!("{code}\u{a0}")
        } else {
            symbol.to_owned()
        };
        let before = self.message("money.amount").starts_with("{symbol}");
        let values = [
            (
                "symbol",
                Value::Text(if before { &separate } else { symbol }),
            ),
            ("number", Value::Text(&number)),
        ];
        let amount = self.say("money.amount", &values);
        if minor < 0 {
            format!("\u{2212}{amount}")
        } else {
            amount
        }
    }

    /// `2 h 13 min`; up to an hour in minutes.
    pub fn remaining(&self, minutes: u64) -> String {
        let values = [
            ("hours", Value::Number(minutes / 60)),
            (
                "minutes",
                Value::Number(if minutes > 60 { minutes % 60 } else { minutes }),
            ),
        ];
        let key = match (minutes > 60, minutes % 60) {
            (false, _) => "remaining.minutes",
            (true, 0) => "remaining.hours",
            (true, _) => "remaining.hours_minutes",
        };
        self.say(key, &values)
    }

    /// `to Germany`
    pub fn country(&self, code: &str) -> String {
        let known = self.messages.get(&format!("place.{code}"));
        known
            .cloned()
            .unwrap_or_else(|| self.say("place.other", &[("country", Value::Text(code))]))
    }

    /// A message without placeholders; empty for one that there is not.
    pub fn message(&self, key: &str) -> &str {
        self.messages.get(key).map_or("", String::as_str)
    }

    fn nth(&self, key: &str, n: usize) -> &str {
        self.message(key).split('|').nth(n).unwrap_or("")
    }

    /// A message with its placeholders filled.
    pub fn say(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        let mut out = String::new();
        fill(self.message(key), values, None, &mut out);
        out
    }
}

fn fill(text: &str, values: &[(&str, Value<'_>)], number: Option<u64>, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['{', '#']) {
        out.push_str(&rest[..at]);
        if rest[at..].starts_with('#') {
            match number {
                Some(n) => {
                    let _ = write!(out, "{n}");
                }
                None => out.push('#'),
            }
            rest = &rest[at + 1..];
            continue;
        }
        let end = at + closing(&rest[at..]);
        placeholder(&rest[at + 1..end], values, out);
        rest = &rest[(end + 1).min(rest.len())..];
    }
    out.push_str(rest);
}

fn placeholder(inner: &str, values: &[(&str, Value<'_>)], out: &mut String) {
    let (name, rule) = inner.split_once(',').unwrap_or((inner, ""));
    let value = values.iter().find(|(known, _)| *known == name.trim());
    match value {
        Some((_, Value::Number(n))) if !rule.is_empty() => {
            // English, German and Spanish have a form for one and another for the rest.
            let form = if *n == 1 { "one {" } else { "other {" };
            let Some(at) = rule.find(form).map(|at| at + form.len() - 1) else {
                return;
            };
            let end = at + closing(&rule[at..]);
            fill(&rule[at + 1..end], values, Some(*n), out);
        }
        Some((_, Value::Number(n))) => {
            let _ = write!(out, "{n}");
        }
        Some((_, Value::Text(text))) => out.push_str(text),
        None => {}
    }
}

/// Where the brace that opens the text is closed.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth == 0 {
            return i;
        }
    }
    text.len() - 1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// As a browser's `Intl.DateTimeFormat` with short weekday, short month and day has it.
    #[test]
    fn dates_are_written_as_browsers_write_them() {
        let expected = [
            (
                "en-US",
                "Mon, Jan 5 | Fri, Feb 6 | Sat, Mar 7 | Wed, Apr 8 | Sat, May 9 | Wed, Jun 10 | Sat, Jul 11 | Wed, Aug 12 | Sun, Sep 13 | Wed, Oct 14 | Sun, Nov 15 | Wed, Dec 16",
            ),
            (
                "en-GB",
                "Mon 5 Jan | Fri 6 Feb | Sat 7 Mar | Wed 8 Apr | Sat 9 May | Wed 10 Jun | Sat 11 Jul | Wed 12 Aug | Sun 13 Sept | Wed 14 Oct | Sun 15 Nov | Wed 16 Dec",
            ),
            (
                "de",
                "Mo., 5. Jan. | Fr., 6. Feb. | Sa., 7. März | Mi., 8. Apr. | Sa., 9. Mai | Mi., 10. Juni | Sa., 11. Juli | Mi., 12. Aug. | So., 13. Sept. | Mi., 14. Okt. | So., 15. Nov. | Mi., 16. Dez.",
            ),
            (
                "es",
                "lun, 5 ene | vie, 6 feb | sáb, 7 mar | mié, 8 abr | sáb, 9 may | mié, 10 jun | sáb, 11 jul | mié, 12 ago | dom, 13 sept | mié, 14 oct | dom, 15 nov | mié, 16 dic",
            ),
        ];
        for (tag, dates) in expected {
            let locale = Locale::of(tag);
            let written: Vec<_> = (0..12)
                .map(|i| NaiveDate::from_ymd_opt(2026, i + 1, 5 + i).unwrap())
                .map(|date| locale.date(date, day("2026-06-01")))
                .collect();
            assert_eq!(written.join(" | "), dates, "{tag}");
        }
        assert_eq!(
            Locale::of("de").date(day("2027-11-26"), day("2026-11-24")),
            "Fr., 26. Nov. 2027"
        );
    }

    #[test]
    fn times_and_prices_follow_the_language() {
        let time = NaiveTime::from_hms_opt(16, 5, 0).unwrap();
        let usd = Currency::USD;
        let eur: Currency = "EUR".parse().unwrap();
        let all = |tag: &str| {
            let locale = Locale::of(tag);
            [
                locale.time(time),
                locale.price(499, usd),
                locale.price(123_450, eur),
                locale.price(0, eur),
            ]
        };
        assert_eq!(all("en-US"), ["4:05 PM", "$4.99", "€1,234.50", "Free"]);
        assert_eq!(all("en-GB"), ["16:05", "US$4.99", "€1,234.50", "Free"]);
        assert_eq!(
            all("de-AT"),
            ["16:05 Uhr", "4,99 US$", "1.234,50 €", "Kostenlos"]
        );
        assert_eq!(all("es"), ["16:05", "4,99 US$", "1.234,50 €", "Gratis"]);
        let yen: Currency = "JPY".parse().unwrap();
        assert_eq!(Locale::of("en").price(1500, yen), "JPY\u{a0}1,500");
    }

    #[test]
    fn what_remains_is_said_in_hours_and_minutes() {
        let say = |tag: &str, minutes| Locale::of(tag).remaining(minutes);
        assert_eq!(say("en", 133), "2 h 13 min");
        assert_eq!(say("de", 133), "2 Std. 13 Min.");
        assert_eq!(say("es", 120), "2 horas");
        assert_eq!(say("de", 60), "60 Minuten");
        assert_eq!(say("en", 1), "1 minute");
    }

    #[test]
    fn every_language_has_every_message_with_the_same_placeholders() {
        let placeholders = |text: &str| -> BTreeSet<String> {
            let names = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split([',', '}']).next());
            let names = names.filter(|name| name.chars().all(char::is_alphanumeric));
            let kept = [
                "from",
                "to",
                "remaining",
                "at",
                "count",
                "min",
                "max",
                "country",
                "postal",
                "date",
                "time",
                "reason",
                "reference",
                "place",
                "amount",
                "mail",
                "done",
                "rest",
                "n",
                "carrier",
                "number",
                "headline",
                "merchant",
                "code",
                "actions",
            ];
            names
                .map(str::to_owned)
                .filter(|name| kept.contains(&name.as_str()))
                .collect()
        };
        let english = Locale::of("en-US");
        for locale in LOCALES.iter() {
            let keys: BTreeSet<_> = locale.messages.keys().collect();
            assert_eq!(keys, english.messages.keys().collect(), "{}", locale.tag);
            for (key, text) in &locale.messages {
                let of_english = placeholders(english.message(key));
                assert_eq!(placeholders(text), of_english, "{} {key}", locale.tag);
            }
        }
    }

    #[test]
    fn an_unknown_language_reads_english() {
        assert_eq!(Locale::of("sw-KE").tag(), "en-US");
        assert_eq!(Locale::of("DE_ch").tag(), "de-DE");
        assert_eq!(Locale::of("en-gb").tag(), "en-GB");
    }
}
