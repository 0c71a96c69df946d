//! Moves prices towards where a concave bound is largest: subgradient steps towards a level (Polyak 1969; the level is
//! moved as Brännlund 1993 does), along an average of the last slopes, as the volume algorithm of Barahona and Anbil
//! (2000) has it. One step costs no more than reading the slope, so it serves thousands of prices.

/// How much of the slope just seen goes into the direction.
const FRESH: f64 = 0.2;
/// After a gain of half the way to the level the level is moved up by so much more, after `PATIENCE` steps without
/// one it comes so much closer.
const RAISE: f64 = 1.2;
const LOWER: f64 = 0.6;
const PATIENCE: u32 = 20;
/// So many times the way to the level below the best bound, and it has lost its way: back to the best prices.
const LOST: f64 = 5.0;
/// A step is no longer than would bring this share of the way to the level, if the bound were straight.
const LONGEST: f64 = 0.5;

/// A walk over prices, none of which is below 0.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Where the bound is to be evaluated next.
    pub at: Vec<f64>,
    /// The best bound, and where that was.
    pub best: f64,
    pub best_at: Vec<f64>,
    best_slope: Vec<f64>,
    along: Vec<f64>,
    /// How far the level is above the best bound.
    reach: f64,
    mark: f64,
    since: u32,
}

impl Walk {
    /// Begins at some prices; the level is this far above the first bound.
    pub fn new(at: Vec<f64>, reach: f64) -> Self {
        Walk {
            best_at: at.clone(),
            best_slope: vec![0.0; at.len()],
            along: Vec::new(),
            at,
            best: f64::NEG_INFINITY,
            reach,
            mark: f64::NEG_INFINITY,
            since: 0,
        }
    }

    /// Sets how far the level is above the best bound.
    pub fn reach_for(&mut self, reach: f64) {
        self.reach = reach;
    }

    /// Moves on from where it is, where the bound has this value and slope. Whether there was anywhere to go.
    pub fn step(&mut self, value: f64, slope: &[f64]) -> bool {
        let is_first = self.along.is_empty();
        if value > self.best {
            self.best = value;
            self.best_at.clone_from(&self.at);
            self.best_slope.copy_from_slice(slope);
        }
        self.since += 1;
        let mut here = value;
        if is_first {
            self.mark = value;
            self.along = slope.to_vec();
        } else if self.best >= self.mark + 0.5 * self.reach {
            (self.mark, self.since) = (self.best, 0);
            self.reach *= RAISE;
            self.turn(slope);
        } else if self.since > PATIENCE || value < self.best - LOST * self.reach {
            (self.mark, self.since) = (self.best, 0);
            self.reach *= LOWER;
            self.at.clone_from(&self.best_at);
            self.along.clone_from(&self.best_slope);
            here = self.best;
        } else {
            self.turn(slope);
        }
        let mut length = 0.0;
        for (along, at) in self.along.iter_mut().zip(&self.at) {
            if *at <= 0.0 && *along < 0.0 {
                *along = 0.0;
            }
            length += *along * *along;
        }
        if length < 1e-9 || self.reach < 1e-9 {
            return false;
        }
        let wanted = self.best + self.reach - here;
        let step = wanted.min(LONGEST * self.reach) / length;
        for (at, along) in self.at.iter_mut().zip(&self.along) {
            *at = (*at + step * along).max(0.0);
        }
        true
    }

    fn turn(&mut self, slope: &[f64]) {
        for (along, slope) in self.along.iter_mut().zip(slope) {
            *along = (1.0 - FRESH) * *along + FRESH * slope;
        }
    }
}
