//! How many units there are to send, whatever it costs.

use super::facts::Facts;

/// Sums over nodes, with the space for them.
#[derive(Debug, Default)]
pub(super) struct Supply {
    /// Units that each node added could put into its package.
    pub by_node: Vec<f64>,
    /// By SKU: units that the nodes hold, and those that lines which a node can serve ask for.
    held: Vec<f64>,
    asked: Vec<f64>,
    /// By line: whether any node can serve it, and whether the node at hand can.
    any: Vec<bool>,
    here: Vec<bool>,
}

impl Supply {
    pub fn begin(&mut self, facts: &Facts) {
        self.by_node.clear();
        self.held.clear();
        self.held.resize(facts.skus, 0.0);
        self.any.clear();
        self.any.resize(facts.lines(), false);
    }

    /// Adds a node with the options that it has left.
    pub fn add(&mut self, facts: &Facts, choices: &[u32]) {
        self.here.clear();
        self.here.resize(facts.lines(), false);
        for choice in choices {
            for offer in facts.offers(*choice) {
                self.here[offer.line as usize] = true;
            }
        }
        let node = facts.choices[choices[0] as usize].node;
        self.count(facts, |supply, j| supply.here[j]);
        let mut units = 0.0;
        for sku in 0..facts.skus {
            let most = facts.held(node, sku as u32).min(self.asked[sku]);
            self.held[sku] += most;
            units += most;
        }
        self.by_node.push(units.min(facts.capacity[node as usize]));
        for (any, here) in self.any.iter_mut().zip(&self.here) {
            *any |= here;
        }
    }

    /// Units of all SKUs that the nodes added hold and lines ask for.
    pub fn of_skus(&mut self, facts: &Facts) -> f64 {
        self.count(facts, |supply, j| supply.any[j]);
        self.asked
            .iter()
            .zip(&self.held)
            .map(|(asked, held)| asked.min(*held))
            .sum()
    }

    fn count(&mut self, facts: &Facts, counts: impl Fn(&Self, usize) -> bool) {
        self.asked.clear();
        self.asked.resize(facts.skus, 0.0);
        for j in 0..facts.lines() {
            if counts(self, j) {
                self.asked[facts.sku[j] as usize] += facts.quantity[j];
            }
        }
    }
}
