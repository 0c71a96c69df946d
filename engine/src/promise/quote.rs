//! From routes to what is said.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::answer::{
    Method, OptionText, Promise, PromiseOption, PromiseStatus, Reason, RefusedOption,
};
use super::ask::{Ask, Candidate, Destination};
use super::settings::PromiseSettings;
use super::snapshot::Snapshot;
use super::text::Locale;
use super::transit::TransitModel;
use super::ways::{self, Found};
use super::wording::{self, Facts};

/// What can be promised for routes that were planned for an order now.
///
/// Where the snapshot is too old or does not know a node or service of a route, the answer is [`degraded`].
pub fn quote(
    snapshot: &Snapshot,
    transit: &TransitModel,
    settings: &PromiseSettings,
    ask: &Ask<'_>,
) -> Promise {
    if !settings.on {
        return empty(settings, ask, PromiseStatus::None, None);
    }
    let unavailable = |reason| empty(settings, ask, PromiseStatus::Unavailable, Some(reason));
    let Some(destination) = &ask.destination else {
        return unavailable(Reason::BadPostal);
    };
    if ask.candidates.is_empty() {
        let unknown = !ask.unknown_lines.is_empty();
        return unavailable(if unknown {
            Reason::UnknownSku
        } else {
            Reason::NoService
        });
    }
    if !snapshot.is_fresh(ask.now) {
        return degraded(settings, ask);
    }
    let locale = Locale::of(ask.locale);
    let (mut options, mut refused) = (Vec::new(), Vec::new());
    let mut expires_at = until(settings, ask);
    for candidate in ask.candidates {
        let missing = candidate.legs.is_empty().then_some(Reason::NoStock);
        if let Some(reason) = candidate.refused.or(missing) {
            refused.push(RefusedOption {
                id: candidate.id.to_owned(),
                method: candidate.method,
                reason,
                text: reason_text(locale, reason),
            });
            continue;
        }
        let Ok(prepared) = ways::prepare(snapshot, transit, destination, candidate) else {
            return degraded(settings, ask);
        };
        let found = ways::find(&prepared, settings, ask);
        if let Some(found) = &found {
            // A page that says "tomorrow" is wrong at midnight.
            expires_at = expires_at
                .min(found.cutoff_at)
                .min(midnight(ask.now, found.zone));
        }
        options.push(option(locale, settings, ask, destination, candidate, found));
    }
    // Without a date and without usual days there is nothing to say of an option.
    options.retain(|option| option.date.is_some() || option.days.is_some());
    leave_out_dominated(&mut options);
    let status = if options.iter().any(|option| option.date.is_some()) {
        if ask.unknown_lines.is_empty() {
            PromiseStatus::Ok
        } else {
            PromiseStatus::Partial
        }
    } else if !options.is_empty() {
        PromiseStatus::RangeOnly
    } else if let Some(reason) = refused.iter().map(|option| option.reason).min() {
        return Promise {
            refused,
            ..unavailable(reason)
        };
    } else {
        PromiseStatus::None
    };
    Promise {
        cutoff_at: options.iter().filter_map(|option| option.cutoff_at).min(),
        expires_at,
        options,
        refused,
        ..empty(settings, ask, status, None)
    }
}

/// Nobody would pay more for a delivery that is not sooner: such options are not offered.
fn leave_out_dominated(options: &mut Vec<PromiseOption>) {
    let delivered = |option: &&PromiseOption| option.method == Method::Delivery;
    let known: Vec<_> = options
        .iter()
        .filter(delivered)
        .filter_map(|option| Some((option.price, option.date?.by)))
        .collect();
    options.retain(|option| {
        let Some(date) = option.date.filter(|_| option.method == Method::Delivery) else {
            return true;
        };
        let mut others = known.iter();
        !others.any(|(price, by)| *price < option.price && *by <= date.by)
    });
}

/// When the next day begins in a zone.
fn midnight(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let tomorrow = now.with_timezone(&zone).date_naive() + Days::new(1);
    let start = tomorrow.and_time(NaiveTime::MIN);
    // Where the clock skips midnight, the day begins an hour later.
    let start = zone.from_local_datetime(&start).earliest().or_else(|| {
        let later = start + Duration::hours(1);
        zone.from_local_datetime(&later).earliest()
    });
    start.map_or(now + Duration::days(1), |start| start.with_timezone(&Utc))
}

/// The probability with which a route, taken now, keeps a promise: that everything has arrived by the date. 0 where the
/// snapshot does not know a node or service of it.
pub fn probability_by(
    snapshot: &Snapshot,
    transit: &TransitModel,
    settings: &PromiseSettings,
    destination: &Destination<'_>,
    candidate: &Candidate<'_>,
    now: DateTime<Utc>,
    by: NaiveDate,
) -> f64 {
    ways::prepare(snapshot, transit, destination, candidate).map_or(0.0, |prepared| {
        ways::probability(&prepared, settings, now, by)
    })
}

