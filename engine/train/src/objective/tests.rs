#![allow(clippy::unwrap_used)]
use super::grpo::{Aggregation, Clip, ReferenceKl, Rollouts, SAMPLE, Scale, advantages, loss as grpo_loss};
use super::kdrl::{Conventions, Distillation, Masking, Normaliser, Schedule, joint, shaping};
use super::kl::{Estimator, LossEstimator};
use super::preference::Preference;
use super::*;
use crate::random::Random;
use crate::row::{RowGradient, RowStatistics};

/// A batch of pairs over random logits: rows that count, and a prompt and padding that do not.
struct Batch {
    mask: Mask,
    log_prob: Vec<f64>,
    reference: Vec<f64>,
    kl_ref_policy: Vec<f64>,
}

const VOCABULARY: usize = 7;

fn batch(seed: u64, same: bool) -> Batch {
    let (mut random, kept) = (Random::new(seed), [[false, true, false, false], [false, true, true, true]].concat());
    let mask = Mask::new(2, 4, kept).unwrap();
    let mut all = Batch { mask, log_prob: vec![], reference: vec![], kl_ref_policy: vec![] };
    for _ in 0..8 {
        let policy: Vec<f64> = (0..VOCABULARY).map(|_| random.normal()).collect();
        let reference: Vec<f64> =
            policy.iter().map(|logit| if same { *logit } else { logit + random.normal() }).collect();
        let at = RowStatistics::of(&policy, &reference, random.below(VOCABULARY)).unwrap();
        all.log_prob.push(at.log_prob);
        all.reference.push(at.reference);
        all.kl_ref_policy.push(at.kl_ref_policy);
    }
    all
}

impl Batch {
    fn evaluate(&self, preference: Preference) -> Outcome<f64> {
        let rows = Rows { mask: &self.mask, log_prob: &self.log_prob, reference: &self.reference };
        preference.evaluate(&rows, Some(&self.kl_ref_policy)).unwrap()
    }
}

#[test]
fn tdpo2_without_alpha_is_dpo_and_with_alpha_1_has_the_value_of_tdpo1() {
    for seed in 0..50 {
        let batch = batch(seed, false);
        let dpo = batch.evaluate(Preference::Dpo { beta: 0.1 });
        let zero = batch.evaluate(Preference::Tdpo2 { beta: 0.1, alpha: 0.0 });
        assert!((dpo.loss - zero.loss).abs() < 1e-12);
        for (of_dpo, of_zero) in dpo.gradients.log_prob.iter().zip(&zero.gradients.log_prob) {
            assert!((of_dpo - of_zero).abs() < 1e-12);
        }
        assert!(zero.gradients.kl_ref_policy.iter().all(|slope| *slope == 0.0));
        let one = batch.evaluate(Preference::Tdpo1 { beta: 0.1 });
        let two = batch.evaluate(Preference::Tdpo2 { beta: 0.1, alpha: 1.0 });
        assert!((one.loss - two.loss).abs() < 1e-15);
        assert_ne!(one.gradients, two.gradients);
        assert_eq!(one.gradients.log_prob, two.gradients.log_prob);
        // Descent on TDPO1 raises the chosen divergence; TDPO2 leaves it alone.
        assert!(one.gradients.kl_ref_policy[1] < 0.0 && two.gradients.kl_ref_policy[1] == 0.0);
        assert!(two.gradients.kl_ref_policy[5] > 0.0);
    }
}

#[test]
fn equal_models_and_short_responses_are_handled() {
    let batch = batch(1, true);
    for preference in [
        Preference::Dpo { beta: 0.1 },
        Preference::Tdpo1 { beta: 0.1 },
        Preference::Tdpo2 { beta: 0.1, alpha: 0.5 },
        Preference::FDpo { beta: 0.1, divergence: crate::divergence::Divergence::JensenShannon },
    ] {
        let got = batch.evaluate(preference);
        assert!((got.loss - std::f64::consts::LN_2).abs() < 1e-12);
        for row in [0, 2, 3, 4] {
            assert_eq!(got.gradients.log_prob[row], 0.0, "prompt and padding get no gradient");
        }
        assert!(got.gradients.log_prob[1] < 0.0, "a response of one token");
        assert!(got.gradients.log_prob[5..].iter().all(|slope| *slope > 0.0));
        assert_eq!(got.metrics.get("accuracy"), Some(0.5));
    }
}

