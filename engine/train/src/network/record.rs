//! What runs forward.

use frugal_model::decoder::{Decoder, Layer};
use frugal_nn::{Ffn, Linear};
use frugal_tensor::{
    Backend, BackendError, BufferId, DType, Memory, Op, Plan, STATISTICS, SelfAttention, Tensor, TensorId, Train,
};

use super::{Adapter, Inputs, Network, Sizes};
use crate::TrainError;

/// Buffers that were allocated, to be given back together.
#[derive(Debug, Default)]
pub(crate) struct Memories {
    buffers: Vec<BufferId>,
}

impl Memories {
    pub(crate) fn bytes(
        &mut self,
        backend: &mut dyn Backend,
        bytes: usize,
        kind: Memory,
    ) -> Result<BufferId, BackendError> {
        let buffer = backend.allocate(bytes, kind)?;
        self.buffers.push(buffer);
        Ok(buffer)
    }

    /// A dense f32 or u32 matrix.
    pub(crate) fn tensor(
        &mut self,
        backend: &mut dyn Backend,
        rows: usize,
        cols: usize,
        dtype: DType,
    ) -> Result<Tensor, BackendError> {
        let needed_bytes = usize::MAX;
        let bytes = dtype.bytes(rows, cols).ok_or(BackendError::OutOfMemory { needed_bytes })?;
        Ok(Tensor::dense(self.bytes(backend, bytes, Memory::Scratch)?, rows, cols, dtype))
    }

    pub(crate) fn free(self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        self.buffers.into_iter().try_for_each(|buffer| backend.free(buffer))
    }
}

pub(super) struct Recorder<'a> {
    pub(super) decoder: &'a Decoder,
    pub(super) adapters: &'a [Adapter],
    pub(super) sizes: &'a Sizes,
    /// Whether layers leave what the way back needs.
    pub(super) keep: bool,
    pub(super) memories: &'a mut Memories,
    pub(super) backend: &'a mut dyn Backend,
}

/// What a layer computes on its way; layers that are computed again share one.
#[derive(Clone, Copy)]
struct Scratch {
    normed: Tensor,
    projected: Tensor,
    mixed: Tensor,
    middle: Tensor,
    ffn_normed: Tensor,
    wide: Tensor,
    inner: Tensor,
}

