//! Random numbers from a seed: the same everywhere, and all there is of chance.

use frugal_decode::SplitMix64;

/// What is drawn from SplitMix64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random(SplitMix64);

impl Random {
    /// A stream for each seed.
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// Goes on where [`Random::state`] was told.
    pub fn resume(state: u64) -> Self {
        Self::new(state)
    }

    /// All that a checkpoint needs.
    pub fn state(&self) -> u64 {
        self.0.state()
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// From \[0, 1), in steps of 2^−53.
    pub fn unit(&mut self) -> f64 {
        self.0.unit()
    }

    /// From 0 to `end` − 1, by multiplication: the bias is below `end` / 2^64. 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from((u128::from(self.bits()) * end as u128) >> 64).unwrap_or(0)
    }

    /// From a standard normal distribution (Box and Muller, one of the two).
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.unit(), self.unit());
        (-2.0 * libm::log(radius)).sqrt() * libm::cos(std::f64::consts::TAU * angle)
    }

    /// An index drawn by weights that are not negative. The last one where rounding leaves nothing else.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut rest = self.unit() * weights.iter().sum::<f64>();
        for (at, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return at;
            }
            rest -= weight;
        }
        weights.len().saturating_sub(1)
    }

    /// One of them, each with the same chance.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// Fisher and Yates' permutation.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            let other = self.below(last + 1);
            all.swap(last, other);
        }
    }
}
