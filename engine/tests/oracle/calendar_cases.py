#!/usr/bin/env python3
"""Makes the table of cases that engine/tests/calendar_cases.rs has to agree with: engine/tests/cases/calendar.json.gz.

    pip install holidays==0.108 && python3 engine/tests/oracle/calendar_cases.py

Written from the specification (docs/promises.md, "When it arrives"), with Python's zoneinfo and the package `holidays`
itself, and without a look at the Rust code. It is slow and literal on purpose: it walks days one by one, and finds the
last second at which a result holds by trying.
"""
import datetime as dt, gzip, json, os, random, warnings
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

UTC = dt.timezone.utc
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FIVE, SIX = NAMES[:5], NAMES[:6]


# --- the specification -------------------------------------------------------------------------------------------

def first_instant(zone, day, text):
    """The first instant at which clocks show this time; where they skip it, the first after the gap."""
    hour, minute = map(int, text.split(":"))
    if hour == 24:
        day, hour = day + DAY, 0
    wall = dt.datetime(day.year, day.month, day.day, hour, minute)
    at = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:
        return at
    shown = lambda at: at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    low, high = at - DAY / 4, at + DAY / 4  # clocks show less at low, more at high
    assert shown(low) < wall < shown(high)
    while high - low > SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if shown(middle) < wall else (low, middle)
    return high


def moment(zone, day, text):
    """24:00 is the last second of the day."""
    at = first_instant(zone, day, text)
    return at - SECOND if text == "24:00" else at


@lru_cache(None)
def table(country, region):
    cls = getattr(holidays, country)
    lang = "en_US" if "en_US" in (cls.supported_languages or ()) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return holidays.country_holidays(country, subdiv=region, years=range(2025, 2031), language=lang)


@lru_cache(None)
def holiday_kept(country, region, day, works_on):
    names = table(country, region).get_list(day)
    return any(name not in works_on and "*" not in works_on for name in names)


def node_works(node, day):
    if node["week"] is not None and NAMES[day.weekday()] not in node["week"]:
        return False
    if day.isoformat() in node["closed_on"]:
        return False
    rule = node["holidays"]
    return not (rule and holiday_kept(rule["country"], rule["region"], day, tuple(rule["works_on"])))


def hours(node, day):
    return node["week"][NAMES[day.weekday()]] if node["week"] is not None else {"open": "00:00", "close": "24:00", "cutoff": "24:00"}


def closing(node, day):
    return moment(node["time_zone"], day, hours(node, day)["close"])


def opening(node, day):
    return moment(node["time_zone"], day, hours(node, day)["open"])


def cutoff(node, service, day):
    own = node["cutoffs"].get(service, {}).get(NAMES[day.weekday()])
    of_day = hours(node, day)
    return moment(node["time_zone"], day, own or of_day["cutoff"] or of_day["close"])


def carrier_moves(service, country, region, day):
    return day.isoformat() not in service["closed_on"] and not holiday_kept(country, region, day, tuple(service["works_on"].get(country, [])))


def collects(service, country, day):
    return NAMES[day.weekday()] in service["collects_on"] and carrier_moves(service, country, None, day)


def delivers(service, country, region, day):
    return NAMES[day.weekday()] in service["delivers_on"] and carrier_moves(service, country, region, day)


def local(at, zone):
    return at.astimezone(ZoneInfo(zone)).date()


def dispatch(node, code, service, country, place, full):
    day = local(place, node["time_zone"])
    while not (node_works(node, day) and day.isoformat() not in full and place <= cutoff(node, code, day)):
        day += DAY
    node_day, left = day, node["handling_days"]
    while left:
        day += DAY
        left -= node_works(node, day)
    ship_day = day
    ready = cutoff(node, code, day) + dt.timedelta(minutes=node["pack_minutes"])
    while True:
        if node_works(node, day) and collects(service, country, day):
            if code in node["pickups"]:
                times = [moment(node["time_zone"], day, text) for text in node["pickups"][code].get(NAMES[day.weekday()], [])]
            else:
                times = [closing(node, day)]
            times = sorted(at for at in times if at >= ready)
            if times:
                return node_day, ship_day, ready, times[0]
        day += DAY


