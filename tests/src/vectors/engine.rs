//! Attention and quantisation, on the CPU backends, and on every Vulkan adapter where that is asked for.

use std::sync::atomic::{AtomicBool, Ordering};

use frugal_gpu::{Gpu, Options, block_on};
use frugal_nn::Linear;
use frugal_nn::attention::{Grouped, KeyValueCache, Rows, Scratch};
use frugal_nn::rope;
use frugal_tensor::cpu::{Heads, attention_weights};
use frugal_tensor::quant::{Bits, QuantError, Rule, Scheme};
use frugal_tensor::{
    Backend, BackendError, Cpu, DType, Memory, Plan, QuantView, RopeLayout, Stored, Tensor, View, blocking_read,
};
use half::{bf16, f16};
use serde_json::Value;

use super::json::{count, field, list, number, numbers};
use super::{BadVector, Comparison};

/// Of what is computed in f32: absolute, and relative to the value.
const F32: f64 = 2e-5;

impl From<BackendError> for BadVector {
    fn from(error: BackendError) -> Self {
        Self(error.to_string())
    }
}

impl From<QuantError> for BadVector {
    fn from(error: QuantError) -> Self {
        Self(error.to_string())
    }
}

/// Whether adapters compute too.
static ADAPTERS: AtomicBool = AtomicBool::new(false);

/// From now on the engine's vectors are also computed on every adapter that the Vulkan loader finds.
pub fn use_adapters() {
    ADAPTERS.store(true, Ordering::Relaxed);
}

/// A backend and its name.
type Named = (String, Box<dyn Backend>);

/// What the vectors are computed on.
fn backends() -> Result<Vec<Named>, BadVector> {
    let cpus: [Named; 2] =
        [("reference".to_owned(), Box::new(Cpu::reference())), ("fast".to_owned(), Box::new(Cpu::fast()))];
    let mut all = Vec::from(cpus);
    let adapters = if ADAPTERS.load(Ordering::Relaxed) { Gpu::adapters() } else { Vec::new() };
    for name in adapters.into_iter().map(|adapter| adapter.name) {
        let options = Options { adapter: Some(name.clone()), untested: true, ..Options::default() };
        let gpu = block_on(Gpu::open(options)).map_err(|error| BadVector(error.to_string()))?;
        all.push((name, Box::new(gpu)));
    }
    Ok(all)
}

/// All numbers of nested lists, in order.
fn flat(value: &Value, name: &str) -> Result<Vec<f64>, BadVector> {
    fn collect(value: &Value, all: &mut Vec<f64>) -> Result<(), BadVector> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| collect(item, all)),
            number => {
                all.push(number.as_f64().ok_or_else(|| BadVector(format!("{number} is not a number")))?);
                Ok(())
            }
        }
    }
    let mut all = Vec::new();
    collect(field(value, name)?, &mut all)?;
    Ok(all)
}

#[allow(clippy::cast_possible_truncation)] // what the engine computes with
fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

fn size(value: &Value, name: &str) -> Result<usize, BadVector> {
    usize::try_from(count(value, name)?).map_err(|error| BadVector(error.to_string()))
}

/// One comparison per element.
fn compare(all: &mut Vec<Comparison>, name: &str, got: &[f32], want: &[f64]) -> Result<(), BadVector> {
    if got.len() != want.len() {
        return Err(BadVector(format!("{name}: {} numbers for {}", got.len(), want.len())));
    }
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        all.push(Comparison::within(format!("{name}[{at}]"), f64::from(*got), *want, F32 + F32 * want.abs()));
    }
    Ok(())
}

pub(super) fn attention(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut all = Vec::new();
    let mut backends = backends()?;
    for case in list(vector, "cases")? {
        for (backend, computer) in &mut backends {
            let name = format!("{} on {backend}", field(case, "name")?);
            AttentionCase::read(case)?.compare(&name, case, computer.as_mut(), &mut all)?;
        }
    }
    Ok(all)
}

struct AttentionCase {
    tokens: usize,
    width: usize,
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    rope_base: Option<f64>,
}

/// What a run leaves behind.
struct Computed {
    y: Vec<f32>,
    projected: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    elements_per_token: usize,
}

impl AttentionCase {
    fn read(case: &Value) -> Result<Self, BadVector> {
        Ok(Self {
            tokens: size(case, "T")?,
            width: size(case, "D")?,
            heads: size(case, "Hq")?,
            kv_heads: size(case, "Hkv")?,
            head_dim: size(case, "dh")?,
            rope_base: field(case, "rope_base")?.as_f64(),
        })
    }

