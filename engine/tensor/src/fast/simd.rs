//! One source for every machine's vector instructions.
//!
//! A kernel's body is written over arrays of `L` lanes, which the compiler turns into vectors; [`vectorised`] compiles
//! it for what the machine has: eight lanes with fused multiply-add on AVX2, four lanes elsewhere.

/// `L` lanes.
pub(super) type Lanes<const L: usize> = [f32; L];

/// `a · b + c` in each lane; fused where `FMA` says that the machine does so in one instruction.
#[inline(always)]
pub(super) fn multiply_add<const L: usize, const FMA: bool>(a: Lanes<L>, b: Lanes<L>, c: Lanes<L>) -> Lanes<L> {
    std::array::from_fn(|i| if FMA { a[i].mul_add(b[i], c[i]) } else { a[i] * b[i] + c[i] })
}

/// The sum of all lanes, halves first.
#[inline(always)]
pub(super) fn sum<const L: usize>(mut lanes: Lanes<L>) -> f32 {
    let mut width = L;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
    }
    lanes[0]
}

/// Elements that lanes are filled from.
pub(super) trait Element: Copy {
    /// As f32, exact.
    fn decode(self) -> f32;

    /// Four elements as a vector.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn four(from: &[Self; 4]) -> std::arch::wasm32::v128 {
        let [a, b, c, d] = from.map(Self::decode);
        std::arch::wasm32::f32x4(a, b, c, d)
    }
}

impl Element for f32 {
    #[inline(always)]
    fn decode(self) -> f32 {
        self
    }

    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn four(from: &[Self; 4]) -> std::arch::wasm32::v128 {
        // SAFETY: the array is as long as a vector, and whoever calls this is compiled for simd128.
        #[allow(unsafe_code)]
        unsafe {
            std::arch::wasm32::v128_load(from.as_ptr().cast())
        }
    }
}

impl Element for half::bf16 {
    #[inline(always)]
    fn decode(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
}

impl Element for half::f16 {
    #[inline(always)]
    fn decode(self) -> f32 {
        let bits = u32::from(self.to_bits());
        // Exponent and fraction in f32's place are 2^112 too small, subnormal or not.
        let size = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
        let special = if bits & 0x7c00 == 0x7c00 { 0x7f80_0000 } else { 0 };
        f32::from_bits(size.to_bits() | special | (bits & 0x8000) << 16)
    }
}

/// The first `L` elements.
#[inline(always)]
pub(super) fn load<E: Element, const L: usize>(from: &[E]) -> Lanes<L> {
    let from = &from[..L];
    std::array::from_fn(|i| from[i].decode())
}

/// Defines `$name`, which runs `$body::<LANES, FMA>` compiled for what the machine has.
macro_rules! vectorised {
    ($(#[$doc:meta])* fn $name:ident = $body:ident $(<$($gen:ident : $bound:ident),*>)? ($($arg:ident : $ty:ty),* $(,)?) $(-> $ret:ty)?) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub(super) fn $name $(<$($gen: $bound),*>)? ($($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn with_avx2 $(<$($gen: $bound),*>)? ($($arg: $ty),*) $(-> $ret)? {
                    $body::<8, true $($(, $gen)*)?>($($arg),*)
                }
                if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
                    // SAFETY: the machine has both features that the function is compiled for, and it asks nothing else.
                    #[allow(unsafe_code)]
                    return unsafe { with_avx2($($arg),*) };
                }
            }
            #[cfg(target_arch = "wasm32")]
            {
                #[target_feature(enable = "simd128")]
                #[allow(clippy::too_many_arguments)]
                fn with_simd128 $(<$($gen: $bound),*>)? ($($arg: $ty),*) $(-> $ret)? {
                    $body::<4, false $($(, $gen)*)?>($($arg),*)
                }
                with_simd128($($arg),*)
            }
            #[cfg(not(target_arch = "wasm32"))]
            {
                $body::<4, { cfg!(target_arch = "aarch64") } $($(, $gen)*)?>($($arg),*)
            }
        }
    };
}
pub(super) use vectorised;

/// `e^x` to about 2 units in the last place; 0 below -87.3, infinite above 88.7, NaN stays (Cephes' `expf`).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let clamped = x.clamp(-87.3, 88.7);
    // Rounds to the nearest integer by the fraction's own rounding.
    let shifted = clamped * std::f32::consts::LOG2_E + 12_582_912.0;
    let n = shifted - 12_582_912.0;
    let r = clamped - n * 0.693_359_4 - n * -2.121_944_4e-4;
    let p = 1.987_569_2e-4_f32;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_6e-1;
    let p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    // 2^n in two factors, so that n = 128 does not overflow; n lies in the low bits of `shifted`.
    let n = shifted.to_bits().wrapping_sub(12_582_912.0_f32.to_bits()).cast_signed();
    let power = |n: i32| f32::from_bits((n + 127).cast_unsigned() << 23);
    let half = n >> 1;
    let value = value * power(half) * power(n - half);
    if x < -87.3 {
        0.0
    } else if x > 88.7 {
        f32::INFINITY
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_decode_exactly() {
        for bits in 0..=u16::MAX {
            let (got, want) = (half::f16::from_bits(bits).decode(), half::f16::from_bits(bits).to_f32());
            assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{bits:04x}: {got} for {want}");
            let (got, want) = (half::bf16::from_bits(bits).decode(), half::bf16::from_bits(bits).to_f32());
            assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{bits:04x}: {got} for {want}");
        }
    }

    #[test]
    fn exp_is_close_everywhere() {
        let mut x = -87.0_f32;
        while x < 88.7 {
            let (got, want) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((got / want - 1.0).abs() < 3e-7, "{x}: {got} for {want}");
            x += 0.003_7;
        }
        assert_eq!((exp(-200.0), exp(f32::NEG_INFINITY), exp(0.0)), (0.0, 0.0, 1.0));
        assert_eq!((exp(89.0), exp(f32::INFINITY)), (f32::INFINITY, f32::INFINITY));
        assert!(exp(f32::NAN).is_nan());
    }
}