def arrival(service, country, region, zone, pickup, transit):
    """Transit counts the carrier's days of delivery at the destination, after the day there on which it was taken."""
    day = local(pickup, zone)
    if transit == 0:
        while not delivers(service, country, region, day):
            day += DAY
        return day
    while transit:
        day += DAY
        transit -= delivers(service, country, region, day)
    return day


def collection(node, place, full):
    need = dt.timedelta(minutes=node["collect_minutes"])
    wait = node["handling_days"]
    day = local(place, node["time_zone"])

    def counts(day):
        if not node_works(node, day) or day.isoformat() in full or place > cutoff(node, "pickup", day):
            return False
        return wait > 0 or max(place, opening(node, day)) + need <= closing(node, day)

    while not counts(day):
        day += DAY
    node_day, left = day, wait
    while left or not (node_works(node, day) and opening(node, day) + need <= closing(node, day)):
        day += DAY
        left -= bool(left) and node_works(node, day)
    begun = max(place, opening(node, day)) if wait == 0 else opening(node, day)
    return node_day, day, begun + need, closing(node, day)


def last_second(result, place, limit_days=25):
    """The last second at which the result is still the same, found by trying; None beyond the limit."""
    wanted, low, high = result(place), place, place + limit_days * DAY
    if result(high) == wanted:
        return None
    while high - low > SECOND:
        middle = (low + (high - low) // 2).replace(microsecond=0)
        low, high = (middle, high) if result(middle) == wanted else (low, middle)
    return low


# --- the merchants that the cases are about --------------------------------------------------------------------

def node(zone, country, week, **more):
    base = dict(time_zone=zone, week=week, cutoffs={}, closed_on=[], holidays=None, pickups={}, handling_days=0, pack_minutes=0, collect_minutes=60)
    return country, {**base, **more}


def week(days, open, close, cutoff=None):
    return {day: dict(open=open, close=close, cutoff=cutoff) for day in days}


def keeps(country, region=None, works_on=()):
    return dict(country=country, region=region, works_on=list(works_on))


def every(days, *times):
    return {day: list(times) for day in days}


NODES = {
    "new-york": node("America/New_York", "US", week(FIVE, "08:00", "18:00", "14:00"), holidays=keeps("US", works_on=["Columbus Day", "Veterans Day"]),
                     cutoffs={"air": {day: "17:00" for day in FIVE[:4]}}, pickups={"ground": every(FIVE, "17:00"), "air": every(FIVE, "12:00", "18:00")}),
    "new-york-night": node("America/New_York", "US", week(NAMES, "00:00", "24:00", "02:30"), pack_minutes=90, pickups={"ground": every(NAMES, "04:00")}),
    "new-york-fold": node("America/New_York", "US", week(NAMES, "00:00", "24:00", "01:30"), pickups={"ground": every(NAMES, "01:45", "23:00")}),
    "los-angeles": node("America/Los_Angeles", "US", {**week(SIX, "10:00", "21:00", "19:00"), **week(["sun"], "11:00", "18:00", "15:00")},
                        holidays=keeps("US", works_on=["Columbus Day", "Veterans Day", "Martin Luther King Jr. Day", "Washington's Birthday", "Juneteenth National Independence Day"]),
                        cutoffs={"pickup": {day: "20:00" for day in SIX}}, collect_minutes=120),
    "honolulu": node("Pacific/Honolulu", "US", week(SIX, "07:00", "16:00", "12:00"), holidays=keeps("US"), closed_on=["2026-06-11"], handling_days=1),
    "phoenix": node("America/Phoenix", "US", week(FIVE, "06:00", "22:00"), pack_minutes=120, pickups={"ground": every(FIVE, "15:00"), "post": every(FIVE[::2], "21:30")}),
    "st-johns": node("America/St_Johns", "CA", week(FIVE, "09:00", "17:00", "13:00"), holidays=keeps("CA"), handling_days=2),
    "berlin": node("Europe/Berlin", "DE", week(FIVE, "08:00", "17:00", "15:00"), holidays=keeps("DE", "BE"), handling_days=1, pack_minutes=60, pickups={"post": every(FIVE, "16:30", "17:00")}),
    "munich": node("Europe/Berlin", "DE", week(SIX, "08:00", "20:00", "16:00"), holidays=keeps("DE", "BY"), closed_on=["2026-07-17", "2026-07-18", "2027-12-24", "2027-12-31"], collect_minutes=240),
    "london": node("Europe/London", "GB", {**week(SIX, "09:00", "18:00", "17:30"), **week(["sun"], "11:00", "17:00")}, holidays=keeps("GB", "ENG"), pickups={"post": every(SIX, "17:45")}),
    "sydney": node("Australia/Sydney", "AU", week(FIVE, "07:30", "16:30", "11:00"), holidays=keeps("AU", "NSW")),
    "lord-howe": node("Australia/Lord_Howe", "AU", week(NAMES, "00:00", "24:00", "02:15"), pickups={"seven": every(NAMES, "02:20", "24:00")}),
    "cairo": node("Africa/Cairo", "EG", week(["sun"] + NAMES[:4], "00:00", "24:00", "24:00"), holidays=keeps("EG")),
    "auckland": node("Pacific/Auckland", "NZ", week(FIVE, "08:00", "17:00", "12:00"), holidays=keeps("NZ"), handling_days=3),
    "always": node("America/Chicago", "US", None),
    "never-ending": node("UTC", "US", None, collect_minutes=15, handling_days=1),
}


def service(collects_on=NAMES, delivers_on=NAMES, closed_on=(), works_on=None):
    return dict(collects_on=list(collects_on), delivers_on=list(delivers_on), closed_on=list(closed_on), works_on=works_on or {})


SERVICES = {
    "ground": service(FIVE, FIVE, works_on={"US": ["Columbus Day", "Veterans Day"]}),
    "air": service(SIX, FIVE, works_on={"US": ["Columbus Day", "Veterans Day", "Martin Luther King Jr. Day", "Independence Day (observed)"]}),
    "post": service(SIX, SIX),
    "seven": service(works_on={"US": ["*"], "DE": ["*"]}),
    "weekend": service(FIVE, ["sat", "sun"], closed_on=["2026-11-28", "2026-12-26"]),
    "gulf": service(["sun"] + NAMES[:4], ["sun"] + NAMES[:4]),
}
PLACES = [("US", None, "America/New_York"), ("US", None, "Pacific/Honolulu"), ("US", None, "America/Los_Angeles"), ("US", None, "America/Denver"),
          ("DE", "BE", "Europe/Berlin"), ("DE", "BY", "Europe/Berlin"), ("DE", None, "Europe/Berlin"), ("GB", "SCT", "Europe/London"), ("FR", None, "Europe/Paris"),
          ("AU", "NSW", "Australia/Sydney"), ("NZ", None, "Pacific/Auckland"), ("JP", None, "Asia/Tokyo"), ("EG", None, "Africa/Cairo"), ("IN", None, "Asia/Kolkata")]

# Days worth a look, beside random ones: both changes of the clock (United States, Europe, Australia, Egypt), Thanksgiving,
# Fridays before Monday holidays, Christmas, New Year, leap day, Easter, a bridge day.
DATES = """2026-03-06 2026-03-07 2026-03-08 2026-10-30 2026-10-31 2026-11-01 2026-03-27 2026-03-28 2026-03-29 2026-10-23 2026-10-24 2026-10-25
2026-04-03 2026-04-04 2026-04-05 2026-10-02 2026-10-03 2026-10-04 2026-04-23 2026-04-24 2026-10-29 2026-11-24 2026-11-25 2026-11-26 2026-11-27 2026-05-22
2026-09-04 2026-10-09 2027-01-15 2026-07-02 2026-07-03 2026-12-23 2026-12-24 2026-12-31 2028-02-28 2028-02-29 2028-03-01 2027-02-28 2026-04-02 2026-05-13
2026-06-03 2026-06-10 2026-07-16""".split()


def text(at):
    return None if at is None else at.isoformat().replace("+00:00", "Z") if isinstance(at, dt.datetime) else at.isoformat()


def ship_case(name, code, place_of, place, transit, full=()):
    country, spec = NODES[name]
    carrier = SERVICES[code]
    to, region, zone = place_of
    leave = lambda at: dispatch(spec, code, carrier, country, at, full)
    arrives = lambda at: arrival(carrier, to, region, zone, leave(at)[3], transit)
    node_day, ship_day, ready, pickup = leave(place)
    return ["ship", name, code, country, to, region, zone, text(place), transit, list(full), text(node_day), text(ship_day), text(ready), text(pickup),
            text(last_second(lambda at: leave(at)[0], place)), text(arrives(place)), text(last_second(arrives, place))]


def collect_case(name, place, full=()):
    _, spec = NODES[name]
    node_day, ready_day, ready, closes = collection(spec, place, full)
    return ["collect", name, text(place), list(full), text(node_day), text(ready_day), text(ready), text(closes),
            text(last_second(lambda at: collection(spec, at, full)[0], place))]


def main():
    pick = random.Random(20261126)
    cases = []
    for date in map(dt.date.fromisoformat, DATES):
        for name, (_, spec) in NODES.items():
            # Around the cut-off of the day, or midnight where the node is closed.
            code = pick.choice(sorted(SERVICES))
            at = cutoff(spec, code, date) if node_works(spec, date) else first_instant(spec["time_zone"], date, "24:00")
            where, transit = pick.choice(PLACES), pick.randint(0, 6)
            cases += [ship_case(name, code, where, at + step * SECOND, transit) for step in (-1, 0, 1)]
            at = first_instant(spec["time_zone"], date, "00:00") + pick.randrange(86_400) * SECOND
            cases.append(collect_case(name, at))
            if node_works(spec, date):
                at = min(cutoff(spec, "pickup", date), closing(spec, date) - dt.timedelta(minutes=spec["collect_minutes"]))
                cases += [collect_case(name, at + step * SECOND) for step in (0, 1)]
    # Where clocks change: every quarter of an hour of the night, at the node and at the destination.
    for name, night in [("new-york-night", "2026-03-08"), ("new-york-night", "2026-11-01"), ("new-york-fold", "2026-11-01"), ("new-york-fold", "2026-03-08"),
                        ("lord-howe", "2026-10-04"), ("lord-howe", "2026-04-05"), ("cairo", "2026-04-24"), ("cairo", "2026-10-29")]:
        day = dt.date.fromisoformat(night)
        start = first_instant(NODES[name][1]["time_zone"], day - DAY, "22:00")
        for quarter in range(32):
            cases.append(ship_case(name, "seven", pick.choice(PLACES), start + quarter * 900 * SECOND, pick.randint(1, 3)))
    # Days without capacity.
    for _ in range(300):
        name, code = pick.choice(sorted(NODES)), pick.choice(sorted(SERVICES))
        day = dt.date(2026, 1, 2) + pick.randrange(900) * DAY
        full = [text(day + n * DAY) for n in range(5) if pick.random() < 0.5]
        at = first_instant(NODES[name][1]["time_zone"], day, "00:00") + pick.randrange(86_400) * SECOND
        cases.append(ship_case(name, code, pick.choice(PLACES), at, pick.randint(0, 8), full))
        cases.append(collect_case(name, at, full))
    # Anything.
    while len(cases) < 7_500:
        at = dt.datetime(2026, 1, 2, tzinfo=UTC) + pick.randrange(900 * 86_400) * SECOND
        cases.append(ship_case(pick.choice(sorted(NODES)), pick.choice(sorted(SERVICES)), pick.choice(PLACES), at, pick.randint(0, 8)))
    content = {"nodes": {name: spec for name, (_, spec) in NODES.items()}, "services": SERVICES, "cases": cases}
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cases/calendar.json.gz")
    # Without a time in its head the file is the same every time.
    with open(target, "wb") as file:
        file.write(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), 9, mtime=0))
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
