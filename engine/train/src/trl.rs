//! Objectives out of configurations of TRL, a library that many recipes are written for.
//!
//! What a configuration says of the loss is taken over or refused by name; what it says of the rest of a run is not read,
//! and listed. Names and defaults as of TRL 1.16.

use serde_json::{Map, Value};

use crate::divergence::{Divergence, Refused};
use crate::objective::ObjectiveError;
use crate::objective::grpo::{Aggregation, Clip, SAMPLE, Scale};
use crate::objective::preference::Preference;

/// What was taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported<T> {
    /// The objective.
    pub objective: T,
    /// What was converted or assumed, in sentences.
    pub said: Vec<String>,
    /// Keys that say nothing of the loss and were not read.
    pub unread: Vec<String>,
}

/// Why a configuration is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// Not an object of JSON.
    #[error("it is no configuration: {0}")]
    Json(String),
    /// A value that changes the loss and is not offered.
    #[error("`{key}` is {value}: {rule}")]
    Unsupported {
        /// The key.
        key: String,
        /// Its value.
        value: String,
        /// What is offered, or which rule it breaks.
        rule: &'static str,
    },
    /// A key that is needed.
    #[error("`{key}` is missing: {rule}")]
    Missing {
        /// The key.
        key: &'static str,
        /// Why it is needed.
        rule: &'static str,
    },
    /// A divergence that is not offered.
    #[error("`f_divergence_type`: {0}")]
    Divergence(#[from] Refused),
    /// A setting outside its range.
    #[error(transparent)]
    Objective(#[from] ObjectiveError),
}

/// GRPO as a configuration describes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grpo {
    /// Responses of each prompt.
    pub group: usize,
    /// What advantages are divided by.
    pub scale: Scale,
    /// Weight of k3 to a reference in the loss; 0 is no reference.
    pub beta: f64,
    /// Where ratios end.
    pub clip: Clip,
    /// How tokens become one number.
    pub loss: GrpoLoss,
}

/// An aggregation without the numbers of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrpoLoss {
    /// Means of sequences.
    Grpo,
    /// By the tokens of a batch.
    Bnpo,
    /// By the tokens of a step.
    Dapo,
    /// By the longest possible responses.
    DrGrpo {
        /// Tokens of the longest possible response.
        completion_tokens_max: usize,
    },
}

impl GrpoLoss {
    /// With the response tokens of a step.
    pub fn aggregation(self, step_tokens: usize) -> Aggregation {
        match self {
            Self::Grpo => Aggregation::Grpo,
            Self::Bnpo => Aggregation::Bnpo,
            Self::Dapo => Aggregation::Dapo { step_tokens },
            Self::DrGrpo { completion_tokens_max } => Aggregation::DrGrpo { completion_tokens_max },
        }
    }
}

/// A configuration whose keys are taken one by one.
struct Config {
    map: Map<String, Value>,
    said: Vec<String>,
}

/// Keys of preference losses with the only value that is offered.
const PREFERENCE_FIXED: [(&str, &str); 7] = [
    ("label_smoothing", "0.0"),
    ("reference_free", "false"),
    ("sync_ref_model", "false"),
    ("use_weighting", "false"),
    ("rpo_alpha", "null"),
    ("ld_alpha", "null"),
    ("loss_weights", "null"),
];

/// The same of GRPO.
const GRPO_FIXED: [(&str, &str); 5] = [
    ("importance_sampling_level", "\"token\""),
    ("multi_objective_aggregation", "\"sum_then_normalize\""),
    ("mask_truncated_completions", "false"),
    ("top_entropy_quantile", "1.0"),
    ("use_bias_correction_kl", "false"),
];

/// A preference objective out of a `DPOConfig`. TRL's coefficient of the α-divergence is 1 − α.
///
/// # Errors
/// [`ImportError`] names the key.
pub fn preference(json: &[u8]) -> Result<Imported<Preference>, ImportError> {
    let mut config = Config::read(json)?;
    let divergence = config.divergence()?;
    config.loss_type(divergence)?;
    config.fixed(&PREFERENCE_FIXED)?;
    let beta = config.number("beta")?.unwrap_or_else(|| {
        config.said.push("`beta` is not given: 0.1, TRL's default".to_owned());
        0.1
    });
    let objective = if divergence == Divergence::ReverseKl {
        Preference::Dpo { beta }
    } else {
        Preference::FDpo { beta, divergence }
    };
    objective.check()?;
    Ok(config.finish(objective))
}

