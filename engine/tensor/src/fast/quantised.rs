//! Products with codes in any format. Within a group `Σ (code - zero) · x = Σ code · x - zero · Σ x`, so that codes are
//! only widened.

use super::linear::Block;
use super::simd::{Lanes, load, multiply_add, sum, vectorised};
use crate::View;
use crate::quant::Bits;
use crate::view::QuantView;

#[inline(always)]
fn widen<const L: usize>(codes: &[u8], code: impl Fn(u8) -> f32) -> Lanes<L> {
    let codes = &codes[..L];
    std::array::from_fn(|i| code(codes[i]))
}

// Plain loops: inside a closure the compiler does not always use the vectors of the function that it stands in.
#[inline(always)]
fn few_body<const L: usize, const FMA: bool>(x: View<'_>, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32]) {
    for at in 0..block.cols {
        for r in 0..block.rows {
            let dot = dot::<L, FMA>(weight, block.from + at, x.row(block.first + r));
            block.finish.put(block.from + at, dot, &mut out[r * block.stride + at]);
        }
    }
}

#[inline(always)]
fn dot<const L: usize, const FMA: bool>(weight: &QuantView<'_>, row: usize, x: &[f32]) -> f32 {
    let group = usize::from(weight.format.group);
    let groups = weight.cols / group;
    let mut lanes = [0.0; L];
    let mut scalar = 0.0;
    for (within, x) in x.chunks_exact(group).enumerate() {
        let at = row * groups + within;
        let codes = weight.group_codes(at);
        let (products, rest) = match weight.format.bits {
            Bits::Four => four_bits::<L, FMA>(codes, x),
            Bits::Eight => (eight_bits::<L, FMA>(codes, x), 0.0),
        };
        let scale = weight.scale(at);
        lanes = multiply_add::<L, FMA>(products, [scale; L], lanes);
        let zero = weight.zero(at);
        // Zeros are small integers, exact in f32.
        let shift = if zero == 0 { 0.0 } else { zero as f32 * x.iter().sum::<f32>() };
        scalar += scale * (rest - shift);
    }
    sum(lanes) + scalar
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

#[inline(always)]
fn decode_body<const L: usize, const FMA: bool>(weight: &QuantView<'_>, row: usize, out: &mut [f32]) {
    weight.decode_row(row, out);
}

vectorised! {
    /// A block of the product, weight row by weight row.
    fn few = few_body(x: View<'_>, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32])
}
vectorised! {
    /// The values of one row.
    fn decode = decode_body(weight: &QuantView<'_>, row: usize, out: &mut [f32])
}
