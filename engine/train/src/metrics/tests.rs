#![allow(clippy::unwrap_used)]
use super::frontier::{Point, bootstrap, envelope, kl_at_reward, matched, runs_of};
use super::*;

#[test]
fn edges_belong_to_the_upper_bin_and_1_to_the_last() {
    // 0.3 is below 3/10 by rounding in one form and above in another; both stand in the fourth bin.
    let near = [0.1 + 0.2, 0.3, 0.3 - 1e-15];
    let got = ece(&near, &[true, true, true], 10).unwrap();
    assert!((got - 0.7).abs() < 1e-12);
    assert!(ece(&[1.0], &[true], 10).unwrap().abs() < 1e-15, "a confidence of exactly 1 counts");
    assert!(ece(&[0.5, 0.5], &[true, false], 10).unwrap().abs() < 1e-15);
    assert!(ece(&[], &[], 10).is_err() && ece(&[1.1], &[true], 10).is_err() && ece(&[0.5], &[true], 0).is_err());
}

#[test]
fn the_two_calibrations_are_different_numbers() {
    // Per token e^-1 and e^-2: right, with confidence 0.37.
    let likelihood = ece_likelihood(&[(-2.0, 2)], &[(-2.0, 1)], 10).unwrap();
    assert!((likelihood - (1.0 - f64::exp(-1.0))).abs() < 1e-12);
    let reward = ece_reward(&[2.0, -2.0], 10).unwrap();
    let sure = 1.0 / (1.0 + f64::exp(-2.0));
    assert!((reward - (sure - 0.5)).abs() < 1e-12, "half of what it is sure of is right");
    assert!(ece_likelihood(&[(-1.0, 0)], &[(-1.0, 1)], 10).is_err());
    assert!(ece_reward(&[f64::NAN], 10).is_err());
}

#[test]
fn equal_samples_are_alike_and_different_ones_are_not() {
    let same = vec![vec![1, 2, 3, 4, 5]; 3];
    assert_eq!(self_bleu(&same, 4).unwrap(), [1.0; 3]);
    let apart = [vec![1, 2, 3, 4, 5], vec![6, 7, 8, 9, 10]];
    assert_eq!(self_bleu(&apart, 4).unwrap(), [0.0; 2]);
    assert!(self_bleu(&same[..1], 4).is_err());
    assert!((distinct(&same, 1).unwrap() - 1.0 / 3.0).abs() < 1e-12);
    assert!(distinct(&[vec![1]], 2).is_err());
}

#[test]
fn directions_of_kl_differ() {
    let (p, q) = ([0.0, 2.0, -1.0], [5.0, 0.0, 0.0]);
    assert!((kl(&p, &q).unwrap() - kl(&q, &p).unwrap()).abs() > 0.1);
    assert!(kl(&p, &p).unwrap().abs() < 1e-15);
    assert!((entropy(&[0.0_f32; 8]).unwrap() - f64::ln(8.0)).abs() < 1e-12);
    assert!(kl(&p, &q[..2]).is_err() && entropy::<f64>(&[]).is_err() && entropy(&[f64::NAN]).is_err());
}

fn point(seed: u64, step: u64, reward: f64, kl_policy_ref: f64) -> Point {
    Point { method: "dpo".into(), beta: 0.1, seed, step, reward, kl_policy_ref }
}

#[test]
fn runs_are_compared_at_equal_reward() {
    let points = [
        point(1, 0, 0.0, 0.0),
        point(1, 10, 2.0, 1.0),
        point(2, 10, 1.0, 2.0),
        point(2, 0, 0.0, 0.0),
        point(3, 0, 0.0, 0.0),
    ];
    let runs = runs_of(&points, "dpo", 0.1);
    assert_eq!(runs.len(), 3);
    assert_eq!(kl_at_reward(&runs[0], 1.0), Some(0.5));
    assert_eq!(kl_at_reward(&runs[1], 1.0), Some(2.0));
    assert_eq!(kl_at_reward(&runs[2], 1.0), None);
    let rows = matched(&points, 1.0, 1000, 7).unwrap();
    let spent = rows[0].kl_policy_ref.unwrap();
    assert_eq!((rows.len(), rows[0].reached, rows[0].runs, spent.mean), (1, 2, 3, 1.25));
    assert!(spent.low == 0.5 && spent.high == 2.0);
    let best: Vec<f64> = envelope(&points, "dpo").iter().map(|point| point.reward).collect();
    assert_eq!(best, [0.0, 2.0]);
    assert!(matched(&[point(1, 0, f64::NAN, 0.0)], 1.0, 10, 7).is_err() && matched(&[], 1.0, 10, 7).is_err());
}

#[test]
fn an_interval_is_the_same_for_the_same_seed_and_narrows_with_numbers() {
    let values: Vec<f64> = (0..40).map(|at| f64::from(at % 8)).collect();
    let wide = bootstrap(&values[..8], 2000, 3).unwrap();
    let narrow = bootstrap(&values, 2000, 3).unwrap();
    assert_eq!(narrow, bootstrap(&values, 2000, 3).unwrap());
    assert!(narrow.high - narrow.low < wide.high - wide.low);
    assert!(narrow.low < narrow.mean && narrow.mean < narrow.high);
}
