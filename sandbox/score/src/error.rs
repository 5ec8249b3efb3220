/// Numbers that no score can be made of. Each message names both sides.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// k is outside 1..=n.
    #[error("k is {k}, but must lie between 1 and the number of samples, {n}")]
    Draw {
        /// Samples drawn.
        k: u64,
        /// Samples there are.
        n: u64,
    },
    /// More correct samples than samples.
    #[error("{correct} correct samples of {n}")]
    Correct {
        /// Correct samples.
        correct: u64,
        /// Samples.
        n: u64,
    },
    /// An empty list.
    #[error("no {what} to score")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// NaN, infinite or negative.
    #[error("{what} is {value}, but must be finite and not negative")]
    NotACost {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// alpha leaves no room between reference and limit.
    #[error("alpha is {alpha}, but must be finite and above 1")]
    Alpha {
        /// Its value.
        alpha: f64,
    },
    /// No level has weight, or all costs are 0.
    #[error("the reference has no positive cost in a level with weight, so there is no limit to derive")]
    NoLimit,
    /// Lists that should be of one length.
    #[error("{what}: {actual} given, {expected} needed")]
    Length {
        /// Of what.
        what: &'static str,
        /// Given.
        actual: usize,
        /// Needed.
        expected: usize,
    },
    /// NaN or infinite.
    #[error("{what} is {value}, but must be finite")]
    NotFinite {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// NaN, infinite, 0 or negative.
    #[error("{what} is {value}, but must be finite and above 0")]
    NotPositive {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// Outside its range, or NaN.
    #[error("{what} is {value}, but must lie between {low} and {high}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Least.
        low: f64,
        /// Largest.
        high: f64,
    },
    /// A list too short for the statistic.
    #[error("{actual} {what} given, at least {least} needed")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// Given.
        actual: usize,
        /// Needed.
        least: usize,
    },
    /// A list without variation has no correlation with anything.
    #[error("all values are {value}, so nothing correlates with them")]
    Constant {
        /// The one value.
        value: f64,
    },
    /// No resample of a bootstrap has a value.
    #[error("the statistic has no value on any of {resamples} resamples: there are too few problems for an interval")]
    Undefined {
        /// Resamples made.
        resamples: u32,
    },
    /// Fuel above 2^53 has no exact double.
    #[error("fuel {units} is above 2^53, where scores in double precision lose units; lower the limit")]
    FuelTooLarge {
        /// The fuel.
        units: u64,
    },
}
