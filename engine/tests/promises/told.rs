//! What shoppers are told, case by case.

use crate::network::{ask, at, delivery, leg, snapshot, to};
use chrono::NaiveDate;
use engine::promise::{
    Ask, Candidate, Destination, FallbackDays, Lane, Method, Promise, PromiseSettings,
    PromiseStatus, Reason, TransitModel, degraded, quote,
};

const NEW_YORK: &str = "America/New_York";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn say(ask: &Ask<'_>) -> Promise {
    say_with(&TransitModel::default(), &PromiseSettings::default(), ask)
}

fn say_with(transit: &TransitModel, settings: &PromiseSettings, ask: &Ask<'_>) -> Promise {
    quote(&snapshot(ask.now), transit, settings, ask)
}

/// What is asked for an address in New York.
fn to_new_york<'a>(now: &str, candidates: &'a [Candidate<'a>]) -> Ask<'a> {
    ask(now, to("US", "10001", NEW_YORK), candidates)
}

/// A lane on which packages took each of these days in turn, so many of them in all.
fn observed(count: usize, stated_days: u32, days: [u32; 2]) -> TransitModel {
    let lane = Lane {
        service: "ground",
        zone: 0,
        origin: "east",
        destination: "10001",
    };
    let mut transit = TransitModel::default();
    for n in 0..count {
        transit.observe(lane, stated_days, days[n % 2]);
    }
    transit
}

fn by(promise: &Promise) -> String {
    promise.options[0].date.unwrap().by.to_string()
}

fn with_fallback() -> PromiseSettings {
    PromiseSettings {
        fallback: [("standard".to_owned(), FallbackDays { min: 3, max: 5 })].into(),
        ..PromiseSettings::default()
    }
}

/// The worked example of docs/promises.md.
#[test]
fn no_american_promise_lands_on_thanksgiving() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let before = say(&to_new_york("2026-11-24T11:47:00-05:00", &candidates));
    let option = &before.options[0];
    assert_eq!(before.status, PromiseStatus::Ok);
    assert_eq!(
        option.packages[0].leaves_at,
        at("2026-11-24T18:00:00-05:00")
    );
    assert_eq!(by(&before), "2026-11-27");
    assert_eq!(option.date.unwrap().from, date("2026-11-27"));
    assert!((option.confidence - 0.95).abs() < 1e-9);
    assert_eq!(before.cutoff_at, Some(at("2026-11-24T14:00:00-05:00")));
    assert_eq!(before.expires_at, at("2026-11-24T11:57:00-05:00"));
    assert_eq!(option.text.summary, "Get it by Fri, Nov 27");
    assert_eq!(
        option.text.condition.as_deref(),
        Some("if you order within 2 h 13 min")
    );
    assert_eq!(
        option.text.sentence,
        "Get it by Fri, Nov 27 if you order within 2 h 13 min"
    );
    assert_eq!(option.text.place, "to 10001");
    assert_eq!(option.text.price, "$4.99");
    assert_eq!(option.text.assurance.as_deref(), Some("Estimated date"));
    // At the cut-off it still holds, a second later the date moves.
    let at_cutoff = say(&to_new_york("2026-11-24T14:00:00-05:00", &candidates));
    assert_eq!(by(&at_cutoff), "2026-11-27");
    let after = say(&to_new_york("2026-11-24T14:00:01-05:00", &candidates));
    assert_eq!(by(&after), "2026-11-30");
}