/// GRPO out of a `GRPOConfig`.
///
/// # Errors
/// [`ImportError`] names the key.
pub fn grpo(json: &[u8]) -> Result<Imported<Grpo>, ImportError> {
    let mut config = Config::read(json)?;
    config.fixed(&GRPO_FIXED)?;
    let below = config.number("epsilon")?.unwrap_or(0.2);
    let clip =
        Clip { below, above: config.number("epsilon_high")?.unwrap_or(below), ratio_max: config.number("delta")? };
    let scale = match config.map.remove("scale_rewards") {
        None | Some(Value::Bool(true)) => Scale::Group(SAMPLE),
        Some(Value::Bool(false)) => Scale::Unscaled,
        Some(Value::String(name)) if name == "group" => Scale::Group(SAMPLE),
        Some(Value::String(name)) if name == "batch" => Scale::Batch(SAMPLE),
        Some(Value::String(name)) if name == "none" => Scale::Unscaled,
        Some(other) => return Err(unsupported("scale_rewards", &other, "offered are group, batch and none")),
    };
    let completion_tokens_max = config.count("max_completion_length")?.unwrap_or(256);
    let loss = match config.map.remove("loss_type") {
        None => {
            let rule = "its default differs between releases; say grpo, bnpo, dapo or dr_grpo";
            return Err(ImportError::Missing { key: "loss_type", rule });
        }
        Some(value) => match value.as_str() {
            Some("grpo") => GrpoLoss::Grpo,
            Some("bnpo") => GrpoLoss::Bnpo,
            Some("dapo") => GrpoLoss::Dapo,
            Some("dr_grpo") => GrpoLoss::DrGrpo { completion_tokens_max },
            _ => return Err(unsupported("loss_type", &value, "offered are grpo, bnpo, dapo and dr_grpo")),
        },
    };
    let group = config.count("num_generations")?.unwrap_or(8);
    if group < 2 {
        return Err(ObjectiveError::NoGroups { sequences: group, group }.into());
    }
    let beta = crate::objective::not_negative("beta", config.number("beta")?.unwrap_or(0.0))?;
    Ok(config.finish(Grpo { group, scale, beta, clip, loss }))
}

fn unsupported(key: &str, value: &Value, rule: &'static str) -> ImportError {
    let value: String = value.to_string().chars().take(80).collect();
    ImportError::Unsupported { key: key.to_owned(), value, rule }
}

impl Config {
    fn read(json: &[u8]) -> Result<Self, ImportError> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(map)) => Ok(Self { map, said: Vec::new() }),
            Ok(_) => Err(ImportError::Json("an object is needed".to_owned())),
            Err(error) => Err(ImportError::Json(error.to_string())),
        }
    }

    fn number(&mut self, key: &str) -> Result<Option<f64>, ImportError> {
        match self.map.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or_else(|| unsupported(key, &value, "a number is needed")),
        }
    }

    fn count(&mut self, key: &str) -> Result<Option<usize>, ImportError> {
        match self.map.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
                count.map(Some).ok_or_else(|| unsupported(key, &value, "a count is needed"))
            }
        }
    }

    fn divergence(&mut self) -> Result<Divergence, ImportError> {
        let coefficient = self.number("f_alpha_divergence_coef")?;
        let name = match self.map.remove("f_divergence_type") {
            None | Some(Value::Null) => return Ok(Divergence::ReverseKl),
            Some(Value::String(name)) => name,
            Some(other) => return Err(unsupported("f_divergence_type", &other, "a name is needed")),
        };
        // An enumeration's name as some writers put it.
        let name = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        if name != "alpha_divergence" {
            return Ok(Divergence::named(&name, None)?);
        }
        let rule = "its default differs between releases; TRL's coefficient c is 1 - alpha";
        let coefficient = coefficient.ok_or(ImportError::Missing { key: "f_alpha_divergence_coef", rule })?;
        let alpha = 1.0 - coefficient;
        self.said.push(format!(
            "`f_alpha_divergence_coef` {coefficient} is alpha {alpha}: TRL computes u^(c-1), the paper u^-alpha, so alpha = 1 - c"
        ));
        Ok(Divergence::named(&name, Some(alpha))?)
    }

    fn loss_type(&mut self, divergence: Divergence) -> Result<(), ImportError> {
        let value = match self.map.remove("loss_type") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(mut items)) if items.len() == 1 => items.remove(0),
            Some(value) => value,
        };
        if value.as_str() == Some("sigmoid") {
            return Ok(());
        }
        let rule = if divergence == Divergence::ReverseKl {
            "offered is sigmoid; other losses are not part of this crate"
        } else {
            "an f-divergence belongs to the sigmoid loss alone: other losses read single scores, in which the divergence's \
             constant does not cancel"
        };
        Err(unsupported("loss_type", &value, rule))
    }

    fn fixed(&mut self, fixed: &[(&str, &str)]) -> Result<(), ImportError> {
        for (key, only) in fixed {
            let Some(value) = self.map.remove(*key) else { continue };
            let same = match value.as_f64() {
                Some(number) => only.parse() == Ok(number),
                None => serde_json::from_str::<Value>(only).is_ok_and(|only| only == value),
            };
            if !same {
                return Err(unsupported(
                    key,
                    &value,
                    "it changes the loss and is not offered; leave it at its default",
                ));
            }
        }
        Ok(())
    }

    fn finish<T>(self, objective: T) -> Imported<T> {
        let unread = self.map.keys().cloned().collect();
        Imported { objective, said: self.said, unread }
    }
}

#[cfg(test)]
mod tests;
