//! Products of few rows with the usual formats, in integers: groups of 32 codes around a fixed zero, scales in f16.
//!
//! Each group of `x` is rounded to 16 bits of its own largest magnitude, far finer than any code; products and their sums
//! within a group are exact.

use half::f16;

use super::linear::Block;
use super::simd::{Element, vectorised};
use crate::quant::{Bits, QuantFormat};
use crate::view::QuantView;
use crate::{Stored, View};

const GROUP: usize = 32;
/// Groups whose scales are decoded at a time; a row has at most as many.
const SCALES: usize = 512;
/// The largest rounded magnitude: 32 products with codes of 8 bits stay below 2^31.
const LARGEST: f32 = 32_767.0;

/// Whether a weight's products are computed here.
pub(super) fn serves(weight: &QuantView<'_>) -> bool {
    let QuantFormat { group, zeros, half_scales, .. } = weight.format;
    usize::from(group) == GROUP && !zeros && half_scales && (1..=SCALES).contains(&(weight.cols / GROUP))
}

/// Rows of `x`, rounded group by group.
#[derive(Default)]
pub(super) struct Rounded {
    codes: Vec<[i16; GROUP]>,
    scales: Vec<f32>,
    /// Where sums of products start so that four-bit codes count from 8 below: `-8 · Σ codes`, and zeros.
    starts: Vec<[i32; 8]>,
}

impl Rounded {
    /// Rounds the first `rows` rows if `weight` is multiplied in integers.
    pub(super) fn take(&mut self, x: View<'_>, rows: usize, weight: Stored<'_>) {
        if !matches!(weight, Stored::Quant(weight) if serves(&weight)) {
            return;
        }
        let groups = rows * (x.cols() / GROUP);
        self.codes.resize(groups, [0; GROUP]);
        self.scales.resize(groups, 0.0);
        self.starts.resize(groups, [0; 8]);
        let per_row = x.cols() / GROUP;
        for r in 0..rows {
            let range = r * per_row..(r + 1) * per_row;
            let (codes, scales) = (&mut self.codes[range.clone()], &mut self.scales[range.clone()]);
            round(x.row(r), codes, scales, &mut self.starts[range]);
        }
    }
}

#[inline(always)]
fn round_body<const L: usize, const FMA: bool>(
    x: &[f32],
    codes: &mut [[i16; GROUP]],
    scales: &mut [f32],
    starts: &mut [[i32; 8]],
) {
    /// Rounds to the nearest integer by the fraction's own rounding.
    const SHIFT: f32 = 12_582_912.0;
    for (at, x) in x.chunks_exact(GROUP).enumerate() {
        let (mut largest, mut sums) = ([0.0_f32; L], [0.0_f32; L]);
        for x in x.chunks_exact(L) {
            for i in 0..L {
                let size = x[i].abs();
                largest[i] = if size > largest[i] { size } else { largest[i] };
                sums[i] += x[i];
            }
        }
        let largest = largest.into_iter().fold(0.0_f32, f32::max);
        // What is smaller is nothing beside any sum, and its inverse would be infinite.
        let inverse = if largest > 1e-30 { LARGEST / largest } else { 0.0 };
        // No number, where an element is none: comparisons pass such an element over.
        let poison = 0.0 * sums.into_iter().sum::<f32>();
        scales[at] = largest / LARGEST + poison;
        let mut total = 0;
        for (code, x) in codes[at].iter_mut().zip(x) {
            let bits = (x * inverse + SHIFT).to_bits();
            // Magnitudes are at most `LARGEST`; what stands for an element that is no number is poisoned by the scale.
            #[allow(clippy::cast_possible_truncation)]
            let rounded = bits.wrapping_sub(SHIFT.to_bits()).cast_signed() as i16;
            *code = rounded;
            total += i32::from(rounded);
        }
        starts[at] = [-8 * total, 0, 0, 0, 0, 0, 0, 0];
    }
}

vectorised! {
    fn round = round_body(x: &[f32], codes: &mut [[i16; GROUP]], scales: &mut [f32], starts: &mut [[i32; 8]])
}

