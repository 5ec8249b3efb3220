#![allow(clippy::unwrap_used)]
use super::*;
use crate::objective::f_dpo::{PairLoss, Pairs, loss};
use crate::random::Random;

fn alpha(order: f64) -> Divergence {
    Divergence::Alpha(Order::new(order).unwrap())
}

fn all() -> [Divergence; 6] {
    [Divergence::ReverseKl, Divergence::ForwardKl, Divergence::JensenShannon, alpha(0.1), alpha(0.5), alpha(0.9)]
}

fn pair<R: Real>(divergence: Divergence, beta: f64, chosen: f64, rejected: f64) -> PairLoss<R> {
    let (chosen, rejected) = ([R::from_f64(chosen)], [R::from_f64(rejected)]);
    let pairs = Pairs {
        policy_chosen: &chosen,
        policy_rejected: &rejected,
        reference_chosen: &[R::ZERO],
        reference_rejected: &[R::ZERO],
    };
    loss(&pairs, divergence, beta).unwrap()
}

#[test]
fn what_breaks_a_condition_is_refused_by_its_name() {
    let refused = |name, alpha| Divergence::named(name, alpha).unwrap_err();
    assert_eq!(refused("total_variation", None).condition(), Some(Condition::Invertible));
    assert_eq!(refused("chi_square", None).condition(), Some(Condition::ZeroOutsideDomain));
    assert_eq!(refused("alpha_divergence", Some(-0.5)).condition(), Some(Condition::ZeroOutsideDomain));
    for order in [0.0, 1.0, 1.5, f64::INFINITY, f64::NAN] {
        assert_eq!(refused("alpha_divergence", Some(order)).condition(), Some(Condition::Range), "{order}");
    }
    assert!(refused("total_variation", None).to_string().contains("no inverse"));
    assert!(refused("chi_square", None).to_string().contains("finite at u = 0"));
    assert!(refused("alpha_divergence", Some(0.0)).to_string().contains("reverse_kl"));
    assert!(refused("alpha_divergence", Some(1.0)).to_string().contains("forward_kl"));
    assert_eq!(refused("alpha_divergence", None), Refused::OrderMissing);
    assert_eq!(refused("reverse_kl", Some(0.5)), Refused::OrderUnused("reverse_kl".into()));
    assert_eq!(refused("hellinger", None), Refused::Unknown("hellinger".into()));
}

#[test]
fn orders_near_the_ends_are_the_two_directions_of_kl() {
    let mut random = Random::new(1);
    for _ in 0..1000 {
        let (chosen, rejected) = (6.0 * random.unit() - 3.0, 6.0 * random.unit() - 3.0);
        for (order, limit) in [(1e-4, Divergence::ReverseKl), (1.0 - 1e-4, Divergence::ForwardKl)] {
            let near = pair::<f64>(alpha(order), 0.1, chosen, rejected);
            let end = pair::<f64>(limit, 0.1, chosen, rejected);
            assert!((near.loss - end.loss).abs() < 1e-3, "{order}: {} and {}", near.loss, end.loss);
            assert!(
                (near.gradient_chosen[0] - end.gradient_chosen[0]).abs() < 1e-3 * end.gradient_chosen[0].abs() * 3.0
            );
            assert!((near.gradient_rejected[0] - end.gradient_rejected[0]).abs() < 1e-3);
        }
    }
}

