use crate::ScoreError;

/// Expected best efficiency among `k` samples drawn without replacement from all of `scores`.
///
/// With scores ascending `e_(1) <= ... <= e_(n)`: `sum_{r=k..=n} C(r-1, k-1) / C(n, k) * e_(r)`, the average of the
/// maximum over every subset of size k (ENAMEL's Rao-Blackwellised eff@k). For 0/1 scores it is pass@k;
/// `k = 1` is the mean, `k = n` the maximum. Dimensionless; may exceed 1 as the scores may. O(n log n).
///
/// # Errors
/// [`ScoreError::Draw`] unless `1 <= k <= n`; [`ScoreError::NotACost`] for scores that are NaN, infinite or negative.
pub fn eff_at_k(scores: &[f64], k: u64) -> Result<f64, ScoreError> {
    if let Some(&value) = scores.iter().find(|score| !score.is_finite() || **score < 0.0) {
        return Err(ScoreError::NotACost { what: "a score", value });
    }
    let weights = eff_at_k_weights(scores.len() as u64, k)?;
    let mut descending = scores.to_vec();
    descending.sort_by(|a, b| b.total_cmp(a));
    Ok(weights.zip(descending).map(|(weight, score)| weight * score).sum())
}

/// Weights of eff@k for scores in *descending* order, ranks `n` down to `k`; they sum to 1.
///
/// Stable for any n: `w_n = k/n`, then `w_r = w_{r+1} * (1 - (k-1)/r)`, with no factorial.
///
/// # Errors
/// [`ScoreError::Draw`] unless `1 <= k <= n`.
pub fn eff_at_k_weights(n: u64, k: u64) -> Result<impl Iterator<Item = f64>, ScoreError> {
    if k == 0 || k > n {
        return Err(ScoreError::Draw { k, n });
    }
    let mut weight = k as f64 / n as f64;
    Ok((k..=n).rev().map(move |rank| {
        if rank < n {
            weight *= 1.0 - (k - 1) as f64 / rank as f64;
        }
        weight
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::pass_at_k;

    #[test]
    fn hand_sums() {
        // pairs of {1, 2, 4}: maxima 2, 4, 4
        assert!((eff_at_k(&[4.0, 1.0, 2.0], 2).unwrap() - 10.0 / 3.0).abs() < 1e-12);
        assert_eq!(eff_at_k(&[4.0, 1.0, 2.5], 1), Ok(2.5));
        assert_eq!(eff_at_k(&[4.0, 1.0, 2.0], 3), Ok(4.0));
        assert_eq!(eff_at_k(&[1.0], 1), Ok(1.0));
    }

    #[test]
    fn on_correctness_alone_it_is_pass_at_k() {
        for n in 1..=40_u64 {
            for c in 0..=n {
                let scores: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < c))).collect();
                for k in 1..=n {
                    let (eff, pass) = (eff_at_k(&scores, k).unwrap(), pass_at_k(n, c, k).unwrap());
                    assert!((eff - pass).abs() < 1e-12, "n={n} c={c} k={k}: {eff} {pass}");
                }
            }
        }
    }

    #[test]
    fn weights_sum_to_one() {
        for (n, k) in [(1, 1), (7, 3), (1000, 500), (1000, 1), (1000, 1000), (100_000, 17)] {
            let sum: f64 = eff_at_k_weights(n, k).unwrap().sum();
            assert!((sum - 1.0).abs() < 1e-9, "n={n} k={k}: {sum}");
        }
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert_eq!(eff_at_k(&[1.0], 2), Err(ScoreError::Draw { k: 2, n: 1 }));
        assert_eq!(eff_at_k(&[], 1), Err(ScoreError::Draw { k: 1, n: 0 }));
        assert!(eff_at_k(&[f64::NAN], 1).is_err());
    }
}