/// What one machine does with a group.
///
/// # Safety
/// Methods may be called where the machine has the features that the implementation names, and nowhere else.
#[allow(unsafe_code)]
trait Machine: Copy {
    /// Nothing yet.
    unsafe fn zero() -> Self;
    /// Adds `scales[0] · scales[1] · Σ code · x` in lanes.
    unsafe fn eight(self, codes: &[u8; GROUP], x: &[i16; GROUP], scales: [f32; 2]) -> Self;
    /// The same for codes of four bits, summed from `start` on.
    unsafe fn four(self, codes: &[u8; GROUP / 2], x: &[i16; GROUP], start: &[i32; 8], scales: [f32; 2]) -> Self;
    /// The sum of all lanes.
    unsafe fn sum(self) -> f32;
}

/// The codes of a group.
#[allow(unsafe_code)]
trait Codes: Sized {
    /// Groups that lie one after the other.
    fn all(bytes: &[u8]) -> &[Self];
    /// Adds the products of one.
    ///
    /// # Safety
    /// As [`Machine`].
    unsafe fn add<M: Machine>(&self, sums: M, x: &[i16; GROUP], start: &[i32; 8], scales: [f32; 2]) -> M;
}

#[allow(unsafe_code)]
impl Codes for [u8; GROUP] {
    fn all(bytes: &[u8]) -> &[Self] {
        bytes.as_chunks().0
    }

    #[inline(always)]
    unsafe fn add<M: Machine>(&self, sums: M, x: &[i16; GROUP], _: &[i32; 8], scales: [f32; 2]) -> M {
        // SAFETY: the caller's duty.
        unsafe { sums.eight(self, x, scales) }
    }
}

#[allow(unsafe_code)]
impl Codes for [u8; GROUP / 2] {
    fn all(bytes: &[u8]) -> &[Self] {
        bytes.as_chunks().0
    }

    #[inline(always)]
    unsafe fn add<M: Machine>(&self, sums: M, x: &[i16; GROUP], start: &[i32; 8], scales: [f32; 2]) -> M {
        // SAFETY: the caller's duty.
        unsafe { sums.four(self, x, start, scales) }
    }
}

/// # Safety
/// As [`Machine`].
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn few_on<M: Machine>(x: &Rounded, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32]) {
    // SAFETY: the caller's duty.
    unsafe {
        match weight.format.bits {
            Bits::Eight => few_of::<M, [u8; GROUP]>(x, weight, block, out),
            Bits::Four => few_of::<M, [u8; GROUP / 2]>(x, weight, block, out),
        }
    }
}

/// # Safety
/// As [`Machine`].
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn few_of<M: Machine, C: Codes>(x: &Rounded, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32]) {
    let groups = weight.cols / GROUP;
    let mut scales = [0.0; SCALES];
    let together = SCALES / groups;
    for start in (0..block.cols).step_by(together) {
        let row = block.from + start;
        let count = together.min(block.cols - start);
        // Rows are short: their scales are decoded together.
        let stored = weight.scales[2 * row * groups..][..2 * count * groups].as_chunks::<2>().0;
        for (scale, stored) in scales.iter_mut().zip(stored) {
            *scale = f16::from_le_bytes(*stored).decode();
        }
        let codes = &C::all(weight.codes)[row * groups..][..count * groups];
        for r in 0..block.rows {
            let of = (block.first + r) * groups;
            let x_scales = &x.scales[of..][..groups];
            let (xs, starts) = (&x.codes[of..][..groups], &x.starts[of..][..groups]);
            let rows = codes.chunks_exact(groups).zip(scales.chunks_exact(groups));
            for (within, (codes, scales)) in rows.enumerate() {
                // SAFETY: the caller's duty.
                let mut sums = unsafe { M::zero() };
                for g in 0..groups {
                    // SAFETY: the caller's duty.
                    sums = unsafe { codes[g].add(sums, &xs[g], &starts[g], [scales[g], x_scales[g]]) };
                }
                // SAFETY: the caller's duty.
                let dot = unsafe { sums.sum() };
                block.finish.put(row + within, dot, &mut out[r * block.stride + start + within]);
            }
        }
    }
}

