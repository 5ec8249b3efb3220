//! The table: every operator at sizes around every vector and tile.

use half::{bf16, f16};

use super::{Case, POISON, Spec, chains};
use crate::op::Attention;
use crate::quant::{Bits, Scheme};
use crate::{Activation, DType, Op, RopeLayout, TensorId};

/// Around 1, 8, 32 and 64, and beyond one tile.
const SIZES: [usize; 10] = [1, 7, 31, 32, 33, 63, 64, 65, 127, 260];

/// Records one case.
pub(super) struct Recorder {
    case: Case,
    state: u64,
}

impl Recorder {
    pub(super) fn new(name: String) -> Self {
        let case = Case { name, nmse_max: 1e-12, tensors: Vec::new(), ops: Vec::new(), live: Vec::new() };
        Self { case, state: 7 }
    }

    /// Uniform in -1..1, from a seed that is the same in every case.
    fn values(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // 24 bits are exact in f32.
            (self.state >> 40) as f32 / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn add(&mut self, bytes: Vec<u8>, rows: usize, cols: usize, dtype: DType) -> TensorId {
        self.case.tensors.push(Spec { bytes, rows, cols, stride: cols, dtype, live: false, part_of: None });
        TensorId(u32::try_from(self.case.tensors.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn floats(&mut self, rows: usize, cols: usize) -> TensorId {
        let bytes = bytemuck::cast_slice(&self.values(rows * cols)).to_vec();
        self.add(bytes, rows, cols, DType::F32)
    }

    /// Uniform in 0.1..1.
    pub(super) fn positive(&mut self, rows: usize, cols: usize) -> TensorId {
        let values: Vec<f32> = self.values(rows * cols).iter().map(|value| 0.55 + 0.45 * value).collect();
        self.add(bytemuck::cast_slice(&values).to_vec(), rows, cols, DType::F32)
    }

    pub(super) fn indices(&mut self, indices: &[u32]) -> TensorId {
        self.add(bytemuck::cast_slice(indices).to_vec(), indices.len(), 1, DType::U32)
    }

    pub(super) fn poisoned(&mut self, rows: usize, cols: usize, dtype: DType) -> TensorId {
        let bytes = dtype.bytes(rows, cols).unwrap_or_default().next_multiple_of(4);
        self.add(POISON.into_iter().cycle().take(bytes).collect(), rows, cols, dtype)
    }

    pub(super) fn weight(&mut self, rows: usize, cols: usize, kind: Kind) -> TensorId {
        let values = self.values(rows * cols);
        let (bytes, dtype) = match kind {
            Kind::F32 => (bytemuck::cast_slice(&values).to_vec(), DType::F32),
            Kind::F16 => (values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect(), DType::F16),
            Kind::Bf16 => (values.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes()).collect(), DType::Bf16),
            Kind::Quant(scheme) => {
                let packed = scheme.quantise(&values, cols).expect("columns of a case are whole groups");
                (packed, DType::Quant(scheme.format()))
            }
        };
        let mut bytes: Vec<u8> = bytes;
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        self.add(bytes, rows, cols, dtype)
    }

    /// The tensors count only their first `live` rows.
    pub(super) fn live(&mut self, live: usize, tensors: &[TensorId]) {
        self.case.live = vec![u32::try_from(live).unwrap_or(u32::MAX)];
        for id in tensors {
            self.case.tensors[id.index()].live = true;
        }
    }

    /// Columns of a tensor that starts its buffer.
    pub(super) fn columns(&mut self, of: TensorId, from: usize, cols: usize) -> TensorId {
        let part = Spec { cols, part_of: Some((of, from)), ..self.case.tensors[of.index()].clone() };
        self.case.tensors.push(part);
        TensorId(u32::try_from(self.case.tensors.len() - 1).unwrap_or(u32::MAX))
    }

    /// Widens the distance between rows of an f32 tensor by `gap` poisoned elements.
    pub(super) fn stride(&mut self, id: TensorId, gap: usize) {
        let spec = &mut self.case.tensors[id.index()];
        let mut bytes = Vec::new();
        for row in spec.bytes.chunks(spec.cols * 4) {
            bytes.extend_from_slice(row);
            bytes.extend(POISON.into_iter().cycle().take(gap * 4));
        }
        spec.bytes = bytes;
        spec.stride += gap;
    }

    pub(super) fn op(self, op: Op, nmse_max: f64) -> Case {
        self.ops(vec![op], nmse_max)
    }

    pub(super) fn ops(mut self, ops: Vec<Op>, nmse_max: f64) -> Case {
        (self.case.ops, self.case.nmse_max) = (ops, nmse_max);
        self.case
    }
}

/// Storage of a weight in a case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    F32,
    F16,
    Bf16,
    Quant(Scheme),
}

/// Every case.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for cols in SIZES {
        all.extend(row_cases(cols));
        for rows in [1, 2, 3, 5, 17] {
            for outs in [1, 5, 64] {
                all.push(linear(rows, cols, outs, Kind::F32, rows == 2));
            }
        }
        for kind in [Kind::F16, Kind::Bf16] {
            all.extend([1, 4].map(|rows| linear(rows, cols, 5, kind, rows == 4)));
            all.push(gather(cols, kind, false));
        }
        all.push(gather(cols, Kind::F32, true));
    }
    for scheme in schemes() {
        let group = usize::from(scheme.format().group);
        for groups in [1, 3, 8] {
            for rows in [1, 2, 4] {
                all.push(linear(rows, group * groups, 9, Kind::Quant(scheme), rows == 2));
            }
            all.push(gather(group * groups, Kind::Quant(scheme), groups == 3));
        }
    }
    all.extend(rope_cases());
    all.extend(cache_cases());
    all.extend(attention_cases());
    all.extend(chains::cases());
    all
}

