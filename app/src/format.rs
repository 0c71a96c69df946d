//! Numbers and times as people read them, the same on the server and in the browser.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use engine::model::{Currency, format_money};

/// 80458 as `80,458`.
pub fn count(n: impl TryInto<i64>) -> String {
    let n = n.try_into().unwrap_or(i64::MAX);
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 order`, `2 orders`.
pub fn counted(n: impl TryInto<i64>, one: &str, many: &str) -> String {
    let n = n.try_into().unwrap_or(i64::MAX);
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `51–100 of 20,911 rows`
pub fn range(before: u64, shown: u64, total: u64, one: &str, many: &str) -> String {
    format!(
        "{}–{} of {}",
        count(before + 1),
        count(before + shown),
        counted(total, one, many)
    )
}

/// A change with its sign: `+5`, `−5`.
pub fn signed(n: i64) -> String {
    if n > 0 {
        format!("+{}", count(n))
    } else {
        count(n)
    }
}

/// Minor units that the engine computed, which may have fractions.
pub fn cost(minor: f64, currency: Currency) -> String {
    format_money(minor.round() as i64, currency)
}

/// Minor units as they are entered, without the currency: `690.0` of a dollar's cents is `6.90`.
pub fn amount(minor: f64, currency: Currency) -> String {
    let digits = currency.exponent() as usize;
    let whole = minor / 10_f64.powi(digits as i32);
    let short = format!("{whole:.digits$}");
    // Prices by weight may have fractions of a cent.
    if minor.fract() == 0.0 {
        short
    } else {
        format!("{whole}")
    }
}

/// The minor units of what was entered: `6.90` or `6,90`, but not `1,234`, which could be either.
pub fn minor_units(text: &str, currency: Currency) -> Option<f64> {
    let digits = currency.exponent() as usize;
    let comma = text.trim().split_once(',');
    if comma.is_some_and(|(_, decimals)| decimals.len() > digits) {
        return None;
    }
    let whole: f64 = text.trim().replace(',', ".").parse().ok()?;
    let minor = whole * 10_f64.powi(currency.exponent() as i32);
    // What a double makes of 0.1 is not what was entered.
    (whole.is_finite()).then(|| (minor * 1e6).round() / 1e6)
}

/// A percentage without decimals.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// How long ago or ahead, for less than a day.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let seconds = (now - at).num_seconds();
    let (ahead, seconds) = (seconds < 0, seconds.abs());
    let text = match seconds {
        0..45 => return Some(if ahead { "in a moment" } else { "just now" }.to_owned()),
        45..3_570 => format!("{} min", (seconds + 30) / 60),
        3_570..86_400 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => return None,
    };
    Some(if ahead {
        format!("in {text}")
    } else {
        format!("{text} ago")
    })
}

/// The moment itself. Until the page is alive nobody knows the reader's zone, so it says which one it means.
pub fn absolute(at: DateTime<Utc>, alive: bool) -> String {
    if !alive {
        return format!(
            "{}, {:02}:{:02} UTC",
            day(at.date_naive()),
            at.hour(),
            at.minute()
        );
    }
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(
        at.timestamp_millis() as f64
    ));
    let month = MONTHS[date.get_month() as usize % 12];
    format!(
        "{month} {}, {:02}:{:02}",
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// `Nov 24`. Written out here because chrono's patterns are a tenth of what a browser loads.
pub fn day(date: NaiveDate) -> String {
    format!("{} {}", MONTHS[date.month0() as usize % 12], date.day())
}

/// The moment for machines, to the second.
pub fn machine(at: DateTime<Utc>) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A distance: kilometers, without decimals.
pub fn km(km: f64) -> String {
    format!("{} km", count(km.round() as i64))
}

/// `no_stock` as a sentence that says what is missing.
pub fn waiting_reason(reason: &str) -> String {
    match reason {
        "not_routed_yet" => "Not routed yet".to_owned(),
        "on_hold" => "On hold".to_owned(),
        "no_stock" => "No node has stock of it".to_owned(),
        "no_capability" => "No node with stock can handle it".to_owned(),
        "no_service" => "No carrier service reaches the address".to_owned(),
        "no_capacity" => "Every node with stock is full today".to_owned(),
        "max_packages" => "It would take more packages than allowed".to_owned(),
        "too_costly" => "Sending it costs more than waiting".to_owned(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(-1_234_567), "−1,234,567");
        assert_eq!(counted(1, "order", "orders"), "1 order");
        assert_eq!(
            range(50, 50, 20_911, "row", "rows"),
            "51–100 of 20,911 rows"
        );
        assert_eq!(signed(7), "+7");
        assert_eq!(signed(-7), "−7");
    }

    #[test]
    fn what_is_entered_is_what_was_shown() {
        for minor in [0.0, 690.0, 35.5, 1_990.0] {
            let text = amount(minor, Currency::USD);
            assert_eq!(minor_units(&text, Currency::USD), Some(minor), "{text}");
        }
        assert_eq!(amount(690.0, Currency::USD), "6.90");
        assert_eq!(minor_units("6,90", Currency::USD), Some(690.0));
        assert_eq!(minor_units("1,234", Currency::USD), None);
        assert_eq!(minor_units("", Currency::USD), None);
    }

    #[test]
    fn times_are_relative_within_a_day() {
        let now: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let ago = |s: i64| relative(now - chrono::Duration::seconds(s), now);
        assert_eq!(ago(3).as_deref(), Some("just now"));
        assert_eq!(ago(60).as_deref(), Some("1 min ago"));
        assert_eq!(ago(3_600).as_deref(), Some("1 h ago"));
        assert_eq!(ago(-7_200).as_deref(), Some("in 2 h"));
        assert_eq!(ago(86_400), None);
        assert_eq!(absolute(now, false), "Nov 24, 12:00 UTC");
        assert_eq!(machine(now), "2026-11-24T12:00:00Z");
    }
}
