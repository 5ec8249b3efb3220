//! A device is held against the reference before its first use: one peer's kernels are known to give wrong tokens on a
//! common software adapter, and nobody is told.

use frugal_tensor::parity::{self, Case, ParityError};

use crate::gpu::Gpu;
use crate::open::OpenError;

/// Cases of the parity table, one in so many: enough to meet each kernel, few enough to start quickly.
const EVERY: usize = 7;

pub(crate) async fn run(gpu: &mut Gpu) -> Result<(), OpenError> {
    let mut worst: Option<(Case, f64)> = None;
    for case in parity::cases().into_iter().step_by(EVERY) {
        let nmse = match parity::check_polled(&case, gpu).await {
            Ok(_) => continue,
            Err(ParityError::Backend { error, .. }) => {
                return Err(OpenError::Failed { adapter: gpu.adapter().name.clone(), error });
            }
            Err(ParityError::Wrong { nmse, .. }) => nmse,
            Err(_) => f64::INFINITY,
        };
        if worst.as_ref().is_none_or(|(_, before)| nmse > *before) {
            worst = Some((case, nmse));
        }
    }
    worst.map_or(Ok(()), |(case, nmse)| {
        Err(OpenError::Wrong { adapter: gpu.adapter().name.clone(), op: case.op_name(), case: case.name, nmse })
    })
}
