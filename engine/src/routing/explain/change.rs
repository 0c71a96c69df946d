//! The smallest single change that would bring a node into the plan, tried by solving again.

use serde::{Deserialize, Serialize};

use super::Work;
use super::with_node::sends;
use crate::routing::facts::Facts;
use crate::routing::problem::Problem;
use crate::routing::report::filled;

/// A change at one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A package from it would have to cost so many minor units less.
    Cost { minor_units: u64 },
    /// It would have to hold so many more units of the SKU.
    Stock { sku: String, units: u64 },
    /// It would have to be able to take so many units more.
    Capacity { units: u64 },
    /// The order would have to come so many minutes sooner, before its cut-off for the service.
    CutOff { service: String, minutes: u64 },
}

impl Change {
    /// The problem as it would be with the change made at the node of that id.
    pub fn apply(&self, problem: &Problem, node: &str) -> Problem {
        let mut changed = problem.clone();
        if let Some(n) = problem.nodes.iter().position(|spec| spec.id == node) {
            self.make(&mut changed, n);
        }
        changed
    }

    /// The same change, one step smaller; `None` where that is no change.
    pub fn one_step_less(&self) -> Option<Change> {
        let less = |steps: u64| (steps > 1).then(|| steps - 1);
        match self {
            Change::Cost { minor_units } => {
                less(*minor_units).map(|minor_units| Change::Cost { minor_units })
            }
            Change::Stock { sku, units } => less(*units).map(|units| Change::Stock {
                sku: sku.clone(),
                units,
            }),
            Change::Capacity { units } => less(*units).map(|units| Change::Capacity { units }),
            Change::CutOff { service, minutes } => less(*minutes).map(|minutes| Change::CutOff {
                service: service.clone(),
                minutes,
            }),
        }
    }

    fn make(&self, problem: &mut Problem, n: usize) {
        match self {
            Change::Cost { minor_units } => discount(problem, n, *minor_units as f64),
            Change::Stock { sku, units } => {
                *problem.nodes[n].stock.entry(sku.clone()).or_default() += units;
            }
            Change::Capacity { units } => {
                problem.nodes[n].capacity = problem.nodes[n].capacity.map(|most| most + units);
            }
            Change::CutOff { service, minutes } => {
                let (order, node) = (&mut problem.order, &problem.nodes[n].id);
                let missed = order
                    .missed_by
                    .get(service)
                    .and_then(|nodes| nodes.get(node));
                if let Some(late) = order.late_from.get_mut(service)
                    && missed.is_some_and(|missed| missed <= minutes)
                {
                    late.retain(|other| other != node);
                }
            }
        }
    }
}

/// Takes a sum off what a package from the node costs: off its handling, then off its carriers' prices, which for that
/// become services of its own. No price falls below 0.
fn discount(problem: &mut Problem, n: usize, sum: f64) {
    let node = &mut problem.nodes[n];
    let handling = node.handling.per_package.min(sum);
    node.handling.per_package -= handling;
    let rest = sum - handling;
    if rest <= 0.0 {
        return;
    }
    let id = node.id.clone();
    let all: Vec<String> = problem.nodes.iter().map(|node| node.id.clone()).collect();
    let mut own = Vec::new();
    for service in &mut problem.services {
        if !service.serves(&id) {
            continue;
        }
        let mut copy = service.clone();
        copy.id = format!("{} from {id}", service.id);
        copy.nodes = Some(vec![id.clone()]);
        let late_from = &mut problem.order.late_from;
        if late_from
            .get(&service.id)
            .is_some_and(|nodes| nodes.contains(&id))
        {
            late_from.insert(copy.id.clone(), vec![id.clone()]);
        }
        for zone in &mut copy.zones {
            zone.per_package = (zone.per_package - rest).max(0.0);
        }
        own.push(copy);
        let nodes = service.nodes.get_or_insert_with(|| all.clone());
        nodes.retain(|node| *node != id);
    }
    problem.services.extend(own);
}

/// Seeks changes, each by solving the problem with it.
pub(super) struct Seeker<'a> {
    problem: &'a Problem,
}

impl<'a> Seeker<'a> {
    pub fn new(problem: &'a Problem) -> Self {
        Seeker { problem }
    }

