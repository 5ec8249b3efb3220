use frugal_tensor::{BackendError, TensorId};

use super::train::{Operands, lanes};
use super::{GROUP, number};
use crate::calls::{Bound, Extent, Place, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const LOG_PROB: Source = Source { name: "log_prob", text: include_str!("log_prob.wgsl") };

const LOG_PROB_GRAD: Source = Source { name: "log_prob_grad", text: include_str!("log_prob_grad.wgsl") };

/// The reference as the last matrix, what there is to know of it, and the check of targets.
fn finish(
    recorder: &Recorder<'_>,
    operands: Operands,
    reference: Option<TensorId>,
    cols: usize,
) -> Result<Operands, BackendError> {
    let operands = match reference {
        Some(reference) => operands.and(recorder, reference, Access::Read)?,
        None => {
            let Operands { params, bindings } = operands.bind(Bound::Nothing, Access::Read);
            Operands { params: params.place(Place { at: 0, stride: 0, rows: 0, live: 0 }), bindings }
        }
    };
    let Operands { params, bindings } = operands.checked();
    let params = params.word(small(cols)?).flag(reference.is_some()).word(number("log_prob"));
    Ok(Operands { params, bindings })
}

pub(super) fn statistics(
    recorder: &mut Recorder<'_>,
    logits: TensorId,
    reference: Option<TensorId>,
    targets: TensorId,
    out: TensorId,
) -> Result<(), BackendError> {
    let operands = Operands::of(recorder, [logits, targets], out)?;
    let Operands { params, bindings } = finish(recorder, operands, reference, recorder.get(logits).cols)?;
    let (kernel, grid) = lanes(recorder.kernels, &LOG_PROB, Extent::rows(recorder.get(out), 1));
    recorder.push(kernel, params, grid, bindings);
    Ok(())
}

/// `[logits, targets, statistics, coefficients]`.
pub(super) fn grad(
    recorder: &mut Recorder<'_>,
    [logits, targets, statistics, coefficients]: [TensorId; 4],
    reference: Option<TensorId>,
) -> Result<(), BackendError> {
    let mut operands = Operands::default().and(recorder, logits, Access::Write)?;
    for read in [targets, statistics, coefficients] {
        operands = operands.and(recorder, read, Access::Read)?;
    }
    let matrix = *recorder.get(logits);
    let Operands { params, bindings } = finish(recorder, operands, reference, matrix.cols)?;
    let grid = [Extent::of(matrix.cols, GROUP), Extent::rows(&matrix, 1)];
    recorder.push(Kernel::new(&LOG_PROB_GRAD), params, grid, bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    [super::train::both(&[&LOG_PROB]), vec![Kernel::new(&LOG_PROB_GRAD)]].concat()
}
