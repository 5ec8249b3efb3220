//! Dot products with codes: within a group `Σ (code - zero) · x = Σ code · x - zero · Σ x`, so that codes are only
//! widened, and the sums of `x` are shared by all rows.

use super::simd::{Element, Lanes, load, multiply_add, sum, vectorised};
use crate::quant::{Bits, QuantFormat};
use crate::view::QuantView;

/// Weight rows that share each load of `x`.
pub(super) const ROWS: usize = 4;

/// Sums of `x` over each group.
pub(super) fn group_sums(x: &[f32], group: usize, sums: &mut Vec<f32>) {
    sums.clear();
    sums.extend(x.chunks_exact(group).map(|part| part.iter().sum::<f32>()));
}

/// The usual formats: what the compiler knows of a group costs nothing beside its products.
const USUAL: [QuantFormat; 2] = [
    QuantFormat { bits: Bits::Eight, group: 32, zeros: false, half_scales: true },
    QuantFormat { bits: Bits::Four, group: 32, zeros: false, half_scales: true },
];

/// Scale of group `at`.
#[inline(always)]
fn scale(weight: &QuantView<'_>, half_scales: bool, at: usize) -> f32 {
    if half_scales {
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
    match weight.format {
        format if format == USUAL[0] => rows_body::<L, FMA>(weight, USUAL[0], rows, x, x_sums),
        format if format == USUAL[1] => rows_body::<L, FMA>(weight, USUAL[1], rows, x, x_sums),
        format => rows_body::<L, FMA>(weight, format, rows, x, x_sums),
    }
}

// Plain loops: inside a closure the compiler does not always use the vectors of the function that it stands in.
#[inline(always)]
fn rows_body<const L: usize, const FMA: bool>(
    weight: &QuantView<'_>,
    format: QuantFormat,
    rows: [usize; ROWS],
    x: &[f32],
    x_sums: &[f32],
) -> [f32; ROWS] {
    let (group, four) = (usize::from(format.group), format.bits == Bits::Four);
    let (groups, bytes) = (weight.cols / group, if four { group / 2 } else { group });
    let mut lanes = [[0.0; L]; ROWS];
    let mut scalars = [0.0_f32; ROWS];
    for (g, x_sum) in x_sums.iter().enumerate().take(groups) {
        let x = &x[g * group..][..group];
        for r in 0..ROWS {
            let at = rows[r] * groups + g;
            let codes = &weight.codes[at * bytes..][..bytes];
            let (products, rest) =
                if four { four_bits::<L, FMA>(codes, x) } else { (eight_bits::<L, FMA>(codes, x), 0.0) };
            let scale = scale(weight, format.half_scales, at);
            lanes[r] = multiply_add::<L, FMA>(products, [scale; L], lanes[r]);
            // Zeros are small integers, exact in f32.
            if format.zeros {
                scalars[r] += scale * (rest - weight.zero(at) as f32 * x_sum);
            } else if four {
                scalars[r] += scale * (rest - 8.0 * x_sum);
            }
        }
    }
    std::array::from_fn(|r| sum(lanes[r]) + scalars[r])
}

/// Products of a group, which is a multiple of 8 and hence whole lanes.
#[inline(always)]
fn eight_bits<const L: usize, const FMA: bool>(codes: &[u8], x: &[f32]) -> Lanes<L> {
    let code = |code: u8| f32::from(code.cast_signed());
    let mut products = [0.0; L];
    let mut at = 0;
    while at + L <= codes.len() {
        products = multiply_add::<L, FMA>(widen(&codes[at..], code), load(&x[at..]), products);
        at += L;
    }
    products
}

/// Products of a group in lanes, and of the elements that fill no lanes.
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