#[test]
fn a_german_promise_may_land_on_thanksgiving_and_is_said_in_german() {
    let candidates = [Candidate {
        price: 0,
        ..delivery(vec![leg("berlin", "ground", 2)])
    }];
    let ask = Ask {
        locale: "de-DE",
        currency: "EUR".parse().unwrap(),
        ..ask(
            "2026-11-24T10:47:00Z",
            to("DE", "80331", "Europe/Berlin"),
            &candidates,
        )
    };
    let promise = say(&ask);
    let text = &promise.options[0].text;
    assert_eq!(by(&promise), "2026-11-26");
    assert_eq!(promise.cutoff_at, Some(at("2026-11-24T13:00:00Z")));
    assert_eq!(text.summary, "Lieferung bis Do., 26. Nov.");
    assert_eq!(
        text.condition.as_deref(),
        Some("bei Bestellung in den nächsten 2 Std. 13 Min.")
    );
    assert_eq!(
        (text.place.as_str(), text.price.as_str()),
        ("nach 80331", "Kostenlos")
    );
    let spanish = say(&Ask {
        locale: "es",
        ..ask
    });
    let text = &spanish.options[0].text;
    assert_eq!(
        text.sentence,
        "Recíbelo a más tardar el jue, 26 nov si haces el pedido en menos de 2 h 13 min"
    );
}

#[test]
fn friday_after_the_cutoff_before_a_monday_holiday_leaves_on_tuesday() {
    let candidates = [delivery(vec![leg("east", "ground", 1)])];
    // Labor Day is Monday, September 7.
    let promise = say(&to_new_york("2026-09-04T14:00:01-04:00", &candidates));
    assert_eq!(promise.options[0].packages[0].node_day, date("2026-09-08"));
    assert_eq!(by(&promise), "2026-09-09");
    // The countdown runs to Tuesday's cut-off, and is not said yet.
    assert_eq!(promise.cutoff_at, Some(at("2026-09-08T14:00:00-04:00")));
    assert_eq!(promise.options[0].text.condition, None);
}

#[test]
fn a_cutoff_that_changes_nothing_is_not_counted_down_to() {
    let candidates = [delivery(vec![leg("east", "ground", 0)])];
    // After Wednesday's cut-off Friday is next, since Thursday is Thanksgiving.
    let wednesday = "2026-11-25T15:00:00-05:00";
    let promise = say(&ask(wednesday, to("US", "10001", NEW_YORK), &candidates));
    assert_eq!(by(&promise), "2026-11-27");
    assert_eq!(promise.cutoff_at, Some(at("2026-11-27T14:00:00-05:00")));
    // A node that works on Saturday gives its packages to the carrier on Monday, as on Sunday.
    let candidates = [delivery(vec![leg("shop", "ground", 1)])];
    let saturday = say(&to_new_york("2026-11-14T12:00:00-05:00", &candidates));
    assert_eq!(by(&saturday), "2026-11-17");
    assert_eq!(saturday.cutoff_at, Some(at("2026-11-16T19:00:00-05:00")));
}

#[test]
fn days_are_the_shoppers_own_in_honolulu_and_auckland() {
    let candidates = [delivery(vec![leg("east", "daily", 3)])];
    // Monday 23:30 in New York, Monday 18:30 in Honolulu: worked on Tuesday, collected 13:00 Honolulu time.
    let promise = say(&ask(
        "2026-11-16T23:30:00-05:00",
        to("US", "96813", "Pacific/Honolulu"),
        &candidates,
    ));
    assert_eq!(by(&promise), "2026-11-20");
    // Collected Tuesday 18:00 in New York is Wednesday 12:00 in Auckland.
    let promise = say(&ask(
        "2026-11-16T23:30:00-05:00",
        to("NZ", "1010", "Pacific/Auckland"),
        &candidates,
    ));
    assert_eq!(by(&promise), "2026-11-21");
}

#[test]
fn the_cutoff_keeps_its_local_time_when_the_clock_changes_meanwhile() {
    let candidates = [delivery(vec![leg("east", "ground", 3)])];
    // Friday evening; the clock goes back on Sunday, November 1.
    let promise = say(&to_new_york("2026-10-30T20:00:00-04:00", &candidates));
    assert_eq!(promise.cutoff_at, Some(at("2026-11-02T14:00:00-05:00")));
    assert_eq!(by(&promise), "2026-11-05");
}

