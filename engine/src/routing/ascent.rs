//! Seeks the prices at which the relaxation's bound is least: Shor's r-algorithm (Shor 1985, *Minimization Methods for
//! Non-Differentiable Functions*; step rule of Stetsyuk 2017).
//!
//! The bound is convex in the prices, but it has kinks, and lines that are scarce live on another scale than those
//! that are not: plain subgradient steps zigzag. The r-algorithm walks along the slope until it turns, then stretches
//! the space along the difference of the last two slopes, so that the zigzag dies out. With a few dozen prices its
//! extra arithmetic costs less than evaluating the bound.

/// How much the space is stretched; 2 to 3 is usual.
const DILATION: f64 = 2.0;
/// The first step is as long as would close this share of the gap if the bound were straight.
const FIRST_STEP: f64 = 0.6;
/// Every second step in one direction gets longer, a direction that held for one step only makes the next shorter.
const LONGER: f64 = 1.2;
/// A direction that still holds after so many steps may hold for ever: then there is no plan at all.
const MANY: u32 = 4;
const MUCH_LONGER: f64 = 2.0;
const SHORTER: f64 = 0.93;
/// A step that makes the bound worse by this share of the gap went much too far.
const FAR: f64 = 0.1;
const MUCH_SHORTER: f64 = 0.6;

/// The metric that was learnt, to begin with near where it was learnt. Empty for none.
pub(super) type Metric = Vec<f64>;

/// A walk over prices.
#[derive(Debug, Default)]
pub(super) struct Ascent {
    /// Where it is: a price per line, then the bonus. A line's price below 0 stands for 0, and its slope leads back up.
    at: Vec<f64>,
    before: Vec<f64>,
    along: Vec<f64>,
    metric: Metric,
    length: f64,
    /// The bound before the last step.
    value: f64,
    /// Steps made in this direction; 0 at the start.
    steps: u32,
    image: Vec<f64>,
    scratch: Vec<f64>,
}

impl Ascent {
    /// Begins at some prices, with a metric from an earlier walk or none.
    pub fn begin(&mut self, lines: &[f64], bonus: f64, metric: &Metric) {
        self.at.clear();
        self.at.extend_from_slice(lines);
        self.at.push(bonus);
        let n = self.at.len();
        self.metric.clear();
        if metric.len() == n * n {
            self.metric.extend_from_slice(metric);
        } else {
            self.metric.resize(n * n, 0.0);
            self.metric
                .iter_mut()
                .step_by(n + 1)
                .for_each(|entry| *entry = 1.0);
        }
        for vector in [
            &mut self.before,
            &mut self.along,
            &mut self.image,
            &mut self.scratch,
        ] {
            vector.clear();
            vector.resize(n, 0.0);
        }
        self.steps = 0;
    }

    /// The prices where the bound is to be evaluated next.
    pub fn prices(&self, lines: &mut [f64], bonus: &mut f64) {
        for (price, at) in lines.iter_mut().zip(&self.at) {
            *price = at.max(0.0);
        }
        *bonus = self.at[lines.len()];
    }

    /// Whether a line's price is out of its range.
    pub fn is_beyond(&self, line: usize) -> bool {
        self.at[line] < 0.0
    }

    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// Moves on from where it is, where the bound has this slope and value, a gap above what it should come down to.
    /// Whether there was anywhere to go.
    pub fn step(&mut self, slope: &[f64], value: f64, gap: f64) -> bool {
        if self.steps > 0 && dot(&self.along, slope) > 0.0 {
            self.steps += 1;
            if self.steps > MANY {
                self.length *= MUCH_LONGER;
            } else if self.steps.is_multiple_of(2) {
                self.length *= LONGER;
            }
        } else {
            if self.steps == 1 {
                let is_far = value > self.value + FAR * gap;
                self.length *= if is_far { MUCH_SHORTER } else { SHORTER };
            }
            let fresh = self.steps == 0;
            if !fresh {
                self.stretch(slope);
            }
            let norm = self.turn(slope);
            if norm < 1e-12 {
                return false;
            }
            if fresh {
                self.length = FIRST_STEP * gap / norm;
            }
            self.steps = 1;
        }
        self.before.copy_from_slice(slope);
        self.value = value;
        for (at, along) in self.at.iter_mut().zip(&self.along) {
            *at -= self.length * along;
        }
        true
    }

    /// Stretches the space along the difference of the last two slopes.
    fn stretch(&mut self, slope: &[f64]) {
        for ((scratch, new), old) in self.scratch.iter_mut().zip(slope).zip(&self.before) {
            *scratch = new - old;
        }
        let norm = transposed_times(&self.metric, &self.scratch, &mut self.image);
        if norm < 1e-12 {
            return;
        }
        let shrink = (1.0 / DILATION - 1.0) / (norm * norm);
        for row in self.metric.chunks_exact_mut(self.image.len()) {
            let change = shrink * dot(row, &self.image);
            for (entry, image) in row.iter_mut().zip(&self.image) {
                *entry += change * image;
            }
        }
    }

    /// Sets the direction down from a slope; the slope's length in the stretched space.
    fn turn(&mut self, slope: &[f64]) -> f64 {
        let norm = transposed_times(&self.metric, slope, &mut self.image);
        if norm >= 1e-12 {
            for (along, row) in self
                .along
                .iter_mut()
                .zip(self.metric.chunks_exact(self.image.len()))
            {
                *along = dot(row, &self.image) / norm;
            }
        }
        norm
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Four sums at a time, since each waits for the addition before.
    let mut sums = [0.0; 4];
    let (mut fours_a, mut fours_b) = (a.chunks_exact(4), b.chunks_exact(4));
    for (a, b) in (&mut fours_a).zip(&mut fours_b) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest = fours_a.remainder().iter().zip(fours_b.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// `into = matrixᵀ · vector`; its length.
fn transposed_times(matrix: &[f64], vector: &[f64], into: &mut [f64]) -> f64 {
    into.fill(0.0);
    for (row, entry) in matrix.chunks_exact(into.len()).zip(vector) {
        for (into, cell) in into.iter_mut().zip(row) {
            *into += cell * entry;
        }
    }
    dot(into, into).sqrt()
}
