//! Copies, sums and multiples.

use super::{Allocate, At, GradError, Reverse};
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
    let Op::Train(Train::Scale { x, factor, out, .. }) = *at.op else { return Ok(()) };
    let dy = reverse.gradient(at, out);
    if let Some((out, accumulate)) = reverse.contribute(at, x, allocate)? {
        reverse.plan.push(Train::Scale { x: dy, factor, out, accumulate });
    }
    Ok(())
}
