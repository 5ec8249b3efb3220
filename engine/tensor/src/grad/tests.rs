//! Every rule against central differences of the reference.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::train::{COEFFICIENTS, STATISTICS, SelfAttention};
use crate::{Activation, Backend, Cpu, Memory, RopeLayout, blocking_read};

/// A plan over buffers that each hold one tensor, with values from a fixed seed.
struct Bench {
    cpu: Cpu,
    plan: Plan,
    state: u64,
}

impl Bench {
    fn new() -> Self {
        Self { cpu: Cpu::reference(), plan: Plan::new(), state: 11 }
    }

    fn values(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.state >> 40) as f32 / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn tensor(&mut self, rows: usize, cols: usize, values: &[f32]) -> TensorId {
        let buffer = self.cpu.allocate(rows * cols * 4, Memory::Scratch).unwrap();
        self.cpu.write(buffer, 0, bytemuck::cast_slice(values)).unwrap();
        self.plan.tensor(Tensor::dense(buffer, rows, cols, DType::F32))
    }

    fn floats(&mut self, rows: usize, cols: usize) -> TensorId {
        let values = self.values(rows * cols);
        self.tensor(rows, cols, &values)
    }

    fn indices(&mut self, indices: &[u32]) -> TensorId {
        let buffer = self.cpu.allocate(indices.len() * 4, Memory::Scratch).unwrap();
        self.cpu.write(buffer, 0, bytemuck::cast_slice(indices)).unwrap();
        self.plan.tensor(Tensor::dense(buffer, indices.len(), 1, DType::U32))
    }

    fn buffer(&self, id: TensorId) -> BufferId {
        self.plan.get(id).buffer
    }

    fn read(&mut self, buffer: BufferId, count: usize) -> Vec<f32> {
        let mut out = vec![0.0; count];
        blocking_read(&mut self.cpu, buffer, 0, bytemuck::cast_slice_mut(&mut out)).unwrap();
        out
    }

    fn size(&self, id: TensorId) -> usize {
        let tensor = self.plan.get(id);
        tensor.rows * tensor.cols
    }

    /// `Σ by · out` after one run.
    fn loss(&mut self, out: TensorId, by: &[f32]) -> f64 {
        let plan = self.cpu.prepare(&self.plan).unwrap();
        self.cpu.run(plan, &[]).unwrap();
        self.cpu.release(plan).unwrap();
        let out = self.read(self.buffer(out), by.len());
        out.iter().zip(by).map(|(out, by)| f64::from(*out) * f64::from(*by)).sum()
    }

    /// Holds the gradient of `Σ by · out` by each of `inputs` against central differences.
    #[track_caller]
    fn check(&mut self, out: TensorId, inputs: &[TensorId]) {
        let by = self.values(self.size(out));
        self.check_seeded(out, &by, &by, inputs);
    }

    #[track_caller]
    fn check_seeded(&mut self, out: TensorId, by: &[f32], seed: &[f32], inputs: &[TensorId]) {
        let mut reverse = Reverse::new();
        let mut gradients = Vec::new();
        for id in inputs {
            let gradient = self.cpu.allocate(self.size(*id) * 4, Memory::Scratch).unwrap();
            reverse.parameter(self.buffer(*id), gradient);
            gradients.push(gradient);
        }
        reverse.trace(&self.plan);
        let seeds = self.cpu.allocate(seed.len() * 4, Memory::Scratch).unwrap();
        self.cpu.write(seeds, 0, bytemuck::cast_slice(seed)).unwrap();
        reverse.seed(self.plan.get(out), seeds);
        let cpu = &mut self.cpu;
        reverse.walk(&self.plan, &mut |bytes| cpu.allocate(bytes, Memory::Scratch)).unwrap();
        let backward = reverse.into_plan();
        self.loss(out, by);
        let backward = self.cpu.prepare(&backward).unwrap();
        self.cpu.run(backward, &[]).unwrap();
        for (id, gradient) in inputs.iter().zip(gradients) {
            let size = self.size(*id);
            let got = self.read(gradient, size);
            let buffer = self.buffer(*id);
            let values = self.read(buffer, size);
            let largest = got.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            assert!(largest > 0.0, "tensor {} has no gradient", id.0);
            for at in 0..size {
                let mut side = |step: f32| {
                    let mut moved = values.clone();
                    moved[at] += step;
                    self.cpu.write(buffer, 0, bytemuck::cast_slice(&moved)).unwrap();
                    self.loss(out, by)
                };
                let want = (side(0.005) - side(-0.005)) / 0.01;
                self.cpu.write(buffer, 0, bytemuck::cast_slice(&values)).unwrap();
                let error = (f64::from(got[at]) - want).abs();
                assert!(
                    error < 2e-3 * f64::from(largest).max(0.1),
                    "tensor {}, element {at}: {} for {want}",
                    id.0,
                    got[at]
                );
            }
        }
    }
}

#[test]
fn gathers() {
    let mut bench = Bench::new();
    let (table, more, rows) = (bench.floats(4, 3), bench.floats(4, 3), bench.indices(&[2, 0, 2]));
    let out = bench.floats(3, 3);
    bench.plan.push(Op::Gather { table, rows, out, accumulate: false });
    bench.plan.push(Op::Gather { table: more, rows, out, accumulate: true });
    bench.check(out, &[table, more]);
}