#[test]
fn a_full_day_and_goods_on_their_way_move_the_date() {
    let full = [date("2026-11-16"), date("2026-11-17")];
    let mut one = leg("east", "ground", 1);
    one.full = &full;
    let candidates = [delivery(vec![one])];
    let promise = say(&to_new_york("2026-11-16T09:00:00-05:00", &candidates));
    assert_eq!(by(&promise), "2026-11-19");
    let mut one = leg("east", "ground", 1);
    one.stock_from = Some(at("2026-11-20T15:00:00-05:00"));
    let candidates = [delivery(vec![one])];
    let promise = say(&to_new_york("2026-11-16T09:00:00-05:00", &candidates));
    // There on Friday after the cut-off: worked on Monday.
    assert_eq!(by(&promise), "2026-11-24");
    assert_eq!(promise.cutoff_at, Some(at("2026-11-23T14:00:00-05:00")));
}

#[test]
fn two_packages_are_promised_for_the_later_and_each_has_its_own_date() {
    let candidates = [delivery(vec![
        leg("east", "ground", 1),
        leg("west", "ground", 4),
    ])];
    let promise = say(&to_new_york("2026-11-16T09:00:00-05:00", &candidates));
    let option = &promise.options[0];
    let own: Vec<_> = option
        .packages
        .iter()
        .map(|one| one.date.unwrap().by.to_string())
        .collect();
    assert_eq!(own, ["2026-11-17", "2026-11-20"]);
    assert_eq!(by(&promise), "2026-11-20");
    // The first is all but certain by then; both together are as good as the second.
    assert!(
        (option.confidence - 0.99 * 0.95).abs() < 1e-9,
        "{}",
        option.confidence
    );
    assert_eq!(
        option.text.packages.as_deref(),
        Some("Arrives in 2 packages")
    );
    // New York's cut-off changes nothing, since its package has days to spare. Los Angeles' does.
    assert_eq!(promise.cutoff_at, Some(at("2026-11-16T14:00:00-08:00")));
}

#[test]
fn three_packages_with_the_same_date_need_a_day_more_to_be_as_sure() {
    let legs = vec![leg("east", "ground", 2); 3];
    let three = [delivery(legs.clone())];
    let two = [delivery(legs[..2].to_vec())];
    let say = |candidates: &[Candidate<'_>]| {
        by(&say(&to_new_york("2026-11-16T09:00:00-05:00", candidates)))
    };
    // 0.95² is enough for 0.9, 0.95³ is not.
    assert_eq!(
        (say(&two), say(&three)),
        ("2026-11-18".into(), "2026-11-19".into())
    );
}

#[test]
fn what_was_observed_moves_the_date_and_opens_a_range() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let transit = observed(200, 2, [2, 4]);
    let ask = to_new_york("2026-11-16T09:00:00-05:00", &candidates);
    let promise = say_with(&transit, &PromiseSettings::default(), &ask);
    let range = promise.options[0].date.unwrap();
    assert_eq!(
        (range.from, range.by),
        (date("2026-11-18"), date("2026-11-20"))
    );
    assert_eq!(
        promise.options[0].text.summary,
        "Get it Wed, Nov 18 – Fri, Nov 20"
    );
}

#[test]
fn a_spread_of_more_than_a_week_is_said_from_the_service_table() {
    let candidates = [delivery(vec![leg("east", "ground", 4)])];
    let transit = observed(300, 4, [1, 11]);
    let ask = to_new_york("2026-11-16T09:00:00-05:00", &candidates);
    let promise = say_with(&transit, &with_fallback(), &ask);
    assert_eq!(promise.status, PromiseStatus::RangeOnly);
    assert_eq!((promise.options[0].date, promise.cutoff_at), (None, None));
    assert_eq!(
        promise.options[0].text.sentence,
        "Usually arrives in 3–5 business days"
    );
    // Where the merchant's table says nothing, nothing is said.
    let promise = say_with(&transit, &PromiseSettings::default(), &ask);
    assert_eq!(
        (promise.status, promise.options.len()),
        (PromiseStatus::None, 0)
    );
}

