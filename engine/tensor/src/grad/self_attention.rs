//! Attention of whole sequences, by queries, keys and values at once.

use super::{Allocate, At, GradError, Reverse};
use crate::train::SelfAttention;
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
    let Op::Train(Train::SelfAttention { of, out }) = *at.op else { return Ok(()) };
    let dy = reverse.gradient(at, out);
    let Some(out) = reverse.set(at, of.projected, allocate)? else { return Ok(()) };
    let projected = reverse.value(at, of.projected)?;
    reverse.plan.push(Train::SelfAttentionGrad { of: SelfAttention { projected, ..of }, dy, out });
    Ok(())
}
