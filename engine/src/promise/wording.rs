//! The sentences of an option.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::answer::{Countdown, DateRange, OptionText};
use super::ask::{Ask, Destination};
use super::settings::{FallbackDays, PromiseSettings};
use super::text::{Locale, Value};

/// Below this many minutes the number is left out: "order now".
const NOW_MINUTES: i64 = 2;

/// What a sentence tells.
pub(super) struct Facts {
    pub date: DateRange,
    pub ready_at: Option<DateTime<Utc>>,
    /// `None` where no countdown is due.
    pub cutoff_at: Option<DateTime<Utc>>,
    pub zone: Tz,
}

/// Words for an option with a date.
pub(super) fn option(
    locale: &Locale,
    settings: &PromiseSettings,
    ask: &Ask<'_>,
    facts: &Facts,
) -> OptionText {
    let now = ask.now;
    let today = now.with_timezone(&facts.zone).date_naive();
    let DateRange { from, by } = facts.date;
    let minutes = facts.cutoff_at.map(|cutoff| (cutoff - now).num_minutes());
    let minutes = minutes.filter(|left| *left < settings.condition_within_minutes.into());
    let ending = match minutes {
        None => "",
        Some(left) if left < NOW_MINUTES => "_now",
        Some(_) => "_if",
    };
    // What comes first in the sentence may be today or tomorrow.
    let (kind, first) = match facts.ready_at {
        Some(_) => ("pickup", by),
        None if from < by => ("range", from),
        None => ("by", by),
    };
    let remaining = locale.remaining(minutes.unwrap_or(0).max(0).unsigned_abs());
    let (from, to) = (locale.date(from, today), locale.date(by, today));
    let at = facts
        .ready_at
        .map(|at| at.with_timezone(&facts.zone).time());
    let at = at.map_or(String::new(), |time| locale.time(time));
    let values = [
        ("from", Value::Text(&from)),
        ("to", Value::Text(&to)),
        ("at", Value::Text(&at)),
        ("remaining", Value::Text(&remaining)),
    ];
    let say = |key: &str| locale.say(&format!("promise.{key}"), &values);
    let word = near(first, today);
    let counting = |key: &str| {
        let mut values = values;
        values[3].1 = Value::Text("{remaining}");
        locale.say(&format!("promise.{key}"), &values)
    };
    let message = |key: &str| locale.message(&format!("remaining.{key}")).to_owned();
    let countdown = minutes.map(|_| Countdown {
        sentence: counting(&format!("{kind}{word}_if")),
        accessible: counting(&format!("{kind}_if")),
        sentence_now: say(&format!("{kind}{word}_now")),
        accessible_now: say(&format!("{kind}_now")),
        hours_minutes: message("hours_minutes"),
        hours: message("hours"),
        minutes: message("minutes"),
    });
    OptionText {
        summary: say(&format!("{kind}{word}")),
        accessible: say(kind),
        condition: match ending {
            "" => None,
            "_now" => Some(say("condition_now")),
            _ => Some(say("condition")),
        },
        sentence: say(&format!("{kind}{word}{ending}")),
        countdown,
        assurance: Some(say(if settings.guaranteed {
            "guaranteed"
        } else {
            "estimated"
        })),
        ..OptionText::default()
    }
}

fn near(day: NaiveDate, today: NaiveDate) -> &'static str {
    match (day - today).num_days() {
        0 => "_today",
        1 => "_tomorrow",
        _ => "",
    }
}

/// Words for an option without a date.
pub(super) fn usual(locale: &Locale, days: Option<FallbackDays>) -> OptionText {
    let Some(days) = days else {
        return OptionText::default();
    };
    let values = [
        ("min", Value::Number(days.min.into())),
        ("max", Value::Number(days.max.into())),
    ];
    let key = if days.min < days.max {
        "promise.fallback_range"
    } else {
        "promise.fallback_one"
    };
    let text = locale.say(key, &values);
    OptionText {
        accessible: text.clone(),
        sentence: text.clone(),
        summary: text,
        ..OptionText::default()
    }
}

/// What every option's words have.
pub(super) fn finish(
    locale: &Locale,
    text: OptionText,
    price: String,
    packages: usize,
    destination: Option<&Destination<'_>>,
) -> OptionText {
    let place = destination.map(|to| match to.postal {
        Some(postal) => locale.say("place.postal", &[("postal", Value::Text(postal))]),
        None => locale.country(to.country),
    });
    let count = [("count", Value::Number(packages as u64))];
    OptionText {
        place: place.unwrap_or_default(),
        price,
        packages: (packages > 1).then(|| locale.say("promise.split", &count)),
        ..text
    }
}
