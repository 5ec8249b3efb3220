#![allow(clippy::unwrap_used)]
use super::*;

fn sampler(change: impl FnOnce(&mut Sampling)) -> Sampler {
    let mut sampling = Sampling { temperature: 1.0, ..Sampling::GREEDY };
    change(&mut sampling);
    Sampler::new(sampling).unwrap()
}

/// How often each of four tokens is drawn in 40,000.
fn shares(mut sampler: Sampler, logits: &[f32], history: &[u32]) -> Vec<f64> {
    let mut counts = vec![0_u32; logits.len()];
    for _ in 0..40_000 {
        counts[sampler.choose(logits, history).unwrap() as usize] += 1;
    }
    counts.into_iter().map(|count| f64::from(count) / 40_000.0).collect()
}

#[track_caller]
fn close(got: &[f64], want: &[f64]) {
    // Three standard deviations of a share of one half are 0.0075.
    assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 0.0075), "{got:?} for {want:?}");
}

#[test]
fn filters_keep_what_they_say() {
    // Probabilities 0.1, 0.2, 0.3, 0.4.
    let logits = [1.0_f32, 2.0, 3.0, 4.0].map(f32::ln);
    close(&shares(sampler(|_| {}), &logits, &[]), &[0.1, 0.2, 0.3, 0.4]);
    close(&shares(sampler(|s| s.top_k = Some(2)), &logits, &[]), &[0.0, 0.0, 3.0 / 7.0, 4.0 / 7.0]);
    // 0.4 + 0.3 reach 0.65 and 0.7, not 0.71.
    close(&shares(sampler(|s| s.top_p = 0.65), &logits, &[]), &[0.0, 0.0, 3.0 / 7.0, 4.0 / 7.0]);
    close(&shares(sampler(|s| s.top_p = 0.71), &logits, &[]), &[0.0, 2.0 / 9.0, 3.0 / 9.0, 4.0 / 9.0]);
    close(&shares(sampler(|s| s.top_p = 1e-9), &logits, &[]), &[0.0, 0.0, 0.0, 1.0]);
    close(&shares(sampler(|s| s.min_p = 0.6), &logits, &[]), &[0.0, 0.0, 3.0 / 7.0, 4.0 / 7.0]);
    // Half the temperature squares the odds.
    close(&shares(sampler(|s| s.temperature = 0.5), &logits, &[]), &[1.0 / 30.0, 4.0 / 30.0, 9.0 / 30.0, 16.0 / 30.0]);
}

#[test]
fn a_repetition_is_punished_once() {
    let mut greedy = sampler(|s| (s.temperature, s.repetition_penalty) = (0.0, 1.5));
    assert_eq!(greedy.choose(&[3.0, 2.5, -1.0], &[]).unwrap(), 0);
    assert_eq!(greedy.choose(&[3.0, 2.5, -1.0], &[0, 0, 0]).unwrap(), 1);
    assert_eq!(greedy.choose(&[3.0, 1.9, -1.0], &[0, 0, 0]).unwrap(), 0, "3 / 1.5 is 2");
    assert_eq!(greedy.choose(&[-1.0, -1.4], &[0]).unwrap(), 1, "-1 becomes -1.5");
    assert_eq!(greedy.choose(&[1.0, 0.0], &[9]).unwrap(), 0, "tokens of elsewhere do not matter");
}

#[test]
fn one_seed_one_text() {
    let logits = [0.1, 0.2, 0.3, 0.4];
    let draw = |seed| {
        let mut sampler = sampler(|s| s.seed = seed);
        (0..20).map(|_| sampler.choose(&logits, &[]).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn broken_logits_and_parameters() {
    let mut any = sampler(|_| {});
    assert_eq!(any.choose(&[f32::NAN, 0.0, f32::NEG_INFINITY], &[]).unwrap(), 1);
    assert_eq!(any.choose(&[f32::NAN, f32::INFINITY], &[]), Err(SamplingError::NoNumber));
    for (temperature, top_p, top_k) in [(-1.0, 1.0, None), (f64::NAN, 1.0, None), (1.0, 0.0, None), (1.0, 1.0, Some(0))]
    {
        let sampling = Sampling { temperature, top_p, top_k, ..Sampling::GREEDY };
        assert!(matches!(Sampler::new(sampling), Err(SamplingError::Range { .. })));
    }
}

#[test]
fn logprobs_are_of_the_model() {
    let logits = [1.0_f32, 2.0, 3.0, 4.0].map(f32::ln);
    let (own, top) = top_logprobs(&logits, 0, 2);
    assert!((own.logprob - 0.1_f64.ln()).abs() < 1e-6);
    assert_eq!(top.iter().map(|entry| entry.token).collect::<Vec<_>>(), [3, 2]);
    assert!((top[1].logprob - 0.3_f64.ln()).abs() < 1e-6);
    assert_eq!(top_logprobs(&logits, 0, 9).1.len(), 4);
}
