use crate::ScoreError;

/// Location of repeated measurements: the median of all pairwise means, self pairs included.
///
/// Median of `(t_a + t_b) / 2` over `a >= b`: `R(R+1)/2` values; for an even count the mean of the middle
/// two (Hodges & Lehmann 1963; ENAMEL times every case so). Unit of the input. Of equal values it is that
/// value exactly.
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
    let mut means: Vec<f64> = Vec::with_capacity(times.len() * (times.len() + 1) / 2);
    for (a, &first) in times.iter().enumerate() {
        means.extend(times[..=a].iter().map(|&second| (first + second) / 2.0));
    }
    means.sort_by(f64::total_cmp);
    let middle = means.len() / 2;
    Ok(if means.len() % 2 == 1 { means[middle] } else { (means[middle - 1] + means[middle]) / 2.0 })
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
    fn not_times() {
        assert_eq!(hodges_lehmann(&[]), Err(ScoreError::Empty { what: "times" }));
        assert!(hodges_lehmann(&[1.0, f64::NAN]).is_err());
        assert!(hodges_lehmann(&[-1.0]).is_err());
    }
}
