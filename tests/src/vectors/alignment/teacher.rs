//! KL estimators, KDRL and GKD.

use frugal_train::objective::gkd as objective;
use frugal_train::objective::kdrl::{Conventions, Distillation, Masking, Rollouts, Schedule, Weights, joint, shaping};
use frugal_train::objective::kl::{Estimator, LossEstimator};
use frugal_train::{Mask, RowGradient, RowStatistics};
use serde_json::Value;

use super::super::json::{list, number};
use super::super::{BadVector, Comparison};
use super::{Case, Logits, Width, both, flat, integers, size, text};

pub(in crate::vectors) fn kl_estimators(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    both(vector, estimator_case::<f64>, estimator_case::<f32>)
}

/// Values and gradients of each action, and their expectations under the policy.
fn estimator_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let (policy, reference) = (case.narrow::<R>("policy_logits")?, case.narrow::<R>("ref_logits")?);
    let slope = |at: &RowStatistics, target, by| {
        let mut out = vec![R::ZERO; policy.len()];
        at.gradient(0, &policy, &reference, target, by, &mut out);
        out
    };
    let names = ["k1", "k2", "k3"];
    let (mut values, mut slopes) = ([0.0; 3], [0; 3].map(|_| vec![0.0; policy.len()]));
    for action in list(value, "per_action")? {
        let target = size(action, "action")?;
        let at = RowStatistics::of(&policy, &reference, target)?;
        let log_ratio = R::from_f64(at.reference - at.log_prob);
        let p = f64::exp(at.log_prob);
        case.compare_one(action, "prob", R::from_f64(p))?;
        case.compare_one(action, "log_ratio_ref_minus_policy", log_ratio)?;
        for (index, estimator) in [Estimator::K1, Estimator::K2, Estimator::K3].into_iter().enumerate() {
            let got = estimator.at(log_ratio);
            case.compare_one(action, names[index], got.value)?;
            let by = RowGradient { log_prob: got.derivative.to_f64(), ..RowGradient::default() };
            let gradient = slope(&at, target, by);
            case.compare(action, &format!("grad_{}", names[index]), &gradient)?;
            values[index] += p * got.value.to_f64();
            slopes[index].iter_mut().zip(&gradient).for_each(|(sum, slope)| *sum += p * slope.to_f64());
        }
    }
    for (index, name) in names.into_iter().enumerate() {
        case.compare_one(value, &format!("E_{name}"), R::from_f64(values[index]))?;
        let mean: Vec<R> = slopes[index].iter().map(|slope| R::from_f64(*slope)).collect();
        case.compare(value, &format!("E_grad_{name}_as_loss"), &mean)?;
    }
    let at = RowStatistics::of(&policy, &reference, 0)?;
    case.compare_one(value, "kl_policy_ref", R::from_f64(at.kl_policy_ref))?;
    case.compare_one(value, "kl_ref_policy", R::from_f64(at.kl_ref_policy))?;
    let by = RowGradient { kl_policy_ref: 1.0, ..RowGradient::default() };
    case.compare(value, "grad_kl_policy_ref", &slope(&at, 0, by))?;
    let by = RowGradient { kl_ref_policy: 1.0, ..RowGradient::default() };
    case.compare(value, "grad_kl_ref_policy", &slope(&at, 0, by))?;
    case.holds("k1 as a loss is refused", LossEstimator::try_from(Estimator::K1).is_err());
    Ok(())
}

pub(in crate::vectors) fn kdrl(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut all = both(vector, kdrl_case::<f64>, kdrl_case::<f32>)?;
    for schedule in list(vector, "schedules")? {
        let annealed = Schedule::Annealed {
            start: number(schedule, "beta_init")?,
            decrease: number(schedule, "delta")?,
            floor: number(schedule, "beta_min")?,
        };
        for (step, want) in integers(schedule, "steps")?.into_iter().zip(flat(schedule, "beta")?) {
            let step = u64::try_from(step).map_err(|error| BadVector(error.to_string()))?;
            let got = annealed.at(step).distillation;
            all.push(Comparison::within(format!("beta at step {step}"), got, want, 1e-15));
        }
    }
    Ok(all)
}

