//! Every plan of a trainer, recorded and prepared once.

use frugal_model::decoder::Decoder;
use frugal_tensor::{
    Backend, BackendError, COEFFICIENTS, DType, Memory, Plan, PlanId, SETTINGS, Tensor, Train, Update,
};

use super::{Learnt, Settings};
use crate::TrainError;
use crate::network::{Adapter, Inputs, Memories, record};

#[derive(Debug)]
pub(super) struct Plans {
    pub(super) inputs: Inputs,
    pub(super) reference_inputs: Option<Inputs>,
    /// `[rows, STATISTICS]`.
    pub(super) statistics: Tensor,
    /// `[rows, COEFFICIENTS]`.
    pub(super) coefficients: Tensor,
    /// `[1, 1]`: of the gradient's norm.
    pub(super) squares: Tensor,
    /// With decay, and without.
    pub(super) settings: [Tensor; 2],
    pub(super) reference: Option<PlanId>,
    pub(super) body: PlanId,
    pub(super) score: PlanId,
    pub(super) backward: PlanId,
    pub(super) update: PlanId,
    /// Gradients to 0.
    pub(super) clear: PlanId,
    /// What runs in a step, to look for a fault in.
    pub(super) recorded: [Plan; 2],
}

impl Plans {
    pub(super) fn new(
        decoder: &Decoder,
        reference: Option<&Decoder>,
        adapters: &[Adapter],
        learnt: &[Learnt],
        settings: &Settings,
        memories: &mut Memories,
        backend: &mut dyn Backend,
    ) -> Result<Self, TrainError> {
        let sizes = &settings.sizes;
        let against = match reference {
            Some(reference) => Some((record(reference, &[], sizes, false, None, memories, backend)?, reference.head())),
            None => None,
        };
        let other = against.as_ref().map(|(network, head)| (network.hidden, head.weight));
        let network = record(decoder, adapters, sizes, true, other, memories, backend)?;
        let coefficients = memories.tensor(backend, sizes.rows(), COEFFICIENTS, DType::F32)?;
        let gradients: Vec<_> = learnt.iter().map(|learnt| (learnt.weight.buffer, learnt.gradient.buffer)).collect();
        let allocate = &mut |bytes| memories.bytes(backend, bytes, Memory::Scratch);
        let backward = network.backward(&gradients, coefficients.buffer, allocate)?;
        let mut one = |cols: usize| memories.tensor(backend, 1, cols, DType::F32);
        let (squares, factor) = (one(1)?, one(1)?);
        let rows = [one(SETTINGS)?, one(SETTINGS)?];
        let body = network.body();
        let update = update(learnt, settings, squares, factor, rows);
        Ok(Self {
            inputs: network.inputs,
            reference_inputs: against.as_ref().map(|(network, _)| network.inputs),
            statistics: network.statistics,
            coefficients,
            squares,
            settings: rows,
            reference: against.map(|(network, _)| backend.prepare(&network.body())).transpose()?,
            body: backend.prepare(&body)?,
            score: backend.prepare(&network.score())?,
            backward: backend.prepare(&backward)?,
            update: backend.prepare(&update)?,
            clear: backend.prepare(&clear(Plan::new(), learnt))?,
            recorded: [body, backward],
        })
    }

    pub(super) fn release(&self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        let all = [Some(self.body), Some(self.score), Some(self.backward), Some(self.update), Some(self.clear)];
        all.into_iter().chain([self.reference]).flatten().try_for_each(|plan| backend.release(plan))
    }
}

/// The gradient's norm, then each weight's step, then gradients to 0.
#[allow(clippy::cast_possible_truncation)] // f32 is what the operator reads
fn update(learnt: &[Learnt], settings: &Settings, squares: Tensor, factor: Tensor, rows: [Tensor; 2]) -> Plan {
    let mut plan = Plan::new();
    let [squares, factor] = [squares, factor].map(|tensor| plan.tensor(tensor));
    plan.push(Train::Fill { out: squares, value: 0.0 });
    for learnt in learnt {
        let x = plan.tensor(learnt.gradient);
        plan.push(Train::SumSquares { x, out: squares });
    }
    let limit = settings.clip_norm.map_or(f32::INFINITY, |limit| limit as f32);
    plan.push(Train::ClipFactor { squares, limit, out: factor });
    let rule = settings.optimise.rule;
    for learnt in learnt {
        let row = rows[usize::from(!learnt.decays)];
        let [gradient, state, weight, settings] =
            [learnt.gradient, learnt.state, learnt.weight, row].map(|tensor| plan.tensor(tensor));
        let update = Update { rule, gradient, factor, settings, state, weight };
        let mut ops = [Train::OptimiserState(update), Train::OptimiserStep(update)];
        if rule.weight_first() {
            ops.reverse();
        }
        ops.into_iter().for_each(|op| plan.push(op));
    }
    clear(plan, learnt)
}

fn clear(mut plan: Plan, learnt: &[Learnt]) -> Plan {
    for learnt in learnt {
        let out = plan.tensor(learnt.gradient);
        plan.push(Train::Fill { out, value: 0.0 });
    }
    plan
}
