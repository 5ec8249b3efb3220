#![allow(clippy::unwrap_used)]
use super::*;
use crate::{DType, Op, Tensor, blocking_read};

fn values(backend: &mut Cpu, buffer: BufferId, count: usize) -> Vec<f32> {
    let mut bytes = vec![0; count * 4];
    blocking_read(backend, buffer, 0, &mut bytes).unwrap();
    bytemuck::pod_collect_to_vec(&bytes)
}

fn upload<T: bytemuck::NoUninit>(backend: &mut Cpu, values: &[T]) -> BufferId {
    let bytes = bytemuck::cast_slice(values);
    let buffer = backend.allocate(bytes.len(), Memory::Scratch).unwrap();
    backend.write(buffer, 0, bytes).unwrap();
    buffer
}

/// A gather of up to three rows from a table of two.
fn gather(backend: &mut Cpu, ids: &[u32]) -> (PlanId, BufferId) {
    let table = upload(backend, &[1.0_f32, 2.0, 3.0, 4.0]);
    let ids = upload(backend, ids);
    let out = upload(backend, &[9.0_f32; 6]);
    let mut plan = Plan::new();
    let table = plan.tensor(Tensor::dense(table, 2, 2, DType::F32));
    let rows = plan.tensor(Tensor::dense(ids, 3, 1, DType::U32).live(0));
    let target = plan.tensor(Tensor::dense(out, 3, 2, DType::F32).live(0));
    plan.push(Op::Gather { table, rows, out: target, accumulate: false });
    (backend.prepare(&plan).unwrap(), out)
}

#[test]
fn only_live_rows_are_touched() {
    let mut cpu = Cpu::reference();
    let (plan, out) = gather(&mut cpu, &[1, 0, 7]);
    cpu.run(plan, &[2]).unwrap();
    assert_eq!(values(&mut cpu, out, 6), [3.0, 4.0, 1.0, 2.0, 9.0, 9.0]);
    cpu.run(plan, &[0]).unwrap();
    let error = cpu.run(plan, &[3]).unwrap_err();
    assert_eq!(error, BackendError::Index { op: "gather", index: 7, limit: 2 });
    assert!(matches!(cpu.run(plan, &[4]), Err(BackendError::Scalar { scalar: 0, .. })));
    assert!(matches!(cpu.run(plan, &[]), Err(BackendError::Scalar { scalar: 0, .. })));
}

#[test]
fn memory_is_counted_to_the_byte() {
    let mut cpu = Cpu::reference();
    let weights = cpu.allocate(100, Memory::Weights).unwrap();
    cpu.allocate(6, Memory::Cache).unwrap();
    assert_eq!(cpu.memory(), MemoryUse { weights_bytes: 100, cache_bytes: 6, scratch_bytes: 0 });
    cpu.free(weights).unwrap();
    assert_eq!(cpu.memory().weights_bytes, 0);
    assert!(matches!(cpu.free(weights), Err(BackendError::Unknown { what: "buffer", .. })));
    let huge = cpu.allocate(usize::MAX / 2, Memory::Weights);
    assert_eq!(huge, Err(BackendError::OutOfMemory { needed_bytes: usize::MAX / 2 }));
}

#[test]
fn transfers_and_ids_are_checked() {
    let mut cpu = Cpu::reference();
    let buffer = cpu.allocate(8, Memory::Scratch).unwrap();
    assert!(matches!(cpu.write(buffer, 4, &[0; 8]), Err(BackendError::OutOfBounds { from: 4, to: 12, .. })));
    assert!(matches!(cpu.read(buffer, 0, 12), Err(BackendError::OutOfBounds { .. })));
    assert!(matches!(cpu.run(PlanId(0), &[]), Err(BackendError::Unknown { what: "plan", .. })));
    let read = cpu.read(buffer, 0, 8).unwrap();
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(matches!(cpu.poll_read(read, &mut context, &mut [0; 8]), Poll::Ready(Ok(()))));
    assert!(matches!(cpu.poll_read(read, &mut context, &mut [0; 8]), Poll::Ready(Err(_))), "once");
}

#[test]
fn plans_that_do_not_fit_are_refused() {
    let mut cpu = Cpu::reference();
    let short = upload(&mut cpu, &[0.0_f32; 3]);
    let other = upload(&mut cpu, &[0.0_f32; 8]);
    let refused = |cpu: &mut Cpu, x: Tensor, out: Tensor| {
        let mut plan = Plan::new();
        let (x, out) = (plan.tensor(x), plan.tensor(out));
        plan.push(Op::Activate { x, activation: crate::Activation::Relu, out });
        cpu.prepare(&plan).unwrap_err()
    };
    let dense = |buffer, rows, cols| Tensor::dense(buffer, rows, cols, DType::F32);
    assert!(matches!(refused(&mut cpu, dense(other, 2, 2), dense(short, 2, 2)), BackendError::OutOfBounds { .. }));
    assert!(matches!(refused(&mut cpu, dense(other, 2, 2), dense(short, 1, 2)), BackendError::Plan(_)));
    assert!(matches!(refused(&mut cpu, dense(short, 1, 2), dense(short, 1, 2)), BackendError::Plan(_)), "in place");
    let live = dense(short, 1, 2).live(0);
    assert!(matches!(refused(&mut cpu, dense(other, 1, 2), live), BackendError::Plan(_)), "only one is live");
    let (plan, out) = gather(&mut cpu, &[0, 0, 0]);
    cpu.free(out).unwrap();
    assert!(matches!(cpu.run(plan, &[1]), Err(BackendError::Unknown { what: "buffer", .. })));
}
