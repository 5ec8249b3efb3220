//! Parameters before the first step.

use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, LoadError, Loader, MatrixOrder, Precision, WeightType};
use frugal_model::weights::Stream;
use frugal_tensor::Backend;
use frugal_train::Random;

/// Standard deviation of a matrix's elements, as GPT-2 and Llama begin.
const SPREAD: f64 = 0.02;
/// Where parameters come from.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// Drawn: matrices normal around 0 with a deviation of 0.02, those that write to the residual stream divided by
    /// `sqrt(2 · layers)` (Radford et al. 2019, GPT-2), gains 1, biases 0.
    Drawn {
        /// The same seed gives the same parameters everywhere.
        seed: u64,
    },
    /// The bytes of a safetensors file.
    File(&'a [u8]),
}

impl Start<'_> {
    /// The decoder in f32.
    pub(super) fn decoder(self, config: &Config, backend: &mut dyn Backend) -> Result<Decoder, LoadError> {
        let precision = Precision::uniform(WeightType::F32);
        match self {
            Self::Drawn { seed } => {
                let mut random = Random::new(seed);
                let narrow = SPREAD / (2.0 * config.layers as f64).sqrt();
                Decoder::drawn(config, config.context, precision, backend, &mut |name, shape| {
                    let residual = ["o_proj.", "down_proj.", "c_proj."].iter().any(|part| name.contains(part));
                    match (shape.len(), residual) {
                        (1, _) => f32::from(u8::from(name.ends_with(".weight"))),
                        (_, true) => normal(&mut random, narrow),
                        (_, false) => normal(&mut random, SPREAD),
                    }
                })
            }
            Self::File(bytes) => {
                let mut loader = Loader::new(config, config.context, MatrixOrder::Transformers, precision, backend)?;
                let mut stream = Stream::new("model.safetensors", bytes.len() as u64);
                let read = stream.push_to(bytes, &mut |listing, piece| loader.take(backend, listing, &piece));
                if let Err(error) = read.and_then(|()| Ok(stream.finish().map(drop)?)) {
                    loader.abandon(backend);
                    return Err(error);
                }
                loader.finish(backend)
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // weights are f32
fn normal(random: &mut Random, deviation: f64) -> f32 {
    (deviation * random.normal()) as f32
}
