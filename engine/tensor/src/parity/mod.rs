//! Whether a backend computes what the operators mean: the same seeded inputs to it and to the reference, outputs
//! poisoned before and guarded by sentinels after.
//!
//! Tests hold every backend against all [`cases`]; an edge holds an unknown device against them before its first use.

mod cases;
mod chains;
#[cfg(test)]
mod tests;
mod training;

use crate::backend::spin;
use crate::{Backend, BackendError, BufferId, Cpu, DType, Memory, Op, Plan, PlanId, Tensor, TensorId, polled_read};

pub use cases::cases;
pub use training::training_cases;

/// Bytes after an output that no kernel may touch.
const GUARD_BYTES: usize = 64;
/// What outputs and guards are filled with: a NaN as f32, an index that nothing has as u32.
const POISON: [u8; 4] = [0xad, 0xde, 0xc0, 0x7f];

/// One operator with its inputs, or several in a row, which a backend may compute in one go.
#[derive(Debug, Clone)]
pub struct Case {
    /// Operators and sizes, for messages.
    pub name: String,
    /// Normalised mean squared error that is allowed; results that are not f32 must be equal.
    pub nmse_max: f64,
    tensors: Vec<Spec>,
    ops: Vec<Op>,
    live: Vec<u32>,
}

/// One tensor of a case and what it holds before the run.
#[derive(Debug, Clone)]
struct Spec {
    bytes: Vec<u8>,
    rows: usize,
    cols: usize,
    stride: usize,
    dtype: DType,
    live: bool,
    /// Whose buffer it looks at, and elements before its first one there; its own when `None`.
    part_of: Option<(TensorId, usize)>,
}

/// A backend that does not compute what an operator means.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParityError {
    /// It failed.
    #[error("{case}: {error}")]
    Backend {
        /// Which case.
        case: String,
        /// Why.
        error: BackendError,
    },
    /// It computed something else.
    #[error("{case}: normalised mean squared error {nmse:e}, at most {nmse_max:e} is allowed")]
    Wrong {
        /// Which case.
        case: String,
        /// The error.
        nmse: f64,
        /// What is allowed.
        nmse_max: f64,
    },
    /// It wrote where it may not.
    #[error("{case}: wrote outside of its output, at byte {at}")]
    Outside {
        /// Which case.
        case: String,
        /// First byte that changed.
        at: usize,
    },
}

/// Holds a backend against the reference in one case, and gives the error; waits by polling without rest.
///
/// # Errors
/// [`ParityError`].
pub fn check(case: &Case, backend: &mut dyn Backend) -> Result<f64, ParityError> {
    spin(check_polled(case, backend))
}

/// The same as a future, for devices that answer only to who does not wait.
///
/// # Errors
/// [`ParityError`].
pub async fn check_polled(case: &Case, backend: &mut dyn Backend) -> Result<f64, ParityError> {
    let failed = |error| ParityError::Backend { case: case.name.clone(), error };
    let wanted = case.run(&mut Cpu::reference()).await.map_err(failed)?;
    let computed = case.run(backend).await.map_err(failed)?;
    let mut worst = 0.0_f64;
    for ((id, got), want) in case.outputs().into_iter().zip(&computed).zip(&wanted) {
        let spec = &case.tensors[id.index()];
        if let Some(at) = spec.untouched(case.rows(spec)).find(|at| got[*at] != want[*at]) {
            return Err(ParityError::Outside { case: case.name.clone(), at });
        }
        worst = worst.max(match spec.dtype {
            DType::F32 => nmse(&f32s(got), &f32s(want)),
            // Exact where it must be: no two halves are one number, but for zeros.
            DType::F16 => nmse(&f16s(got), &f16s(want)),
            _ => f64::from(u8::from(got != want)),
        });
    }
    if worst <= case.nmse_max {
        Ok(worst)
    } else {
        Err(ParityError::Wrong { case: case.name.clone(), nmse: worst, nmse_max: case.nmse_max })
    }
}

fn f32s(bytes: &[u8]) -> Vec<f32> {
    bytemuck::pod_collect_to_vec(bytes)
}

fn f16s(bytes: &[u8]) -> Vec<f32> {
    bytemuck::pod_collect_to_vec::<u8, half::f16>(bytes).into_iter().map(half::f16::to_f32).collect()
}