fn kdrl_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let (mask, vocabulary) = (case.mask()?, size(value, "V")?);
    let targets: Vec<usize> =
        integers(value, "tokens")?.into_iter().map(|token| usize::try_from(token).unwrap_or(usize::MAX)).collect();
    let (student, teacher) = (case.narrow::<R>("student_logits")?, case.narrow::<R>("teacher_logits")?);
    let logits = Logits { mask: &mask, vocabulary, policy: &student, reference: &teacher, targets: &targets };
    let heard = logits.heard()?;
    let rewards = case.narrow::<R>("rewards")?;
    let rollouts = Rollouts {
        mask: &mask,
        student: &heard.log_prob,
        teacher: &heard.reference,
        kl_student_teacher: Some(&heard.kl_policy_ref),
        rewards: &rewards,
        group: size(value, "G")?,
    };
    for deviation in [None, Conventions::default().deviation] {
        let name = if deviation.is_some() { "advantages_population_std_eps1e-6" } else { "advantages_no_std" };
        let scale = deviation.map_or(frugal_train::objective::grpo::Scale::Unscaled, |deviation| {
            frugal_train::objective::grpo::Scale::Group(deviation)
        });
        let got = frugal_train::objective::grpo::advantages(&rewards, rollouts.group, scale)?;
        case.compare(value, name, &got.values)?;
    }
    let name = case.name.clone();
    for variant in list(value, "variants")? {
        let [estimator, masking, integration] =
            ["estimator", "masking", "integration"].map(|name| text(variant, name).unwrap_or_default());
        case.name = format!("{name} {integration} {estimator} {masking}");
        case.variant(variant, &rollouts, &logits)?;
    }
    Ok(())
}

impl Case<'_> {
    fn variant<R: Width>(
        &mut self,
        variant: &Value,
        rollouts: &Rollouts<'_, R>,
        logits: &Logits<'_, R>,
    ) -> Result<(), BadVector> {
        let beta = number(variant, "beta")?;
        if text(variant, "integration")? == "reward_shaping_sequence" {
            let got = shaping(rollouts, beta, Conventions::default())?;
            self.compare(variant, "shaped_rewards", &got.rewards)?;
            self.compare(variant, "advantages", &got.advantages)?;
            self.compare_one(variant, "loss", got.outcome.loss)?;
            return self.compare(variant, "grad_student_logits", &logits.gradient(&got.outcome.gradients)?);
        }
        let distillation = match text(variant, "estimator")? {
            "k1_reward" => Distillation::RewardK1,
            "k2" => Distillation::Loss(LossEstimator::K2),
            "k3" => Distillation::Loss(LossEstimator::K3),
            "full" => Distillation::FullVocabulary,
            other => return Err(BadVector(format!("`{other}` is no estimator"))),
        };
        let masking = match text(variant, "masking")? {
            "none" => Masking::Everything,
            "response" => Masking::Response,
            "group" => Masking::Group,
            other => return Err(BadVector(format!("`{other}` is no mask"))),
        };
        let weights = Weights { reward: 1.0, distillation: beta };
        let got = joint(rollouts, weights, distillation, masking, Conventions::default())?;
        let kept: Vec<R> = got.kept.iter().map(|kept| R::from_f64(f64::from(u8::from(*kept)))).collect();
        self.compare(variant, "keep", &kept)?;
        self.compare_one(variant, "pg_loss", got.policy_loss)?;
        self.compare_one(variant, "kd_loss", got.distillation_loss)?;
        self.compare_one(variant, "loss", got.outcome.loss)?;
        self.compare(variant, "grad_student_logits", &logits.gradient(&got.outcome.gradients)?)
    }
}

pub(in crate::vectors) fn gkd(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    both(vector, gkd_case::<f64>, gkd_case::<f32>)
}

fn gkd_case<R: Width>(mut case: Case<'_>) -> Result<(), BadVector> {
    let value = case.value;
    let (student, teacher) = (case.narrow::<R>("student_logits")?, case.narrow::<R>("teacher_logits")?);
    let (labels, sequences) = (integers(value, "labels")?, list(value, "labels")?.len());
    let kept: Vec<bool> = labels.iter().map(|label| *label != frugal_train::IGNORED).collect();
    let vocabulary = student.len() / labels.len().max(1);
    let mask = Mask::new(sequences, labels.len() / sequences.max(1), kept)?;
    let settings =
        objective::Settings { mixture: number(value, "jsd_beta")?, temperature: number(value, "temperature")? };
    let (loss, gradient) = objective::loss(&mask, vocabulary, &student, &teacher, settings)?;
    case.compare_one(value, "loss", loss)?;
    case.compare(value, "grad_student_logits", &gradient)
}
