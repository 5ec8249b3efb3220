//! Dot products with codes: within a group `Σ (code - zero) · x = Σ code · x - zero · Σ x`, so that codes are only
//! widened, and the sums of `x` are shared by all rows.

use super::simd::{Element, Lanes, load, multiply_add, sum, vectorised};
use crate::quant::Bits;
use crate::view::QuantView;

/// Weight rows that share each load of `x`.
pub(super) const ROWS: usize = 4;

/// Sums of `x` over each group.
pub(super) fn group_sums(x: &[f32], group: usize, sums: &mut Vec<f32>) {
    sums.clear();
    sums.extend(x.chunks_exact(group).map(|part| part.iter().sum::<f32>()));
}

/// Scale of group `at`.
#[inline(always)]
fn scale(weight: &QuantView<'_>, at: usize) -> f32 {
    if weight.format.half_scales {
        half::f16::from_le_bytes([weight.scales[at * 2], weight.scales[at * 2 + 1]]).decode()
    } else {
        weight.scale(at)
    }
}

#[inline(always)]
fn widen<const L: usize>(codes: &[u8], code: impl Fn(u8) -> f32) -> Lanes<L> {
    let codes = &codes[..L];
    std::array::from_fn(|i| code(codes[i]))
}

#[inline(always)]
fn four_rows_body<const L: usize, const FMA: bool>(
    weight: &QuantView<'_>,
    rows: [usize; ROWS],
    x: &[f32],
    x_sums: &[f32],
) -> [f32; ROWS] {
    match weight.format.bits {
        Bits::Eight => rows_body::<L, FMA, false>(weight, rows, x, x_sums),
        Bits::Four => rows_body::<L, FMA, true>(weight, rows, x, x_sums),
    }
}

#[inline(always)]
fn rows_body<const L: usize, const FMA: bool, const FOUR: bool>(
    weight: &QuantView<'_>,
    rows: [usize; ROWS],
    x: &[f32],
    x_sums: &[f32],
) -> [f32; ROWS] {
    let group = usize::from(weight.format.group);
    let groups = weight.cols / group;
    let mut lanes = [[0.0; L]; ROWS];
    let mut scalars = [0.0_f32; ROWS];
    for (g, (x, x_sum)) in x.chunks_exact(group).zip(x_sums).enumerate() {
        for r in 0..ROWS {
            let at = rows[r] * groups + g;
            let codes = weight.group_codes(at);
            let (products, rest) = if FOUR { four_bits::<L, FMA>(codes, x) } else { eight_bits::<L, FMA>(codes, x) };
            let scale = scale(weight, at);
            lanes[r] = multiply_add::<L, FMA>(products, [scale; L], lanes[r]);
            // Zeros are small integers, exact in f32.
            scalars[r] += scale * (rest - weight.zero(at) as f32 * x_sum);
        }
    }
    std::array::from_fn(|r| sum(lanes[r]) + scalars[r])
}

/// Products of a group in lanes, and of the elements that fill no lanes.
#[inline(always)]
fn eight_bits<const L: usize, const FMA: bool>(codes: &[u8], x: &[f32]) -> (Lanes<L>, f32) {
    let code = |code: u8| f32::from(code.cast_signed());
    let mut products = [0.0; L];
    let mut at = 0;
    while at + L <= codes.len() {
        products = multiply_add::<L, FMA>(widen(&codes[at..], code), load(&x[at..]), products);
        at += L;
    }
    (products, codes[at..].iter().zip(&x[at..]).map(|(c, x)| code(*c) * x).sum())
}

#[inline(always)]
fn four_bits<const L: usize, const FMA: bool>(codes: &[u8], x: &[f32]) -> (Lanes<L>, f32) {
    let (low, high) = (|code: u8| f32::from(code & 15), |code: u8| f32::from(code >> 4));
    let (x_low, x_high) = x.split_at(codes.len());
    let mut products = [0.0; L];
    let mut at = 0;
    while at + L <= codes.len() {
        products = multiply_add::<L, FMA>(widen(&codes[at..], low), load(&x_low[at..]), products);
        products = multiply_add::<L, FMA>(widen(&codes[at..], high), load(&x_high[at..]), products);
        at += L;
    }
    let rest = codes[at..].iter().zip(x_low[at..].iter().zip(&x_high[at..]));
    (products, rest.map(|(c, (l, h))| low(*c) * l + high(*c) * h).sum())
}

vectorised! {
    /// Dot products of four rows of codes with `x`, whose group sums are `x_sums`.
    fn four_rows = four_rows_body(weight: &QuantView<'_>, rows: [usize; ROWS], x: &[f32], x_sums: &[f32]) -> [f32; ROWS]
}