    /// The smallest change of each kind; `gap` is what the cheapest plan with the node costs more.
    pub fn changes(&self, n: usize, gap: Option<f64>, work: &mut Work) -> Vec<Change> {
        let mut changes = Vec::new();
        changes.extend(gap.and_then(|gap| self.cost(n, gap, work)));
        changes.extend(self.stock(n, work));
        changes.extend(self.capacity(n, work));
        changes.extend(self.cut_off(n, work));
        changes
    }

    /// Whether the node would be in the plan; `None` where the work does not suffice to tell.
    fn is_chosen(&self, n: usize, change: &Change, work: &mut Work) -> Option<bool> {
        if work.left == 0 {
            return None;
        }
        let mut changed = self.problem.clone();
        change.make(&mut changed, n);
        let facts = Facts::new(&changed);
        let found = work.solve(&facts)?;
        Some(sends(&filled(&facts, &found.open), n))
    }

    /// The gap in whole minor units, and one more where that only makes it as cheap and the other plan is taken.
    fn cost(&self, n: usize, gap: f64, work: &mut Work) -> Option<Change> {
        // The gap is known to a thousandth.
        let least = (gap - 0.001).ceil().max(1.0) as u64;
        for minor_units in least..=least + 1 {
            let change = Change::Cost { minor_units };
            if self.is_chosen(n, &change, work)? {
                let less = change.one_step_less();
                let enough = match less {
                    Some(less) => self.is_chosen(n, &less, work)?,
                    None => false,
                };
                return (!enough).then_some(change);
            }
        }
        None
    }

    /// Of the SKU that needs least.
    fn stock(&self, n: usize, work: &mut Work) -> Option<Change> {
        let lines = &self.problem.order.lines;
        let mut best: Option<(u64, &str)> = None;
        for (j, line) in lines.iter().enumerate() {
            if lines[..j].iter().any(|other| other.sku == line.sku) {
                continue;
            }
            let of_sku = lines.iter().filter(|other| other.sku == line.sku);
            let wanted: u64 = of_sku.map(|line| u64::from(line.quantity)).sum();
            let held = self.problem.nodes[n].stock.get(&line.sku).copied();
            let most = wanted.saturating_sub(held.unwrap_or(0));
            // Only less than what another SKU needs is of interest.
            let most = best.map_or(most, |(units, _)| most.min(units - 1));
            let sku = line.sku.clone();
            let change = |units| Change::Stock {
                sku: sku.clone(),
                units,
            };
            if let Some(units) = self.least(n, most, change, work)? {
                best = Some((units, &line.sku));
            }
        }
        best.map(|(units, sku)| Change::Stock {
            sku: sku.to_owned(),
            units,
        })
    }

    fn capacity(&self, n: usize, work: &mut Work) -> Option<Change> {
        let capacity = self.problem.nodes[n].capacity?;
        let lines = &self.problem.order.lines;
        let wanted: u64 = lines.iter().map(|line| u64::from(line.quantity)).sum();
        let most = wanted.saturating_sub(capacity);
        let units = self.least(n, most, |units| Change::Capacity { units }, work)??;
        Some(Change::Capacity { units })
    }

    /// Of the services whose cut-off was missed by least.
    fn cut_off(&self, n: usize, work: &mut Work) -> Option<Change> {
        let node = &self.problem.nodes[n].id;
        let missed = self.problem.order.missed_by.iter();
        let mut missed: Vec<(u64, &String)> = missed
            .filter_map(|(service, nodes)| Some((*nodes.get(node)?, service)))
            .collect();
        missed.sort_unstable();
        for (minutes, service) in missed {
            let change = Change::CutOff {
                service: service.clone(),
                minutes,
            };
            if self.is_chosen(n, &change, work)? {
                return Some(change);
            }
        }
        None
    }

    /// The least number up to `most` with which the node is chosen, if there is one: with more of it no plan gets
    /// dearer, and those without the node stay as they are, so halving finds it. The outer `None` where the work does
    /// not suffice.
    #[expect(clippy::option_option, reason = "not known, none, or this")]
    fn least(
        &self,
        n: usize,
        most: u64,
        change: impl Fn(u64) -> Change,
        work: &mut Work,
    ) -> Option<Option<u64>> {
        if most == 0 || !self.is_chosen(n, &change(most), work)? {
            return Some(None);
        }
        let (mut without, mut with) = (0, most);
        while with - without > 1 {
            let middle = without + (with - without) / 2;
            if self.is_chosen(n, &change(middle), work)? {
                with = middle;
            } else {
                without = middle;
            }
        }
        Some(Some(with))
    }
}
