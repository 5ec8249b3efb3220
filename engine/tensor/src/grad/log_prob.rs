//! Losses over a vocabulary. Logits become their gradient where they stand, so that there is never a second matrix as
//! wide as the vocabulary; nothing may read them afterwards.

use super::{At, GradError, Reverse};
use crate::train::{COEFFICIENTS, STATISTICS};
use crate::{Op, Tensor, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>) -> Result<(), GradError> {
    let Op::Train(Train::LogProb { logits, reference, targets, out }) = *at.op else { return Ok(()) };
    let tensor = at.get(logits);
    let statistics = at.get(out);
    // The seed holds coefficients of the same rows.
    let buffer = reverse.buffers.get(&statistics.buffer).copied().unwrap_or(statistics.buffer);
    let dense = Tensor::dense(buffer, statistics.rows, COEFFICIENTS, statistics.dtype);
    let offset = statistics.offset / STATISTICS * COEFFICIENTS;
    let coefficients = reverse.plan.tensor(Tensor { offset, live: statistics.live, ..dense });
    if reverse.has_gradient(at, &tensor)? {
        return Err(at.overlap());
    }
    let reference = reference.map(|reference| reverse.value(at, reference)).transpose()?;
    let [logits, targets, statistics] =
        [reverse.value(at, logits)?, reverse.value(at, targets)?, reverse.value(at, out)?];
    reverse.plan.push(Train::LogProbGrad { logits, reference, targets, statistics, coefficients });
    reverse.buffers.insert(tensor.buffer, tensor.buffer);
    reverse.begin(&tensor);
    Ok(())
}
