use super::to_f32;
use crate::{NO_COLUMN, STATISTICS, View, ViewMut};

/// `log Σ exp z`.
fn log_sum(row: &[f32]) -> f64 {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    f64::from(largest) + row.iter().map(|&z| (f64::from(z) - f64::from(largest)).exp()).sum::<f64>().ln()
}

/// The statistics of each row; see [`STATISTICS`]. A row of no target, and what asks for a reference without one, is 0.
///
/// With `p = softmax(logits)` and `q = softmax(reference)`: `KL(q ‖ p) = Σ q · (log q - log p)` over the whole
/// vocabulary.
///
/// # Shapes and units
/// `logits`, `reference`: `[rows, vocabulary]`, `targets`: `[rows]`, `out`: `[rows, STATISTICS]`; nats.
pub fn log_prob(logits: View<'_>, reference: Option<View<'_>>, targets: &[u32], mut out: ViewMut<'_>) {
    for (r, &target) in targets.iter().enumerate() {
        out.row(r).fill(0.0);
        if target == NO_COLUMN {
            continue;
        }
        let z = logits.row(r);
        let total = log_sum(z);
        let log_p = |v: usize| f64::from(z[v]) - total;
        let entropy: f64 = -(0..z.len()).map(|v| log_p(v).exp() * log_p(v)).sum::<f64>();
        let mut row = [log_p(target as usize), 0.0, entropy, 0.0, 0.0, total, 0.0];
        if let Some(reference) = reference {
            let z = reference.row(r);
            let total = log_sum(z);
            let log_q = |v: usize| f64::from(z[v]) - total;
            row[1] = log_q(target as usize);
            row[3] = (0..z.len()).map(|v| log_q(v).exp() * (log_q(v) - log_p(v))).sum();
            row[4] = (0..z.len()).map(|v| log_p(v).exp() * (log_p(v) - log_q(v))).sum();
            row[6] = total;
        }
        out.row(r).iter_mut().zip(row).for_each(|(y, value): (&mut f32, f64)| *y = to_f32(value));
    }
}

/// The gradient of a loss by logits, in their place, from its derivatives `a`, `k` and `r` by `log p(target)`,
/// `KL(q ‖ p)` and `KL(p ‖ q)`: `a · (onehot - p) + k · (p - q) + r · p · (log p - log q - KL(p ‖ q))`.
///
/// # Shapes and units
/// `logits`, `reference`: `[rows, vocabulary]`, `statistics`: as [`log_prob`] gave them, `coefficients`:
/// `[rows, COEFFICIENTS]`. A row of no target becomes 0.
pub fn log_prob_grad(
    mut logits: ViewMut<'_>,
    reference: Option<View<'_>>,
    targets: &[u32],
    statistics: View<'_>,
    coefficients: View<'_>,
) {
    for (r, &target) in targets.iter().enumerate() {
        let z = logits.row(r);
        if target == NO_COLUMN {
            z.fill(0.0);
            continue;
        }
        let [a, k, by_reverse] = [0, 1, 2].map(|at| f64::from(coefficients.row(r)[at]));
        let statistics: [f64; STATISTICS] = std::array::from_fn(|at| f64::from(statistics.row(r)[at]));
        for (v, z) in z.iter_mut().enumerate() {
            let log_p = f64::from(*z) - statistics[5];
            let p = log_p.exp();
            let mut value = a * (f64::from(u8::from(v == target as usize)) - p);
            if let Some(reference) = reference {
                let log_q = f64::from(reference.row(r)[v]) - statistics[6];
                value += k * (p - log_q.exp()) + by_reverse * p * (log_p - log_q - statistics[4]);
            }
            *z = to_f32(value);
        }
    }
}
