//! On every adapter there is. `cargo xtask test` names the drivers; elsewhere `VK_DRIVER_FILES` does.

use std::collections::BTreeSet;

use frugal_tensor::{
    Backend, BackendError, BufferId, DType, Memory, MemoryUse, Op, Plan, PlanId, Tensor, blocking_read, parity,
};

use crate::self_test;
use crate::{Gpu, Kernels, OpenError, Options, block_on};

const NEEDS: &str = "no Vulkan driver: `cargo xtask setup --tests` finds one";

fn open(name: &str, kernels: Kernels) -> Gpu {
    let options = Options { adapter: Some(name.to_owned()), kernels: Some(kernels), untested: true };
    block_on(Gpu::open(options)).unwrap()
}

/// Each adapter with each kind of kernels.
fn each(mut check: impl FnMut(&str, Gpu)) {
    let adapters = Gpu::adapters();
    assert!(!adapters.is_empty(), "{NEEDS}");
    for name in adapters.into_iter().map(|adapter| adapter.name) {
        for kernels in [Kernels::Serial, Kernels::Parallel] {
            check(&format!("{name}, {kernels:?}"), open(&name, kernels));
        }
    }
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn kernels_compute_what_operators_mean() {
    each(|name, mut gpu| {
        let (mut failures, mut worst) = (Vec::new(), Vec::<(&str, f64)>::new());
        for case in parity::cases() {
            match parity::check(&case, &mut gpu) {
                Ok(nmse) => match worst.iter_mut().find(|(op, _)| *op == case.op_name()) {
                    Some((_, largest)) => *largest = largest.max(nmse),
                    None => worst.push((case.op_name(), nmse)),
                },
                Err(error) => failures.push(error.to_string()),
            }
        }
        for (op, nmse) in worst {
            println!("{name}: {op} {nmse:.1e}");
        }
        let count = failures.len();
        assert!(count == 0, "{name}: {count} cases:\n{}", failures[..count.min(20)].join("\n"));
        assert_eq!(gpu.memory(), MemoryUse::default(), "{name}: cases leave nothing behind");
    });
}

fn upload<T: bytemuck::NoUninit>(gpu: &mut Gpu, values: &[T]) -> BufferId {
    let bytes = bytemuck::cast_slice(values);
    let buffer = gpu.allocate(bytes.len(), Memory::Scratch).unwrap();
    gpu.write(buffer, 0, bytes).unwrap();
    buffer
}

fn values(gpu: &mut Gpu, buffer: BufferId, count: usize) -> Result<Vec<f32>, BackendError> {
    let mut bytes = vec![0; count * 4];
    blocking_read(gpu, buffer, 0, &mut bytes)?;
    Ok(bytemuck::pod_collect_to_vec(&bytes))
}

/// A gather of up to three rows from a table of two.
fn gather(gpu: &mut Gpu, ids: &[u32]) -> (PlanId, BufferId) {
    let table = upload(gpu, &[1.0_f32, 2.0, 3.0, 4.0]);
    let ids = upload(gpu, ids);
    let out = upload(gpu, &[9.0_f32; 6]);
    let mut plan = Plan::new();
    let table = plan.tensor(Tensor::dense(table, 2, 2, DType::F32));
    let rows = plan.tensor(Tensor::dense(ids, 3, 1, DType::U32).live(0));
    let place = plan.tensor(Tensor::dense(out, 3, 2, DType::F32).live(0));
    plan.push(Op::Gather { table, rows, out: place, accumulate: false });
    (gpu.prepare(&plan).unwrap(), out)
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn an_index_out_of_range_is_told_once_and_never_followed() {
    each(|name, mut gpu| {
        let (plan, out) = gather(&mut gpu, &[1, 0, 7]);
        gpu.run(plan, &[2]).unwrap();
        assert_eq!(values(&mut gpu, out, 6).unwrap(), [3.0, 4.0, 1.0, 2.0, 9.0, 9.0], "{name}");
        gpu.run(plan, &[0]).unwrap();
        gpu.run(plan, &[3]).unwrap();
        let error = values(&mut gpu, out, 6).unwrap_err();
        assert_eq!(error, BackendError::Index { op: "gather", index: 7, limit: 2 }, "{name}");
        assert_eq!(values(&mut gpu, out, 6).unwrap()[4..], [9.0, 9.0], "{name}");
        assert!(matches!(gpu.run(plan, &[4]), Err(BackendError::Scalar { scalar: 0, .. })));
        assert!(matches!(gpu.run(plan, &[]), Err(BackendError::Scalar { scalar: 0, .. })));
        gpu.free(out).unwrap();
        assert!(matches!(gpu.run(plan, &[1]), Err(BackendError::Unknown { what: "buffer", .. })));
        let other = upload(&mut gpu, &[0.0_f32; 6]);
        assert_eq!(other, out, "the id is given out again");
        assert!(matches!(gpu.run(plan, &[1]), Err(BackendError::Unknown { what: "buffer", .. })));
    });
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn memory_transfers_and_ids_are_checked() {
    each(|_, mut gpu| {
        let weights = gpu.allocate(100, Memory::Weights).unwrap();
        gpu.allocate(6, Memory::Cache).unwrap();
        assert_eq!(gpu.memory(), MemoryUse { weights_bytes: 100, cache_bytes: 6, scratch_bytes: 0 });
        gpu.free(weights).unwrap();
        assert_eq!(gpu.memory().weights_bytes, 0);
        assert!(matches!(gpu.free(weights), Err(BackendError::Unknown { what: "buffer", .. })));
        let huge = gpu.allocate(usize::MAX / 2, Memory::Weights);
        assert_eq!(huge, Err(BackendError::OutOfMemory { needed_bytes: usize::MAX / 2 }));
        let buffer = upload(&mut gpu, &[1.0_f32, 2.0]);
        assert!(matches!(gpu.write(buffer, 4, &[0; 8]), Err(BackendError::OutOfBounds { from: 4, to: 12, .. })));
        assert!(matches!(gpu.read(buffer, 0, 12), Err(BackendError::OutOfBounds { .. })));
        assert!(matches!(gpu.run(PlanId(0), &[]), Err(BackendError::Unknown { what: "plan", .. })));
        let mut bytes = [0; 5];
        blocking_read(&mut gpu, buffer, 2, &mut bytes).unwrap();
        assert_eq!(bytes, [0x80, 0x3f, 0, 0, 0], "reads need no alignment");
        blocking_read(&mut gpu, buffer, 8, &mut []).unwrap();
    });
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn a_lost_device_says_so() {
    each(|name, mut gpu| {
        let (plan, out) = gather(&mut gpu, &[1, 0, 0]);
        gpu.run(plan, &[2]).unwrap();
        let read = gpu.read(out, 0, 24).unwrap();
        gpu.loser()();
        let lost = |result: Result<(), BackendError>| matches!(result, Err(BackendError::DeviceLost { .. }));
        let arrived = block_on(std::future::poll_fn(|context| gpu.poll_read(read, context, &mut [0; 24])));
        assert!(lost(arrived), "{name}");
        assert!(lost(gpu.run(plan, &[2])) && lost(gpu.write(out, 0, &[0; 4])), "{name}");
        assert!(lost(gpu.allocate(4, Memory::Scratch).map(drop)) && lost(gpu.read(out, 0, 4).map(drop)), "{name}");
        gpu.release(plan).unwrap();
        gpu.free(out).unwrap();
    });
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn a_device_that_computes_wrongly_is_refused() {
    type Fault = (&'static str, crate::kernels::Patch);
    let faults: [Fault; 5] = [
        ("rms_norm", |_, text| text.replace("+ p.eps", "+ 0.1")),
        ("linear", |_, text| text.replace("store(r + 3u, o, d)", "store(r + 3u, o, c)")),
        ("rope", |_, text| text.replace("a * cosine - b * sine", "a * cosine + b * sine")),
        ("attention", |_, text| text.replace("out[at] * before", "out[at]")),
        ("cache_write", |_, text| text.replace("slot * p.context + position, c)", "slot * p.context, c)")),
    ];
    for adapter in Gpu::adapters() {
        let options = Options { adapter: Some(adapter.name), ..Options::default() };
        assert!(block_on(Gpu::open(options.clone())).is_ok(), "{options:?}");
        for (wrong, patch) in faults {
            let error = block_on(Gpu::open_patched(options.clone(), Some(patch))).map(drop).unwrap_err();
            assert!(matches!(&error, OpenError::Wrong { op, .. } if *op == wrong), "{wrong}: {error}");
        }
    }
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn the_self_test_meets_every_kernel_in_few_cases() {
    each(|name, gpu| {
        let pieces = |cases: &[parity::Case]| -> BTreeSet<_> {
            let calls = cases.iter().flat_map(|case| gpu.calls(&case.plan()).unwrap());
            calls.flat_map(|call| call.kernel.pieces()).collect()
        };
        let (chosen, all) = (self_test::chosen(&gpu).unwrap(), parity::cases());
        assert_eq!(pieces(&chosen), pieces(&all), "{name}");
        assert!(chosen.len() < 60 && all.len() > 700, "{} of {} cases", chosen.len(), all.len());
    });
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn a_weight_larger_than_a_binding_is_split() {
    each(|name, gpu| {
        let mut gpu = gpu;
        // Products of 64 outputs, tables of five rows; a binding holds neither.
        for (bytes, of, least) in [(20_000, "linear", 6), (4700, "gather", 1)] {
            gpu = gpu.with_bindings_of(bytes);
            let mut split = 0;
            for case in parity::cases().iter().filter(|case| case.op_name() == of && case.name.starts_with(of)) {
                split += usize::from(gpu.calls(&case.plan()).is_ok_and(|calls| calls.len() > 1));
                match parity::check(case, &mut gpu) {
                    // Rows that are larger than a binding, or inputs.
                    Err(parity::ParityError::Backend { error: BackendError::OutOfMemory { .. }, .. }) | Ok(_) => {}
                    Err(error) => panic!("{name}: {error}"),
                }
            }
            assert!(split >= least, "{name}: {split} cases of {of} were split");
        }
    });
}