#[test]
fn today_and_tomorrow_are_said_with_the_date_in_the_accessible_name() {
    let candidates = [
        Candidate {
            id: "shop",
            method: Method::Pickup,
            price: 0,
            ..delivery(vec![leg("shop", "pickup", 0)])
        },
        delivery(vec![leg("east", "ground", 1)]),
    ];
    let promise = say(&to_new_york("2026-11-16T12:57:30-05:00", &candidates));
    let [pickup, home] = &promise.options[..] else {
        panic!()
    };
    // Ordered as late as it may be cited (13:07:30), ready two hours later, rounded up to five minutes.
    assert_eq!(pickup.ready_at, Some(at("2026-11-16T15:10:00-05:00")));
    assert_eq!(pickup.text.summary, "Collect today from 3:10 PM");
    assert_eq!(
        pickup.text.accessible,
        "Collect from 3:10 PM on Mon, Nov 16"
    );
    assert_eq!(
        (pickup.text.price.as_str(), pickup.text.place.as_str()),
        ("Free", "")
    );
    // The shop closes at 20:00 and needs two hours.
    assert_eq!(pickup.cutoff_at, Some(at("2026-11-16T18:00:00-05:00")));
    assert_eq!(home.text.summary, "Get it by tomorrow");
    assert_eq!(home.text.accessible, "Get it by Tue, Nov 17");
    assert_eq!(
        home.text.sentence,
        "Get it by tomorrow if you order within 1 h 2 min"
    );
    let countdown = home.text.countdown.as_ref().unwrap();
    assert_eq!(
        [&countdown.sentence, &countdown.accessible],
        [
            "Get it by tomorrow if you order within {remaining}",
            "Get it by Tue, Nov 17 if you order within {remaining}"
        ]
    );
    assert_eq!(promise.cutoff_at, home.cutoff_at);
    // Too late for today.
    let late = say(&to_new_york("2026-11-16T18:00:01-05:00", &candidates));
    assert_eq!(
        late.options[0].text.summary,
        "Collect tomorrow from 12:00 PM"
    );
}

#[test]
fn below_two_minutes_no_number_is_said() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let say = |now| {
        say(&ask(now, to("US", "10001", NEW_YORK), &candidates)).options[0]
            .text
            .clone()
    };
    let text = say("2026-11-16T13:58:30-05:00");
    assert_eq!(text.sentence, "Order now to get it by Wed, Nov 18");
    assert_eq!(text.condition.as_deref(), Some("if you order now"));
    let text = say("2026-11-16T13:57:30-05:00");
    assert_eq!(
        text.condition.as_deref(),
        Some("if you order within 2 minutes")
    );
    // And eight hours before, nothing of it.
    let text = say("2026-11-16T05:59:00-05:00");
    assert_eq!((text.condition, text.countdown), (None, None));
}

/// A page fills in what remains by itself, and says at each minute what the engine would.
#[test]
fn a_page_counts_down_in_the_engines_sentences() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let told = |now| {
        let ask = Ask {
            locale: "de",
            ..ask(now, to("DE", "80331", NEW_YORK), &candidates)
        };
        say(&ask).options[0].text.clone()
    };
    let countdown = told("2026-11-16T11:00:00-05:00").countdown.unwrap();
    let remaining = countdown
        .hours_minutes
        .replace("{hours}", "2")
        .replace("{minutes}", "13");
    assert_eq!(
        countdown.sentence.replace("{remaining}", &remaining),
        told("2026-11-16T11:47:00-05:00").sentence
    );
    assert_eq!(
        countdown.sentence_now,
        told("2026-11-16T13:59:00-05:00").sentence
    );
    assert_eq!(
        countdown.hours,
        "{hours, plural, one {# Stunde} other {# Stunden}}"
    );
    assert_eq!(
        countdown.minutes,
        "{minutes, plural, one {# Minute} other {# Minuten}}"
    );
}

#[test]
fn with_only_a_country_there_is_a_date_and_no_countdown() {
    let candidates = [delivery(vec![leg("berlin", "ground", 2)])];
    let destination = Destination {
        postal: None,
        ..to("DE", "", "Europe/Berlin")
    };
    let promise = say(&ask("2026-11-16T10:00:00Z", destination, &candidates));
    assert_eq!(by(&promise), "2026-11-18");
    let text = &promise.options[0].text;
    assert_eq!(
        (text.place.as_str(), &text.condition),
        ("to Germany", &None)
    );
}