    fn compare(
        &self,
        name: &str,
        case: &Value,
        cpu: &mut dyn Backend,
        all: &mut Vec<Comparison>,
    ) -> Result<(), BadVector> {
        let got = self.compute(case, cpu)?;
        compare(all, &format!("{name} y"), &got.y, &flat(case, "y")?)?;
        let loss: f64 = got.y.iter().zip(flat(case, "R")?).map(|(y, r)| f64::from(*y) * r).sum();
        let want = number(case, "loss")?;
        all.push(Comparison::within(format!("{name} loss"), loss, want, F32 * (1.0 + want.abs())));
        let want = number(case, "kv_cache_elems_per_token")?;
        all.push(Comparison::within(format!("{name} cache elements"), got.elements_per_token as f64, want, 0.0));
        compare(all, &format!("{name} keys"), &self.by_head(&got.keys), &flat(case, "k_cache")?)?;
        compare(all, &format!("{name} values"), &self.by_head(&got.values), &flat(case, "v_cache")?)?;
        compare(all, &format!("{name} attn"), &self.weights(&got), &flat(case, "attn")?)
    }

    /// `[tokens, heads · dim]` to `[heads, tokens, dim]`.
    fn by_head(&self, rows: &[f32]) -> Vec<f32> {
        let cols = self.kv_heads * self.head_dim;
        let of = |head: usize| {
            rows.chunks_exact(cols).flat_map(move |row| row[head * self.head_dim..][..self.head_dim].to_vec())
        };
        (0..self.kv_heads).flat_map(of).collect()
    }

    /// `[heads, tokens, tokens]`, zero above the diagonal.
    fn weights(&self, got: &Computed) -> Vec<f32> {
        let (tokens, dim) = (self.tokens, self.head_dim);
        let heads = Heads {
            heads: self.heads,
            kv_heads: self.kv_heads,
            context: tokens,
            scale: (dim as f32).sqrt().recip(),
            window: None,
        };
        let keys = Stored::F32(View::dense(&got.keys, tokens, self.kv_heads * dim));
        let cols = got.projected.len() / tokens;
        let mut all = Vec::new();
        for head in 0..self.heads {
            for (position, row) in (0_u32..).zip(got.projected.chunks_exact(cols)) {
                let q = &row[head * dim..(head + 1) * dim];
                let weights = attention_weights(q, keys, head, 0, position, &heads);
                all.extend(narrow(&weights));
                all.resize(all.len().next_multiple_of(tokens), 0.0);
            }
        }
        all
    }

    fn compute(&self, case: &Value, cpu: &mut dyn Backend) -> Result<Computed, BadVector> {
        let (tokens, width) = (self.tokens, self.width);
        let (wide, kv_cols) = (self.heads * self.head_dim, self.kv_heads * self.head_dim);
        let mut up = |rows: usize, values: &[f32]| upload(cpu, rows, values);
        let stacked = [flat(case, "Wq")?, flat(case, "Wk")?, flat(case, "Wv")?].concat();
        let query_key_value = Linear { weight: up(wide + 2 * kv_cols, &narrow(&stacked))?, bias: None };
        let output = Linear { weight: up(width, &narrow(&flat(case, "Wo")?))?, bias: None };
        let rope = match self.rope_base {
            Some(base) => {
                let table = rope::table(tokens, &rope::frequencies(base, self.head_dim, None));
                Some((up(tokens, &table)?, RopeLayout::Half))
            }
            None => None,
        };
        let x = up(tokens, &narrow(&flat(case, "x")?))?;
        let y = up(tokens, &vec![0.0; tokens * width])?;
        let projected = up(tokens, &vec![0.0; tokens * (wide + 2 * kv_cols)])?;
        let mixed = up(tokens, &vec![0.0; tokens * wide])?;
        let (keys, values) = (up(tokens, &vec![0.0; tokens * kv_cols])?, up(tokens, &vec![0.0; tokens * kv_cols])?);
        let indices = |values: Vec<u32>| values.into_iter().map(f32::from_bits).collect::<Vec<_>>();
        let positions = up(tokens, &indices((0_u32..).take(tokens).collect()))?;
        let slots = up(tokens, &vec![0.0; tokens])?;
        let attention = Grouped {
            heads: self.heads,
            kv_heads: self.kv_heads,
            head_dim: self.head_dim,
            query_key_value,
            output,
            rope,
            window: None,
        };
        let mut plan = Plan::new();
        let [positions, slots] = [positions, slots].map(|tensor| plan.tensor(Tensor { dtype: DType::U32, ..tensor }));
        let (input, mixed, residual) = (plan.tensor(x), plan.tensor(mixed), plan.tensor(y));
        let cache = KeyValueCache { keys, values, context: tokens };
        let rows = Rows { positions, slots };
        attention.record(&mut plan, input, rows, &cache, Scratch { projected, mixed }, residual);
        let id = cpu.prepare(&plan)?;
        cpu.run(id, &[])?;
        let mut read = |tensor: Tensor| download(cpu, tensor);
        Ok(Computed {
            y: read(y)?,
            projected: read(projected)?,
            keys: read(keys)?,
            values: read(values)?,
            elements_per_token: attention.cache_elements_per_token(),
        })
    }
}