impl Recorder<'_> {
    fn floats(&mut self, cols: usize) -> Result<Tensor, BackendError> {
        self.memories.tensor(self.backend, self.sizes.rows(), cols, DType::F32)
    }

    fn scratch(&mut self, layer: &Layer) -> Result<Scratch, BackendError> {
        let hidden = self.decoder.config().hidden;
        Ok(Scratch {
            normed: self.floats(hidden)?,
            projected: self.floats(layer.attention.projected_cols())?,
            mixed: self.floats(layer.attention.mixed_cols())?,
            middle: self.floats(hidden)?,
            ffn_normed: self.floats(hidden)?,
            wide: self.floats(layer.ffn.wide_cols())?,
            inner: self.floats(layer.ffn.inner_cols())?,
        })
    }

    pub(super) fn network(mut self, reference: Option<(Tensor, Tensor)>) -> Result<Network, TrainError> {
        let (rows, hidden) = (self.sizes.rows(), self.decoder.config().hidden);
        let indices = |this: &mut Self| this.memories.tensor(this.backend, rows, 1, DType::U32);
        let (tokens, targets, positions) = (indices(&mut self)?, indices(&mut self)?, indices(&mut self)?);
        let counted = (0..rows).map(|row| u32::try_from(row % self.sizes.time).unwrap_or(u32::MAX));
        self.backend.write(positions.buffer, 0, bytemuck::cast_slice(&counted.collect::<Vec<u32>>()))?;
        let mut x = self.floats(hidden)?;
        let embed = self.embed(tokens, positions, x);
        let keep_all = self.keep && !self.sizes.recompute;
        let (mut shared, mut layers) = (None, Vec::new());
        let decoder = self.decoder;
        for layer in decoder.layers() {
            let scratch = match shared {
                Some(scratch) => scratch,
                None => self.scratch(layer)?,
            };
            shared = if keep_all { None } else { Some(scratch) };
            // Without a way back the residual may be written where it stood.
            let next = if self.keep { self.floats(hidden)? } else { x };
            layers.push(self.layer(layer, &scratch, positions, x, next)?);
            x = next;
        }
        let out = self.floats(hidden)?;
        let mut norm = Plan::new();
        let (x, normed) = (norm.tensor(x), norm.tensor(out));
        decoder.norm().record(&mut norm, x, normed);
        let statistics = self.floats(STATISTICS)?;
        let heads = self.heads(out, targets, statistics, reference)?;
        let inputs = Inputs { tokens: tokens.buffer, targets: targets.buffer };
        Ok(Network { embed, layers, norm, heads, inputs, statistics, hidden: out, recompute: self.sizes.recompute })
    }

    fn embed(&self, tokens: Tensor, positions: Tensor, out: Tensor) -> Plan {
        let mut plan = Plan::new();
        let (table, rows, out) = (plan.tensor(self.decoder.embedding()), plan.tensor(tokens), plan.tensor(out));
        plan.push(Op::Gather { table, rows, out, accumulate: false });
        if let Some(table) = self.decoder.positions() {
            let (table, rows) = (plan.tensor(table), plan.tensor(positions));
            plan.push(Op::Gather { table, rows, out, accumulate: true });
        }
        plan
    }

    fn layer(
        &mut self,
        layer: &Layer,
        scratch: &Scratch,
        positions: Tensor,
        x: Tensor,
        next: Tensor,
    ) -> Result<Plan, BackendError> {
        let mut plan = Plan::new();
        let attention = &layer.attention;
        let wide = attention.mixed_cols() + attention.kv_heads * attention.head_dim;
        let turned = plan.tensor(scratch.projected.columns(0, wide));
        let ids =
            [x, scratch.normed, scratch.projected, scratch.mixed, scratch.middle].map(|tensor| plan.tensor(tensor));
        let [x, normed, projected, mixed, middle] = ids;
        layer.attention_norm.record(&mut plan, x, normed);
        self.linear(&mut plan, &attention.query_key_value, normed, projected, false)?;
        if let Some((table, layout)) = attention.rope {
            let (positions, table) = (plan.tensor(positions), plan.tensor(table));
            plan.push(Op::Rope { x: turned, positions, table, head_dim: attention.head_dim, layout });
        }
        let (heads, kv_heads, window) = (attention.heads, attention.kv_heads, attention.window);
        // A head has far fewer than 2^24 elements.
        let scale = (attention.head_dim as f32).sqrt().recip();
        let of = SelfAttention { projected, heads, kv_heads, time: self.sizes.time, scale, window };
        plan.push(Train::SelfAttention { of, out: mixed });
        plan.push(Train::Scale { x, factor: 1.0, out: middle, accumulate: false });
        self.linear(&mut plan, &attention.output, mixed, middle, true)?;
        let ids = [scratch.ffn_normed, scratch.wide, scratch.inner, next].map(|tensor| plan.tensor(tensor));
        let [ffn_normed, wide, inner, next] = ids;
        layer.ffn_norm.record(&mut plan, middle, ffn_normed);
        let (first, last) = match layer.ffn {
            Ffn::Gated { gate_up, down, .. } => (gate_up, down),
            Ffn::Plain { up, down, .. } => (up, down),
        };
        self.linear(&mut plan, &first, ffn_normed, wide, false)?;
        plan.push(match layer.ffn {
            Ffn::Gated { activation, .. } => Op::Gated { x: wide, activation, out: inner },
            Ffn::Plain { activation, .. } => Op::Activate { x: wide, activation, out: inner },
        });
        plan.push(Train::Scale { x: middle, factor: 1.0, out: next, accumulate: false });
        self.linear(&mut plan, &last, inner, next, true)?;
        Ok(plan)
    }

    /// A linear layer, with its adapter where it has one.
    fn linear(
        &mut self,
        plan: &mut Plan,
        linear: &Linear,
        x: TensorId,
        out: TensorId,
        accumulate: bool,
    ) -> Result<(), BackendError> {
        linear.record(plan, x, out, accumulate);
        let adapters = self.adapters;
        let Some(adapter) = adapters.iter().find(|adapter| adapter.of == linear.weight.buffer) else { return Ok(()) };
        let rank = adapter.down.rows;
        let (narrow, scaled) = (self.floats(rank)?, self.floats(rank)?);
        let [narrow, scaled] = [narrow, scaled].map(|tensor| plan.tensor(tensor));
        let [down, up] = [adapter.down, adapter.up].map(|tensor| plan.tensor(tensor));
        plan.push(Op::Linear { x, weight: down, bias: None, out: narrow, accumulate: false });
        plan.push(Train::Scale { x: narrow, factor: adapter.factor, out: scaled, accumulate: false });
        plan.push(Op::Linear { x: scaled, weight: up, bias: None, out, accumulate: true });
        Ok(())
    }

    /// Logits of some rows at a time, in one memory.
    fn heads(
        &mut self,
        hidden: Tensor,
        targets: Tensor,
        statistics: Tensor,
        reference: Option<(Tensor, Tensor)>,
    ) -> Result<Vec<Plan>, BackendError> {
        let vocabulary = self.decoder.config().vocabulary;
        let most = self.sizes.logit_rows.min(self.sizes.rows());
        let mut logits = || self.memories.tensor(self.backend, most, vocabulary, DType::F32);
        let own = logits()?;
        let other = reference.map(|_| logits()).transpose()?;
        let head = self.decoder.head();
        let piece = |from: usize| {
            let count = most.min(self.sizes.rows() - from);
            let rows = |tensor: Tensor| Tensor { offset: tensor.offset + from * tensor.stride, rows: count, ..tensor };
            let first = |tensor: Tensor| Tensor { rows: count, ..tensor };
            let mut plan = Plan::new();
            let (x, logits) = (plan.tensor(rows(hidden)), plan.tensor(first(own)));
            head.record(&mut plan, x, logits, false);
            let reference = reference.zip(other).map(|((hidden, weight), other)| {
                let (x, weight, out) = (plan.tensor(rows(hidden)), plan.tensor(weight), plan.tensor(first(other)));
                plan.push(Op::Linear { x, weight, bias: None, out, accumulate: false });
                out
            });
            let (targets, out) = (plan.tensor(rows(targets)), plan.tensor(rows(statistics)));
            plan.push(Train::LogProb { logits, reference, targets, out });
            plan
        };
        Ok((0..self.sizes.rows()).step_by(most).map(piece).collect())
    }
}