#[test]
fn what_stands_in_rows_that_do_not_count_is_never_read() {
    let clean = batch(3, false);
    let mut dirty = batch(3, false);
    for row in [0, 2, 3, 4] {
        dirty.log_prob[row] = f64::NAN;
        dirty.reference[row] = f64::INFINITY;
        dirty.kl_ref_policy[row] = f64::NEG_INFINITY;
    }
    for preference in [Preference::Dpo { beta: 0.1 }, Preference::Tdpo2 { beta: 0.1, alpha: 0.5 }] {
        assert_eq!(clean.evaluate(preference), dirty.evaluate(preference));
    }
    dirty.log_prob[6] = f64::NAN;
    let rows = Rows { mask: &dirty.mask, log_prob: &dirty.log_prob, reference: &dirty.reference };
    let said = Preference::Dpo { beta: 0.1 }.evaluate(&rows, None).unwrap_err().to_string();
    assert!(said.contains("sequence 1 at row 2"), "{said}");
}

#[test]
fn illegal_settings_and_batches_are_errors_that_name_them() {
    let batch = batch(4, false);
    let rows = Rows { mask: &batch.mask, log_prob: &batch.log_prob, reference: &batch.reference };
    let said = |preference: Preference| preference.evaluate(&rows, None).unwrap_err().to_string();
    assert!(said(Preference::Tdpo2 { beta: 0.1, alpha: 0.5 }).contains("TDPO2 needs KL(reference || policy)"));
    assert!(said(Preference::Tdpo2 { beta: 0.1, alpha: -1.0 }).contains("alpha is -1"));
    assert!(said(Preference::Dpo { beta: 0.0 }).contains("beta is 0"));
    let odd = Mask::new(1, 1, vec![true]).unwrap();
    let rows = Rows { mask: &odd, log_prob: &[0.0], reference: &[0.0] };
    let said = Preference::Dpo { beta: 0.1 }.evaluate(&rows, None).unwrap_err();
    assert_eq!(said, ObjectiveError::NoPairs { sequences: 1 });
    assert_eq!(Mask::new(2, 2, vec![true, true, false, false]), Err(RowsError::Empty { sequence: 1 }));
    assert!(Mask::shifted(1, 3, &[-100, 9, -100], 7).unwrap_err().to_string().contains("label 9"));
    assert_eq!(LossEstimator::try_from(Estimator::K1), Err(ObjectiveError::K1AsLoss));
}

const OPEN: Clip = Clip { below: 0.2, above: 0.2, ratio_max: None };

#[test]
fn groups_without_variance_say_nothing_and_bad_groups_are_refused() {
    let got = advantages(&[0.1, 0.1, 0.1, 1.0, 0.0, 0.0], 3, Scale::Group(SAMPLE)).unwrap();
    assert_eq!((got.equal_groups, got.groups), (1, 2));
    assert!(got.values[..3].iter().all(|advantage| *advantage == 0.0), "exactly, whatever the mean rounds to");
    assert!(advantages(&[1.0, 0.0, 1.0], 2, Scale::Unscaled).is_err());
    assert!(advantages(&[1.0], 1, Scale::Unscaled).is_err());
    assert!(advantages(&[1.0, f64::NAN], 2, Scale::Unscaled).unwrap_err().to_string().contains("reward of sequence 1"));
}

#[test]
fn on_policy_with_means_of_sequences_the_loss_is_0_and_its_gradient_is_not() {
    let mask = Mask::new(2, 3, vec![true, false, false, true, true, true]).unwrap();
    let advantages = advantages(&[1.0, 0.0], 2, Scale::Group(SAMPLE)).unwrap().values;
    let rollouts = Rollouts { mask: &mask, log_prob: &[-1.0; 6], old: None, advantages: &advantages };
    let got = grpo_loss(&rollouts, ReferenceKl::None, OPEN, Aggregation::Grpo).unwrap();
    assert!(got.loss.abs() < 1e-15);
    assert!(got.gradients.log_prob[0] < 0.0 && got.gradients.log_prob[3] > 0.0);
    assert!(grpo_loss(&rollouts, ReferenceKl::None, OPEN, Aggregation::Dapo { step_tokens: 0 }).is_err());
    let clip = Clip { ratio_max: Some(1.1), ..OPEN };
    assert!(grpo_loss(&rollouts, ReferenceKl::None, clip, Aggregation::Grpo).is_err());
}

#[test]
fn a_runaway_reference_is_held_in_f32_and_counted() {
    let mask = Mask::new(2, 1, vec![true; 2]).unwrap();
    let rollouts = Rollouts { mask: &mask, log_prob: &[-200.0_f32, -1.0], old: None, advantages: &[0.5, -0.5] };
    let reference = ReferenceKl::Loss { beta: 0.04, reference: &[-1.0, -1.0] };
    let got = grpo_loss(&rollouts, reference, OPEN, Aggregation::Bnpo).unwrap();
    assert!(got.loss.is_finite() && got.gradients.log_prob.iter().all(|slope| slope.is_finite()));
    assert_eq!(got.metrics.get("saturated_tokens"), Some(1.0));
}

