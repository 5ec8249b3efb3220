//! One step of a decoder: some rows of tokens in, logits of some of them out.

use std::task::{Context, Poll};

use frugal_nn::attention::{KeyValueCache, Rows, Scratch};
use frugal_tensor::{Backend, BackendError, BufferId, DType, Memory, Op, Plan, PlanId, ReadId, Tensor, TensorId};

use super::Decoder;

/// Scalar of a run: rows that count.
const ROWS: u8 = 0;
/// Scalar of a run: logits that are wanted.
const OUTPUTS: u8 = 1;

/// A prepared step with its memory. Nothing is allocated when it runs.
#[derive(Debug)]
pub struct Step {
    plan: PlanId,
    inputs: [BufferId; 4],
    logits: BufferId,
    chosen: BufferId,
    buffers: Vec<BufferId>,
    rows: usize,
    outputs: usize,
    vocabulary: usize,
}

/// What a step is fed. All rows are of one length; rows of one slot stand in order of their positions.
#[derive(Debug, Clone, Copy, Default)]
pub struct StepInput<'a> {
    /// Token of each row.
    pub tokens: &'a [u32],
    /// Its position.
    pub positions: &'a [u32],
    /// Whose cache it reads and writes.
    pub slots: &'a [u32],
    /// Rows whose logits are wanted.
    pub outputs: &'a [u32],
}

impl Step {
    /// Records and prepares a step of at most `rows` rows and `outputs` logits over the caches of all layers.
    ///
    /// # Errors
    /// [`BackendError`]; nothing stays allocated then.
    pub fn new(
        decoder: &Decoder,
        caches: &[KeyValueCache],
        rows: usize,
        outputs: usize,
        backend: &mut dyn Backend,
    ) -> Result<Self, BackendError> {
        let mut recorder = Recorder { backend, plan: Plan::new(), buffers: Vec::new() };
        match recorder.step(decoder, caches, rows, outputs) {
            Ok(step) => Ok(Self { buffers: recorder.buffers, ..step }),
            Err(error) => {
                let Recorder { backend, buffers, .. } = recorder;
                // The first error is the one to tell.
                buffers.into_iter().for_each(|buffer| drop(backend.free(buffer)));
                Err(error)
            }
        }
    }

    /// The most rows of a run.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The most logits of a run.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Runs the step.
    ///
    /// # Errors
    /// [`BackendError`], also for more rows or outputs than the step has.
    pub fn run(&self, backend: &mut dyn Backend, input: &StepInput<'_>) -> Result<(), BackendError> {
        let lists = [input.tokens, input.positions, input.slots, input.outputs];
        for (buffer, list) in self.inputs.into_iter().zip(lists) {
            backend.write(buffer, 0, bytemuck::cast_slice(list))?;
        }
        let count = |list: &[u32]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        backend.run(self.plan, &[count(input.tokens), count(input.outputs)])
    }

    /// Asks for the first `count` rows of logits.
    ///
    /// # Errors
    /// As [`Backend::read`].
    pub fn read_logits(&self, backend: &mut dyn Backend, count: usize) -> Result<ReadId, BackendError> {
        backend.read(self.logits, 0, count * self.vocabulary * 4)
    }

    /// Asks for the first `count` tokens of largest logit.
    ///
    /// # Errors
    /// As [`Backend::read`].
    pub fn read_chosen(&self, backend: &mut dyn Backend, count: usize) -> Result<ReadId, BackendError> {
        backend.read(self.chosen, 0, count * 4)
    }

    /// Hands over what was asked for; `out` has the length asked for.
    pub fn poll<T: bytemuck::Pod>(
        backend: &mut dyn Backend,
        read: ReadId,
        context: &mut Context<'_>,
        out: &mut [T],
    ) -> Poll<Result<(), BackendError>> {
        backend.poll_read(read, context, bytemuck::cast_slice_mut(out))
    }

    /// Gives plan and memory back.
    ///
    /// # Errors
    /// [`BackendError::Unknown`].
    pub fn free(self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        backend.release(self.plan)?;
        self.buffers.into_iter().try_for_each(|buffer| backend.free(buffer))
    }
}

struct Recorder<'a> {
    backend: &'a mut dyn Backend,
    plan: Plan,
    buffers: Vec<BufferId>,
}

