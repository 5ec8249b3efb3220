//! The divergences that hold a policy near its reference, and why others cannot.
//!
//! f-DPO maximises E_π\[r\] − β E_ref\[f(π/ref)\]. Its optimum satisfies r = β f′(u) + λ − a with u = π/ref, a ≥ 0 and
//! a · π = 0. λ is the same for all answers to a prompt and cancels between two of them; a cancels only where it is 0,
//! which holds everywhere if f′ is invertible and falls to −∞ as u falls to 0.

use std::fmt;

use crate::real::Real;

/// The order of an α-divergence, strictly between 0 and 1, as f-DPO names it: f′(u) = (1 − u^−α)/α.
///
/// TRL's coefficient c is another number: its f′ is (u^(c−1) − 1)/(c − 1), so that c = 1 − α.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order(f64);

impl Order {
    /// # Errors
    /// [`Refused::Order`] outside (0, 1).
    pub fn new(alpha: f64) -> Result<Self, Refused> {
        if alpha > 0.0 && alpha < 1.0 { Ok(Self(alpha)) } else { Err(Refused::Order { alpha }) }
    }

    /// α.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A divergence for which implicit rewards are exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Divergence {
    /// f(u) = u ln u: DPO.
    ReverseKl,
    /// f(u) = −ln u.
    ForwardKl,
    /// f(u) = u ln u − (u + 1) ln((u + 1)/2).
    JensenShannon,
    /// f(u) = (u^(1−α) − (1−α) u − α) / (α (α − 1)).
    Alpha(Order),
}

/// Which condition on f fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// f′ has no inverse, so that r = β f′(u) + λ − a determines no u.
    Invertible,
    /// f′ is finite at u = 0, so that answers may get probability 0 with a multiplier a > 0 that does not cancel.
    ZeroOutsideDomain,
    /// The family is defined for other parameters.
    Range,
}

/// Why a divergence is not offered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// f(u) = |u − 1|/2.
    #[error(
        "total variation: f' is +1/2 or -1/2 and has no inverse, so the stationarity condition r = beta f'(u) + lambda - a \
         determines no policy and the loss has no gradient almost everywhere; use reverse_kl, forward_kl, js_divergence or \
         alpha_divergence"
    )]
    TotalVariation,
    /// f(u) = (u − 1)².
    #[error(
        "chi-square: f' = 2(u - 1) is finite at u = 0, so an answer may get probability 0 and its multiplier a(y) > 0 \
         (complementary slackness) does not cancel between two answers; the implicit reward has a floor at -2 beta; use \
         forward_kl or alpha_divergence for a strong pull"
    )]
    ChiSquare,
    /// An order outside (0, 1).
    #[error("alpha {alpha}: {}", order_reason(*alpha))]
    Order {
        /// What was asked for.
        alpha: f64,
    },
    /// The α-divergence without its order.
    #[error("alpha_divergence needs alpha, strictly between 0 and 1")]
    OrderMissing,
    /// An order beside a divergence that has none.
    #[error("`{0}` takes no alpha; leave it out or choose alpha_divergence")]
    OrderUnused(String),
    /// None of the known ones.
    #[error("`{0}` is no divergence; known are reverse_kl, forward_kl, js_divergence, alpha_divergence")]
    Unknown(String),
}

fn order_reason(alpha: f64) -> &'static str {
    if alpha == 0.0 {
        "the limit at 0 is reverse_kl, which has a name of its own"
    } else if alpha == 1.0 {
        "the limit at 1 is forward_kl, which has a name of its own"
    } else if alpha < 0.0 {
        "below 0 f' is finite at u = 0, so an answer may get probability 0 and its multiplier a(y) > 0 (complementary \
         slackness) does not cancel; take alpha strictly between 0 and 1"
    } else if alpha > 1.0 {
        "the family is defined strictly between 0 and 1; forward_kl is its end"
    } else {
        "not a number; take alpha strictly between 0 and 1"
    }
}

impl Refused {
    /// The condition that fails; none where only a name or a parameter is wrong.
    pub fn condition(&self) -> Option<Condition> {
        match self {
            Self::TotalVariation => Some(Condition::Invertible),
            Self::ChiSquare => Some(Condition::ZeroOutsideDomain),
            Self::Order { alpha } if *alpha < 0.0 => Some(Condition::ZeroOutsideDomain),
            Self::Order { .. } => Some(Condition::Range),
            Self::OrderMissing | Self::OrderUnused(_) | Self::Unknown(_) => None,
        }
    }
}

/// A number, and whether it was held at the end of its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held<R> {
    /// The number.
    pub value: R,
    /// Whether the true number lies beyond.
    pub held: bool,
}

