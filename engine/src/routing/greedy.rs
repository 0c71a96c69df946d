//! A first plan, good enough that the bounds have something to cut with: open what gains most, again and again, then
//! exchange one package at a time as long as that gains.

use super::assign::Assigner;
use super::facts::Facts;

/// Rounds of exchanges, at most.
const ROUNDS: usize = 4;

/// Space for the marginal gains.
#[derive(Debug, Default)]
pub(super) struct Greedy {
    /// By line: units that no opened package sends, and what its worst sent unit saves.
    left: Vec<f64>,
    worst: Vec<f64>,
    /// Offers looked at.
    pub work: u64,
}

impl Greedy {
    /// Builds a plan from nothing and improves it; the plan and its gain.
    pub fn plan(&mut self, facts: &Facts, assigner: &mut Assigner) -> (Vec<u32>, f64) {
        let mut open = Vec::new();
        let mut gain = 0.0;
        while open.len() < facts.max_packages {
            let Some(choice) = self.best_addition(facts, assigner, &open) else {
                break;
            };
            open.push(choice);
            let with = assigner.assign(facts, &open, f64::NEG_INFINITY);
            if with <= gain + facts.tolerance && open.len() > 1 {
                open.pop();
                break;
            }
            gain = with;
        }
        for _ in 0..ROUNDS {
            if !self.exchange(facts, assigner, &mut open, &mut gain) {
                break;
            }
        }
        (open, gain)
    }

    /// Takes each package out in turn and puts the best one in, or none; whether that gained anything.
    fn exchange(
        &mut self,
        facts: &Facts,
        assigner: &mut Assigner,
        open: &mut Vec<u32>,
        gain: &mut f64,
    ) -> bool {
        let mut gained = false;
        let mut at = 0;
        while at < open.len() && open.len() > 1 {
            let out = open.remove(at);
            let without = assigner.assign(facts, open, f64::NEG_INFINITY);
            let mut best = (without, None);
            if let Some(choice) = self.best_addition(facts, assigner, open) {
                open.push(choice);
                let with = assigner.assign(facts, open, f64::NEG_INFINITY);
                open.pop();
                if with > best.0 {
                    best = (with, Some(choice));
                }
            }
            if best.0 > *gain + facts.tolerance {
                *gain = best.0;
                open.extend(best.1);
                gained = true;
            } else {
                open.insert(at, out);
                at += 1;
            }
        }
        gained
    }

    /// The option that would add most to the opened packages, if any would add something. Capacities inside a package
    /// count, what it would take over from others is judged by their worst units.
    fn best_addition(
        &mut self,
        facts: &Facts,
        assigner: &mut Assigner,
        open: &[u32],
    ) -> Option<u32> {
        self.left.clear();
        self.left.extend_from_slice(&facts.quantity);
        self.worst.clear();
        self.worst.resize(facts.lines(), f64::INFINITY);
        if !open.is_empty() {
            assigner.assign(facts, open, f64::NEG_INFINITY);
            for sent in assigner.sent.iter().filter(|sent| sent.units > 0.0) {
                self.left[sent.line as usize] -= sent.units;
                let worst = &mut self.worst[sent.line as usize];
                *worst = worst.min(sent.saving());
            }
        }
        let opened = |c: u32| {
            open.iter()
                .any(|o| facts.choices[*o as usize].node == facts.choices[c as usize].node)
        };
        let mut best = (facts.tolerance, None);
        for c in 0..facts.choices.len() as u32 {
            let offers = facts.offers(c);
            self.work += offers.len() as u64;
            let choice = &facts.choices[c as usize];
            let mut room = facts.capacity[choice.node as usize];
            let mut gain = -choice.fixed;
            for offer in offers {
                let j = offer.line as usize;
                let new = offer.units.min(self.left[j]).min(room);
                let over = (offer.units.min(room) - new) * (offer.saving - self.worst[j]).max(0.0);
                room -= new;
                gain += new * offer.saving + if over > 0.0 { over } else { 0.0 };
            }
            if gain > best.0 && !opened(c) {
                best = (gain, Some(c));
            }
        }
        best.1
    }
}
