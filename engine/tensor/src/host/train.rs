//! The operators of training, with their tensors as matrices.

use super::kernels::{Kernels, NormGradInputs, UpdateInputs};
use super::run::Step;
use crate::cpu::{self, Sequences};
use crate::train::{OptimiserSettings, SelfAttention, Train, Update};
use crate::{BackendError, NO_COLUMN, TensorId};

fn sizes(of: &SelfAttention) -> Sequences {
    let SelfAttention { heads, kv_heads, time, scale, window, .. } = *of;
    Sequences { heads, kv_heads, time, scale, window }
}

impl Step<'_> {
    pub(super) fn train(&self, op: &Train, words: &mut [u32], kernels: &mut dyn Kernels) -> Result<(), BackendError> {
        match *op {
            Train::MatMul { left, right, turned, out, accumulate } => {
                kernels.matmul(self.view(left)?, self.view(right)?, turned, accumulate, self.target(out, words)?);
            }
            Train::ColumnSums { x, out } => kernels.column_sums(self.view(x)?, self.target(out, words)?.row(0)),
            Train::ScatterAdd { x, rows, out } => {
                let rows = self.indices(rows, self.plan.get(out).rows)?;
                cpu::scatter_add(self.view(x)?, rows, self.target(out, words)?);
            }
            Train::NormGrad { x, gain, dy, eps, centred, out, accumulate } => {
                let inputs =
                    NormGradInputs { x: self.view(x)?, gain: self.vector(gain)?, dy: self.view(dy)?, eps, centred };
                kernels.norm_grad(&inputs, accumulate, self.target(out, words)?);
            }
            Train::NormGainGrad { x, dy, eps, centred, out } => {
                let mut out = self.target(out, words)?;
                kernels.norm_gain_grad(self.view(x)?, self.view(dy)?, eps, centred, out.row(0));
            }
            Train::ActivateGrad { x, dy, activation, out } => {
                kernels.activate_grad(self.view(x)?, self.view(dy)?, activation, self.target(out, words)?);
            }
            Train::GatedGrad { x, dy, activation, out } => {
                kernels.gated_grad(self.view(x)?, self.view(dy)?, activation, self.target(out, words)?);
            }
            Train::RopeGrad { x, positions, table, head_dim, layout } => {
                let positions = self.indices(positions, self.plan.get(table).rows)?;
                kernels.rope_grad(self.target(x, words)?, positions, self.view(table)?, head_dim, layout);
            }
            Train::SelfAttention { ref of, out } => {
                kernels.self_attention(self.view(of.projected)?, &sizes(of), self.target(out, words)?);
            }
            Train::SelfAttentionGrad { ref of, dy, out } => {
                let (projected, dy) = (self.view(of.projected)?, self.view(dy)?);
                kernels.self_attention_grad(projected, dy, &sizes(of), self.target(out, words)?);
            }
            Train::Scale { x, factor, out, accumulate } => {
                kernels.scale(self.view(x)?, factor, accumulate, self.target(out, words)?);
            }
            Train::Fill { out, value } => {
                let mut out = self.target(out, words)?;
                (0..out.rows()).for_each(|row| out.row(row).fill(value));
            }
            _ => self.loss_or_update(op, words, kernels)?,
        }
        Ok(())
    }

    fn loss_or_update(&self, op: &Train, words: &mut [u32], kernels: &mut dyn Kernels) -> Result<(), BackendError> {
        match *op {
            Train::LogProb { logits, reference, targets, out } => {
                let reference = reference.map(|reference| self.view(reference)).transpose()?;
                let logits = self.view(logits)?;
                kernels.log_prob(logits, reference, self.targets(targets, logits.cols())?, self.target(out, words)?);
            }
            Train::LogProbGrad { logits, reference, targets, statistics, coefficients } => {
                let reference = reference.map(|reference| self.view(reference)).transpose()?;
                let targets = self.targets(targets, self.plan.get(logits).cols)?;
                let (statistics, coefficients) = (self.view(statistics)?, self.view(coefficients)?);
                kernels.log_prob_grad(self.target(logits, words)?, reference, targets, statistics, coefficients);
            }
            Train::SumSquares { x, out } => {
                let sum = kernels.sum_squares(self.view(x)?);
                let mut out = self.target(out, words)?;
                let before = f64::from(out.row(0)[0]);
                out.row(0)[0] = cpu::to_f32(before + sum);
            }
            Train::ClipFactor { squares, limit, out } => {
                self.target(out, words)?.row(0)[0] = cpu::clip_factor(self.vector(squares)?[0], limit);
            }
            Train::OptimiserState(ref update) => {
                let inputs = self.update(update, self.vector(update.weight)?)?;
                kernels.optimiser_states(&inputs, self.whole(update.state, words)?);
            }
            Train::OptimiserStep(ref update) => {
                let state = self.view(update.state)?;
                let inputs = self.update(update, state.parts().0)?;
                kernels.optimiser_steps(&inputs, self.target(update.weight, words)?.row(0));
            }
            _ => unreachable!("the other operators are handled before"),
        }
        Ok(())
    }

    fn update<'s>(&'s self, update: &Update, other: &'s [f32]) -> Result<UpdateInputs<'s>, BackendError> {
        Ok(UpdateInputs {
            rule: update.rule,
            settings: OptimiserSettings::from_row(self.vector(update.settings)?),
            factor: self.vector(update.factor)?[0],
            gradient: self.vector(update.gradient)?,
            other,
        })
    }

    /// Columns that a loss asks for: below `limit`, or none.
    fn targets(&self, id: TensorId, limit: usize) -> Result<&[u32], BackendError> {
        let targets = self.indices(id, usize::MAX)?;
        match targets.iter().find(|target| **target != NO_COLUMN && **target as usize >= limit) {
            Some(&index) => Err(BackendError::Index { op: "log_prob", index, limit }),
            None => Ok(targets),
        }
    }

    /// All rows of a dense tensor.
    fn whole<'w>(&self, id: TensorId, words: &'w mut [u32]) -> Result<&'w mut [f32], BackendError> {
        let tensor = self.plan.get(id);
        let elements: &mut [f32] = bytemuck::cast_slice_mut(words);
        Ok(&mut elements[tensor.offset..][..tensor.rows * tensor.cols])
    }
}