impl Divergence {
    /// The divergence of that name, with its order where it has one.
    ///
    /// # Errors
    /// [`Refused`] says which condition fails, or what is wrong with name and order.
    pub fn named(name: &str, alpha: Option<f64>) -> Result<Self, Refused> {
        let plain = match name {
            "reverse_kl" => Self::ReverseKl,
            "forward_kl" => Self::ForwardKl,
            "js_divergence" | "jensen_shannon" => Self::JensenShannon,
            "alpha_divergence" | "alpha" => {
                return Ok(Self::Alpha(Order::new(alpha.ok_or(Refused::OrderMissing)?)?));
            }
            "total_variation" => return Err(Refused::TotalVariation),
            "chi_square" | "chi_squared" => return Err(Refused::ChiSquare),
            _ => return Err(Refused::Unknown(name.to_owned())),
        };
        if alpha.is_some() { Err(Refused::OrderUnused(name.to_owned())) } else { Ok(plain) }
    }

    /// The order that scales exponents: α, and 1 for the forward KL, which is the family's end.
    fn exponent(self) -> Option<f64> {
        match self {
            Self::ForwardKl => Some(1.0),
            Self::Alpha(order) => Some(order.get()),
            Self::ReverseKl | Self::JensenShannon => None,
        }
    }

    /// f′(u) at l = ln u, up to the constant that cancels between two answers: 0 at l = 0 but for Jensen-Shannon, whose
    /// form is ln(2u/(1 + u)), 0 there too.
    pub fn derivative<R: Real>(self, log_ratio: R) -> Held<R> {
        let free = |value| Held { value, held: false };
        match (self, self.exponent()) {
            (Self::JensenShannon, _) => free(R::from_f64(std::f64::consts::LN_2) + log_ratio.log_sigmoid()),
            (_, None) => free(log_ratio),
            (_, Some(alpha)) => {
                let exponent = -R::from_f64(alpha) * log_ratio;
                if exponent < R::from_f64(30.0) {
                    return free(-exponent.exp_m1() / R::from_f64(alpha));
                }
                let (value, held) = (exponent - R::from_f64(alpha).ln()).exp_held();
                Held { value: -value, held }
            }
        }
    }

    /// ln(df′/dl) at l = ln u: the logarithm of u f″(u).
    pub fn log_slope<R: Real>(self, log_ratio: R) -> R {
        match (self, self.exponent()) {
            (Self::JensenShannon, _) => (-log_ratio).log_sigmoid(),
            (_, None) => R::ZERO,
            (_, Some(alpha)) => -R::from_f64(alpha) * log_ratio,
        }
    }

    /// β (f′(u_w) − f′(u_l)), from log-ratios. The difference is taken between logarithms, so that neither term
    /// overflows alone and nearly equal ones keep their digits.
    pub fn margin<R: Real>(self, beta: f64, chosen: R, rejected: R) -> Held<R> {
        let free = |value| Held { value, held: false };
        match (self, self.exponent()) {
            (Self::JensenShannon, _) => free(R::from_f64(beta) * (chosen.log_sigmoid() - rejected.log_sigmoid())),
            (_, None) => free(R::from_f64(beta) * (chosen - rejected)),
            (_, Some(alpha)) => {
                let [of_chosen, of_rejected] = [chosen, rejected].map(|log_ratio| -R::from_f64(alpha) * log_ratio);
                let apart = R::from_f64(alpha) * (chosen - rejected);
                if apart == R::ZERO {
                    return free(R::ZERO);
                }
                let scale = R::from_f64(libm::log(beta) - libm::log(alpha));
                let size = scale + of_chosen.max(of_rejected) + (-(-apart.abs()).exp_m1()).ln();
                let (size, held) = size.exp_held();
                Held { value: if apart > R::ZERO { size } else { -size }, held }
            }
        }
    }

    /// The ratio u = π/ref at which f′ takes a value, up to the constant of [`Divergence::derivative`]; infinite where
    /// f′ never gets that high.
    pub fn ratio_at(self, derivative: f64) -> f64 {
        match (self, self.exponent()) {
            (Self::JensenShannon, _) => {
                let half = libm::exp(derivative) / 2.0;
                if half >= 1.0 { f64::INFINITY } else { half / (1.0 - half) }
            }
            (_, None) => libm::exp(derivative),
            (_, Some(alpha)) => {
                let base = 1.0 - alpha * derivative;
                if base <= 0.0 { f64::INFINITY } else { libm::exp(-libm::log(base) / alpha) }
            }
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReverseKl => out.write_str("reverse_kl"),
            Self::ForwardKl => out.write_str("forward_kl"),
            Self::JensenShannon => out.write_str("js_divergence"),
            Self::Alpha(order) => write!(out, "alpha_divergence {}", order.get()),
        }
    }
}

#[cfg(test)]
mod tests;
