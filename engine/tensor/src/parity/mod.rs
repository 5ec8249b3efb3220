//! Whether a backend computes what the operators mean: the same seeded inputs to it and to the reference, outputs
//! poisoned before and guarded by sentinels after.
//!
//! Tests hold every backend against all [`cases`]; an edge holds an unknown device against them before its first use.

mod cases;
#[cfg(test)]
mod tests;

use crate::backend::spin;
use crate::{Backend, BackendError, BufferId, Cpu, DType, Memory, Op, Plan, PlanId, Tensor, TensorId, polled_read};

pub use cases::cases;

/// Bytes after an output that no kernel may touch.
const GUARD_BYTES: usize = 64;
/// What outputs and guards are filled with: a NaN as f32, an index that nothing has as u32.
const POISON: [u8; 4] = [0xad, 0xde, 0xc0, 0x7f];

/// One operator with its inputs.
#[derive(Debug, Clone)]
pub struct Case {
    /// Operator and sizes, for messages.
    pub name: String,
    /// Normalised mean squared error that is allowed; results that are not f32 must be equal.
    pub nmse_max: f64,
    tensors: Vec<Spec>,
    op: Option<Op>,
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
    let want = case.run(&mut Cpu::reference()).await.map_err(failed)?;
    let got = case.run(backend).await.map_err(failed)?;
    let spec = &case.tensors[case.output().index()];
    if let Some(at) = spec.untouched(case.rows(spec)).find(|at| got[*at] != want[*at]) {
        return Err(ParityError::Outside { case: case.name.clone(), at });
    }
    let nmse = if spec.dtype == DType::F32 { nmse(&got, &want) } else { f64::from(u8::from(got != want)) };
    if nmse <= case.nmse_max {
        Ok(nmse)
    } else {
        Err(ParityError::Wrong { case: case.name.clone(), nmse, nmse_max: case.nmse_max })
    }
}

/// `Σ (got - want)² / Σ want²` over f32 that the reference wrote; infinite when one side is no number.
fn nmse(got: &[u8], want: &[u8]) -> f64 {
    let floats = |bytes: &[u8]| bytemuck::pod_collect_to_vec::<u8, f32>(bytes);
    let (mut error, mut size) = (0.0, 0.0);
    for (got, want) in floats(got).into_iter().zip(floats(want)) {
        if want.to_le_bytes() == POISON && got.to_le_bytes() == POISON {
            continue;
        }
        let (got, want) = (f64::from(got), f64::from(want));
        error += if (got - want).is_finite() { (got - want).powi(2) } else { f64::INFINITY };
        size += want.powi(2);
    }
    if error == 0.0 { 0.0 } else { error / size }
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
    /// The operator's name.
    pub fn op_name(&self) -> &'static str {
        self.op.as_ref().map_or("nothing", Op::name)
    }

    fn output(&self) -> TensorId {
        self.op.as_ref().map_or(TensorId(0), Op::output)
    }

    fn rows(&self, spec: &Spec) -> usize {
        if spec.live { self.live[0] as usize } else { spec.rows }
    }

    /// The output's buffer after one run, guards included.
    async fn run(&self, backend: &mut dyn Backend) -> Result<Vec<u8>, BackendError> {
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
    ) -> Result<Vec<u8>, BackendError> {
        let mut plan = Plan::new();
        let guard: Vec<u8> = POISON.into_iter().cycle().take(GUARD_BYTES).collect();
        for spec in &self.tensors {
            let buffer = backend.allocate(spec.bytes.len() + GUARD_BYTES, Memory::Scratch)?;
            buffers.push(buffer);
            backend.write(buffer, 0, &[spec.bytes.as_slice(), &guard].concat())?;
            let live = spec.live.then_some(0);
            let dense = Tensor::dense(buffer, spec.rows, spec.cols, spec.dtype);
            plan.tensor(Tensor { stride: spec.stride, live, ..dense });
        }
        if let Some(op) = self.op {
            plan.push(op);
        }
        let id = backend.prepare(&plan)?;
        *prepared = Some(id);
        backend.run(id, &self.live)?;
        let target = self.output().index();
        let mut out = vec![0; self.tensors[target].bytes.len() + GUARD_BYTES];
        polled_read(backend, buffers[target], 0, &mut out).await?;
        Ok(out)
    }
}