impl Recorder<'_> {
    fn scratch(&mut self, rows: usize, cols: usize, dtype: DType, live: u8) -> Result<Tensor, BackendError> {
        let needed_bytes = rows.saturating_mul(cols).saturating_mul(4);
        let bytes = dtype.bytes(rows, cols).ok_or(BackendError::OutOfMemory { needed_bytes })?;
        let buffer = self.backend.allocate(bytes, Memory::Scratch)?;
        self.buffers.push(buffer);
        Ok(Tensor::dense(buffer, rows, cols, dtype).live(live))
    }

    fn floats(&mut self, rows: usize, cols: usize, live: u8) -> Result<TensorId, BackendError> {
        let tensor = self.scratch(rows, cols, DType::F32, live)?;
        Ok(self.plan.tensor(tensor))
    }

    fn indices(&mut self, rows: usize, live: u8) -> Result<(TensorId, BufferId), BackendError> {
        let tensor = self.scratch(rows, 1, DType::U32, live)?;
        Ok((self.plan.tensor(tensor), tensor.buffer))
    }

    fn step(
        &mut self,
        decoder: &Decoder,
        caches: &[KeyValueCache],
        rows: usize,
        outputs: usize,
    ) -> Result<Step, BackendError> {
        let (hidden, vocabulary) = (decoder.config.hidden, decoder.config.vocabulary);
        let (tokens, token_buffer) = self.indices(rows, ROWS)?;
        let (positions, position_buffer) = self.indices(rows, ROWS)?;
        let (slots, slot_buffer) = self.indices(rows, ROWS)?;
        let (wanted, wanted_buffer) = self.indices(outputs, OUTPUTS)?;
        let x = self.floats(rows, hidden, ROWS)?;
        let table = self.plan.tensor(decoder.embedding);
        self.plan.push(Op::Gather { table, rows: tokens, out: x, accumulate: false });
        if let Some(table) = decoder.positions {
            let table = self.plan.tensor(table);
            self.plan.push(Op::Gather { table, rows: positions, out: x, accumulate: true });
        }
        self.layers(decoder, caches, rows, x, Rows { positions, slots })?;
        let last = self.floats(outputs, hidden, OUTPUTS)?;
        // Read as a table: every row, live or not.
        let table = self.plan.tensor(Tensor { live: None, ..*self.plan.get(x) });
        self.plan.push(Op::Gather { table, rows: wanted, out: last, accumulate: false });
        let normed = self.floats(outputs, hidden, OUTPUTS)?;
        decoder.norm.record(&mut self.plan, last, normed);
        let logits = self.floats(outputs, vocabulary, OUTPUTS)?;
        decoder.head.record(&mut self.plan, normed, logits, false);
        let (chosen, chosen_buffer) = self.indices(outputs, OUTPUTS)?;
        self.plan.push(Op::Argmax { x: logits, out: chosen });
        Ok(Step {
            plan: self.backend.prepare(&self.plan)?,
            inputs: [token_buffer, position_buffer, slot_buffer, wanted_buffer],
            logits: self.plan.get(logits).buffer,
            chosen: chosen_buffer,
            buffers: Vec::new(),
            rows,
            outputs,
            vocabulary,
        })
    }

    /// All layers share one set of scratch.
    fn layers(
        &mut self,
        decoder: &Decoder,
        caches: &[KeyValueCache],
        rows: usize,
        x: TensorId,
        place: Rows,
    ) -> Result<(), BackendError> {
        let Some(first) = decoder.layers.first() else { return Ok(()) };
        let normed = self.floats(rows, decoder.config.hidden, ROWS)?;
        let projected = self.scratch(rows, first.attention.projected_cols(), DType::F32, ROWS)?;
        let mixed = self.floats(rows, first.attention.mixed_cols(), ROWS)?;
        let scratch = Scratch { projected, mixed };
        let wide = self.floats(rows, first.ffn.wide_cols(), ROWS)?;
        let inner = self.floats(rows, first.ffn.inner_cols(), ROWS)?;
        for (layer, cache) in decoder.layers.iter().zip(caches) {
            layer.attention_norm.record(&mut self.plan, x, normed);
            layer.attention.record(&mut self.plan, normed, place, cache, scratch, x);
            layer.ffn_norm.record(&mut self.plan, x, normed);
            layer.ffn.record(&mut self.plan, normed, wide, inner, x);
        }
        Ok(())
    }
}
