//! Which operator gave the first value that is no number.

use frugal_tensor::{Backend, DType, Plan, blocking_read};

use super::Trainer;
use crate::TrainError;

impl Trainer {
    /// Runs the last batch again, an operator at a time, and looks at what each one writes.
    pub(super) fn diagnose(&mut self, backend: &mut dyn Backend) -> Result<String, TrainError> {
        for weight in self.learnt.iter().map(|learnt| (&learnt.name, learnt.weight)) {
            if !finite(backend, weight.1.buffer, 0, weight.1.cols)? {
                return Ok(format!("parameter {}", weight.0));
            }
        }
        for (plan, way) in self.plans.recorded.iter().zip(["forward", "backward"]) {
            for (at, op) in plan.ops().iter().enumerate() {
                let mut single = Plan::new();
                for tensor in plan.tensors() {
                    single.tensor(*tensor);
                }
                single.push(*op);
                let id = backend.prepare(&single)?;
                let ran = backend.run(id, &[]);
                backend.release(id)?;
                ran?;
                let out = plan.get(op.output());
                let elements = out.rows.saturating_sub(1) * out.stride + out.cols;
                if out.dtype == DType::F32 && !finite(backend, out.buffer, out.offset, elements)? {
                    return Ok(format!("{} (operator {at} of the way {way})", op.name()));
                }
            }
        }
        Ok("the sum of squares of the gradient".to_owned())
    }
}

fn finite(
    backend: &mut dyn Backend,
    buffer: frugal_tensor::BufferId,
    offset: usize,
    elements: usize,
) -> Result<bool, TrainError> {
    let mut values = vec![0.0_f32; elements];
    blocking_read(backend, buffer, offset * 4, bytemuck::cast_slice_mut(&mut values))?;
    Ok(values.iter().all(|value| value.is_finite()))
}