fn students(rewards: &[f64]) -> (Mask, Vec<f64>, Vec<f64>) {
    let mask = Mask::new(rewards.len(), 2, vec![true; 2 * rewards.len()]).unwrap();
    let mut random = Random::new(9);
    let student: Vec<f64> = (0..mask.len()).map(|_| -3.0 * random.unit()).collect();
    let teacher = (0..mask.len()).map(|_| -3.0 * random.unit()).collect();
    (mask, student, teacher)
}

fn rollouts<'a>(mask: &'a Mask, student: &'a [f64], teacher: &'a [f64], rewards: &'a [f64]) -> kdrl::Rollouts<'a, f64> {
    kdrl::Rollouts { mask, student, teacher, kl_student_teacher: None, rewards, group: 2 }
}

const K2: Distillation = Distillation::Loss(LossEstimator::K2);

#[test]
fn a_teacher_like_the_student_changes_nothing() {
    let rewards = [1.0, 0.0];
    let (mask, student, _) = students(&rewards);
    let rollouts = rollouts(&mask, &student, &student, &rewards);
    let with = Schedule::Constant { beta: 0.5 }.at(0);
    let without = Schedule::Constant { beta: 0.0 }.at(0);
    for distillation in [K2, Distillation::Loss(LossEstimator::K3), Distillation::RewardK1] {
        let got = joint(&rollouts, with, distillation, Masking::Everything, Conventions::default()).unwrap();
        let alone = joint(&rollouts, without, distillation, Masking::Everything, Conventions::default()).unwrap();
        assert_eq!(got.distillation_loss, 0.0);
        assert_eq!(got.outcome.gradients, alone.outcome.gradients);
    }
    let said = joint(&rollouts, with, Distillation::FullVocabulary, Masking::Everything, Conventions::default());
    assert!(matches!(said, Err(ObjectiveError::RowsMissing { .. })));
}

#[test]
fn a_teacher_with_another_tokenizer_is_refused() {
    let (student, teacher) = (crate::reference::hash(b"a"), crate::reference::hash(b"b"));
    assert!(kdrl::check_tokenizers(&student, &student).is_ok());
    let said = kdrl::check_tokenizers(&student, &teacher).unwrap_err().to_string();
    assert!(said.contains("ca978112 and 3e23e816"), "{said}");
}

#[test]
fn k1_in_the_reward_is_k2_as_a_loss() {
    let rewards = [1.0, 0.0, 0.0, 0.0];
    let (mask, student, teacher) = students(&rewards);
    let rollouts = rollouts(&mask, &student, &teacher, &rewards);
    let weights = Schedule::Constant { beta: 0.1 }.at(0);
    let of = |distillation| {
        joint(&rollouts, weights, distillation, Masking::Everything, Conventions::default()).unwrap().outcome.gradients
    };
    assert_eq!(of(Distillation::RewardK1), of(K2));
}

#[test]
fn masks_differ_in_mixed_groups_and_agree_in_right_ones() {
    // A right group, a mixed one, a wrong one.
    let rewards = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let (mask, student, teacher) = students(&rewards);
    let rollouts = rollouts(&mask, &student, &teacher, &rewards);
    let weights = Schedule::Constant { beta: 0.1 }.at(0);
    let kept = |masking| joint(&rollouts, weights, K2, masking, Conventions::default()).unwrap();
    assert_eq!(kept(Masking::Response).kept, [false, false, false, true, true, true]);
    assert_eq!(kept(Masking::Group).kept, [false, false, false, false, true, true]);
    assert_eq!(kept(Masking::Everything).kept, [true; 6]);
    let all_right = [1.0; 6];
    let right = super::tests::rollouts(&mask, &student, &teacher, &all_right);
    for (masking, normaliser) in [(Masking::Response, Normaliser::AllTokens), (Masking::Group, Normaliser::KeptTokens)]
    {
        let conventions = Conventions { normaliser, ..Conventions::default() };
        let got = joint(&right, weights, K2, masking, conventions).unwrap();
        assert_eq!(got.distillation_loss, 0.0);
        assert!(got.outcome.gradients.log_prob.iter().all(|slope| *slope == 0.0));
        assert_eq!(got.outcome.metrics.get("equal_groups_share"), Some(1.0));
    }
    let kept_tokens = Conventions { normaliser: Normaliser::KeptTokens, deviation: None };
    let got = joint(&rollouts, weights, K2, Masking::Group, kept_tokens).unwrap();
    assert!((got.distillation_loss - 3.0 * kept(Masking::Group).distillation_loss).abs() < 1e-12);
    assert!(kept_tokens.describe().contains("kept response tokens; advantages not scaled"));
}

