use crate::ScoreError;

/// Location of repeated measurements: the median of all pairwise means, self pairs included.
///
/// Median of `(t_a + t_b) / 2` over `a >= b`: `R(R+1)/2` values; for an even count the mean of the middle
/// two (Hodges & Lehmann 1963; ENAMEL times every case so). Unit of the input. Of equal values it is that
/// value exactly. O(n log n) time, O(n) memory.
///
/// # Errors
/// [`ScoreError::Empty`] without values; [`ScoreError::NotACost`] for NaN, infinities and negatives.
pub fn hodges_lehmann(times: &[f64]) -> Result<f64, ScoreError> {
    if times.is_empty() {
        return Err(ScoreError::Empty { what: "times" });
    }
    if let Some(&value) = times.iter().find(|time| !time.is_finite() || **time < 0.0) {
        return Err(ScoreError::NotACost { what: "a time", value });
    }
    let mut ascending = times.to_vec();
    ascending.sort_by(f64::total_cmp);
    let pairs = times.len() as u128 * (times.len() as u128 + 1) / 2;
    let upper = kth_mean(&ascending, pairs / 2 + 1);
    Ok(if pairs % 2 == 1 { upper } else { kth_mean(&ascending, pairs / 2).midpoint(upper) })
}

/// The k-th smallest pairwise mean, k from 1: bisection over the ordered bit patterns of non-negative doubles, so that
/// the pairs are counted and never stored.
fn kth_mean(ascending: &[f64], k: u128) -> f64 {
    let (mut below, mut reached) = (0_u64, f64::MAX.to_bits());
    while below < reached {
        let middle = below + (reached - below) / 2;
        if means_up_to(ascending, f64::from_bits(middle)) >= k {
            reached = middle;
        } else {
            below = middle + 1;
        }
    }
    f64::from_bits(reached)
}

/// How many pairs, self pairs included, have a mean of at most `bound`. O(n).
fn means_up_to(ascending: &[f64], bound: f64) -> u128 {
    let (mut partners, mut count) = (ascending.len(), 0);
    for (at, &first) in ascending.iter().enumerate() {
        while partners > at && first.midpoint(ascending[partners - 1]) > bound {
            partners -= 1;
        }
        if partners <= at {
            break;
        }
        count += (partners - at) as u128;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_sums() {
        assert_eq!(hodges_lehmann(&[3.0]), Ok(3.0));
        assert_eq!(hodges_lehmann(&[1.0, 3.0]), Ok(2.0)); // 1, 2, 3
        // 1, 1.5, 2, 5.5, 6, 10 -> (2 + 5.5) / 2
        assert_eq!(hodges_lehmann(&[1.0, 10.0, 2.0]), Ok(3.75));
        assert_eq!(hodges_lehmann(&[7.0; 6]), Ok(7.0));
    }

    #[test]
    fn counting_is_sorting() {
        let mut state = 7_u32;
        for n in 1..60 {
            let times: Vec<f64> = (0..n)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    f64::from(state >> 20) / 7.0
                })
                .collect();
            let mut means: Vec<f64> =
                (0..n).flat_map(|a| (0..=a).map(move |b| (a, b))).map(|(a, b)| (times[a] + times[b]) / 2.0).collect();
            means.sort_by(f64::total_cmp);
            let middle = means.len() / 2;
            let want = if means.len() % 2 == 1 { means[middle] } else { (means[middle - 1] + means[middle]) / 2.0 };
            assert_eq!(hodges_lehmann(&times), Ok(want), "n = {n}");
        }
        assert_eq!(hodges_lehmann(&[f64::MAX, f64::MAX]), Ok(f64::MAX), "no overflow");
    }

    #[test]
    fn not_times() {
        assert_eq!(hodges_lehmann(&[]), Err(ScoreError::Empty { what: "times" }));
        assert!(hodges_lehmann(&[1.0, f64::NAN]).is_err());
        assert!(hodges_lehmann(&[-1.0]).is_err());
    }
}
