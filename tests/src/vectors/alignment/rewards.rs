//! GRPO and PPO.

use frugal_train::objective::grpo::{self, Aggregation, Clip, ReferenceKl, Rollouts, SAMPLE, Scale};
use frugal_train::objective::ppo;
use serde_json::Value;

use super::super::json::{field, number, optional_number};
use super::super::{BadVector, Comparison};
use super::{Case, Width, both, size, text};

pub(in crate::vectors) fn grpo(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    both(vector, grpo_case::<f64>, grpo_case::<f32>)
}

fn grpo_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let mask = case.mask()?;
    let rewards = case.narrow::<R>("rewards")?;
    let scale = match text(value, "advantage_scale")? {
        "group" => Scale::Group(SAMPLE),
        "batch" => Scale::Batch(SAMPLE),
        "none" => Scale::Unscaled,
        other => return Err(BadVector(format!("`{other}` is no scale of advantages"))),
    };
    let advantages = grpo::advantages(&rewards, size(value, "G")?, scale)?.values;
    case.compare(value, "advantages", &advantages)?;
    let log_prob = case.narrow::<R>("policy_logps")?;
    let old = if field(value, "old_logps")?.is_null() { None } else { Some(case.narrow::<R>("old_logps")?) };
    let reference = case.narrow::<R>("ref_logps")?;
    let beta = number(value, "beta")?;
    let kl = if beta > 0.0 { ReferenceKl::Loss { beta, reference: &reference } } else { ReferenceKl::None };
    let aggregation = match text(value, "loss_type")? {
        "grpo" => Aggregation::Grpo,
        "bnpo" => Aggregation::Bnpo,
        "dapo" => Aggregation::Dapo { step_tokens: mask.count() },
        "dr_grpo" => Aggregation::DrGrpo { completion_tokens_max: size(value, "max_completion_length")? },
        other => return Err(BadVector(format!("`{other}` is no aggregation"))),
    };
    let clip = Clip {
        below: number(value, "epsilon_low")?,
        above: number(value, "epsilon_high")?,
        ratio_max: optional_number(value, "delta")?,
    };
    let rollouts = Rollouts { mask: &mask, log_prob: &log_prob, old: old.as_deref(), advantages: &advantages };
    let got = grpo::loss(&rollouts, kl, clip, aggregation)?;
    case.compare_one(value, "loss", got.loss)?;
    case.compare(value, "grad_policy_logps", &got.gradients.log_prob)
}

pub(in crate::vectors) fn ppo(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    both(vector, ppo_case::<f64>, ppo_case::<f32>)
}

fn ppo_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let mask = case.mask()?;
    let (old, reference) = (case.narrow::<R>("old_logps")?, case.narrow::<R>("ref_logps")?);
    let (old_values, scores) = (case.narrow::<R>("old_values")?, case.narrow::<R>("scores")?);
    let experience =
        ppo::Experience { mask: &mask, old: &old, reference: &reference, old_values: &old_values, scores: &scores };
    let settings = ppo::Estimation {
        kl_coefficient: number(value, "kl_coef")?,
        discount: number(value, "gamma")?,
        lambda: number(value, "lam")?,
    };
    let targets = ppo::targets(&experience, settings)?;
    case.compare(value, "token_rewards", &targets.token_rewards)?;
    case.compare(value, "advantages_raw", &targets.advantages_raw)?;
    case.compare(value, "returns", &targets.returns)?;
    case.compare(value, "advantages_whitened_popvar_eps1e_8", &targets.advantages)?;
    let clip = ppo::Clip {
        ratio: number(value, "cliprange")?,
        value: number(value, "cliprange_value")?,
        value_coefficient: number(value, "vf_coef")?,
    };
    let (log_prob, values) = (case.narrow::<R>("policy_logps")?, case.narrow::<R>("values")?);
    let got = ppo::loss(&experience, &targets, &ppo::Pass { log_prob: &log_prob, values: &values }, clip)?;
    case.compare_one(value, "loss", got.loss)?;
    case.compare_one(value, "policy_loss", got.policy_loss)?;
    case.compare_one(value, "value_loss", got.value_loss)?;
    case.compare(value, "grad_policy_logps", &got.gradient_log_prob)?;
    case.compare(value, "grad_values", &got.gradient_values)
}