#[test]
fn schedules_depend_on_the_step_alone() {
    let annealed = Schedule::Annealed { start: 5e-3, decrease: 5e-5, floor: 1e-3 };
    let whole: Vec<_> = (0..200).map(|step| annealed.at(step)).collect();
    let resumed: Vec<_> = (0..100).chain(100..200).map(|step| annealed.at(step)).collect();
    assert_eq!(whole, resumed);
    assert!((annealed.at(80).distillation - 1e-3).abs() < 1e-15 && annealed.at(79).distillation > 1e-3);
    let switch = Schedule::HardSwitch { beta: 0.2, step: 50 };
    assert_eq!((switch.at(49).reward, switch.at(49).distillation), (0.0, 0.2));
    assert_eq!((switch.at(50).reward, switch.at(50).distillation), (1.0, 0.0));
    assert!(Schedule::Constant { beta: -1.0 }.check().is_err() && annealed.check().is_ok());
}

#[test]
fn shaping_moves_rewards_towards_what_the_teacher_finds_likely() {
    let rewards = [1.0, 1.0];
    let mask = Mask::new(2, 1, vec![true; 2]).unwrap();
    let rollouts = rollouts(&mask, &[-1.0, -1.0], &[-0.5, -4.0], &rewards);
    let got = shaping(&rollouts, 0.1, Conventions::default()).unwrap();
    assert!((got.rewards[0] - 1.05).abs() < 1e-12 && (got.rewards[1] - 0.7).abs() < 1e-12);
    assert!(got.outcome.gradients.log_prob[0] < 0.0 && got.outcome.gradients.log_prob[1] > 0.0);
}

#[test]
fn a_row_read_in_parts_has_the_same_gradient_and_bad_rows_are_refused() {
    let mut random = Random::new(5);
    let [policy, reference] = [0, 1].map(|_| (0..33).map(|_| 20.0 * random.normal()).collect::<Vec<f64>>());
    let at = RowStatistics::of(&policy, &reference, 4).unwrap();
    let by = RowGradient { log_prob: 0.3, kl_ref_policy: -0.2, kl_policy_ref: 0.7 };
    let whole = {
        let mut out = vec![0.0; 33];
        at.gradient(0, &policy, &reference, 4, by, &mut out);
        out
    };
    for part in [1, 2, 31, 32] {
        let mut out = vec![0.0; 33];
        for (index, chunk) in out.chunks_mut(part).enumerate() {
            let range = index * part..index * part + chunk.len();
            at.gradient(range.start, &policy[range.clone()], &reference[range], 4, by, chunk);
        }
        assert_eq!(out, whole);
    }
    // The derivative of 0.3 ln p(4) − 0.2 KL(q‖p) + 0.7 KL(p‖q), by central differences.
    let value = |policy: &[f64]| {
        let at = RowStatistics::of(policy, &reference, 4).unwrap();
        0.3 * at.log_prob - 0.2 * at.kl_ref_policy + 0.7 * at.kl_policy_ref
    };
    for index in 0..33 {
        let [mut above, mut below] = [policy.clone(), policy.clone()];
        above[index] += 1e-5;
        below[index] -= 1e-5;
        assert!(((value(&above) - value(&below)) / 2e-5 - whole[index]).abs() < 1e-6, "{index}");
    }
    assert!(RowStatistics::of(&policy, &reference[1..], 0).is_err());
    assert!(RowStatistics::of(&policy, &reference, 33).is_err());
    assert!(RowStatistics::of(&[f64::NAN, 0.0], &[0.0, 0.0], 0).is_err());
}

#[test]
fn gkd_gives_the_teacher_no_gradient_and_is_a_slope() {
    let mask = Mask::new(1, 2, vec![true, false]).unwrap();
    let mut random = Random::new(6);
    let [student, teacher] = [0, 1].map(|_| (0..10).map(|_| random.normal()).collect::<Vec<f64>>());
    for mixture in [0.0, 0.3, 1.0] {
        let settings = gkd::Settings { mixture, temperature: 2.0 };
        let of = |student: &[f64]| gkd::loss(&mask, 5, student, &teacher, settings).unwrap();
        let (_, gradient) = of(&student);
        for index in 0..10 {
            let [mut above, mut below] = [student.clone(), student.clone()];
            above[index] += 1e-5;
            below[index] -= 1e-5;
            assert!(((of(&above).0 - of(&below).0) / 2e-5 - gradient[index]).abs() < 1e-8, "{mixture} {index}");
        }
        assert!(gradient[5..].iter().all(|slope| *slope == 0.0));
        assert!(gkd::loss(&mask, 5, &teacher, &teacher, settings).unwrap().0.abs() < 1e-15);
    }
    let outside = gkd::Settings { mixture: 1.5, temperature: 1.0 };
    assert!(gkd::loss(&mask, 5, &student, &teacher, outside).is_err());
    let cold = gkd::Settings { mixture: 0.5, temperature: 0.0 };
    assert!(gkd::loss(&mask, 5, &student, &teacher, cold).is_err());
}
