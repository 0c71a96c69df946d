//! With the packages opened, the best assignment of units to them, exactly.
//!
//! Each line first goes where a unit saves most, as far as the stock goes; without capacities and with a SKU asked for
//! by one line only, that is the optimum. Where a package then holds more than its node can take, or lines together
//! more of a SKU than there is, units are moved away along cheapest paths (successive shortest paths, Bellman and
//! Ford), which keeps the assignment the best one for what still overflows until nothing does.

use super::facts::Facts;

/// Units of a line that an opened package sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// Index into the opened packages.
    pub package: u32,
    pub line: u32,
    pub units: f64,
    most: f64,
    saving: f64,
    /// Vertex that the unit enters: the package, or its pool of a SKU that lines share.
    into: u32,
}

impl Sent {
    /// What each of its units saves.
    pub fn saving(&self) -> f64 {
        self.saving
    }
}

/// A package's units of a SKU that lines share.
#[derive(Debug, Clone, Copy)]
struct Pool {
    package: u32,
    sku: u32,
    most: f64,
    units: f64,
}

impl Pool {
    /// Units that go on into the package.
    fn passing(&self) -> f64 {
        self.units.min(self.most)
    }
}

/// How a path comes to a vertex.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    None,
    /// A unit enters a package or pool by this index of `sent`.
    Enter(u32),
    /// A unit leaves it.
    Leave(u32),
    /// From a pool on into its package.
    Pass(u32),
    /// From a package back into a pool.
    Back(u32),
}

/// The assignment, and the space to make the next one in.
#[derive(Debug, Default)]
pub(super) struct Assigner {
    /// What is sent, by line and within a line by saving, the largest first.
    pub sent: Vec<Sent>,
    pools: Vec<Pool>,
    load: Vec<f64>,
    distance: Vec<f64>,
    step: Vec<Step>,
    counts: Vec<u32>,
}

impl Assigner {
    /// Assigns units to the opened packages (choices, each of another node); what it all gains, less the packages'
    /// cost. Where even without capacities it would gain no more than `enough`, that larger figure is returned and the
    /// assignment is not made.
    pub fn assign(&mut self, facts: &Facts, open: &[u32], enough: f64) -> f64 {
        self.gather(facts, open);
        let mut gain = self.fill(facts, open);
        if gain <= enough || !open.iter().any(|c| facts.choices[*c as usize].tight) {
            return gain;
        }
        self.pools.clear();
        if facts.shared {
            self.make_pools(facts, open);
        }
        gain -= self.repair(facts, open);
        gain
    }

    /// All offers of the opened packages, by line (a counting sort), within a line by saving.
    fn gather(&mut self, facts: &Facts, open: &[u32]) {
        self.counts.clear();
        self.counts.resize(facts.lines() + 1, 0);
        let mut count = 0;
        for &choice in open {
            for offer in facts.offers(choice) {
                self.counts[offer.line as usize + 1] += 1;
                count += 1;
            }
        }
        for j in 0..facts.lines() {
            self.counts[j + 1] += self.counts[j];
        }
        let blank = Sent {
            package: 0,
            line: 0,
            units: 0.0,
            most: 0.0,
            saving: 0.0,
            into: 0,
        };
        self.sent.clear();
        self.sent.resize(count, blank);
        for (p, &choice) in open.iter().enumerate() {
            for offer in facts.offers(choice) {
                let end = &mut self.counts[offer.line as usize];
                let mut at = *end as usize;
                *end += 1;
                // Only this line's earlier ones are before it; those of equal saving stay first.
                while at > 0
                    && self.sent[at - 1].line == offer.line
                    && self.sent[at - 1].saving < offer.saving
                    && self.sent[at - 1].most > 0.0
                {
                    self.sent[at] = self.sent[at - 1];
                    at -= 1;
                }
                self.sent[at] = Sent {
                    package: p as u32,
                    line: offer.line,
                    units: 0.0,
                    most: offer.units,
                    saving: offer.saving,
                    into: p as u32,
                };
            }
        }
    }

    /// Each line to where its units save most.
    fn fill(&mut self, facts: &Facts, open: &[u32]) -> f64 {
        self.load.clear();
        self.load.resize(open.len(), 0.0);
        let mut gain = 0.0;
        let (mut line, mut left) = (u32::MAX, 0.0);
        for sent in &mut self.sent {
            if sent.line != line {
                line = sent.line;
                left = facts.quantity[line as usize];
            }
            sent.units = left.min(sent.most);
            left -= sent.units;
            gain += sent.units * sent.saving;
            self.load[sent.package as usize] += sent.units;
        }
        for &choice in open {
            gain -= facts.choices[choice as usize].fixed;
        }
        gain
    }

    fn make_pools(&mut self, facts: &Facts, open: &[u32]) {
        for sent in &mut self.sent {
            let sku = facts.sku[sent.line as usize];
            let alone = facts.sku.iter().filter(|other| **other == sku).count() == 1;
            if alone {
                continue;
            }
            let found = self
                .pools
                .iter()
                .position(|pool| pool.package == sent.package && pool.sku == sku);
            let at = found.unwrap_or_else(|| {
                let node = facts.choices[open[sent.package as usize] as usize].node;
                self.pools.push(Pool {
                    package: sent.package,
                    sku,
                    most: facts.held(node, sku),
                    units: 0.0,
                });
                self.pools.len() - 1
            });
            let pool = &mut self.pools[at];
            sent.into = (open.len() + at) as u32;
            // What the pool cannot take overflows there and does not load the package.
            let goes_on = sent.units.min(pool.most - pool.units.min(pool.most));
            self.load[sent.package as usize] -= sent.units - goes_on;
            pool.units += sent.units;
        }
    }

