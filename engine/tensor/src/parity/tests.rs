#![allow(clippy::unwrap_used)]
use std::task::{Context, Poll};

use super::*;
use crate::{MemoryUse, ReadId, blocking_read};

#[test]
fn the_fast_cpu_computes_what_operators_mean() {
    let mut fast = Cpu::fast();
    let failures: Vec<String> =
        cases().iter().filter_map(|case| check(case, &mut fast).err()).map(|error| error.to_string()).collect();
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(fast.memory(), MemoryUse::default(), "cases leave nothing behind");
}

#[test]
fn training_computes_what_its_operators_mean() {
    let mut fast = Cpu::training();
    let all = cases().into_iter().chain(training_cases());
    let failures: Vec<String> =
        all.filter_map(|case| check(&case, &mut fast).err()).map(|error| error.to_string()).collect();
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
}

/// A device that does something else after each run.
struct Broken {
    inner: Cpu,
    fault: fn(&mut Cpu, &Plan),
    plan: Plan,
}

impl Backend for Broken {
    fn describe(&self) -> String {
        "broken".to_owned()
    }
    fn allocate(&mut self, bytes: usize, kind: Memory) -> Result<BufferId, BackendError> {
        self.inner.allocate(bytes, kind)
    }
    fn free(&mut self, buffer: BufferId) -> Result<(), BackendError> {
        self.inner.free(buffer)
    }
    fn write(&mut self, buffer: BufferId, offset: usize, bytes: &[u8]) -> Result<(), BackendError> {
        self.inner.write(buffer, offset, bytes)
    }
    fn prepare(&mut self, plan: &Plan) -> Result<PlanId, BackendError> {
        self.plan = plan.clone();
        self.inner.prepare(plan)
    }
    fn release(&mut self, plan: PlanId) -> Result<(), BackendError> {
        self.inner.release(plan)
    }
    fn run(&mut self, plan: PlanId, scalars: &[u32]) -> Result<(), BackendError> {
        self.inner.run(plan, scalars)?;
        (self.fault)(&mut self.inner, &self.plan);
        Ok(())
    }
    fn read(&mut self, buffer: BufferId, offset: usize, bytes: usize) -> Result<ReadId, BackendError> {
        self.inner.read(buffer, offset, bytes)
    }
    fn poll_read(&mut self, read: ReadId, context: &mut Context<'_>, out: &mut [u8]) -> Poll<Result<(), BackendError>> {
        self.inner.poll_read(read, context, out)
    }
    fn memory(&self) -> MemoryUse {
        self.inner.memory()
    }
}

/// Changes one byte of the output's buffer, counted from its end when `from_end`.
fn flip(cpu: &mut Cpu, plan: &Plan, at: usize, from_end: bool) {
    let target = plan.get(plan.ops()[0].output());
    let size = if target.dtype == DType::F16 { 2 } else { 4 };
    let bytes = (target.rows * target.stride * size).next_multiple_of(4);
    let at = if from_end { bytes + GUARD_BYTES - 4 - at } else { at };
    let mut word = [0; 4];
    blocking_read(cpu, target.buffer, at, &mut word).unwrap();
    let large = 1e30_f32.to_le_bytes();
    cpu.write(target.buffer, at, if word == large { &[0; 4] } else { &large }).unwrap();
}

#[test]
fn a_device_that_computes_wrongly_is_found() {
    let faults: [fn(&mut Cpu, &Plan); 2] =
        [|cpu, plan| flip(cpu, plan, 0, false), |cpu, plan| flip(cpu, plan, 0, true)];
    for (at, fault) in faults.into_iter().enumerate() {
        let mut broken = Broken { inner: Cpu::reference(), fault, plan: Plan::new() };
        for case in cases() {
            let error = check(&case, &mut broken).unwrap_err();
            let outside = matches!(error, ParityError::Outside { .. });
            assert!(outside || at == 0, "{error}");
        }
    }
}
