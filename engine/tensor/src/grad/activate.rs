//! Elementwise functions, with a gate or without.

use super::{Allocate, At, GradError, Reverse};
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
    let (Op::Activate { x, activation, out } | Op::Gated { x, activation, out }) = *at.op else { return Ok(()) };
    let dy = reverse.gradient(at, out);
    let Some(out) = reverse.set(at, x, allocate)? else { return Ok(()) };
    let x = reverse.value(at, x)?;
    reverse.plan.push(match at.op {
        Op::Gated { .. } => Train::GatedGrad { x, dy, activation, out },
        _ => Train::ActivateGrad { x, dy, activation, out },
    });
    Ok(())
}
