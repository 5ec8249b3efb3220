//! The learning rate over the steps of a run.

use std::f64::consts::PI;

/// How the learning rate goes after its rise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decay {
    /// It stays.
    Constant,
    /// Half a cosine down to a share of the height (Loshchilov & Hutter 2017, one cycle).
    Cosine {
        /// Share at the last step.
        end_share: f64,
    },
    /// A line down.
    Linear {
        /// Share at the last step.
        end_share: f64,
    },
    /// It stays until so many steps before the end, then a line down (warm-up, stable, decay: Hu et al. 2024, MiniCPM).
    Stable {
        /// Steps of the fall.
        decay_steps: u64,
        /// Share at the last step.
        end_share: f64,
    },
}

/// The learning rate as a share of its height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Steps of the linear rise; the first of them is taken at `1/warmup_steps`, the last at the whole height.
    pub warmup_steps: u64,
    /// What follows.
    pub decay: Decay,
}

impl Schedule {
    /// Share of the height at `step` of `steps`, both counted from 1. Beyond the last step it stays at the end.
    pub fn share(&self, step: u64, steps: u64) -> f64 {
        if step <= self.warmup_steps {
            return ratio(step, self.warmup_steps);
        }
        let since = |from: u64| {
            let span = steps.saturating_sub(from);
            if span == 0 { 1.0 } else { ratio(step.saturating_sub(from), span).min(1.0) }
        };
        match self.decay {
            Decay::Constant => 1.0,
            Decay::Cosine { end_share } => {
                end_share + (1.0 - end_share) * 0.5 * (1.0 + (PI * since(self.warmup_steps)).cos())
            }
            Decay::Linear { end_share } => 1.0 - (1.0 - end_share) * since(self.warmup_steps),
            Decay::Stable { decay_steps, end_share } => {
                let from = steps.saturating_sub(decay_steps).max(self.warmup_steps);
                if step <= from { 1.0 } else { 1.0 - (1.0 - end_share) * since(from) }
            }
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} and {b}");
    }

    #[test]
    fn it_rises_in_a_line_to_the_whole_height() {
        let schedule = Schedule { warmup_steps: 4, decay: Decay::Constant };
        for (step, share) in [(1, 0.25), (2, 0.5), (4, 1.0), (5, 1.0), (1000, 1.0)] {
            near(schedule.share(step, 100), share);
        }
    }

    #[test]
    fn each_fall_ends_at_its_share_and_stays_there() {
        let falls = [
            Decay::Cosine { end_share: 0.1 },
            Decay::Linear { end_share: 0.1 },
            Decay::Stable { decay_steps: 20, end_share: 0.1 },
        ];
        for decay in falls {
            let schedule = Schedule { warmup_steps: 10, decay };
            near(schedule.share(10, 100), 1.0);
            near(schedule.share(100, 100), 0.1);
            near(schedule.share(200, 100), 0.1);
            let shares: Vec<f64> = (10..=100).map(|step| schedule.share(step, 100)).collect();
            assert!(shares.is_sorted_by(|a, b| a >= b), "{decay:?}: {shares:?}");
        }
    }

    #[test]
    fn the_middle_of_each_fall() {
        let at = |decay, step| Schedule { warmup_steps: 0, decay }.share(step, 100);
        near(at(Decay::Cosine { end_share: 0.0 }, 50), 0.5);
        near(at(Decay::Cosine { end_share: 0.0 }, 25), 0.5 + 0.25 * 2_f64.sqrt());
        near(at(Decay::Linear { end_share: 0.5 }, 50), 0.75);
        near(at(Decay::Stable { decay_steps: 20, end_share: 0.0 }, 80), 1.0);
        near(at(Decay::Stable { decay_steps: 20, end_share: 0.0 }, 90), 0.5);
    }

    #[test]
    fn a_fall_without_steps_is_at_its_end() {
        near(Schedule { warmup_steps: 0, decay: Decay::Linear { end_share: 0.2 } }.share(1, 1), 0.2);
        near(Schedule { warmup_steps: 5, decay: Decay::Stable { decay_steps: 9, end_share: 0.0 } }.share(5, 5), 1.0);
    }
}