fn schemes() -> Vec<Scheme> {
    let mut schemes = vec![Scheme::Q4_0, Scheme::Q8_0];
    for bits in [Bits::Four, Bits::Eight] {
        for group in [8, 24, 32, 64] {
            schemes.push(Scheme::symmetric(bits, group, false));
            schemes.push(Scheme::asymmetric(bits, group, group == 32));
        }
    }
    schemes
}

/// Norms and elementwise functions of rows of `cols`, three of four rows live.
fn row_cases(cols: usize) -> Vec<Case> {
    let mut all = Vec::new();
    let record = |name: &str, wide: usize| {
        let mut recorder = Recorder::new(format!("{name}, {cols} columns"));
        let (x, out) = (recorder.floats(4, cols * wide), recorder.poisoned(4, cols, DType::F32));
        recorder.live(3, &[x, out]);
        (recorder, x, out)
    };
    let (mut recorder, x, out) = record("rms_norm", 1);
    let gain = recorder.floats(1, cols);
    all.push(recorder.op(Op::RmsNorm { x, gain, eps: 1e-5, out }, 1e-12));
    for biased in [false, true] {
        let (mut recorder, x, out) = record("layer_norm", 1);
        let (gain, bias) = (recorder.floats(1, cols), recorder.floats(1, cols));
        let bias = biased.then_some(bias);
        all.push(recorder.op(Op::LayerNorm { x, gain, bias, eps: 1e-5, out }, 1e-12));
    }
    for activation in [Activation::Silu, Activation::GeluErf, Activation::GeluTanh, Activation::Relu] {
        let (recorder, x, out) = record(&format!("activate {activation:?}"), 1);
        all.push(recorder.op(Op::Activate { x, activation, out }, 1e-11));
        let (mut recorder, x, out) = record(&format!("gated {activation:?}"), 2);
        recorder.stride(x, 3);
        recorder.stride(out, 2);
        all.push(recorder.op(Op::Gated { x, activation, out }, 1e-11));
    }
    let mut recorder = Recorder::new(format!("argmax, {cols} columns"));
    let (x, out) = (recorder.floats(3, cols), recorder.poisoned(3, 1, DType::U32));
    recorder.live(2, &[x, out]);
    all.push(recorder.op(Op::Argmax { x, out }, 0.0));
    all
}

