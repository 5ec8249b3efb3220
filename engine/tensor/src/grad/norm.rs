//! RMS and layer norms: by their input, gain and bias.

use super::{Allocate, At, GradError, Reverse};
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
    let (x, gain, bias, eps, out, centred) = match *at.op {
        Op::RmsNorm { x, gain, eps, out } => (x, gain, None, eps, out, false),
        Op::LayerNorm { x, gain, bias, eps, out } => (x, gain, bias, eps, out, true),
        _ => return Ok(()),
    };
    let dy = reverse.gradient(at, out);
    let value = reverse.value(at, x)?;
    if let Some((out, _)) = reverse.contribute(at, gain, allocate)? {
        reverse.plan.push(Train::NormGainGrad { x: value, dy, eps, centred, out });
    }
    if let Some(bias) = bias
        && let Some((out, _)) = reverse.contribute(at, bias, allocate)?
    {
        reverse.plan.push(Train::ColumnSums { x: dy, out });
    }
    if let Some((out, accumulate)) = reverse.contribute(at, x, allocate)? {
        let gain = reverse.value(at, gain)?;
        reverse.plan.push(Train::NormGrad { x: value, gain, dy, eps, centred, out, accumulate });
    }
    Ok(())
}