fn upload(cpu: &mut dyn Backend, rows: usize, values: &[f32]) -> Result<Tensor, BadVector> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let buffer = cpu.allocate(bytes.len(), Memory::Scratch)?;
    cpu.write(buffer, 0, &bytes)?;
    Ok(Tensor::dense(buffer, rows, values.len() / rows, DType::F32))
}

fn download(cpu: &mut dyn Backend, tensor: Tensor) -> Result<Vec<f32>, BadVector> {
    let mut bytes = vec![0; tensor.rows * tensor.cols * 4];
    blocking_read(cpu, tensor.buffer, 0, &mut bytes)?;
    Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

pub(super) fn quant(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let (mut all, mut backends) = (Vec::new(), backends()?);
    for case in list(vector, "cases")? {
        let name = field(case, "name")?.to_string();
        let weights = flat(case, "w")?;
        let group = u16::try_from(size(case, "group")?).map_err(|error| BadVector(error.to_string()))?;
        let (four, eight) = (Bits::Four, Bits::Eight);
        let kinds = [
            ("sym_int4", Rule::Symmetric, four, Scheme::symmetric(four, group, false)),
            ("asym_int4", Rule::Asymmetric, four, Scheme::asymmetric(four, group, false)),
            ("sym_int8", Rule::Symmetric, eight, Scheme::symmetric(eight, group, false)),
            ("asym_int8", Rule::Asymmetric, eight, Scheme::asymmetric(eight, group, false)),
            ("q4_0_f64scale", Rule::Q4_0, four, Scheme::Q4_0),
            ("q4_0_fp16scale", Rule::Q4_0, four, Scheme::Q4_0),
            ("q8_0_fp16scale", Rule::Q8_0, eight, Scheme::Q8_0),
        ];
        for (kind, rule, bits, scheme) in kinds {
            // The blocks of 32 stand in one case only.
            let Some(want) = case.get(kind) else { continue };
            let name = format!("{name} {kind}");
            codes(&mut all, &name, want, (rule, bits), &weights, usize::from(group))?;
            // One kind keeps its scale in f64, which no format stores.
            if kind != "q4_0_f64scale" {
                stored(&mut all, &name, want, scheme, &narrow(&weights), size(case, "cols")?)?;
            }
        }
        let half: Vec<f32> = weights.iter().map(|weight| f16::from_f64(*weight).to_f32()).collect();
        compare_exactly(&mut all, &format!("{name} f16"), &half, &flat(case, "fp16_roundtrip")?);
        let brain: Vec<f32> = weights.iter().map(|weight| bf16::from_f64(*weight).to_f32()).collect();
        compare_exactly(&mut all, &format!("{name} bf16"), &brain, &flat(case, "bf16_roundtrip")?);
        products(&mut all, &name, case, &weights, group, &mut backends)?;
    }
    Ok(all)
}

fn compare_exactly(all: &mut Vec<Comparison>, name: &str, got: &[f32], want: &[f64]) {
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        all.push(Comparison::within(format!("{name}[{at}]"), f64::from(*got), *want, 0.0));
    }
}

