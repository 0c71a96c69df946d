use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use engine::model::TrackedState;
use engine::promise::{Locale, Value};

/// Sentences in the customer's language and time.
pub(super) struct Say {
    pub locale: &'static Locale,
    zone: Tz,
    today: NaiveDate,
}

impl Say {
    pub fn new(locale: &'static Locale, zone: Tz, now: DateTime<Utc>) -> Self {
        let today = now.with_timezone(&zone).date_naive();
        Say {
            locale,
            zone,
            today,
        }
    }

    pub fn plain(&self, key: &str) -> String {
        self.locale.message(&format!("track.{key}")).to_owned()
    }

    pub fn counted(&self, key: &str, count: u64) -> String {
        let values = [("count", Value::Number(count))];
        self.locale.say(&format!("track.{key}"), &values)
    }

    pub fn with(&self, key: &str, texts: &[(&str, &str)]) -> String {
        let values: Vec<_> = texts
            .iter()
            .map(|(name, text)| (*name, Value::Text(text)))
            .collect();
        self.locale.say(&format!("track.{key}"), &values)
    }

    pub fn date(&self, date: NaiveDate) -> String {
        self.locale.date(date, self.today)
    }

    pub fn dated(&self, key: &str, date: NaiveDate) -> String {
        self.with(key, &[("date", &self.date(date))])
    }

    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    pub fn date_and_time(&self, at: DateTime<Utc>) -> (String, String) {
        let local = at.with_timezone(&self.zone);
        (
            self.date(local.date_naive()),
            self.locale.time(local.time()),
        )
    }

    pub fn placed(&self, at: DateTime<Utc>) -> String {
        self.dated("placed", self.local_day(at))
    }

    /// State and date in one sentence.
    pub fn headline(
        &self,
        state: TrackedState,
        day: Option<NaiveDate>,
        is_collected: bool,
    ) -> String {
        use TrackedState as S;
        let Some(day) = day else {
            return self.plain(&format!("state.{state}"));
        };
        match state {
            S::Delivered => self.dated("delivered_on", day),
            S::Collected => self.dated("collected_on", day),
            S::Waiting | S::Ordered | S::Preparing if is_collected => self.dated("ready_by", day),
            S::Waiting | S::Ordered | S::Preparing | S::Shipped | S::InTransit => {
                match (day - self.today).num_days() {
                    0 => self.plain("arriving_today"),
                    1 => self.plain("arriving_tomorrow"),
                    _ => self.dated("arriving", day),
                }
            }
            _ => self.plain(&format!("state.{state}")),
        }
    }
}