#[test]
fn norms() {
    for centred in [false, true] {
        let mut bench = Bench::new();
        let (x, gain, bias, out) = (bench.floats(3, 5), bench.floats(1, 5), bench.floats(1, 5), bench.floats(3, 5));
        let eps = 1e-3;
        if centred {
            bench.plan.push(Op::LayerNorm { x, gain, bias: Some(bias), eps, out });
            bench.check(out, &[x, gain, bias]);
        } else {
            bench.plan.push(Op::RmsNorm { x, gain, eps, out });
            bench.check(out, &[x, gain]);
        }
    }
}

#[test]
fn linear_layers_and_residuals() {
    let mut bench = Bench::new();
    let (x, first, second) = (bench.floats(3, 4), bench.floats(5, 4), bench.floats(4, 5));
    let bias = bench.floats(1, 4);
    let (inner, out) = (bench.floats(3, 5), bench.floats(3, 4));
    bench.plan.push(Op::Linear { x, weight: first, bias: None, out: inner, accumulate: false });
    bench.plan.push(Train::Scale { x, factor: 1.0, out, accumulate: false });
    bench.plan.push(Op::Linear { x: inner, weight: second, bias: Some(bias), out, accumulate: true });
    bench.check(out, &[x, first, second, bias]);
}

#[test]
fn activations_and_gates() {
    for activation in [Activation::Silu, Activation::GeluErf, Activation::GeluTanh, Activation::Relu] {
        for gated in [false, true] {
            let mut bench = Bench::new();
            let (first, x) = (bench.floats(2, 6), bench.floats(2, 6));
            let out = bench.floats(2, if gated { 3 } else { 6 });
            bench.plan.push(Train::Scale { x: first, factor: 2.0, out: x, accumulate: false });
            bench.plan.push(if gated { Op::Gated { x, activation, out } } else { Op::Activate { x, activation, out } });
            bench.check(out, &[first]);
        }
    }
}

#[test]
fn turns_and_attention() {
    for (layout, window) in [(RopeLayout::Half, None), (RopeLayout::Interleaved, Some(2))] {
        let mut bench = Bench::new();
        let (x, weight) = (bench.floats(8, 3), bench.floats(16, 3));
        let (projected, out) = (bench.floats(8, 16), bench.floats(8, 8));
        let positions = bench.indices(&[0, 1, 2, 3, 0, 1, 2, 3]);
        let angles: Vec<f32> = (0..4).flat_map(|t| [(t as f32).cos(), (t as f32).sin()]).collect();
        let table = bench.tensor(4, 2, &angles);
        bench.plan.push(Op::Linear { x, weight, bias: None, out: projected, accumulate: false });
        let turned = bench.plan.tensor(bench.plan.get(projected).columns(0, 12));
        bench.plan.push(Op::Rope { x: turned, positions, table, head_dim: 4, layout });
        let of = SelfAttention { projected, heads: 2, kv_heads: 1, time: 4, scale: 0.5, window };
        bench.plan.push(Train::SelfAttention { of, out });
        bench.check(out, &[x, weight]);
    }
}

#[test]
fn losses_over_a_vocabulary() {
    let mut bench = Bench::new();
    let (x, weight) = (bench.floats(3, 4), bench.floats(6, 4));
    let (logits, other) = (bench.floats(3, 6), bench.floats(3, 6));
    let targets = bench.indices(&[4, crate::NO_COLUMN, 0]);
    let out = bench.floats(3, STATISTICS);
    bench.plan.push(Op::Linear { x, weight, bias: None, out: logits, accumulate: false });
    bench.plan.push(Train::LogProb { logits, reference: Some(other), targets, out });
    let coefficients = bench.values(3 * COEFFICIENTS);
    // By the columns of log p, KL(q ‖ p) and KL(p ‖ q).
    let mut by = vec![0.0; 3 * STATISTICS];
    for (row, by) in coefficients.chunks_exact(COEFFICIENTS).zip(by.chunks_exact_mut(STATISTICS)) {
        (by[0], by[3], by[4]) = (row[0], row[1], row[2]);
    }
    bench.check_seeded(out, &by, &coefficients, &[x, weight]);
}

#[test]
fn what_cannot_be_learnt_is_named() {
    let mut bench = Bench::new();
    let (x, gain, out) = (bench.floats(2, 3), bench.floats(1, 3), bench.floats(2, 3));
    bench.plan.push(Op::RmsNorm { x, gain, eps: 1e-3, out });
    bench.plan.push(Train::Fill { out: x, value: 0.0 });
    let walk = |bench: &mut Bench| {
        let mut reverse = Reverse::new();
        reverse.parameter(bench.buffer(gain), BufferId(90));
        reverse.trace(&bench.plan);
        reverse.seed(bench.plan.tensors().last().unwrap(), BufferId(91));
        reverse.walk(&bench.plan, &mut |_| Ok(BufferId(92))).unwrap_err()
    };
    bench.plan.tensor(*bench.plan.get(out));
    assert_eq!(walk(&mut bench), GradError::Overwritten { at: 0, op: "rms_norm", by: 1 });
    let chosen = bench.indices(&[0, 0]);
    bench.plan.push(Op::Argmax { x: out, out: chosen });
    assert_eq!(walk(&mut bench), GradError::NoRule { at: 2, op: "argmax" });
}
