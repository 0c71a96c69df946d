#!/usr/bin/env python3
"""An independent answer to routing problems: the mixed-integer program of the contract, solved by HiGHS.

    milp.py [--limit SECONDS] < problems.jsonl > totals.jsonl
    milp.py --joint [--limit SECONDS] < windows.jsonl > totals.jsonl

One line per problem: {"id", "total" (minor units), "proved", "ms" (solving alone)}. With --joint a line holds many orders on
shared stock and capacity, and the answer has "bound" as well, below which no plan for them is. Needs `pip install highspy`.
It shares no code with the engine on purpose; what a package costs is written here a second time, from the contract.
"""
import argparse
import json
import math
import sys
import time

try:
    import highspy
except ImportError:
    sys.exit("milp.py: install HiGHS first: pip install highspy")

RADIUS_KM = 6371.0088


def distance_km(a, b):
    p, q = math.radians(a["lat"]), math.radians(b["lat"])
    dp, dl = math.radians(b["lat"] - a["lat"]) / 2, math.radians(b["lon"] - a["lon"]) / 2
    h = math.sin(dp) ** 2 + math.cos(p) * math.cos(q) * math.sin(dl) ** 2
    return 2 * RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))


class Model:
    """Columns and rows, collected and then passed to HiGHS at once."""

    def __init__(self):
        self.cost, self.upper, self.whole = [], [], []
        self.rows = []

    def column(self, cost, upper, whole=False):
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def at_most(self, terms, limit):
        self.rows.append((terms, limit))

    def solve(self, limit):
        h = highspy.Highs()
        h.setOptionValue("output_flag", False)
        h.setOptionValue("threads", 1)
        h.setOptionValue("mip_rel_gap", 0.0)
        h.setOptionValue("mip_abs_gap", 1e-6)
        h.setOptionValue("time_limit", limit)
        inf = highspy.kHighsInf
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.rows)
        lp.col_cost_, lp.col_lower_ = self.cost, [0.0] * len(self.cost)
        lp.col_upper_ = [inf if u is None else u for u in self.upper]
        lp.row_lower_, lp.row_upper_ = [-inf] * len(self.rows), [r[1] for r in self.rows]
        start, index, value = [0], [], []
        for terms, _ in self.rows:
            index += [t[0] for t in terms]
            value += [t[1] for t in terms]
            start.append(len(index))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = start, index, value
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in self.whole]
        h.passModel(lp)
        began = time.perf_counter()
        h.run()
        took = time.perf_counter() - began
        info, proved = h.getInfo(), h.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return info.objective_function_value, info.mip_dual_bound, proved, took


def add_order(model, order, world, use):
    """The columns and rows of one order. What it takes of stock and capacity is added to `use`; what it costs to send
    nothing of it is returned."""
    policy, lines, most_days = world["policy"], order["lines"], order.get("max_transit_days")
    unfilled, extra = policy["unfilled_per_unit"], policy.get("extra_package", 0)
    packages, sent_of_line = [], [[] for _ in lines]
    for node in world["nodes"]:
        km = distance_km(node, order["destination"])
        handling = node.get("handling") or {}
        of_node = []
        for service in world["services"]:
            if service.get("nodes") is not None and node["id"] not in service["nodes"]:
                continue
            zone = next((z for z in service["zones"] if z["up_to_km"] >= km), None)
            if zone is None:
                continue
            late = most_days is not None and zone["transit_days"] > most_days
            fixed = zone["per_package"] + handling.get("per_package", 0)
            fixed += policy.get("late_per_package", 0) if late else 0
            opened = None
            for j, line in enumerate(lines):
                if not set(line.get("requires") or []) <= set(node.get("provides") or []):
                    continue
                units = min(node.get("stock", {}).get(line["sku"], 0), line["quantity"])
                if units <= 0:
                    continue
                if opened is None:
                    opened = model.column(fixed, 1.0, whole=True)
                    of_node.append((opened, 1.0))
                unit = zone["per_kg"] * line["weight_g"] / 1000 + handling.get("per_unit", 0)
                unit += (node.get("opportunity") or {}).get(line["sku"], 0)
                # An open package makes the units whole where one order is alone; orders that share stock have to be told.
                sent = model.column(unit - unfilled, float(units), whole=len(world["orders"]) > 1)
                model.at_most([(sent, 1.0), (opened, -float(units))], 0.0)
                sent_of_line[j].append((sent, 1.0))
                use.setdefault((node["id"], line["sku"]), []).append((sent, 1.0))
                use.setdefault((node["id"], None), []).append((sent, 1.0))
        if len(of_node) > 1:
            model.at_most(of_node, 1.0)
        packages += of_node
    for line, terms in zip(lines, sent_of_line):
        if terms:
            model.at_most(terms, float(line["quantity"]))
    if packages:
        extras = model.column(extra, None)
        model.at_most(packages + [(extras, -1.0)], 1.0)
        if policy.get("max_packages") is not None:
            model.at_most(packages, float(policy["max_packages"]))
    return unfilled * sum(line["quantity"] for line in lines)


def model_of(world):
    model, use = Model(), {}
    constant = sum(add_order(model, order, world, use) for order in world["orders"])
    for node in world["nodes"]:
        for sku, held in node.get("stock", {}).items():
            if (node["id"], sku) in use:
                model.at_most(use[node["id"], sku], float(held))
        if node.get("capacity") is not None and (node["id"], None) in use:
            model.at_most(use[node["id"], None], float(node["capacity"]))
    return model, constant


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--limit", type=float, default=60.0, help="seconds a problem, 60 by default")
    words.add_argument("--joint", action="store_true", help="each line is a window of orders on shared stock")
    words = words.parse_args()
    for n, text in enumerate(sys.stdin):
        world = json.loads(text)
        name = f"w-{n}" if words.joint else world["order"]["id"]
        if not words.joint:
            world["orders"] = [world["order"]]
        model, constant = model_of(world)
        total, bound, proved, took = model.solve(words.limit) if model.cost else (0.0, 0.0, True, 0.0)
        answer = {"id": name, "total": round(total + constant, 3), "proved": proved, "ms": round(took * 1000, 3)}
        if words.joint:
            answer["bound"] = round(bound + constant, 3)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
