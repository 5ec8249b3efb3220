/// When things happened to one request, on the caller's clock, in milliseconds since whatever it counts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    arrived_ms: f64,
    started_ms: Option<f64>,
    tokens_ms: Vec<f64>,
    prompt_tokens: usize,
}

impl Clock {
    /// A request arrives.
    pub fn new(arrived_ms: f64, prompt_tokens: usize) -> Self {
        Self { arrived_ms, started_ms: None, tokens_ms: Vec::new(), prompt_tokens }
    }

    /// Its first step begins.
    pub fn start(&mut self, now_ms: f64) {
        self.started_ms.get_or_insert(now_ms);
    }

    /// A token came.
    pub fn token(&mut self, now_ms: f64) {
        self.tokens_ms.push(now_ms);
    }

    /// The summary so far.
    pub fn timeline(&self) -> Timeline {
        let first = self.tokens_ms.first().copied();
        let mut gaps: Vec<f64> = self.tokens_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let decoded_ms: f64 = gaps.iter().sum();
        let per_second = |count: usize, ms: f64| (count > 0 && ms > 0.0).then(|| count as f64 * 1000.0 / ms);
        gaps.sort_by(f64::total_cmp);
        let prefill_ms = first.zip(self.started_ms).map(|(first, started)| first - started);
        Timeline {
            load_ms: None,
            queue_ms: self.started_ms.map(|started| started - self.arrived_ms),
            prefill_ms,
            first_token_ms: first.map(|first| first - self.arrived_ms),
            token_p50_ms: quantile(&gaps, 0.5),
            token_p90_ms: quantile(&gaps, 0.9),
            token_p99_ms: quantile(&gaps, 0.99),
            tokens_per_second: per_second(gaps.len(), decoded_ms),
            prefill_tokens_per_second: prefill_ms.and_then(|ms| per_second(self.prompt_tokens, ms)),
            prompt_tokens: self.prompt_tokens,
            tokens: self.tokens_ms.len(),
            energy_joules: None,
        }
    }
}

/// What one request took. What did not happen, or cannot be measured, is absent, never 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timeline {
    /// What loading the model took, once for all requests; set by who loaded it.
    pub load_ms: Option<f64>,
    /// From arrival to the first step.
    pub queue_ms: Option<f64>,
    /// From the first step to the first token.
    pub prefill_ms: Option<f64>,
    /// From arrival to the first token.
    pub first_token_ms: Option<f64>,
    /// Median time between tokens.
    pub token_p50_ms: Option<f64>,
    /// Nine of ten tokens came within this time after the one before.
    pub token_p90_ms: Option<f64>,
    /// Ninety-nine of a hundred did.
    pub token_p99_ms: Option<f64>,
    /// Counted from the second token: the first one is prefill.
    pub tokens_per_second: Option<f64>,
    /// Prompt tokens over `prefill_ms`.
    pub prefill_tokens_per_second: Option<f64>,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens generated.
    pub tokens: usize,
    /// Not measured: no counter is read yet.
    pub energy_joules: Option<f64>,
}

/// Nearest rank: the smallest value that at least `share` of all do not exceed.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a rank is a small count
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_by_hand() {
        let mut clock = Clock::new(100.0, 8);
        assert_eq!(clock.timeline().queue_ms, None);
        clock.start(110.0);
        clock.start(999.0);
        for now in [150.0, 160.0, 180.0, 210.0] {
            clock.token(now);
        }
        let timeline = clock.timeline();
        assert_eq!(
            (timeline.queue_ms, timeline.prefill_ms, timeline.first_token_ms),
            (Some(10.0), Some(40.0), Some(50.0))
        );
        // Gaps 10, 20, 30; three tokens in 60 ms.
        assert_eq!((timeline.token_p50_ms, timeline.token_p90_ms), (Some(20.0), Some(30.0)));
        assert_eq!((timeline.tokens_per_second, timeline.prefill_tokens_per_second), (Some(50.0), Some(200.0)));
        assert_eq!((timeline.tokens, timeline.energy_joules), (4, None));
    }

    #[test]
    fn one_token_has_no_rate() {
        let mut clock = Clock::new(0.0, 1);
        clock.start(0.0);
        clock.token(5.0);
        let timeline = clock.timeline();
        assert_eq!((timeline.tokens_per_second, timeline.token_p50_ms), (None, None));
    }
}