/// The answer when nothing can be computed: what the merchant's service table says of the options, without a date and
/// a countdown; nothing at all where it says nothing.
pub fn degraded(settings: &PromiseSettings, ask: &Ask<'_>) -> Promise {
    let locale = Locale::of(ask.locale);
    let usual = |candidate: &Candidate<'_>| {
        settings.fallback.get(candidate.id)?;
        Some(undated(locale, settings, ask, candidate))
    };
    let delivered = ask
        .candidates
        .iter()
        .filter(|candidate| candidate.method == Method::Delivery && candidate.refused.is_none());
    let options: Vec<_> = if settings.on {
        delivered.filter_map(usual).collect()
    } else {
        Vec::new()
    };
    let status = if options.is_empty() {
        PromiseStatus::None
    } else {
        PromiseStatus::Degraded
    };
    Promise {
        options,
        ..empty(settings, ask, status, None)
    }
}

fn option(
    locale: &Locale,
    settings: &PromiseSettings,
    ask: &Ask<'_>,
    destination: &Destination<'_>,
    candidate: &Candidate<'_>,
    found: Option<Found>,
) -> PromiseOption {
    let widest = i64::from(settings.widest_range_days);
    let narrow = |found: &Found| (found.date.by - found.date.from).num_days() <= widest;
    let Some(found) = found.filter(narrow) else {
        return undated(locale, settings, ask, candidate);
    };
    let cutoff_at = match ask.holds_until {
        Some(until) => found.cutoff_at.min(until),
        None => found.cutoff_at,
    };
    // In another part of the country another node would send it, with another cut-off. A node is where it is.
    let exact = destination.postal.is_some() || candidate.method == Method::Pickup;
    let facts = Facts {
        date: found.date,
        ready_at: found.ready_at,
        cutoff_at: exact.then_some(cutoff_at),
        zone: found.zone,
    };
    let text = wording::option(locale, settings, ask, &facts);
    PromiseOption {
        date: Some(found.date),
        days: None,
        ready_at: found.ready_at,
        confidence: found.confidence,
        cutoff_at: facts.cutoff_at,
        packages: found.packages,
        text: finish(locale, ask, candidate, text),
        ..undated(locale, settings, ask, candidate)
    }
}

/// An option of which only the usual days are known.
fn undated(
    locale: &Locale,
    settings: &PromiseSettings,
    ask: &Ask<'_>,
    candidate: &Candidate<'_>,
) -> PromiseOption {
    let days = settings.fallback.get(candidate.id).copied();
    PromiseOption {
        id: candidate.id.to_owned(),
        method: candidate.method,
        date: None,
        days,
        ready_at: None,
        confidence: 0.0,
        cutoff_at: None,
        price: candidate.price,
        currency: ask.currency,
        packages: Vec::new(),
        text: finish(locale, ask, candidate, wording::usual(locale, days)),
    }
}

fn finish(
    locale: &Locale,
    ask: &Ask<'_>,
    candidate: &Candidate<'_>,
    text: OptionText,
) -> OptionText {
    let price = locale.price(candidate.price, ask.currency);
    let destination = ask.destination.as_ref();
    let destination = destination.filter(|_| candidate.method == Method::Delivery);
    wording::finish(locale, text, price, candidate.legs.len(), destination)
}

fn reason_text(locale: &Locale, reason: Reason) -> String {
    locale.say(&format!("promise.unavailable.{}", reason.as_str()), &[])
}

/// Until when an answer holds that no cut-off ends.
fn until(settings: &PromiseSettings, ask: &Ask<'_>) -> DateTime<Utc> {
    let until = ask.now + Duration::seconds(settings.ttl_seconds.into());
    ask.holds_until.map_or(until, |holds| until.min(holds))
}

/// A promise without options.
fn empty(
    settings: &PromiseSettings,
    ask: &Ask<'_>,
    status: PromiseStatus,
    reason: Option<Reason>,
) -> Promise {
    let locale = Locale::of(ask.locale);
    Promise {
        status,
        reason,
        now: ask.now,
        cutoff_at: None,
        expires_at: until(settings, ask),
        options: Vec::new(),
        refused: Vec::new(),
        unknown_lines: ask.unknown_lines.to_vec(),
        text: match reason {
            Some(reason) => reason_text(locale, reason),
            None => locale.say("promise.none", &[]),
        },
        locale: locale.tag().to_owned(),
    }
}