/// Codes and zeros exactly; scales, values and their errors in f64 where scales are not rounded.
fn codes(
    all: &mut Vec<Comparison>,
    name: &str,
    want: &Value,
    (rule, bits): (Rule, Bits),
    weights: &[f64],
    group: usize,
) -> Result<(), BadVector> {
    let (want_codes, want_scales) = (flat(want, "q")?, flat(want, "scale")?);
    let want_zeros = if field(want, "zero")?.is_null() { Vec::new() } else { flat(want, "zero")? };
    let (mut values, mut scales) = (Vec::new(), Vec::new());
    for (g, part) in weights.chunks_exact(group).enumerate() {
        let got = rule.codes(bits, part)?;
        for (at, code) in got.codes.iter().enumerate() {
            let want = want_codes[g * group + at];
            all.push(Comparison::within(format!("{name} code {g}:{at}"), f64::from(*code), want, 0.0));
        }
        if let Some(zero) = got.zero {
            all.push(Comparison::within(format!("{name} zero {g}"), f64::from(zero), want_zeros[g], 0.0));
        }
        let zero = got.zero.unwrap_or(if rule == Rule::Q4_0 { 8 } else { 0 });
        values.extend(got.codes.iter().map(|code| got.scale * f64::from(code - zero)));
        scales.push(got.scale);
    }
    if name.ends_with("fp16scale") {
        return Ok(());
    }
    let mut exact = |part: &str, got: &[f64], want: &[f64]| {
        for (at, (got, want)) in got.iter().zip(want).enumerate() {
            all.push(Comparison::within(format!("{name} {part}[{at}]"), *got, *want, 1e-12));
        }
    };
    exact("scale", &scales, &want_scales);
    exact("value", &values, &flat(want, "dequant")?);
    let errors = values.iter().zip(weights).map(|(got, want)| (got - want).abs());
    exact("largest error", &[errors.clone().fold(0.0, f64::max)], &[number(want, "max_abs_err")?]);
    let mean_square = errors.map(|error| error * error).sum::<f64>() / weights.len() as f64;
    exact("mean square error", &[mean_square], &[number(want, "mse")?]);
    Ok(())
}

/// What is stored in memory: scales, values, bits per weight.
fn stored(
    all: &mut Vec<Comparison>,
    name: &str,
    want: &Value,
    scheme: Scheme,
    weights: &[f32],
    cols: usize,
) -> Result<(), BadVector> {
    let rows = weights.len() / cols;
    let packed = scheme.quantise(weights, cols)?;
    let view = QuantView::new(scheme.format(), rows, cols, &packed)?;
    let mut values = vec![0.0; cols];
    let mut decoded = Vec::new();
    for row in 0..rows {
        Stored::Quant(view).decode_row(row, &mut values);
        decoded.extend_from_slice(&values);
    }
    compare(all, &format!("{name} dequant"), &decoded, &flat(want, "dequant")?)?;
    let scales: Vec<f32> = (0..flat(want, "scale")?.len()).map(|at| view.scale(at)).collect();
    compare(all, &format!("{name} stored scale"), &scales, &flat(want, "scale")?)?;
    // Published with 16-bit scales, whatever the case stores.
    let format = frugal_tensor::quant::QuantFormat { half_scales: true, ..scheme.format() };
    let bits = number(want, "bits_per_weight")?;
    all.push(Comparison::within(format!("{name} bits"), format.bits_per_weight(), bits, 1e-12));
    Ok(())
}

/// The matrix times a vector, with weights as they are and as int4.
fn products(
    all: &mut Vec<Comparison>,
    name: &str,
    case: &Value,
    weights: &[f64],
    group: u16,
    backends: &mut [Named],
) -> Result<(), BadVector> {
    let x = narrow(&numbers(field(case, "x")?)?);
    let (weights, cols) = (narrow(weights), x.len());
    let rows = weights.len() / cols;
    let scheme = Scheme::symmetric(Bits::Four, group, false);
    let packed = scheme.quantise(&weights, cols)?;
    for (backend, cpu) in backends {
        let cpu = cpu.as_mut();
        let full = upload(cpu, rows, &weights)?;
        let buffer = cpu.allocate(packed.len(), Memory::Weights)?;
        cpu.write(buffer, 0, &packed)?;
        let quantised = Tensor::dense(buffer, rows, cols, DType::Quant(scheme.format()));
        for (kind, weight) in [("matvec_full", full), ("matvec_sym_int4", quantised)] {
            let (input, out) = (upload(cpu, 1, &x)?, upload(cpu, 1, &vec![0.0; rows])?);
            let mut plan = Plan::new();
            let (input, target) = (plan.tensor(input), plan.tensor(out));
            Linear { weight, bias: None }.record(&mut plan, input, target, false);
            let id = cpu.prepare(&plan)?;
            cpu.run(id, &[])?;
            compare(all, &format!("{name} {kind} on {backend}"), &download(cpu, out)?, &flat(case, kind)?)?;
        }
    }
    Ok(())
}