/// `Σ (got - want)² / Σ want²` over what the reference wrote; infinite when one side is no number.
fn nmse(got: &[f32], want: &[f32]) -> f64 {
    let (mut error, mut size) = (0.0, 0.0);
    for (got, want) in got.iter().zip(want) {
        // Poison that nothing wrote.
        if want.is_nan() && got.to_bits() == want.to_bits() {
            continue;
        }
        let (got, want) = (f64::from(*got), f64::from(*want));
        error += if (got - want).is_finite() { (got - want).powi(2) } else { f64::INFINITY };
        size += want.powi(2);
    }
    // What is no number on one side has no size.
    if error == 0.0 || error.is_infinite() { error } else { error / size }
}

impl Spec {
    /// Bytes of the buffer that no kernel may change when `rows` rows count.
    fn untouched(&self, rows: usize) -> impl Iterator<Item = usize> + '_ {
        let size = if self.dtype == DType::F16 { 2 } else { 4 };
        let (stride, cols) = (self.stride * size, self.cols * size);
        let end = self.bytes.len() + GUARD_BYTES;
        (0..end).filter(move |at| *at >= rows * stride || at % stride >= cols)
    }
}

impl Case {
    /// The name of the operator, or of the first of several.
    pub fn op_name(&self) -> &'static str {
        self.ops.first().map_or("nothing", Op::name)
    }

    /// The operators over buffers that are numbered like their tensors: to see what a backend would make of them.
    pub fn plan(&self) -> Plan {
        self.plan_over(&(0..).map(BufferId).take(self.tensors.len()).collect::<Vec<_>>())
    }

    /// The operators over one buffer a tensor; what is a part of another one takes that one's.
    fn plan_over(&self, buffers: &[BufferId]) -> Plan {
        let mut plan = Plan::new();
        for (spec, own) in self.tensors.iter().zip(buffers) {
            let (buffer, offset) = spec.part_of.map_or((*own, 0), |(whole, offset)| (buffers[whole.index()], offset));
            let dense = Tensor::dense(buffer, spec.rows, spec.cols, spec.dtype);
            plan.tensor(Tensor { stride: spec.stride, offset, live: spec.live.then_some(0), ..dense });
        }
        self.ops.iter().for_each(|op| plan.push(*op));
        plan
    }

    /// What the operators write, each once.
    fn outputs(&self) -> Vec<TensorId> {
        let mut outputs: Vec<_> = self.ops.iter().map(Op::output).collect();
        outputs.sort_unstable();
        outputs.dedup();
        outputs
    }

    fn rows(&self, spec: &Spec) -> usize {
        if spec.live { self.live[0] as usize } else { spec.rows }
    }

    /// The outputs' buffers after one run, guards included.
    async fn run(&self, backend: &mut dyn Backend) -> Result<Vec<Vec<u8>>, BackendError> {
        let mut buffers = Vec::new();
        let mut prepared = None;
        let result = self.run_in(backend, &mut buffers, &mut prepared).await;
        if let Some(plan) = prepared {
            backend.release(plan)?;
        }
        for buffer in buffers {
            backend.free(buffer)?;
        }
        result
    }

    async fn run_in(
        &self,
        backend: &mut dyn Backend,
        buffers: &mut Vec<BufferId>,
        prepared: &mut Option<PlanId>,
    ) -> Result<Vec<Vec<u8>>, BackendError> {
        let guard: Vec<u8> = POISON.into_iter().cycle().take(GUARD_BYTES).collect();
        let mut of = Vec::new();
        for spec in &self.tensors {
            if let Some((whole, _)) = spec.part_of {
                of.push(of[whole.index()]);
                continue;
            }
            let buffer = backend.allocate(spec.bytes.len() + GUARD_BYTES, Memory::Scratch)?;
            buffers.push(buffer);
            of.push(buffer);
            backend.write(buffer, 0, &[spec.bytes.as_slice(), &guard].concat())?;
        }
        let plan = self.plan_over(&of);
        let id = backend.prepare(&plan)?;
        *prepared = Some(id);
        backend.run(id, &self.live)?;
        let mut all = Vec::new();
        for id in self.outputs() {
            // Bytes of the whole buffer, also where a part is written.
            let mut out = vec![0; self.tensors[id.index()].bytes.len() + GUARD_BYTES];
            polled_read(backend, plan.get(id).buffer, 0, &mut out).await?;
            all.push(out);
        }
        Ok(all)
    }
}
