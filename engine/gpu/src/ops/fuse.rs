//! Operators that stand in a row and run as one call. Each still writes all that its operators write.

use frugal_tensor::{BackendError, Op};

use super::cache_write::{self, Pair};
use super::linear::{self, Linear, Norm, Then};
use crate::calls::Recorder;

/// Appends the call of the first few operators, and gives how many; 0 when the first one goes by itself.
pub(super) fn record(recorder: &mut Recorder<'_>, ops: &[Op]) -> Result<usize, BackendError> {
    let products = products(ops);
    let pairs = Pair::find(recorder, ops);
    for (norm, linear, then) in products {
        if let Some(call) = linear::fused(recorder, norm, &linear, then)? {
            recorder.calls.push(call);
            return Ok(1 + usize::from(norm.is_some()) + usize::from(then.is_some()));
        }
    }
    if let Some((pair, count)) = pairs
        && let Some(call) = cache_write::fused(recorder, &pair)?
    {
        recorder.calls.push(call);
        return Ok(count);
    }
    Ok(0)
}

/// Ways to take a product with what is around it, those that take most first.
fn products(ops: &[Op]) -> Vec<(Option<Norm>, Linear, Option<Then>)> {
    let norm = match ops.first() {
        Some(&Op::RmsNorm { x, gain, eps, out }) => Some((Norm { x, gain, bias: None, eps, centred: false }, out)),
        Some(&Op::LayerNorm { x, gain, bias, eps, out }) => Some((Norm { x, gain, bias, eps, centred: true }, out)),
        _ => None,
    };
    let ops = if norm.is_some() { &ops[1..] } else { ops };
    let Some(&Op::Linear { x, weight, bias, out, accumulate }) = ops.first() else { return Vec::new() };
    if norm.is_some_and(|(_, normed)| normed != x) {
        return Vec::new();
    }
    let linear = Linear { x, weight, bias, out, accumulate };
    let then = match ops.get(1) {
        Some(&Op::Gated { x, activation, out: inner }) if x == out => {
            Some(Then { activation, out: inner, gated: true })
        }
        Some(&Op::Activate { x, activation, out: inner }) if x == out => {
            Some(Then { activation, out: inner, gated: false })
        }
        _ => None,
    };
    let mut all = Vec::new();
    let norm = norm.map(|(norm, _)| norm);
    if norm.is_some() && then.is_some() {
        all.push((norm, linear, then));
    }
    if norm.is_some() {
        all.push((norm, linear, None));
    } else if then.is_some() {
        all.push((None, linear, then));
    }
    all
}
