//! With the packages opened, the cheapest assignment of units to them: a minimum-cost flow by successive shortest paths
//! (Ford and Fulkerson), exact because stock, capacity and quantities are whole units.

use super::options::Facts;

/// Units of each line in each opened package, and what is not sent costs `unfilled`.
pub(super) struct Assignment {
    /// By opened package and line.
    pub units: Vec<Vec<u64>>,
    /// Unit costs and unfilled units, without the packages' fixed costs.
    pub cost: f64,
}

struct Arc {
    to: usize,
    room: u64,
    cost: f64,
}

struct Graph {
    arcs: Vec<Arc>,
    from: Vec<Vec<usize>>,
}

impl Graph {
    fn arc(&mut self, from: usize, to: usize, room: u64, cost: f64) -> usize {
        let at = self.arcs.len();
        self.arcs.push(Arc { to, room, cost });
        self.arcs.push(Arc {
            to: from,
            room: 0,
            cost: -cost,
        });
        self.from[from].push(at);
        self.from[to].push(at + 1);
        at
    }

    /// Sends as much as possible from 0 to the last vertex, cheapest way first, as long as a way costs less than 0.
    fn flow(&mut self) {
        let n = self.from.len();
        loop {
            let mut distance = vec![f64::INFINITY; n];
            let mut by = vec![usize::MAX; n];
            distance[0] = 0.0;
            for _ in 0..n {
                let mut changed = false;
                for v in 0..n {
                    if distance[v].is_infinite() {
                        continue;
                    }
                    for &a in &self.from[v] {
                        let arc = &self.arcs[a];
                        if arc.room > 0 && distance[v] + arc.cost < distance[arc.to] - 1e-9 {
                            distance[arc.to] = distance[v] + arc.cost;
                            by[arc.to] = a;
                            changed = true;
                        }
                    }
                }
                if !changed {
                    break;
                }
            }
            if distance[n - 1] >= -1e-9 {
                return;
            }
            let (mut v, mut room) = (n - 1, u64::MAX);
            while v != 0 {
                room = room.min(self.arcs[by[v]].room);
                v = self.arcs[by[v] ^ 1].to;
            }
            v = n - 1;
            while v != 0 {
                self.arcs[by[v]].room -= room;
                self.arcs[by[v] ^ 1].room += room;
                v = self.arcs[by[v] ^ 1].to;
            }
        }
    }
}

/// The cheapest assignment for these opened packages (indices of choices, each of another node).
pub(super) fn assign(facts: &Facts, open: &[usize]) -> Assignment {
    let (lines, skus) = (facts.quantity.len(), facts.skus);
    // Source, lines, (package, SKU), packages, sink.
    let slot = |package: usize, sku: usize| 1 + lines + package * skus + sku;
    let package_at = |package: usize| 1 + lines + open.len() * skus + package;
    let sink = package_at(open.len());
    let mut graph = Graph {
        arcs: Vec::new(),
        from: vec![Vec::new(); sink + 1],
    };
    for (line, quantity) in facts.quantity.iter().enumerate() {
        graph.arc(0, 1 + line, *quantity, 0.0);
    }
    let mut sends = Vec::new();
    for (p, &choice) in open.iter().enumerate() {
        let choice = &facts.choices[choice];
        for sku in 0..skus {
            let units = facts.stock[choice.node][sku];
            if units > 0 {
                graph.arc(slot(p, sku), package_at(p), units, 0.0);
            }
        }
        graph.arc(package_at(p), sink, facts.capacity[choice.node], 0.0);
        for line in 0..lines {
            if choice.unit[line] < facts.unfilled {
                // What a sent unit saves against leaving it.
                let at = graph.arc(
                    1 + line,
                    slot(p, facts.sku[line]),
                    facts.quantity[line],
                    choice.unit[line] - facts.unfilled,
                );
                sends.push((p, line, at));
            }
        }
    }
    graph.flow();
    let mut units = vec![vec![0; lines]; open.len()];
    let mut cost = facts
        .quantity
        .iter()
        .map(|q| *q as f64 * facts.unfilled)
        .sum::<f64>();
    for (p, line, at) in sends {
        let sent = graph.arcs[at ^ 1].room;
        units[p][line] = sent;
        cost += sent as f64 * (facts.choices[open[p]].unit[line] - facts.unfilled);
    }
    Assignment { units, cost }
}