#[test]
fn what_cannot_be_delivered_says_why() {
    let destination = || to("US", "10001", NEW_YORK);
    let now = "2026-11-16T09:00:00-05:00";
    let refused = |reason| {
        [Candidate {
            refused: Some(reason),
            ..delivery(vec![])
        }]
    };
    for (reason, text) in [
        (Reason::NoStock, "Out of stock for this delivery"),
        (Reason::NoService, "We do not deliver there"),
        (
            Reason::Restricted,
            "Something in your cart cannot be sent there",
        ),
    ] {
        let promise = say(&ask(now, destination(), &refused(reason)));
        assert_eq!(
            (promise.status, promise.reason),
            (PromiseStatus::Unavailable, Some(reason))
        );
        assert_eq!(
            (promise.text.as_str(), promise.refused[0].text.as_str()),
            (text, text)
        );
    }
    let nowhere = Ask {
        destination: None,
        ..ask(now, destination(), &[])
    };
    assert_eq!(say(&nowhere).reason, Some(Reason::BadPostal));
    let unknown = ["2".to_owned()];
    let nothing = Ask {
        unknown_lines: &unknown,
        ..ask(now, destination(), &[])
    };
    assert_eq!(say(&nothing).reason, Some(Reason::UnknownSku));
    // One option of two is enough, and the other says why not.
    let both = [
        delivery(vec![leg("east", "ground", 2)]),
        refused(Reason::NoStock)[0].clone(),
    ];
    let some = Ask {
        unknown_lines: &unknown,
        ..ask(now, destination(), &both)
    };
    let promise = say(&some);
    assert_eq!(
        (promise.status, promise.refused.len()),
        (PromiseStatus::Partial, 1)
    );
    assert_eq!(promise.unknown_lines, ["2"]);
}

#[test]
fn a_route_that_leaves_something_out_is_refused_with_the_reason_of_what_is_missing() {
    let lines = r#"{"id": "o", "packages": [], "cost": {"shipping": 0, "handling": 0, "opportunity": 0, "late": 0,
        "extra_packages": 0, "unfilled": 0, "total": 0}, "optimal": true, "explored": 0, "unfilled": [
        {"line": "1", "quantity": 1, "reason": "no_service"}, {"line": "2", "quantity": 1, "reason": "no_capacity"}]}"#;
    let plan = serde_json::from_str(lines).unwrap();
    let of_plan = Candidate::of_plan("standard", Method::Delivery, 0, &plan, |_| unreachable!());
    assert_eq!(of_plan.refused, Some(Reason::NoStock));
}

#[test]
fn without_its_inputs_the_service_table_answers_without_a_countdown() {
    let candidates = [delivery(vec![leg("nowhere", "ground", 2)])];
    let ask = to_new_york("2026-11-16T09:00:00-05:00", &candidates);
    for promise in [
        // A node that the snapshot does not know, a snapshot that is too old, and nothing at all.
        say_with(&TransitModel::default(), &with_fallback(), &ask),
        quote(
            &snapshot(at("2026-11-01T00:00:00Z")),
            &TransitModel::default(),
            &with_fallback(),
            &ask,
        ),
        degraded(&with_fallback(), &ask),
    ] {
        assert_eq!(promise.status, PromiseStatus::Degraded);
        assert_eq!(
            promise.options[0].days,
            Some(FallbackDays { min: 3, max: 5 })
        );
        assert_eq!(
            promise.options[0].text.sentence,
            "Usually arrives in 3–5 business days"
        );
        assert_eq!((promise.cutoff_at, promise.options[0].date), (None, None));
    }
    assert_eq!(say(&ask).status, PromiseStatus::None);
}

#[test]
fn the_emergency_switch_says_nothing() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let settings = PromiseSettings {
        on: false,
        ..with_fallback()
    };
    let ask = to_new_york("2026-11-16T09:00:00-05:00", &candidates);
    for promise in [
        say_with(&TransitModel::default(), &settings, &ask),
        degraded(&settings, &ask),
    ] {
        assert_eq!(
            (promise.status, promise.options.len()),
            (PromiseStatus::None, 0)
        );
        assert_eq!(promise.text, "");
    }
}

