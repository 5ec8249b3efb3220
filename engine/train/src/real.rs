//! The two widths of numbers that objectives are computed in.
//!
//! Exponentials and logarithms come from libm, so that the tab and the command compute the same bits.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A number of an objective: `f32` or `f64`.
pub trait Real:
    sealed::Sealed
    + Copy
    + PartialOrd
    + Default
    + Debug
    + Display
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The largest exponent whose exponential is finite, rounded down.
    const EXPONENT_MAX: Self;

    /// The nearest number of this width.
    fn from_f64(value: f64) -> Self;
    /// The same number, wider.
    fn to_f64(self) -> f64;
    /// e to the power of this.
    fn exp(self) -> Self;
    /// exp(x) − 1, exact near 0.
    fn exp_m1(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// ln(1 + x), exact near 0.
    fn ln_1p(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The distance from 0.
    fn abs(self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The smaller of two numbers, neither of which is NaN.
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The larger of two numbers, neither of which is NaN.
    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// e to the power of this, held at the largest exponent. The second value says whether it was held.
    fn exp_held(self) -> (Self, bool) {
        (self.min(Self::EXPONENT_MAX).exp(), self > Self::EXPONENT_MAX)
    }

    /// The logarithm of the logistic function, −ln(1 + e^−x), without overflow at either end.
    fn log_sigmoid(self) -> Self {
        self.min(Self::ZERO) - (-self.abs()).exp().ln_1p()
    }
}

macro_rules! real {
    ($type:ty, $exponent_max:literal, $exp:ident, $expm1:ident, $log:ident, $log1p:ident) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EXPONENT_MAX: Self = $exponent_max;

            #[allow(clippy::cast_possible_truncation)] // rounding is what this width means
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[allow(clippy::cast_lossless)] // one of the two widths is f64 itself
            fn to_f64(self) -> f64 {
                self as f64
            }
            fn exp(self) -> Self {
                libm::$exp(self)
            }
            fn exp_m1(self) -> Self {
                libm::$expm1(self)
            }
            fn ln(self) -> Self {
                libm::$log(self)
            }
            fn ln_1p(self) -> Self {
                libm::$log1p(self)
            }
            fn sqrt(self) -> Self {
                <$type>::sqrt(self)
            }
            fn abs(self) -> Self {
                <$type>::abs(self)
            }
            fn is_finite(self) -> bool {
                <$type>::is_finite(self)
            }
        }
    };
}

real!(f32, 88.0, expf, expm1f, logf, log1pf);
real!(f64, 709.0, exp, expm1, log, log1p);

/// The sum of numbers divided by `count` each, so that a mean of numbers near the largest stays finite.
pub(crate) fn mean_of<R: Real>(values: impl IntoIterator<Item = R>, count: usize) -> R {
    let count = R::from_f64(count as f64);
    values.into_iter().fold(R::ZERO, |sum, value| sum + value / count)
}
