//! On every adapter there is. `cargo xtask test` names the drivers; elsewhere `VK_DRIVER_FILES` does.

use std::collections::BTreeSet;

use frugal_tensor::{
    Backend, BackendError, BufferId, DType, Memory, MemoryUse, Op, Plan, PlanId, Tensor, Train, blocking_read, parity,
};

use crate::self_test;
use crate::{Gpu, Kernels, OpenError, Options, block_on};

const NEEDS: &str = "no Vulkan driver: `cargo xtask setup --tests` finds one";

fn open(name: &str, kernels: Kernels) -> Gpu {
    let options = Options { adapter: Some(name.to_owned()), kernels: Some(kernels), untested: true, training: true };
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

/// Holds every adapter against these cases, and says how far off it is.
fn compare(cases: &[parity::Case]) {
    each(|name, mut gpu| {
        let (mut failures, mut worst) = (Vec::new(), Vec::<(&str, f64)>::new());
        for case in cases {
            match parity::check(case, &mut gpu) {
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

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn kernels_compute_what_operators_mean() {
    compare(&parity::cases());
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn kernels_of_training_compute_what_operators_mean() {
    compare(&parity::training_cases());
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
    let faults: [Fault; 12] = [
        ("rms_norm", |_, text| text.replace("+ p.eps", "+ 0.1")),
        ("linear", |_, text| text.replace("store(r + 3u, o, d)", "store(r + 3u, o, c)")),
        ("rope", |_, text| text.replace("a * cosine - b * sine", "a * cosine + b * sine")),
        ("attention", |_, text| text.replace("out[at] * before", "out[at]")),
        ("cache_write", |_, text| text.replace("slot * p.context + position, c)", "slot * p.context, c)")),
        ("matmul", |_, text| text.replace("store(m + 3u, n, d)", "store(m + 3u, n, c)")),
        ("norm_grad", |_, text| text.replace("off * slope", "slope")),
        ("scatter_add", |_, text| text.replace("p.from_row, c)] +=", "p.from_row, c)] =")),
        ("self_attention_grad", |_, text| text.replace("(d - kept[at + 1u])", "d")),
        ("log_prob", |_, text| text.replace("probability.x * off, 0.0", "probability.y * off, 0.0")),
        ("log_prob_grad", |_, text| text.replace("(probability - exp(log_q))", "probability")),
        ("optimiser_step", |_, text| text.replace("sqrt(v / told(CORRECTION2))", "sqrt(v)")),
    ];
    for adapter in Gpu::adapters() {
        let options = Options { adapter: Some(adapter.name), training: true, ..Options::default() };
        assert!(block_on(Gpu::open(options.clone())).is_ok(), "{options:?}");
        for (wrong, patch) in faults {
            let opened = block_on(Gpu::open_patched(options.clone(), Some(patch))).map(drop);
            let Err(error) = opened else { panic!("{wrong} is not refused: {options:?}") };
            assert!(matches!(&error, OpenError::Wrong { op, .. } if *op == wrong), "{wrong}: {error}");
        }
    }
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn the_self_test_meets_every_kernel_in_few_cases() {
    each(|name, mut gpu| {
        let pieces = |gpu: &Gpu, cases: &[parity::Case]| -> BTreeSet<_> {
            let calls = cases.iter().flat_map(|case| gpu.calls(&case.plan()).unwrap());
            calls.flat_map(|call| call.kernel.pieces()).collect()
        };
        for training in [false, true] {
            gpu.trains = training;
            let mut all = parity::cases();
            all.extend(parity::training_cases().into_iter().filter(|_| training));
            let chosen = self_test::chosen(&gpu).unwrap();
            assert_eq!(pieces(&gpu, &chosen), pieces(&gpu, &all), "{name}");
            let most = if training { 90 } else { 60 };
            assert!(chosen.len() < most && all.len() > 700, "{} of {} cases", chosen.len(), all.len());
        }
    });
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn training_is_asked_for_before_it_is_used() {
    each(|name, mut gpu| {
        let case = parity::training_cases().remove(0);
        gpu.trains = false;
        let error = parity::check(&case, &mut gpu).unwrap_err().to_string();
        assert!(error.contains("without `training`"), "{name}: {error}");
    });
}

/// Rows and targets past the end, and none at all.
#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn training_never_follows_an_index_out_of_range() {
    each(|name, mut gpu| {
        let (x, rows) = (upload(&mut gpu, &[1.0_f32, 2.0, 3.0, 4.0]), upload(&mut gpu, &[1_u32, 2]));
        let out = upload(&mut gpu, &[0.5_f32; 14]);
        let mut plan = Plan::new();
        let x = plan.tensor(Tensor::dense(x, 2, 2, DType::F32));
        let rows = plan.tensor(Tensor::dense(rows, 2, 1, DType::U32));
        let two = plan.tensor(Tensor::dense(out, 2, 2, DType::F32));
        plan.push(Train::ScatterAdd { x, rows, out: two });
        let scatter = gpu.prepare(&plan).unwrap();
        gpu.run(scatter, &[]).unwrap();
        let error = values(&mut gpu, out, 6).unwrap_err();
        assert_eq!(error, BackendError::Index { op: "scatter_add", index: 2, limit: 2 }, "{name}");
        assert_eq!(values(&mut gpu, out, 6).unwrap(), [0.5, 0.5, 1.5, 2.5, 0.5, 0.5], "{name}");
        let mut plan = Plan::new();
        let (logits, targets) = (upload(&mut gpu, &[1.0_f32, 2.0, 3.0, 4.0]), upload(&mut gpu, &[9_u32, 1]));
        let logits = plan.tensor(Tensor::dense(logits, 2, 2, DType::F32));
        let targets = plan.tensor(Tensor::dense(targets, 2, 1, DType::U32));
        let seven = plan.tensor(Tensor::dense(out, 2, 7, DType::F32));
        plan.push(Train::LogProb { logits, reference: None, targets, out: seven });
        let loss = gpu.prepare(&plan).unwrap();
        gpu.run(loss, &[]).unwrap();
        let error = values(&mut gpu, out, 14).unwrap_err();
        assert_eq!(error, BackendError::Index { op: "log_prob", index: 9, limit: 2 }, "{name}");
        assert_eq!(values(&mut gpu, out, 7).unwrap(), [0.0; 7], "{name}");
    });
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn a_weight_larger_than_a_binding_is_split() {
    each(|name, gpu| {
        let mut gpu = gpu;
        // Products of 64 outputs, tables of five rows; a binding holds neither.
        for (bytes, of, least) in [(20_000, "linear", 6), (4700, "gather", 1), (20_000, "optimiser_st", 8)] {
            gpu = gpu.with_bindings_of(bytes);
            let mut split = 0;
            for case in parity::cases()
                .iter()
                .chain(&parity::training_cases())
                .filter(|case| case.op_name().starts_with(of) && case.name.starts_with(of))
            {
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
