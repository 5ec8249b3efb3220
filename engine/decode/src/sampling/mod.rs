//! Which token comes next.

mod random;
#[cfg(test)]
mod tests;

pub use random::SplitMix64;

/// How a token is drawn. Applied in this order: repetition penalty, temperature, top-k, top-p, min-p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Divides logits; 0 takes the largest.
    pub temperature: f64,
    /// How many of the largest logits may be drawn; on ties the lower token first. `None` for all.
    pub top_k: Option<usize>,
    /// The fewest tokens whose probabilities sum to at least this may be drawn; 1 for all.
    pub top_p: f64,
    /// Tokens less likely than this times the likeliest may not be drawn; 0 for all.
    pub min_p: f64,
    /// Positive logits of tokens that came before are divided by it, negative ones multiplied (Keskar et al. 2019,
    /// CTRL); 1 changes nothing.
    pub repetition_penalty: f64,
    /// Of the random numbers.
    pub seed: u64,
}

impl Sampling {
    /// The largest logit, always.
    pub const GREEDY: Self =
        Self { temperature: 0.0, top_k: None, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0, seed: 0 };
}

/// A parameter out of range, or logits that name no token.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplingError {
    /// A parameter out of range.
    #[error("{name} is {value}, it must be {range}")]
    Range {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The range in words.
        range: &'static str,
    },
    /// The model's logits hold no finite number.
    #[error("the model computed no finite logit: its weights or its storage are broken")]
    NoNumber,
}

/// Log-probability of a token in the model's own distribution, before any sampling parameter; nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenLogprob {
    /// The token.
    pub token: u32,
    /// At most 0.
    pub logprob: f64,
}

/// Draws tokens.
#[derive(Debug, Clone)]
pub struct Sampler {
    sampling: Sampling,
    random: SplitMix64,
    /// Candidates, kept for their memory.
    candidates: Vec<(f64, u32)>,
}

impl Sampler {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`SamplingError::Range`].
    pub fn new(sampling: Sampling) -> Result<Self, SamplingError> {
        let Sampling { temperature, top_k, top_p, min_p, repetition_penalty, seed } = sampling;
        let checks = [
            ("temperature", temperature, (0.0..=100.0).contains(&temperature), "from 0 to 100"),
            ("top_k", top_k.map_or(1.0, |k| k as f64), top_k != Some(0), "at least 1"),
            ("top_p", top_p, top_p > 0.0 && top_p <= 1.0, "above 0, at most 1"),
            ("min_p", min_p, (0.0..=1.0).contains(&min_p), "from 0 to 1"),
            (
                "repetition_penalty",
                repetition_penalty,
                repetition_penalty > 0.0 && repetition_penalty <= 1000.0,
                "above 0, at most 1000",
            ),
        ];
        match checks.into_iter().find(|(_, _, holds, _)| !holds) {
            Some((name, value, _, range)) => Err(SamplingError::Range { name, value, range }),
            None => Ok(Self { sampling, random: SplitMix64::new(seed), candidates: Vec::new() }),
        }
    }

    /// Whether a token is the largest logit as the model gives it, so that logits need not be read.
    pub fn is_plain_argmax(&self) -> bool {
        self.sampling.temperature == 0.0 && self.sampling.repetition_penalty == 1.0
    }

    /// Draws the next token. `history`: tokens that came before, prompt included.
    ///
    /// # Errors
    /// [`SamplingError::NoNumber`] when no logit is finite. A NaN among numbers is never drawn.
    pub fn choose(&mut self, logits: &[f32], history: &[u32]) -> Result<u32, SamplingError> {
        self.candidates.clear();
        self.candidates.extend((0_u32..).zip(logits).map(|(token, &logit)| (f64::from(logit), token)));
        let penalty = self.sampling.repetition_penalty;
        if penalty != 1.0 {
            for &token in history {
                let Some(&logit) = logits.get(token as usize) else { continue };
                // From the raw logit: a token that came twice is not punished twice.
                let logit = f64::from(logit);
                self.candidates[token as usize].0 = if logit > 0.0 { logit / penalty } else { logit * penalty };
            }
        }
        self.candidates.retain(|(logit, _)| logit.is_finite());
        let better = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let best = self.candidates.iter().copied().min_by(better).ok_or(SamplingError::NoNumber)?;
        if self.sampling.temperature == 0.0 {
            return Ok(best.1);
        }
        let keep = self.sampling.top_k.unwrap_or(usize::MAX);
        if keep < self.candidates.len() {
            self.candidates.select_nth_unstable_by(keep, better);
            self.candidates.truncate(keep);
        }
        for candidate in &mut self.candidates {
            candidate.0 = ((candidate.0 - best.0) / self.sampling.temperature).exp();
        }
        Ok(self.draw())
    }

    /// From candidates with weights relative to the likeliest.
    fn draw(&mut self) -> u32 {
        let Sampling { top_p, min_p, .. } = self.sampling;
        let mut total: f64 = self.candidates.iter().map(|(weight, _)| weight).sum();
        if top_p < 1.0 {
            self.candidates.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let enough = top_p * total;
            let mut sum = 0.0;
            let kept = self.candidates.iter().position(|(weight, _)| {
                sum += weight;
                sum >= enough
            });
            self.candidates.truncate(kept.map_or(self.candidates.len(), |last| last + 1));
        } else {
            // Whatever order selecting the largest left, the draw depends on tokens alone.
            self.candidates.sort_unstable_by_key(|(_, token)| *token);
        }
        if min_p > 0.0 {
            // The likeliest has weight 1.
            self.candidates.retain(|(weight, _)| *weight >= min_p);
        }
        total = self.candidates.iter().map(|(weight, _)| weight).sum();
        let target = self.random.unit() * total;
        let mut sum = 0.0;
        for &(weight, token) in &self.candidates {
            sum += weight;
            if target < sum {
                return token;
            }
        }
        // Only rounding leads here; the best is never cut.
        self.candidates.last().map_or(0, |(_, token)| *token)
    }
}

/// The log-probability of `token`, and of the `count` likeliest tokens, likeliest first.
pub fn top_logprobs(logits: &[f32], token: u32, count: usize) -> (TokenLogprob, Vec<TokenLogprob>) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f64 = logits.iter().map(|&logit| f64::from(logit - largest).exp()).sum();
    let shift = f64::from(largest) + total.ln();
    let of = |token: u32| {
        let logit = logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        TokenLogprob { token, logprob: f64::from(logit) - shift }
    };
    let mut order: Vec<u32> = (0_u32..).zip(logits).map(|(token, _)| token).collect();
    let better = |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
    if count < order.len() {
        order.select_nth_unstable_by(count, better);
        order.truncate(count);
    }
    order.sort_unstable_by(better);
    (of(token), order.into_iter().map(of).collect())
}
