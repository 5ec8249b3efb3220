#![allow(clippy::unwrap_used)]
use super::*;
use crate::DType;

fn wave(count: usize) -> Vec<f32> {
    (0_u16..).take(count).map(|i| (f32::from(i) * 0.7).sin() * 0.3 + 0.1).collect()
}

fn schemes() -> Vec<Scheme> {
    let mut all = vec![Scheme::Q4_0, Scheme::Q8_0];
    for bits in [Bits::Four, Bits::Eight] {
        for half_scales in [false, true] {
            all.push(Scheme::symmetric(bits, 24, half_scales));
            all.push(Scheme::asymmetric(bits, 16, half_scales));
        }
    }
    all
}

#[test]
fn a_decoded_weight_is_within_half_a_step() {
    for scheme in schemes() {
        let group = usize::from(scheme.format.group);
        let (rows, cols) = (3, group * 3);
        let values = wave(rows * cols);
        let packed = scheme.quantise(&values, cols).unwrap();
        assert_eq!(Some(packed.len()), DType::Quant(scheme.format).bytes(rows, cols));
        let view = QuantView::new(scheme.format, rows, cols, &packed).unwrap();
        let mut row = vec![0.0; cols];
        for r in 0..rows {
            view.decode_row(r, &mut row);
            for (c, (got, want)) in row.iter().zip(&values[r * cols..]).enumerate() {
                let scale = view.scale(r * 3 + c / group).abs();
                // q4_0 clips what rounds to 16: one step. A rounded scale moves the farthest code by 2^-11 of itself.
                let steps = if scheme.rule == Rule::Q4_0 { 1.01 } else { 0.57 };
                assert!((got - want).abs() <= scale * steps, "{scheme:?} {r},{c}: {got} for {want}, step {scale}");
            }
        }
    }
}

#[test]
fn hand_computed_codes() {
    // max 7 -> scale 1; 2.5 and 3.5 round to even.
    let got = Rule::Symmetric.codes(Bits::Four, &[7.0, -7.0, 2.5, 3.5, -0.4]).unwrap();
    assert_eq!((got.codes, got.scale), (vec![7, -7, 2, 4, 0], 1.0));
    // -3..12 in 15 steps -> scale 1, zero 3.
    let got = Rule::Asymmetric.codes(Bits::Four, &[-3.0, 12.0, 0.0, 1.2]).unwrap();
    assert_eq!((got.codes, got.scale, got.zero), (vec![0, 15, 3, 4], 1.0, Some(3)));
    // The largest magnitude is 8, positive -> scale -1; -8 would be code 16 and is clipped.
    let got = Rule::Q4_0.codes(Bits::Four, &[8.0, -8.0, 0.0, 3.0]).unwrap();
    assert_eq!((got.codes, got.scale), (vec![0, 15, 8, 5], -1.0));
    let got = Rule::Q8_0.codes(Bits::Eight, &[127.0, -1.5, 0.0]).unwrap();
    assert_eq!((got.codes, got.scale), (vec![127, -2, 0], 1.0));
    for rule in [Rule::Symmetric, Rule::Asymmetric, Rule::Q4_0, Rule::Q8_0] {
        let zeros = rule.codes(Bits::Four, &[0.0; 8]).unwrap();
        let want = if rule == Rule::Q4_0 { 8 } else { 0 };
        assert_eq!((zeros.scale, zeros.codes), (0.0, vec![want; 8]), "{rule:?}");
    }
}

#[test]
fn what_cannot_be_quantised_is_refused() {
    let mut values = wave(64);
    assert_eq!(Scheme::Q4_0.quantise(&values, 48), Err(QuantError::Group { cols: 48, group: 32 }));
    assert!(matches!(Scheme::symmetric(Bits::Four, 12, false).quantise(&values, 12), Err(QuantError::Group { .. })));
    assert!(matches!(Scheme::Q4_0.quantise(&values[..40], 32), Err(QuantError::Length { .. })));
    values[33] = f32::NAN;
    assert!(matches!(Scheme::Q8_0.quantise(&values, 64), Err(QuantError::NotFinite { at: 33, .. })));
    assert!(matches!(Scheme::Q8_0.quantise(&values, 32), Err(QuantError::NotFinite { at: 1, .. })));
    let large = vec![1e30_f32; 32];
    assert!(matches!(Scheme::Q8_0.quantise(&large, 32), Err(QuantError::ScaleTooLarge { .. })));
}

#[test]
fn bits_are_counted() {
    assert_eq!(Scheme::Q4_0.format.bits_per_weight(), 4.5);
    assert_eq!(Scheme::Q8_0.format.bits_per_weight(), 8.5);
    assert_eq!(Scheme::asymmetric(Bits::Four, 32, true).format.bits_per_weight(), 4.625);
    assert_eq!(Scheme::asymmetric(Bits::Eight, 32, true).format.bits_per_weight(), 8.75);
    let layout = Scheme::asymmetric(Bits::Four, 16, true).format.layout(3, 16).unwrap();
    assert_eq!((layout.codes_bytes, layout.scales_bytes, layout.zeros_bytes), (24, 6, 2));
    assert_eq!((layout.scales_at, layout.zeros_at, layout.bytes), (32, 48, 64));
    assert_eq!(Scheme::Q8_0.format.layout(usize::MAX / 2, 64), None);
}

#[test]
fn ggml_blocks_keep_their_codes() {
    let values = wave(128);
    for scheme in [Scheme::Q4_0, Scheme::Q8_0] {
        let packed = scheme.quantise(&values, 64).unwrap();
        let view = QuantView::new(scheme.format, 2, 64, &packed).unwrap();
        let blocks: Vec<u8> =
            (0..4).flat_map(|at| [&view.scales[at * 2..at * 2 + 2], view.group_codes(at)].concat()).collect();
        assert_eq!(repack_ggml(scheme, 2, 64, &blocks).unwrap(), packed);
        assert!(matches!(repack_ggml(scheme, 2, 64, &blocks[1..]), Err(QuantError::Length { .. })));
    }
}