    /// Moves away what overflows; what that costs.
    fn repair(&mut self, facts: &Facts, open: &[u32]) -> f64 {
        let mut cost = 0.0;
        for i in 0..self.pools.len() {
            while self.pools[i].units > self.pools[i].most {
                let over = self.pools[i].units - self.pools[i].most;
                cost += self.push(facts, open, open.len() + i, over);
            }
        }
        for p in 0..open.len() {
            let most = facts.capacity[facts.choices[open[p] as usize].node as usize];
            while self.load[p] > most {
                let over = self.load[p] - most;
                cost += self.push(facts, open, p, over);
            }
        }
        cost
    }

    /// Pushes up to `over` units out of a vertex along the cheapest path to where there is room; what that costs.
    fn push(&mut self, facts: &Facts, open: &[u32], from: usize, over: f64) -> f64 {
        let (packages, pools) = (open.len(), self.pools.len());
        let (line_at, count) = (packages + pools, packages + pools + facts.lines());
        self.distance.clear();
        self.distance.resize(count, f64::INFINITY);
        self.step.clear();
        self.step.resize(count, Step::None);
        self.distance[from] = 0.0;
        // Path lengths are sums of few prices; a gain this small is noise.
        let noise = facts.tolerance * 1e-3;
        for _ in 0..count {
            let mut changed = false;
            let mut reach =
                |distance: &mut Vec<f64>, step: &mut Vec<Step>, to: usize, d: f64, by: Step| {
                    if d < distance[to] - noise {
                        distance[to] = d;
                        step[to] = by;
                        changed = true;
                    }
                };
            for (i, sent) in self.sent.iter().enumerate() {
                let (line, into) = (line_at + sent.line as usize, sent.into as usize);
                if sent.units > 0.0 {
                    let d = self.distance[into] + sent.saving;
                    reach(
                        &mut self.distance,
                        &mut self.step,
                        line,
                        d,
                        Step::Leave(i as u32),
                    );
                }
                if sent.units < sent.most {
                    let d = self.distance[line] - sent.saving;
                    reach(
                        &mut self.distance,
                        &mut self.step,
                        into,
                        d,
                        Step::Enter(i as u32),
                    );
                }
            }
            for i in 0..pools {
                let pool = self.pools[i];
                let (at, package) = (packages + i, pool.package as usize);
                if pool.units < pool.most {
                    let d = self.distance[at];
                    reach(
                        &mut self.distance,
                        &mut self.step,
                        package,
                        d,
                        Step::Pass(i as u32),
                    );
                }
                if pool.passing() > 0.0 {
                    let d = self.distance[package];
                    reach(
                        &mut self.distance,
                        &mut self.step,
                        at,
                        d,
                        Step::Back(i as u32),
                    );
                }
            }
            if !changed {
                break;
            }
        }
        let room = |this: &Self, v: usize| {
            if v >= line_at {
                f64::INFINITY
            } else if v >= packages {
                0.0
            } else {
                facts.capacity[facts.choices[open[v] as usize].node as usize] - this.load[v]
            }
        };
        // A line takes any unit back: it stays unfilled. So there always is an end.
        let mut end = from;
        let mut least = f64::INFINITY;
        for v in 0..count {
            if v != from && self.distance[v] < least && room(self, v) > 0.0 {
                (end, least) = (v, self.distance[v]);
            }
        }
        let units = self
            .bottleneck(from, end, line_at)
            .min(over)
            .min(room(self, end));
        self.move_units(from, end, line_at, units);
        units * least
    }

    /// The vertex before `v` on its path, and how many units can take the step.
    fn before(&self, v: usize, line_at: usize) -> (usize, f64) {
        match self.step[v] {
            Step::Enter(i) => {
                let sent = &self.sent[i as usize];
                (line_at + sent.line as usize, sent.most - sent.units)
            }
            Step::Leave(i) => {
                let sent = &self.sent[i as usize];
                (sent.into as usize, sent.units)
            }
            Step::Pass(i) => {
                let pool = &self.pools[i as usize];
                (self.load.len() + i as usize, pool.most - pool.units)
            }
            Step::Back(i) => {
                let pool = &self.pools[i as usize];
                (pool.package as usize, pool.passing())
            }
            Step::None => (v, 0.0),
        }
    }

    fn bottleneck(&self, from: usize, end: usize, line_at: usize) -> f64 {
        let (mut v, mut units) = (end, f64::INFINITY);
        while v != from {
            let (before, room) = self.before(v, line_at);
            units = units.min(room);
            v = before;
        }
        units
    }

    fn move_units(&mut self, from: usize, end: usize, line_at: usize, units: f64) {
        let mut v = end;
        while v != from {
            let (before, _) = self.before(v, line_at);
            match self.step[v] {
                Step::Enter(i) => self.sent[i as usize].units += units,
                Step::Leave(i) => self.sent[i as usize].units -= units,
                Step::Pass(_) | Step::Back(_) | Step::None => {}
            }
            v = before;
        }
        // What each package and pool holds follows from what is sent.
        self.reload();
    }

    fn reload(&mut self) {
        self.load.fill(0.0);
        for pool in &mut self.pools {
            pool.units = 0.0;
        }
        let packages = self.load.len();
        for sent in &self.sent {
            match (sent.into as usize).checked_sub(packages) {
                Some(pool) => self.pools[pool].units += sent.units,
                None => self.load[sent.package as usize] += sent.units,
            }
        }
        for pool in &self.pools {
            self.load[pool.package as usize] += pool.units.min(pool.most);
        }
    }
}
