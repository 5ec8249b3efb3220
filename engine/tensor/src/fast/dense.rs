//! Products with weights in plain storage.

use super::simd::{Element, load, multiply_add, sum, vectorised};

/// Weight rows that share each load of `x`.
pub(super) const ROWS: usize = 4;

/// Dot products of up to [`ROWS`] weight rows with up to three rows of `x`, each over all of their length.
#[inline(always)]
fn tile<const L: usize, const FMA: bool, const X: usize, E: Element>(
    weights: [&[E]; ROWS],
    x: [&[f32]; X],
) -> [[f32; ROWS]; X] {
    let count = x[0].len();
    let weights = weights.map(|row| &row[..count]);
    let x = x.map(|row| &row[..count]);
    let mut sums = [[[0.0; L]; ROWS]; X];
    let whole = count - count % L;
    let mut at = 0;
    while at < whole {
        let columns: [[f32; L]; X] = std::array::from_fn(|i| load(&x[i][at..]));
        for (r, row) in weights.iter().enumerate() {
            let lanes = load(&row[at..]);
            for i in 0..X {
                sums[i][r] = multiply_add::<L, FMA>(lanes, columns[i], sums[i][r]);
            }
        }
        at += L;
    }
    std::array::from_fn(|i| {
        std::array::from_fn(|r| {
            let rest = weights[r][whole..].iter().zip(&x[i][whole..]);
            sum(sums[i][r]) + rest.map(|(w, x)| w.decode() * x).sum::<f32>()
        })
    })
}

#[inline(always)]
fn one_body<const L: usize, const FMA: bool, E: Element>(weights: [&[E]; ROWS], x: &[f32]) -> [f32; ROWS] {
    tile::<L, FMA, 1, E>(weights, [x])[0]
}

#[inline(always)]
fn three_body<const L: usize, const FMA: bool, E: Element>(weights: [&[E]; ROWS], x: [&[f32]; 3]) -> [[f32; ROWS]; 3] {
    tile::<L, FMA, 3, E>(weights, x)
}

vectorised! {
    /// Dot products of four weight rows with one row of `x`.
    fn one = one_body<E: Element>(weights: [&[E]; ROWS], x: &[f32]) -> [f32; ROWS]
}
vectorised! {
    /// Dot products of four weight rows with three rows of `x`.
    fn three = three_body<E: Element>(weights: [&[E]; ROWS], x: [&[f32]; 3]) -> [[f32; ROWS]; 3]
}