fn linear(rows: usize, cols: usize, outs: usize, kind: Kind, accumulate: bool) -> Case {
    let mut recorder = Recorder::new(format!("linear {kind:?}, [{rows}, {cols}] to {outs}, accumulate {accumulate}"));
    let (x, weight) = (recorder.floats(rows, cols), recorder.weight(outs, cols, kind));
    let out = if accumulate { recorder.floats(rows, outs) } else { recorder.poisoned(rows, outs, DType::F32) };
    if outs == 5 {
        recorder.stride(x, 1);
        recorder.stride(out, 3);
    }
    let bias = recorder.floats(1, outs);
    let bias = (rows % 2 == 1).then_some(bias);
    recorder.op(Op::Linear { x, weight, bias, out, accumulate }, 1e-9)
}

fn gather(cols: usize, kind: Kind, accumulate: bool) -> Case {
    let mut recorder = Recorder::new(format!("gather {kind:?}, {cols} columns, accumulate {accumulate}"));
    let (table, rows) = (recorder.weight(5, cols, kind), recorder.indices(&[4, 0, 4, 3]));
    let out = if accumulate { recorder.floats(4, cols) } else { recorder.poisoned(4, cols, DType::F32) };
    recorder.live(3, &[rows, out]);
    recorder.op(Op::Gather { table, rows, out, accumulate }, 1e-13)
}

fn rope_cases() -> Vec<Case> {
    let mut all = Vec::new();
    for layout in [RopeLayout::Half, RopeLayout::Interleaved] {
        for (head_dim, rotary, heads) in [(2, 2, 1), (8, 8, 3), (6, 4, 5), (64, 64, 2), (34, 34, 3)] {
            let mut recorder = Recorder::new(format!("rope {layout:?}, {heads} heads, {rotary} of {head_dim}"));
            let (x, positions) = (recorder.floats(3, heads * head_dim), recorder.indices(&[5, 0, 6]));
            let table = recorder.floats(7, rotary);
            recorder.stride(x, 4);
            recorder.live(2, &[x, positions]);
            all.push(recorder.op(Op::Rope { x, positions, table, head_dim, layout }, 1e-12));
        }
    }
    all
}

fn cache_cases() -> Vec<Case> {
    let mut all = Vec::new();
    for dtype in [DType::F32, DType::F16] {
        for cols in [2, 32, 66] {
            let mut recorder = Recorder::new(format!("cache_write {dtype:?}, {cols} columns"));
            let x = recorder.floats(3, cols);
            let (positions, slots) = (recorder.indices(&[3, 0, 1]), recorder.indices(&[0, 1, 1]));
            let cache = recorder.poisoned(8, cols, dtype);
            recorder.stride(x, 5);
            recorder.live(2, &[x, positions, slots]);
            all.push(recorder.op(Op::CacheWrite { x, positions, slots, cache, context: 4 }, 0.0));
        }
    }
    all
}

fn attention_cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (heads, kv_heads, dim) in [(1, 1, 1), (4, 4, 8), (4, 2, 33), (6, 1, 16), (2, 2, 64), (3, 1, 127)] {
        for kind in [Kind::F32, Kind::F16] {
            for window in [None, Some(1), Some(40)] {
                let name = format!("attention {kind:?}, {heads} heads on {kv_heads} of {dim}, window {window:?}");
                let mut recorder = Recorder::new(name);
                let context = 80;
                let q = recorder.floats(4, heads * dim);
                let keys = recorder.weight(2 * context, kv_heads * dim, kind);
                let values = recorder.weight(2 * context, kv_heads * dim, kind);
                let (positions, slots) = (recorder.indices(&[79, 0, 64, 1]), recorder.indices(&[0, 1, 1, 0]));
                let out = recorder.poisoned(4, heads * dim, DType::F32);
                recorder.stride(q, 2);
                recorder.live(3, &[q, positions, slots, out]);
                let attention =
                    Attention { q, keys, values, positions, slots, out, heads, kv_heads, context, scale: 1.7, window };
                all.push(recorder.op(Op::Attention(attention), 1e-11));
            }
        }
    }
    all
}
