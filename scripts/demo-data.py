#!/usr/bin/env python3
"""Cuts the demonstration's data out of the source tables (see data/README.md) and gives shops and households a place.

    python3 scripts/demo-data.py FOLDER_WITH_orders.csv.gz_products.csv.gz_us_zip.csv.gz

Writes data/demo/{baskets,households,nodes,products}.csv.gz, the same every time:
- the 60 shops with most baskets (ties: by number) become stores, the busiest in the biggest city of PLACES;
- the first 12,000 baskets of these shops are kept, in the order in which they were bought;
- a household lives near the store where it buys most: in a ZIP code that shares the store's first three digits; every
  fifth one (by hash) lives near another place of the table instead, as customers of a web shop do.
"""
import collections, csv, gzip, hashlib, io, os, sys

PLACES = """
New York|NY|10001;Los Angeles|CA|90012;Chicago|IL|60601;Houston|TX|77002;Phoenix|AZ|85004;Philadelphia|PA|19103
San Antonio|TX|78205;San Diego|CA|92101;Dallas|TX|75201;Austin|TX|78701;Jacksonville|FL|32202;San Jose|CA|95113
Fort Worth|TX|76102;Columbus|OH|43215;Charlotte|NC|28202;Indianapolis|IN|46204;San Francisco|CA|94103;Seattle|WA|98101
Denver|CO|80202;Oklahoma City|OK|73102;Nashville|TN|37203;Washington|DC|20001;El Paso|TX|79901;Las Vegas|NV|89101
Boston|MA|02108;Detroit|MI|48226;Portland|OR|97204;Memphis|TN|38103;Louisville|KY|40202;Baltimore|MD|21201
Milwaukee|WI|53202;Albuquerque|NM|87102;Tucson|AZ|85701;Fresno|CA|93721;Sacramento|CA|95814;Kansas City|MO|64106
Atlanta|GA|30303;Omaha|NE|68102;Raleigh|NC|27601;Miami|FL|33130;Cleveland|OH|44114;Tulsa|OK|74103
Oakland|CA|94612;Minneapolis|MN|55401;Wichita|KS|67202;Tampa|FL|33602;New Orleans|LA|70112;Honolulu|HI|96813
Pittsburgh|PA|15222;Cincinnati|OH|45202;St. Louis|MO|63101;Orlando|FL|32801;Buffalo|NY|14202;Richmond|VA|23219
Boise|ID|83702;Salt Lake City|UT|84101;Des Moines|IA|50309;Birmingham|AL|35203;Rochester|NY|14604;Hartford|CT|06103
"""
OTHERS = [
    ("wh-sdf", "Louisville warehouse", "warehouse", "Louisville", "KY", "40213"),
    ("wh-dfw", "Dallas warehouse", "warehouse", "Dallas", "TX", "75236"),
    ("wh-abe", "Allentown warehouse", "warehouse", "Allentown", "PA", "18106"),
    ("wh-ont", "Ontario warehouse", "warehouse", "Ontario", "CA", "91761"),
    ("3p-atl", "Peachtree Logistics", "third_party", "Atlanta", "GA", "30336"),
    ("3p-rno", "Truckee Fulfillment", "third_party", "Reno", "NV", "89502"),
    ("ven-chi", "Prairie Foods", "vendor", "Chicago", "IL", "60638"),
]
STORES, BASKETS = 60, 12_000


def read(folder, name):
    with gzip.open(os.path.join(folder, name), "rt", newline="") as file:
        return list(csv.DictReader(file))


def write(name, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    os.makedirs("data/demo", exist_ok=True)
    with open(f"data/demo/{name}.csv.gz", "wb") as file:
        # Without a time in its head the file is the same every time.
        file.write(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def pick(key, n):
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % n


def main(folder):
    lines = read(folder, "orders.csv.gz")
    zips = [row["zip"] for row in read(folder, "us_zip.csv.gz")]
    near = collections.defaultdict(list)
    for code in zips:
        near[code[:3]].append(code)
    by_shop = collections.defaultdict(set)
    for line in lines:
        by_shop[line["store"]].add(line["basket"])
    shops = sorted(by_shop, key=lambda shop: (-len(by_shop[shop]), int(shop)))[:STORES]
    places = [tuple(place.split("|")) for place in PLACES.replace("\n", ";").split(";") if place]
    assert len(places) == STORES and all(zip_code in near[zip_code[:3]] for _, _, zip_code in places)
    assert all(node[5] in near[node[5][:3]] for node in OTHERS)
    code = {shop: f"st-{i + 1:02}" for i, shop in enumerate(shops)}
    nodes = list(OTHERS)
    nodes += [(code[s], f"{city} store", "store", city, region, z) for s, (city, region, z) in zip(shops, places)]
    write("nodes", ["code", "name", "kind", "city", "region", "zip"], nodes)
    place_of = {node[0]: node[3:6] for node in nodes}

    kept, order = collections.OrderedDict(), []
    for line in lines:
        if line["store"] in code:
            if line["basket"] not in kept:
                if len(kept) == BASKETS:
                    break
                kept[line["basket"]] = []
            kept[line["basket"]].append(line)
    baskets, seen = [], collections.defaultdict(collections.Counter)
    for n, group in enumerate(kept.values()):
        for line in group:
            household, shop = line["household"], code[line["store"]]
            seen[household][shop] += 1
            baskets.append((n, group[0]["placed_at"], shop, household, line["sku"], line["quantity"], line["unit_price_cents"]))
    write("baskets", ["basket", "placed_at", "store", "household", "sku", "quantity", "unit_price"], baskets)
    households = []
    for household, shops_seen in sorted(seen.items(), key=lambda item: int(item[0])):
        home = min(shops_seen, key=lambda shop: (-shops_seen[shop], shop))
        if pick(f"far {household}", 5) == 0:
            home = nodes[pick(f"where {household}", len(nodes))][0]
        city, region, zip_code = place_of[home]
        around = near[zip_code[:3]]
        households.append((household, city, region, around[pick(f"zip {household}", len(around))]))
    write("households", ["household", "city", "region", "zip"], households)
    products = read(folder, "products.csv.gz")
    write("products", list(products[0]), [list(product.values()) for product in products])


if __name__ == "__main__":
    main(sys.argv[1])
