//! `y = x · Wᵀ + b`: `dx = dy · W`, `dW = dyᵀ · x`, `db` the sums of `dy`'s columns.

use super::{Allocate, At, GradError, Reverse};
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
    let Op::Linear { x, weight, bias, out, .. } = *at.op else { return Ok(()) };
    let dy = reverse.gradient(at, out);
    if let Some((out, accumulate)) = reverse.contribute(at, weight, allocate)? {
        let right = reverse.value(at, x)?;
        reverse.plan.push(Train::MatMul { left: dy, right, turned: true, out, accumulate });
    }
    if let Some(bias) = bias
        && let Some((out, _)) = reverse.contribute(at, bias, allocate)?
    {
        reverse.plan.push(Train::ColumnSums { x: dy, out });
    }
    if let Some((out, accumulate)) = reverse.contribute(at, x, allocate)? {
        let right = reverse.value(at, weight)?;
        reverse.plan.push(Train::MatMul { left: dy, right, turned: false, out, accumulate });
    }
    Ok(())
}
