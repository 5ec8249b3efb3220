//! f-DPO and TDPO.

use frugal_train::divergence::Divergence;
use frugal_train::objective::dpo;
use frugal_train::objective::f_dpo::{Pairs, loss};
use frugal_train::objective::preference::Preference;
use frugal_train::objective::tdpo::{self, Variant};
use frugal_train::objective::{RowGradients, Rows};
use frugal_train::{IGNORED, Mask};
use serde_json::Value;

use super::super::json::{field, number, optional_number};
use super::super::{BadVector, Comparison};
use super::{Case, Heard, Logits, Width, both, flat, integers, size, text};

pub(in crate::vectors) fn f_dpo(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    both(vector, f_dpo_case::<f64>, f_dpo_case::<f32>)
}

fn f_dpo_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let divergence = Divergence::named(text(value, "divergence")?, optional_number(value, "alpha_paper")?)?;
    let [policy_chosen, policy_rejected, reference_chosen, reference_rejected] =
        ["policy_chosen", "policy_rejected", "ref_chosen", "ref_rejected"]
            .map(|name| case.narrow::<R>(&format!("{name}_logps")));
    let (policy_chosen, policy_rejected) = (policy_chosen?, policy_rejected?);
    let (reference_chosen, reference_rejected) = (reference_chosen?, reference_rejected?);
    let pairs = Pairs {
        policy_chosen: &policy_chosen,
        policy_rejected: &policy_rejected,
        reference_chosen: &reference_chosen,
        reference_rejected: &reference_rejected,
    };
    let got = loss(&pairs, divergence, number(value, "beta")?)?;
    case.compare_one(value, "loss_mean", got.loss)?;
    case.compare(value, "losses", &got.losses)?;
    case.compare(value, "grad_policy_chosen", &got.gradient_chosen)?;
    case.compare(value, "grad_policy_rejected", &got.gradient_rejected)?;
    let inputs = [&policy_chosen, &policy_rejected, &reference_chosen, &reference_rejected];
    let largest = inputs.into_iter().flatten().map(|input| input.abs().to_f64()).fold(0.0, f64::max);
    case.slack = 2.0 * R::ROUNDING * largest;
    case.compare(value, "chosen_score", &got.chosen_score)?;
    case.compare(value, "rejected_score", &got.rejected_score)?;
    case.compare(value, "chosen_reward", &got.chosen_reward)?;
    case.compare(value, "rejected_reward", &got.rejected_reward)?;
    if !field(value, "f32_safe")?.as_bool().unwrap_or_default() && R::EXPONENT_MAX.to_f64() < 100.0 {
        case.holds("saturation is counted", got.saturated > 0);
    }
    Ok(())
}

pub(in crate::vectors) fn tdpo(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    both(vector, tdpo_case::<f64>, tdpo_case::<f32>)
}

fn tdpo_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let (tokens, vocabulary) = (size(value, "T")?, size(value, "V")?);
    let labels = integers(value, "labels")?;
    let (mask, targets) = Mask::shifted(2 * size(value, "B")?, tokens, &labels, vocabulary)?;
    let (policy, reference) = (case.narrow::<R>("policy_logits")?, case.narrow::<R>("ref_logits")?);
    let logits = Logits { mask: &mask, vocabulary, policy: &policy, reference: &reference, targets: &targets };
    let heard = logits.heard()?;
    let (beta, alpha) = (number(value, "beta")?, number(value, "alpha")?);
    let rows = Rows { mask: &mask, log_prob: &heard.log_prob, reference: &heard.reference };
    for (name, variant) in [("tdpo1", Variant::One), ("tdpo2", Variant::Two { alpha })] {
        let got = tdpo::loss(&rows, &heard.kl_ref_policy, variant, beta)?;
        let expected = field(value, name)?;
        case.compare_one(expected, "loss_mean", got.outcome.loss)?;
        case.compare(expected, "losses", &got.losses)?;
        case.compare(expected, "chosen_reward", &got.chosen_reward)?;
        case.compare(expected, "rejected_reward", &got.rejected_reward)?;
        let gradient = logits.gradient(&got.outcome.gradients)?;
        case.compare(expected, "grad_policy_logits", &gradient)?;
        case.compare(value, "logps_margin", &got.margins)?;
        case.compare(value, "seq_kl_ref_policy", &got.seq_kl_ref_policy)?;
        if name == "tdpo2" {
            case.negative_control(&gradient)?;
        }
    }
    let got = Preference::Dpo { beta }.evaluate(&rows, None)?;
    let expected = field(value, "dpo")?;
    case.compare_one(expected, "loss_mean", got.loss)?;
    case.compare(expected, "losses", &pair_losses(&rows, beta)?)?;
    case.compare(expected, "grad_policy_logits", &logits.gradient(&got.gradients)?)?;
    case.sums(&logits, &heard)?;
    let counts: Vec<R> = (0..mask.sequences()).map(|at| R::from_f64(mask.count_of(at) as f64)).collect();
    case.compare(value, "n_response_tokens", &counts)?;
    case.padding_is_silent(&logits, &got.gradients)
}

