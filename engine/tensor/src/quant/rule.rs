//! Which codes a group of weights gets.

use super::{Bits, QuantError};

/// How codes and scale come from the weights of a group. All arithmetic is in f64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `scale = max|w| / (2^(b-1) - 1)`, `q = rint(w / scale)`, within `-2^(b-1) ..= 2^(b-1) - 1`.
    Symmetric,
    /// `lo = min(w, 0)`, `hi = max(w, 0)`, `scale = (hi - lo) / (2^b - 1)`, `zero = rint(-lo / scale)`,
    /// `q = rint(w / scale) + zero`, within `0 ..= 2^b - 1`.
    Asymmetric,
    /// ggml's four-bit block: `scale = m / -8` for the weight `m` of largest magnitude with its sign,
    /// `q = min(15, floor(w / scale + 8.5))`. The unrounded scale makes the codes, a rounded one is stored.
    Q4_0,
    /// ggml's eight-bit block: `scale = max|w| / 127`, `q = round(w / scale)`, halves away from zero.
    Q8_0,
}

/// Codes of one group, as published: signed for symmetric rules and `q8_0`, from 0 up for the others.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupCodes {
    /// One per weight.
    pub codes: Vec<i32>,
    /// Before rounding to its storage.
    pub scale: f64,
    /// The code of 0, where the rule chooses one.
    pub zero: Option<i32>,
}

impl Rule {
    /// Codes of one group of weights. A group of zeros has scale 0 and the codes of 0.
    ///
    /// # Errors
    /// [`QuantError::NotFinite`].
    pub fn codes<T: Copy + Into<f64>>(self, bits: Bits, weights: &[T]) -> Result<GroupCodes, QuantError> {
        let weights: Vec<f64> = weights.iter().map(|weight| (*weight).into()).collect();
        if let Some(at) = weights.iter().position(|weight| !weight.is_finite()) {
            return Err(QuantError::NotFinite { at, value: weights[at] });
        }
        let largest = weights.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
        let half = 1_i32 << (bits.count() - 1);
        let inverse = |scale: f64| move |weight: f64| if scale == 0.0 { 0.0 } else { weight / scale };
        let each = |code: &dyn Fn(f64) -> i32| weights.iter().map(|weight| code(*weight)).collect();
        Ok(match self {
            Self::Symmetric => {
                let scale = largest / f64::from(half - 1);
                let ratio = inverse(scale);
                let codes = each(&|w| integer(ratio(w).round_ties_even(), -half, half - 1));
                GroupCodes { codes, scale, zero: None }
            }
            Self::Asymmetric => {
                let low = weights.iter().fold(0.0_f64, |low, weight| low.min(*weight));
                let high = weights.iter().fold(0.0_f64, |high, weight| high.max(*weight));
                let top = 2 * half - 1;
                let scale = (high - low) / f64::from(top);
                let ratio = inverse(scale);
                let zero = integer(ratio(-low).round_ties_even(), 0, top);
                let codes = each(&|w| integer(ratio(w).round_ties_even() + f64::from(zero), 0, top));
                GroupCodes { codes, scale, zero: Some(zero) }
            }
            Self::Q4_0 => {
                let signed = weights.iter().copied().find(|weight| weight.abs() == largest).unwrap_or(0.0);
                let scale = signed / -8.0;
                let ratio = inverse(scale);
                GroupCodes { codes: each(&|w| integer((ratio(w) + 8.5).floor(), 0, 15)), scale, zero: None }
            }
            Self::Q8_0 => {
                let scale = largest / 127.0;
                let ratio = inverse(scale);
                GroupCodes { codes: each(&|w| integer(ratio(w).round(), -128, 127)), scale, zero: None }
            }
        })
    }
}

/// The rule's own clipping; `value` is integral.
fn integer(value: f64, low: i32, high: i32) -> i32 {
    // The clamp makes the cast exact.
    #[allow(clippy::cast_possible_truncation)]
    let code = value.clamp(f64::from(low), f64::from(high)) as i32;
    code
}