#[test]
fn a_promise_expires_with_its_cutoff_and_with_what_holds_it() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let ask = to_new_york("2026-11-16T13:55:00-05:00", &candidates);
    assert_eq!(say(&ask).expires_at, at("2026-11-16T14:00:00-05:00"));
    let held = Ask {
        holds_until: Some(at("2026-11-16T13:57:00-05:00")),
        ..ask
    };
    let promise = say(&held);
    assert_eq!(
        (promise.expires_at, promise.cutoff_at),
        (held.holds_until.unwrap(), held.holds_until)
    );
}

#[test]
fn the_delay_until_the_node_knows_comes_off_the_countdown() {
    let candidates = [delivery(vec![leg("east", "ground", 2)])];
    let settings = PromiseSettings {
        fulfillment_delay_seconds: 1800,
        ..PromiseSettings::default()
    };
    let ask = to_new_york("2026-11-16T09:00:00-05:00", &candidates);
    let promise = say_with(&TransitModel::default(), &settings, &ask);
    assert_eq!(promise.cutoff_at, Some(at("2026-11-16T13:30:00-05:00")));
}

#[test]
fn goods_that_come_in_january_are_promised_for_january() {
    let mut one = leg("east", "ground", 2);
    one.stock_from = Some(at("2027-01-11T09:00:00-05:00"));
    let candidates = [delivery(vec![one])];
    let promise = say(&to_new_york("2026-12-21T09:00:00-05:00", &candidates));
    // The year is left out below 300 days.
    assert_eq!(promise.options[0].text.summary, "Get it by Wed, Jan 13");
}

#[test]
fn settings_that_do_not_fit_are_named() {
    let settings = PromiseSettings {
        target: 0.2,
        ttl_seconds: 1,
        condition_within_minutes: 5,
        fallback: [("x".to_owned(), FallbackDays { min: 5, max: 3 })].into(),
        ..PromiseSettings::default()
    };
    let errors = settings.check().unwrap_err();
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "#/target",
            "#/low",
            "#/ttl_seconds",
            "#/condition_within_minutes",
            "#/fallback/x/max"
        ]
    );
    assert_eq!(PromiseSettings::default().check(), Ok(()));
}

#[test]
fn a_dearer_delivery_that_is_not_sooner_is_left_out() {
    let now = "2026-11-24T11:47:00-05:00";
    let offered = |options: &[(&'static str, i64, u32)]| {
        let candidates: Vec<_> = options
            .iter()
            .map(|(id, price, days)| Candidate {
                id,
                price: *price,
                ..delivery(vec![leg("east", "ground", *days)])
            })
            .collect();
        let promise = say(&to_new_york(now, &candidates));
        let ids = promise.options.iter().map(|option| option.id.clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        offered(&[("standard", 499, 3), ("express", 1499, 1)]),
        ["standard", "express"]
    );
    assert_eq!(
        offered(&[("standard", 499, 2), ("express", 1499, 2), ("slow", 500, 4)]),
        ["standard"]
    );
    assert_eq!(
        offered(&[("standard", 0, 3), ("express", 0, 1)]),
        ["standard", "express"],
        "at the same price it is the shopper's choice"
    );
}

#[test]
fn no_promise_outlives_the_day_on_which_tomorrow_is_said() {
    let candidates = [delivery(vec![leg("east", "daily", 1)])];
    let late = say(&to_new_york("2026-11-23T23:55:00-05:00", &candidates));
    assert_eq!(late.expires_at, at("2026-11-24T00:00:00-05:00"));
    // Where the clock is put forward at midnight, the day begins at 01:00.
    let cairo = [delivery(vec![leg("east", "daily", 9)])];
    let ask = ask(
        "2026-04-23T23:55:00+02:00",
        to("EG", "11511", "Africa/Cairo"),
        &cairo,
    );
    assert_eq!(say(&ask).expires_at, at("2026-04-24T01:00:00+03:00"));
}