#[test]
fn nothing_overflows_in_f32_and_what_is_held_is_counted() {
    for divergence in all() {
        for beta in [0.01, 0.1, 1.0] {
            for chosen in (-300..=300).step_by(20).map(f64::from) {
                for rejected in (-300..=300).step_by(20).map(f64::from) {
                    let narrow = pair::<f32>(divergence, beta, chosen, rejected);
                    let wide = pair::<f64>(divergence, beta, chosen, rejected);
                    let numbers = |of: &PairLoss<f32>| {
                        [of.loss, of.gradient_chosen[0], of.gradient_rejected[0], of.chosen_score[0], of.margins[0]]
                    };
                    assert!(
                        numbers(&narrow).iter().all(|number| number.is_finite()),
                        "{divergence} {chosen} {rejected}"
                    );
                    let largest = f64::exp(88.0);
                    let truth = [
                        wide.margins[0],
                        wide.gradient_chosen[0],
                        wide.gradient_rejected[0],
                        wide.chosen_score[0],
                        wide.rejected_score[0],
                    ];
                    let beyond = truth.iter().any(|number| number.abs() > largest * 1.001);
                    let within = truth.iter().all(|number| number.abs() < largest * 0.999);
                    assert!(!(beyond && narrow.saturated == 0), "{divergence} {chosen} {rejected}: {truth:?}");
                    assert!(!(within && narrow.saturated == 1), "{divergence} {chosen} {rejected}: {truth:?}");
                }
            }
        }
    }
}

#[test]
fn equal_models_cost_ln_2_and_jensen_shannon_moves_half_as_far() {
    for divergence in all() {
        let wide = pair::<f64>(divergence, 0.3, 0.0, 0.0);
        assert!((wide.loss - std::f64::consts::LN_2).abs() < 1e-12);
        let half = if divergence == Divergence::JensenShannon { 0.5 } else { 1.0 };
        assert!((wide.gradient_chosen[0] + 0.15 * half).abs() < 1e-12, "{divergence}");
        assert!((wide.gradient_rejected[0] - 0.15 * half).abs() < 1e-12, "{divergence}");
        assert!((pair::<f32>(divergence, 0.3, 0.0, 0.0).loss - std::f32::consts::LN_2).abs() < 1e-6);
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let mut random = Random::new(2);
    for _ in 0..200 {
        let (chosen, rejected, step) = (8.0 * random.unit() - 4.0, 8.0 * random.unit() - 4.0, 1e-5);
        for divergence in all() {
            let at = |chosen, rejected| pair::<f64>(divergence, 0.2, chosen, rejected);
            let slope = (at(chosen + step, rejected).loss - at(chosen - step, rejected).loss) / (2.0 * step);
            let here = at(chosen, rejected);
            assert!((slope - here.gradient_chosen[0]).abs() < 1e-6 * (1.0 + slope.abs()), "{divergence}");
            let slope = (at(chosen, rejected + step).loss - at(chosen, rejected - step).loss) / (2.0 * step);
            assert!((slope - here.gradient_rejected[0]).abs() < 1e-6 * (1.0 + slope.abs()), "{divergence}");
        }
    }
}

#[test]
fn a_ratio_is_found_again_from_its_derivative() {
    for divergence in all() {
        for log_ratio in [-3.0, -0.5, 0.0, 0.7, 2.0] {
            let ratio = divergence.ratio_at(divergence.derivative::<f64>(log_ratio).value);
            assert!((ratio.ln() - log_ratio).abs() < 1e-9, "{divergence} {log_ratio}");
        }
    }
    assert_eq!(Divergence::JensenShannon.ratio_at(0.7), f64::INFINITY);
    assert_eq!(Divergence::ForwardKl.ratio_at(1.0), f64::INFINITY);
}

#[test]
fn a_bad_batch_says_what_is_wrong() {
    let of = |chosen: &[f64], beta| {
        let pairs = Pairs {
            policy_chosen: chosen,
            policy_rejected: &[0.0],
            reference_chosen: &[0.0],
            reference_rejected: &[0.0],
        };
        loss(&pairs, Divergence::ReverseKl, beta).unwrap_err().to_string()
    };
    assert!(of(&[f64::NAN], 0.1).contains("chosen responses of sequence 0"));
    assert!(of(&[0.0, 0.0], 0.1).contains("2 are needed"));
    assert!(of(&[], 0.1).contains("empty"));
    for beta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(of(&[0.0], beta).contains("beta is"), "{beta}");
    }
}