/// A block of the product, weight row by weight row.
pub(super) fn few(x: &Rounded, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn with_avx2(x: &Rounded, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32]) {
            // SAFETY: this function is compiled for the features that the implementation asks for.
            #[allow(unsafe_code)]
            unsafe {
                few_on::<avx2::Sums>(x, weight, block, out);
            }
        }
        if super::has_avx2() {
            // SAFETY: the machine has the features that the function is compiled for, and it asks nothing else.
            #[allow(unsafe_code)]
            return unsafe { with_avx2(x, weight, block, out) };
        }
    }
    #[cfg(target_arch = "wasm32")]
    {
        #[target_feature(enable = "simd128")]
        fn with_simd128(x: &Rounded, weight: &QuantView<'_>, block: Block<'_>, out: &mut [f32]) {
            // SAFETY: this function is compiled for the features that the implementation asks for.
            #[allow(unsafe_code)]
            unsafe {
                few_on::<simd128::Sums>(x, weight, block, out);
            }
        }
        with_simd128(x, weight, block, out);
    }
    #[cfg(not(target_arch = "wasm32"))]
    // SAFETY: the implementation asks for no features.
    #[allow(unsafe_code)]
    unsafe {
        few_on::<plain::Sums>(x, weight, block, out);
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_and_si256, _mm256_cvtepi8_epi16,
        _mm256_cvtepi32_ps, _mm256_cvtepu8_epi16, _mm256_fmadd_ps, _mm256_loadu_si256, _mm256_madd_epi16,
        _mm256_mul_ps, _mm256_set1_epi16, _mm256_set1_ps, _mm256_setzero_ps, _mm256_srli_epi16,
    };

    use super::{GROUP, Machine};
    use crate::fast::simd::sum;

    /// AVX2 and FMA.
    #[derive(Clone, Copy)]
    pub(super) struct Sums(__m256);

    /// # Safety
    /// As [`Machine`].
    #[inline(always)]
    #[allow(unsafe_code)]
    unsafe fn factor(scales: [f32; 2]) -> __m256 {
        // SAFETY: the caller's duty.
        unsafe { _mm256_mul_ps(_mm256_set1_ps(scales[0]), _mm256_set1_ps(scales[1])) }
    }

    // SAFETY: the intrinsics ask for AVX2 and FMA, which is the caller's duty; loads stay within their arrays.
    #[allow(unsafe_code)]
    impl Machine for Sums {
        #[inline(always)]
        unsafe fn zero() -> Self {
            // SAFETY: as above.
            Self(unsafe { _mm256_setzero_ps() })
        }

        #[inline(always)]
        unsafe fn eight(self, codes: &[u8; GROUP], x: &[i16; GROUP], scales: [f32; 2]) -> Self {
            // SAFETY: as above.
            unsafe {
                let (codes, x) = (codes.as_ptr().cast::<__m128i>(), x.as_ptr().cast::<__m256i>());
                let low = _mm256_cvtepi8_epi16(_mm_loadu_si128(codes));
                let high = _mm256_cvtepi8_epi16(_mm_loadu_si128(codes.add(1)));
                let low = _mm256_madd_epi16(low, _mm256_loadu_si256(x));
                let high = _mm256_madd_epi16(high, _mm256_loadu_si256(x.add(1)));
                let group = _mm256_cvtepi32_ps(_mm256_add_epi32(low, high));
                Self(_mm256_fmadd_ps(group, factor(scales), self.0))
            }
        }

        #[inline(always)]
        unsafe fn four(self, codes: &[u8; GROUP / 2], x: &[i16; GROUP], start: &[i32; 8], scales: [f32; 2]) -> Self {
            // SAFETY: as above.
            unsafe {
                let x = x.as_ptr().cast::<__m256i>();
                let both = _mm256_cvtepu8_epi16(_mm_loadu_si128(codes.as_ptr().cast()));
                let low = _mm256_and_si256(both, _mm256_set1_epi16(15));
                let high = _mm256_srli_epi16::<4>(both);
                let low = _mm256_madd_epi16(low, _mm256_loadu_si256(x));
                let high = _mm256_madd_epi16(high, _mm256_loadu_si256(x.add(1)));
                let start = _mm256_loadu_si256(start.as_ptr().cast());
                let group = _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_add_epi32(low, start), high));
                Self(_mm256_fmadd_ps(group, factor(scales), self.0))
            }
        }

        #[inline(always)]
        unsafe fn sum(self) -> f32 {
            // SAFETY: eight lanes of plain numbers.
            sum(unsafe { std::mem::transmute::<__m256, [f32; 8]>(self.0) })
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod simd128 {
    use std::arch::wasm32::{
        f32x4_add, f32x4_convert_i32x4, f32x4_extract_lane, f32x4_mul, f32x4_splat, i16x8_extend_high_i8x16,
        i16x8_extend_low_i8x16, i32x4_add, i32x4_dot_i16x8, u8x16_shr, u8x16_splat, u16x8_extend_high_u8x16,
        u16x8_extend_low_u8x16, v128, v128_and, v128_load,
    };

    use super::{GROUP, Machine};

    /// simd128.
    #[derive(Clone, Copy)]
    pub(super) struct Sums(v128);

    // SAFETY: the intrinsics ask for simd128, which is the caller's duty; loads stay within their arrays.
    #[allow(unsafe_code)]
    impl Sums {
        /// Adds four vectors of products with 32 codes, from `start` on.
        #[inline(always)]
        unsafe fn group(self, codes: [v128; 4], x: &[i16; GROUP], start: Option<&[i32; 8]>, scales: [f32; 2]) -> Self {
            // SAFETY: as above.
            unsafe {
                let x = x.as_ptr().cast::<v128>();
                let [a, b, c, d]: [v128; 4] = std::array::from_fn(|i| i32x4_dot_i16x8(codes[i], v128_load(x.add(i))));
                let a = start.map_or(a, |start| i32x4_add(a, v128_load(start.as_ptr().cast())));
                let group = f32x4_convert_i32x4(i32x4_add(i32x4_add(a, b), i32x4_add(c, d)));
                let factor = f32x4_mul(f32x4_splat(scales[0]), f32x4_splat(scales[1]));
                Self(f32x4_add(self.0, f32x4_mul(group, factor)))
            }
        }
    }

    // SAFETY: as above.
    #[allow(unsafe_code)]
    impl Machine for Sums {
        #[inline(always)]
        unsafe fn zero() -> Self {
            Self(f32x4_splat(0.0))
        }

        #[inline(always)]
        unsafe fn eight(self, codes: &[u8; GROUP], x: &[i16; GROUP], scales: [f32; 2]) -> Self {
            // SAFETY: as above.
            unsafe {
                let codes = codes.as_ptr().cast::<v128>();
                let (a, b) = (v128_load(codes), v128_load(codes.add(1)));
                let codes = [
                    i16x8_extend_low_i8x16(a),
                    i16x8_extend_high_i8x16(a),
                    i16x8_extend_low_i8x16(b),
                    i16x8_extend_high_i8x16(b),
                ];
                self.group(codes, x, None, scales)
            }
        }

        #[inline(always)]
        unsafe fn four(self, codes: &[u8; GROUP / 2], x: &[i16; GROUP], start: &[i32; 8], scales: [f32; 2]) -> Self {
            // SAFETY: as above.
            unsafe {
                let both = v128_load(codes.as_ptr().cast());
                let (low, high) = (v128_and(both, u8x16_splat(15)), u8x16_shr(both, 4));
                let codes = [
                    u16x8_extend_low_u8x16(low),
                    u16x8_extend_high_u8x16(low),
                    u16x8_extend_low_u8x16(high),
                    u16x8_extend_high_u8x16(high),
                ];
                self.group(codes, x, Some(start), scales)
            }
        }

        #[inline(always)]
        unsafe fn sum(self) -> f32 {
            let lanes = self.0;
            (f32x4_extract_lane::<0>(lanes) + f32x4_extract_lane::<2>(lanes))
                + (f32x4_extract_lane::<1>(lanes) + f32x4_extract_lane::<3>(lanes))
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod plain {
    use super::{GROUP, Machine};

    /// No features.
    #[derive(Clone, Copy)]
    pub(super) struct Sums(f32);

    // SAFETY: nothing here is unsafe.
    #[allow(unsafe_code)]
    impl Machine for Sums {
        unsafe fn zero() -> Self {
            Self(0.0)
        }

        unsafe fn eight(self, codes: &[u8; GROUP], x: &[i16; GROUP], scales: [f32; 2]) -> Self {
            let products = codes.iter().zip(x).map(|(code, x)| i32::from(code.cast_signed()) * i32::from(*x));
            // Sums of 32 products are below 2^31, and near enough as f32.
            Self(products.sum::<i32>() as f32 * (scales[0] * scales[1]) + self.0)
        }

        unsafe fn four(self, codes: &[u8; GROUP / 2], x: &[i16; GROUP], start: &[i32; 8], scales: [f32; 2]) -> Self {
            let (low, high) = x.split_at(GROUP / 2);
            let products = codes.iter().zip(low.iter().zip(high)).map(|(code, (low, high))| {
                i32::from(code & 15) * i32::from(*low) + i32::from(code >> 4) * i32::from(*high)
            });
            Self((start[0] + products.sum::<i32>()) as f32 * (scales[0] * scales[1]) + self.0)
        }

        unsafe fn sum(self) -> f32 {
            self.0
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fast::linear::Finish;
    use crate::quant::Scheme;

    const COLS: usize = 3 * GROUP;

    fn block(cols: usize) -> Block<'static> {
        let finish = Finish { bias: None, accumulate: false };
        Block { first: 0, rows: 1, from: 0, cols, finish, stride: cols }
    }

    #[test]
    fn lanes_add_up_what_scalars_do() {
        let wave = |at: usize| ((at * 37 % 101) as f32 - 50.0) * 0.01;
        let (values, x): (Vec<f32>, Vec<f32>) = ((0..5 * COLS).map(wave).collect(), (7..7 + COLS).map(wave).collect());
        for scheme in [Scheme::Q8_0, Scheme::Q4_0] {
            let packed = scheme.quantise(&values, COLS).unwrap();
            let weight = QuantView::new(scheme.format(), 5, COLS, &packed).unwrap();
            let mut rounded = Rounded::default();
            rounded.take(View::dense(&x, 1, COLS), 1, Stored::Quant(weight));
            let (mut lanes, mut scalars) = ([0.0; 5], [0.0; 5]);
            few(&rounded, &weight, block(5), &mut lanes);
            // SAFETY: it asks for no features.
            #[allow(unsafe_code)]
            unsafe {
                few_on::<plain::Sums>(&rounded, &weight, block(5), &mut scalars);
            }
            assert!(lanes.iter().zip(&scalars).all(|(a, b)| (a - b).abs() < 1e-5), "{lanes:?} for {scalars:?}");
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let packed = Scheme::Q4_0.quantise(&[0.5; COLS], COLS).unwrap();
        let weight = QuantView::new(Scheme::Q4_0.format(), 1, COLS, &packed).unwrap();
        for odd in [f32::NAN, f32::INFINITY] {
            for at in [0, 5, COLS - 1] {
                let mut x = [0.25; COLS];
                x[at] = odd;
                let (mut rounded, mut out) = (Rounded::default(), [0.0]);
                rounded.take(View::dense(&x, 1, COLS), 1, Stored::Quant(weight));
                few(&rounded, &weight, block(1), &mut out);
                assert!(out[0].is_nan(), "{odd} at {at} gave {}", out[0]);
            }
        }
    }
}
