//! A device is held against the reference before its first use: one peer's kernels are known to give wrong tokens on a
//! common software adapter, and nobody is told.

use std::collections::BTreeSet;

use frugal_tensor::BackendError;
use frugal_tensor::parity::{self, Case, ParityError};

use crate::gpu::Gpu;
use crate::open::OpenError;

/// Cases that meet every file and every snippet which the whole table meets, the largest first: few enough to start quickly.
pub(crate) fn chosen(gpu: &Gpu) -> Result<Vec<Case>, BackendError> {
    let mut met = BTreeSet::new();
    let mut chosen = Vec::new();
    let training = if gpu.trains { parity::training_cases() } else { Vec::new() };
    for case in parity::cases().into_iter().chain(training).rev() {
        let calls = gpu.calls(&case.plan())?;
        let pieces: Vec<_> = calls.iter().flat_map(|call| call.kernel.pieces()).collect();
        if pieces.iter().any(|piece| !met.contains(piece)) {
            met.extend(pieces);
            chosen.push(case);
        }
    }
    Ok(chosen)
}

pub(crate) async fn run(gpu: &mut Gpu) -> Result<(), OpenError> {
    let cases = chosen(gpu).map_err(|error| OpenError::Failed { adapter: gpu.adapter().name.clone(), error })?;
    let mut worst: Option<(Case, f64)> = None;
    for case in cases {
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
