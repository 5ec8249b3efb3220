use crate::ScoreError;

/// Probability that at least one of `k` samples, drawn without replacement from `n`, is correct.
///
/// `1 - C(n-c, k) / C(n, k)`, computed as `1 - prod_{i=n-c+1..=n} (1 - k/i)` (Chen et al. 2021, Evaluating
/// Large Language Models Trained on Code). `c` = `correct`; c and k may change places, so the shorter product is taken.
/// Dimensionless, in `[0, 1]`; O(min(c, k)) time.
///
/// # Errors
/// [`ScoreError::Draw`] unless `1 <= k <= n`; [`ScoreError::Correct`] when `correct > n`.
pub fn pass_at_k(n: u64, correct: u64, k: u64) -> Result<f64, ScoreError> {
    if correct > n {
        return Err(ScoreError::Correct { correct, n });
    }
    if k == 0 || k > n {
        return Err(ScoreError::Draw { k, n });
    }
    if correct == 0 {
        return Ok(0.0);
    }
    if n - correct < k {
        return Ok(1.0);
    }
    if k == 1 {
        return Ok(correct as f64 / n as f64); // the same number without the rounding of a product
    }
    let (factors, other) = (correct.min(k), correct.max(k));
    let none_correct: f64 = (n - factors + 1..=n).map(|i| 1.0 - other as f64 / i as f64).product();
    Ok(1.0 - none_correct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_sums() {
        // n samples, c correct, k drawn -> 1 - C(n-c, k) / C(n, k)
        let table = [
            (5, 0, 1, 0.0),
            (5, 2, 1, 0.4),
            (4, 2, 2, 5.0 / 6.0),           // 1 - 1/6
            (10, 3, 5, 1.0 - 21.0 / 252.0), // C(7,5) / C(10,5)
            (6, 1, 3, 0.5),                 // 1 - C(5,3)/C(6,3) = 1 - 10/20
            (3, 2, 2, 1.0),
        ];
        for (n, c, k, want) in table {
            let got = pass_at_k(n, c, k).unwrap_or(f64::NAN);
            assert!((got - want).abs() < 1e-12, "n={n} c={c} k={k}: got {got}, want {want}");
        }
    }

    #[test]
    fn either_product_is_the_same() {
        for n in 1..=30_u64 {
            for c in 0..=n {
                for k in 1..=n - c {
                    let long: f64 = (n - c + 1..=n).map(|i| 1.0 - k as f64 / i as f64).product();
                    let got = pass_at_k(n, c, k).unwrap_or(f64::NAN);
                    assert!((got - (1.0 - long)).abs() < 1e-14, "n={n} c={c} k={k}");
                }
            }
        }
        assert_eq!(pass_at_k(u64::MAX, 0, 1), Ok(0.0));
        assert_eq!(pass_at_k(u64::MAX, u64::MAX, u64::MAX), Ok(1.0));
    }

    #[test]
    fn impossible_draws_are_refused() {
        assert_eq!(pass_at_k(5, 1, 6), Err(ScoreError::Draw { k: 6, n: 5 }));
        assert_eq!(pass_at_k(5, 1, 0), Err(ScoreError::Draw { k: 0, n: 5 }));
        assert_eq!(pass_at_k(5, 6, 1), Err(ScoreError::Correct { correct: 6, n: 5 }));
    }
}
