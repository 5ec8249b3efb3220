//! Decoders of random weights: what speed is measured with, and what tests compute.

use frugal_tensor::Backend;

use super::Decoder;
use super::load::{LoadError, Loader, MatrixOrder, Precision};
use crate::config::{Biases, Config, Family, FfnActivation, Norm, Position, RopeOrder};

/// Elements that are made at a time.
const PIECE: usize = 1 << 14;

impl Config {
    /// A Llama-shaped decoder of about 20,000 parameters: the ground from which tests and measurements name what differs.
    pub fn small_llama() -> Self {
        Self {
            family: Family::Llama,
            vocabulary: 48,
            hidden: 32,
            ffn: 64,
            layers: 2,
            heads: 4,
            kv_heads: 2,
            head_size: 8,
            context: 64,
            norm: Norm::Rms { epsilon: 1e-5 },
            position: Position::Rope { theta: 10_000.0, order: RopeOrder::Halves },
            activation: FfnActivation::Silu,
            gated: true,
            biases: Biases { qkv: false, attention_output: false, ffn: false },
            tied: true,
            beginning: None,
            end: vec![],
        }
    }

    /// A decoder as small in the form of a family: Llama's has a head of its own, Qwen2's biases and a tied head, GPT-2's all that
    /// is its own.
    pub fn small(family: Family) -> Self {
        let small = Self { family, ..Self::small_llama() };
        match family {
            Family::Llama => Self { tied: false, ..small },
            Family::Qwen2 => Self { biases: Biases { qkv: true, ..small.biases }, ..small },
            Family::Gpt2 => Self {
                kv_heads: 4,
                norm: Norm::Layer { epsilon: 1e-5 },
                position: Position::Learned,
                activation: FfnActivation::GeluTanh,
                gated: false,
                biases: Biases { qkv: true, attention_output: true, ffn: true },
                ..small
            },
        }
    }
}

impl Decoder {
    /// A decoder of this shape whose weights come from `seed`: matrices uniform with variance `1/columns`, gains around
    /// 1, biases around 0. The same seed gives the same weights everywhere.
    ///
    /// # Errors
    /// As [`Loader::new`] and [`Loader::push`].
    pub fn random(
        config: &Config,
        context: usize,
        precision: Precision,
        seed: u64,
        backend: &mut dyn Backend,
    ) -> Result<Self, LoadError> {
        let mut state = seed;
        Self::drawn(config, context, precision, backend, &mut |name, shape| {
            let columns = *shape.last().unwrap_or(&1) as f64;
            let (centre, spread) = match shape.len() {
                1 if name.ends_with(".weight") => (1.0, 0.1),
                1 => (0.0, 0.1),
                _ => (0.0, (3.0 / columns).sqrt()),
            };
            uniform(&mut state, centre, spread)
        })
    }

    /// A decoder of this shape whose elements `draw` gives, by name and shape of their parameter: parameters in the order of
    /// their names, rows of output one after the other.
    ///
    /// # Errors
    /// As [`Loader::new`] and [`Loader::push`].
    pub fn drawn(
        config: &Config,
        context: usize,
        precision: Precision,
        backend: &mut dyn Backend,
        draw: &mut dyn FnMut(&str, &[usize]) -> f32,
    ) -> Result<Self, LoadError> {
        let mut loader = Loader::new(config, context, MatrixOrder::OutputFirst, precision, backend)?;
        let mut wanted: Vec<_> = loader.wanted().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
        wanted.sort();
        for (name, shape) in wanted {
            let elements: usize = shape.iter().product();
            for start in (0..elements).step_by(PIECE) {
                let count = PIECE.min(elements - start);
                let values: Vec<f32> = (0..count).map(|_| draw(&name, &shape)).collect();
                if let Err(error) = loader.push(backend, &name, &shape, start, &values) {
                    loader.abandon(backend);
                    return Err(error);
                }
            }
        }
        loader.finish(backend)
    }
}

/// In `centre - spread .. centre + spread`, by the upper 24 bits of Knuth's 64-bit congruential generator.
#[allow(clippy::cast_possible_truncation)] // weights are f32
fn uniform(state: &mut u64, centre: f64, spread: f64) -> f32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let unit = (*state >> 40) as f64 / f64::from(1_u32 << 23) - 1.0;
    (centre + spread * unit) as f32
}
