use std::ops::Range;

use frugal_tensor::{BackendError, Optimiser, Tensor, TensorId, Update};

use super::GROUP;
use crate::calls::{Binding, Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const STATE: Source = Source { name: "optimiser_state", text: include_str!("optimiser_state.wgsl") };

const STEP: Source = Source { name: "optimiser_step", text: include_str!("optimiser_step.wgsl") };

/// Bytes of a binding that alignment may take.
const SLACK: usize = 1024;

/// A kernel for a rule.
fn by(source: &'static Source, rule: Optimiser) -> Kernel {
    let snippet = match rule {
        Optimiser::AdamW => "rule_adam_w",
        Optimiser::Sgd => "rule_sgd",
        Optimiser::RmsProp => "rule_rms_prop",
        Optimiser::Lion => "rule_lion",
    };
    Kernel::new(source).part("rule", snippet)
}

/// Elements `columns` of row `row` of a tensor, as a call reads or writes them.
struct Part {
    id: TensorId,
    row: usize,
    columns: Range<usize>,
    access: Access,
}

/// Binds parts from 2 on.
fn bind<const N: usize>(recorder: &Recorder<'_>, parts: [Part; N]) -> Result<(Params, Vec<Binding>), BackendError> {
    let (mut params, mut bindings) = (Params::default(), Vec::new());
    for (number, part) in (2..).zip(parts) {
        let whole = recorder.get(part.id);
        let offset = whole.offset + part.row * whole.stride + part.columns.start;
        let tensor = Tensor { offset, rows: 1, cols: part.columns.len(), ..*whole };
        let (bound, place) = recorder.rows(&tensor, 0..1)?;
        params = params.place(place);
        bindings.push((number, part.access, bound));
    }
    Ok((params, bindings))
}

/// Elements of a weight in pieces that fit a binding.
fn pieces(recorder: &Recorder<'_>, update: &Update) -> Vec<Range<usize>> {
    let count = recorder.get(update.gradient).cols;
    let most = (recorder.binding_bytes.saturating_sub(SLACK) / 4).max(1);
    (0..count).step_by(most).map(|from| from..count.min(from + most)).collect()
}

fn told(update: &Update, columns: &Range<usize>) -> [Part; 3] {
    let read = |id, columns| Part { id, row: 0, columns, access: Access::Read };
    [
        read(update.gradient, columns.clone()),
        read(update.factor, 0..1),
        read(update.settings, 0..frugal_tensor::SETTINGS),
    ]
}

pub(super) fn state(recorder: &mut Recorder<'_>, update: &Update) -> Result<(), BackendError> {
    for columns in pieces(recorder, update) {
        for row in 0..update.rule.state_rows() {
            let [gradient, factor, settings] = told(update, &columns);
            let state = Part { id: update.state, row, columns: columns.clone(), access: Access::Write };
            let weight = Part { id: update.weight, row: 0, columns: columns.clone(), access: Access::Read };
            let (params, bindings) = bind(recorder, [gradient, factor, settings, state, weight])?;
            let params = params.word(small(columns.len())?).word(small(row)?);
            let grid = [Extent::of(columns.len(), GROUP), Extent::ONE];
            recorder.push(by(&STATE, update.rule), params, grid, bindings);
        }
    }
    Ok(())
}

pub(super) fn step(recorder: &mut Recorder<'_>, update: &Update) -> Result<(), BackendError> {
    for columns in pieces(recorder, update) {
        let [gradient, factor, settings] = told(update, &columns);
        let moment = |row| Part { id: update.state, row, columns: columns.clone(), access: Access::Read };
        let weight = Part { id: update.weight, row: 0, columns: columns.clone(), access: Access::Write };
        let second = moment(update.rule.state_rows() - 1);
        let (params, bindings) = bind(recorder, [gradient, factor, settings, moment(0), second, weight])?;
        let params = params.word(small(columns.len())?).word(0);
        let grid = [Extent::of(columns.len(), GROUP), Extent::ONE];
        recorder.push(by(&STEP, update.rule), params, grid, bindings);
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    let rules = [Optimiser::AdamW, Optimiser::Sgd, Optimiser::RmsProp, Optimiser::Lion];
    rules.into_iter().flat_map(|rule| [&STATE, &STEP].map(|source| by(source, rule))).collect()
}