/// DPO of every pair, from sums over its responses.
fn pair_losses<R: Width>(rows: &Rows<'_, R>, beta: f64) -> Result<Vec<R>, BadVector> {
    let pairs = rows.mask.sequences() / 2;
    let sums = |values: &[R], from: usize| -> Vec<R> {
        let of = |at| rows.mask.rows_of(at).map(|row| values[row].to_f64()).sum();
        (from..from + pairs).map(|at| R::from_f64(of(at))).collect()
    };
    let pairs = Pairs {
        policy_chosen: &sums(rows.log_prob, 0),
        policy_rejected: &sums(rows.log_prob, pairs),
        reference_chosen: &sums(rows.reference, 0),
        reference_rejected: &sums(rows.reference, pairs),
    };
    Ok(dpo::loss(&pairs, beta)?.losses)
}

impl Case<'_> {
    /// Without the stop-gradient the gradient is another one, unless the two models are the same.
    fn negative_control<R: Width>(&mut self, gradient: &[R]) -> Result<(), BadVector> {
        let wrong = flat(field(self.value, "wrong_tdpo2_no_stopgrad")?, "grad_policy_logits")?;
        let right = flat(field(self.value, "tdpo2")?, "grad_policy_logits")?;
        let apart = |left: &[f64]| left.iter().zip(&wrong).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let expected = apart(&right);
        let ours: Vec<f64> = gradient.iter().map(|slope| slope.to_f64()).collect();
        if expected > 1e-6 {
            self.holds("differs from the negative control", apart(&ours) > 0.5 * expected);
        }
        Ok(())
    }

    fn sums<R: Width>(&mut self, logits: &Logits<'_, R>, heard: &Heard<R>) -> Result<(), BadVector> {
        let sum = |values: &[R]| -> Vec<R> {
            let of = |at| logits.mask.rows_of(at).map(|row| values[row].to_f64()).sum();
            (0..logits.mask.sequences()).map(|at| R::from_f64(of(at))).collect()
        };
        self.compare(self.value, "policy_logps", &sum(&heard.log_prob))?;
        self.compare(self.value, "seq_kl_policy_ref", &sum(&heard.kl_policy_ref))
    }

    /// What stands in prompts and padding changes nothing.
    fn padding_is_silent<R: Width>(&mut self, logits: &Logits<'_, R>, by: &RowGradients<R>) -> Result<(), BadVector> {
        let mut policy = logits.policy.to_vec();
        for row in (0..logits.mask.len()).filter(|row| !logits.mask.keeps(*row)) {
            policy[row * logits.vocabulary..(row + 1) * logits.vocabulary].fill(R::from_f64(f64::NAN));
        }
        let changed = Logits { policy: &policy, ..*logits };
        let same = changed.heard()?.log_prob == logits.heard()?.log_prob;
        self.holds("padding is silent", same && changed.gradient(by)? == logits.gradient(by)?);
        let labels = integers(self.value, "labels")?;
        let counted = labels.chunks(logits.mask.tokens()).map(|labels| &labels[1..]).collect::<Vec<_>>().concat();
        let counted = counted.iter().filter(|label| **label != IGNORED).count();
        self.holds("every label is counted", counted == logits.mask.count());
        Ok(())
    }
}
