#!/usr/bin/env python3
"""Writes engine/data/holidays.tsv, the public holidays by country, from the Python package `holidays`.

    pip install holidays==0.108 && python3 scripts/public-holidays.py

The package (https://github.com/vacanza/holidays, MIT) is kept by several maintainers and released monthly. Run this
again with a newer release once a year, read the difference, commit it.

The file, tab-separated: a line `@`, code, first year, last year begins a country (ISO 3166-1 alpha-2) or a part of it
(`DE-BY`, ISO 3166-2) that has days of its own beside the country's. Under it a line per holiday: its name in English,
then its dates `MMDD`: one where it is the same every year, else one column a year, `-` for a year without it and
`MMDD,MMDD` for two days of one name.
"""
import collections, os, sys, warnings

import holidays

FIRST, LAST = 2025, 2035
# Parts of countries where regional holidays close shops and stop deliveries. Not the United States: carriers deliver
# on state holidays.
PARTS = ["AU", "CA", "CH", "DE", "ES", "FR", "GB"]


def of(country, subdiv=None):
    """Date -> names; `observed` days in lieu are days of their own."""
    cls = getattr(holidays, country)
    lang = "en_US" if "en_US" in (cls.supported_languages or ()) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        days = holidays.country_holidays(country, subdiv=subdiv, years=range(FIRST, LAST + 1), language=lang)
    found = collections.defaultdict(set)
    for day in days:
        for name in days.get_list(day):
            found[" ".join(name.split())].add(day)
    return found


def lines(found):
    for name in sorted(found, key=lambda name: (min((d.month, d.day) for d in found[name]), name)):
        years = collections.defaultdict(list)
        for day in sorted(found[name]):
            years[day.year].append(f"{day.month:02}{day.day:02}")
        columns = [",".join(years.get(year, ["-"])) for year in range(FIRST, LAST + 1)]
        yield "\t".join([name, *(columns[:1] if len(set(columns)) == 1 else columns)])


def main():
    target = os.path.join(os.path.dirname(__file__), "../engine/data/holidays.tsv")
    supported = holidays.list_supported_countries(include_aliases=False)
    with open(target, "w", encoding="utf-8") as out:
        out.write(f"# Public holidays {FIRST}-{LAST}, from the Python package holidays {holidays.__version__} (MIT). ")
        out.write("Made by scripts/public-holidays.py, do not edit.\n")
        for country in sorted(code for code in supported if len(code) == 2):
            national = of(country)
            if not national:
                print(f"{country}: none", file=sys.stderr)
                continue
            parts = {country: national}
            for part in supported[country] if country in PARTS else []:
                own = {}
                for name, days in of(country, part).items():
                    new = {day for day in days if not any(day in known for known in national.values())}
                    if new:
                        own[name] = new
                if own:
                    parts[f"{country}-{part}"] = own
            for code, found in parts.items():
                out.write(f"@\t{code}\t{FIRST}\t{LAST}\n")
                out.writelines(line + "\n" for line in lines(found))


main()
