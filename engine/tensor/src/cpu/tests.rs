//! Hand sums: the judge itself is judged by numbers worked out beside it.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::{Activation, NO_COLUMN, RopeLayout, Stored, View, ViewMut};

#[track_caller]
fn close(got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{got} for {want}");
    }
}

#[test]
fn norms() {
    let mut out = [0.0; 4];
    // mean square of (3, 4) is 12.5.
    let x = [3.0, 4.0, 0.0, 0.0];
    rms_norm(View::dense(&x, 2, 2), &[1.0, 2.0], 1e-12, ViewMut::dense(&mut out, 2, 2));
    close(&out, &[3.0 / 12.5_f32.sqrt(), 8.0 / 12.5_f32.sqrt(), 0.0, 0.0]);
    // (1, 3): mean 2, variance 1.
    let x = [1.0, 3.0, 5.0, 5.0];
    layer_norm(View::dense(&x, 2, 2), &[1.0, 2.0], Some(&[0.5, 0.25]), 1e-12, ViewMut::dense(&mut out, 2, 2));
    close(&out, &[-0.5, 2.25, 0.5, 0.25]);
}

#[test]
fn linear_and_gather() {
    let weight = Stored::F32(View::dense(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2));
    let mut out = [10.0; 3];
    linear(View::dense(&[1.0, -1.0], 1, 2), weight, Some(&[0.5, 0.0, 0.0]), true, ViewMut::dense(&mut out, 1, 3));
    close(&out, &[9.5, 9.0, 9.0]);
    let mut out = [1.0; 4];
    gather(weight, &[2, 0], false, ViewMut::dense(&mut out, 2, 2));
    close(&out, &[5.0, 6.0, 1.0, 2.0]);
    gather(weight, &[0, 0], true, ViewMut::dense(&mut out, 2, 2));
    close(&out, &[6.0, 8.0, 2.0, 4.0]);
}

#[test]
fn rope_turns_pairs() {
    // Position 1 turns the first pair by 90 degrees and the second by none.
    let table = [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0];
    for (layout, want) in [(RopeLayout::Half, [-3.0, 2.0, 1.0, 4.0]), (RopeLayout::Interleaved, [-2.0, 1.0, 3.0, 4.0])]
    {
        let mut x = [1.0, 2.0, 3.0, 4.0];
        rope(ViewMut::dense(&mut x, 1, 4), &[1], View::dense(&table, 2, 4), 4, layout);
        close(&x, &want);
    }
    // Only the first two of three elements turn.
    let mut x = [1.0, 2.0, 3.0];
    rope(ViewMut::dense(&mut x, 1, 3), &[0], View::dense(&[0.0, 1.0], 1, 2), 3, RopeLayout::Half);
    close(&x, &[-2.0, 1.0, 3.0]);
}

#[test]
fn attention_over_a_slot() {
    // Two heads of one element share one key head. Slot 1 holds keys ln 1, ln 3 and values 10, 20.
    let keys = [9.0, 9.0, 0.0, 3.0_f32.ln()];
    let values = [9.0, 9.0, 10.0, 20.0];
    let mut heads = Heads { heads: 2, kv_heads: 1, context: 2, scale: 1.0, window: None };
    let mut out = [0.0; 2];
    let run = |heads: &Heads, out: &mut [f32]| {
        let (keys, values) = (Stored::F32(View::dense(&keys, 4, 1)), Stored::F32(View::dense(&values, 4, 1)));
        attention(View::dense(&[1.0, 0.0], 1, 2), keys, values, &[1], &[1], heads, ViewMut::dense(out, 1, 2));
    };
    run(&heads, &mut out);
    close(&out, &[17.5, 15.0]);
    heads.window = Some(1);
    run(&heads, &mut out);
    close(&out, &[20.0, 20.0]);
}

#[test]
fn activations() {
    let at = |kind, x| activation(kind, x);
    assert!((at(Activation::Silu, 1.0) - 0.731_058_578_630_004_9).abs() < 1e-15);
    // Φ(1) = 0.841344746068543, Φ(-4) = 3.167124183311986e-5, from tables.
    assert!((at(Activation::GeluErf, 1.0) - 0.841_344_746_068_543).abs() < 1e-14);
    assert!((at(Activation::GeluErf, -4.0) + 4.0 * 3.167_124_183_311_986e-5).abs() < 1e-15);
    assert!((at(Activation::GeluErf, 4.3) - 4.3 * (1.0 - 8.539_905_471e-6)).abs() < 1e-13);
    assert!((at(Activation::GeluTanh, 1.0) - 0.841_191_990_607_477_1).abs() < 1e-12);
    assert_eq!((at(Activation::Relu, -1.0), at(Activation::Relu, 2.0)), (0.0, 2.0));
    assert!(at(Activation::GeluErf, f64::NAN).is_nan());
    let mut out = [0.0; 2];
    gated(View::dense(&[1.0, -1.0, 3.0, 4.0], 1, 4), Activation::Relu, ViewMut::dense(&mut out, 1, 2));
    close(&out, &[3.0, 0.0]);
}

#[test]
fn argmax_ties_and_nans() {
    let mut out = [9_u32; 4];
    let (nan, low) = (f32::NAN, f32::NEG_INFINITY);
    let x = [1.0, 2.0, 2.0, nan, low, 0.0, nan, low, low, nan, nan, nan];
    argmax(View::dense(&x, 4, 3), ViewMut::dense(&mut out, 4, 1));
    assert_eq!(out, [1, 2, NO_COLUMN, NO_COLUMN]);
    let x = [f32::INFINITY, f32::MIN, nan, low, low, low];
    argmax(View::dense(&x, 2, 3), ViewMut::dense(&mut out[..2], 2, 1));
    assert_eq!(out[..2], [1, NO_COLUMN]);
}

#[test]
fn cache_rows() {
    let mut cache = [0.0; 4];
    cache_write(View::dense(&[1.5, 2.5], 2, 1), &[1, 0], &[0, 1], 2, ViewMut::dense(&mut cache, 4, 1));
    assert_eq!(cache, [0.0, 1.5, 2.5, 0.0]);
}
