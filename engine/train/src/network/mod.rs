//! A decoder as plans over whole sequences: what runs forward, and what that leaves for the way back.

mod lora;
mod record;

pub(crate) use lora::Adapter;
pub use lora::Lora;
pub(crate) use record::Memories;

use frugal_model::decoder::Decoder;
use frugal_tensor::grad::{Allocate, Reverse};
use frugal_tensor::{Backend, BufferId, Plan, Tensor};

use crate::TrainError;

/// Sizes of what is learnt at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Sequences of a batch.
    pub sequences: usize,
    /// Tokens of a sequence.
    pub time: usize,
    /// Rows whose logits exist at one time.
    pub logit_rows: usize,
    /// Whether layers are computed again on the way back, instead of being kept.
    pub recompute: bool,
}

impl Sizes {
    /// Rows of a batch.
    pub fn rows(&self) -> usize {
        self.sequences * self.time
    }
}

/// The plans of one decoder.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) embed: Plan,
    pub(crate) layers: Vec<Plan>,
    pub(crate) norm: Plan,
    /// One for each piece of rows: logits, then what they say of their targets.
    pub(crate) heads: Vec<Plan>,
    pub(crate) inputs: Inputs,
    /// `[rows, STATISTICS]`.
    pub(crate) statistics: Tensor,
    /// `[rows, hidden]`: what the head reads.
    pub(crate) hidden: Tensor,
    recompute: bool,
}

/// What a run is fed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs {
    pub(crate) tokens: BufferId,
    pub(crate) targets: BufferId,
}

impl Network {
    /// Up to what the head reads.
    pub(crate) fn body(&self) -> Plan {
        join(std::iter::once(&self.embed).chain(&self.layers).chain([&self.norm]))
    }

    /// The head, a piece after the other.
    pub(crate) fn score(&self) -> Plan {
        join(&self.heads)
    }

    /// The way back from coefficients of each row to gradients of parameters. It computes logits anew, so that the head
    /// need not have run before.
    pub(crate) fn backward(
        &self,
        parameters: &[(BufferId, BufferId)],
        coefficients: BufferId,
        allocate: &mut Allocate<'_>,
    ) -> Result<Plan, TrainError> {
        let mut reverse = Reverse::new();
        for (value, gradient) in parameters {
            reverse.parameter(*value, *gradient);
        }
        let body = std::iter::once(&self.embed).chain(&self.layers).chain([&self.norm]);
        body.chain(&self.heads).for_each(|plan| reverse.trace(plan));
        reverse.seed(&self.statistics, coefficients);
        for head in &self.heads {
            reverse.replay(head);
            reverse.walk(head, allocate)?;
        }
        reverse.walk(&self.norm, allocate)?;
        for (at, layer) in self.layers.iter().enumerate().rev() {
            // The last layer's values still stand.
            if self.recompute && at + 1 < self.layers.len() {
                reverse.replay(layer);
            }
            reverse.walk(layer, allocate)?;
        }
        reverse.walk(&self.embed, allocate)?;
        Ok(reverse.into_plan())
    }
}

fn join<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Plan {
    let mut all = Plan::new();
    for plan in plans {
        let ids: Vec<_> = plan.tensors().iter().map(|tensor| all.tensor(*tensor)).collect();
        for op in plan.ops() {
            all.push(op.renamed(|id| ids[id.index()]));
        }
    }
    all
}

/// Records a decoder over memory of its own. `reference`, the hidden rows and the head of another decoder, is what
/// distributions are held against.
pub(crate) fn record(
    decoder: &Decoder,
    adapters: &[Adapter],
    sizes: &Sizes,
    keep: bool,
    reference: Option<(Tensor, Tensor)>,
    memories: &mut Memories,
    backend: &mut dyn Backend,
) -> Result<Network, TrainError> {
    record::Recorder { decoder, adapters, sizes, keep, memories, backend }.network(reference)
}
