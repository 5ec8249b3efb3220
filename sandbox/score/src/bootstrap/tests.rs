#![allow(clippy::unwrap_used)]
use super::*;
use crate::pearson;

fn scores(n: u32) -> Vec<f64> {
    (0..n).map(|at| f64::from(at.wrapping_mul(2_654_435_761) % 1000) / 1000.0).collect()
}

#[test]
fn the_generator_is_the_published_one() {
    // first outputs of SplitMix64 from state 0
    let mut state = 0_u64;
    let outputs: Vec<u64> = (0..3)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            mix(state)
        })
        .collect();
    assert_eq!(outputs, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]);
}

#[test]
fn draws_are_even() {
    let mut counts = [0_u32; 7];
    let mut draws = Draws::new(1, 0);
    for _ in 0..70_000 {
        counts[draws.below(7)] += 1;
    }
    assert!(counts.iter().all(|count| count.abs_diff(10_000) < 500), "{counts:?}");
}

/// These bits are the same on every platform; another implementation, in another language, gave them too.
#[test]
fn one_seed_gives_one_interval() {
    let got = bootstrap_mean(&scores(142), Bootstrap::default()).unwrap();
    assert_eq!(got, bootstrap_mean(&scores(142), Bootstrap::default()).unwrap());
    assert_eq!([got.low.to_bits(), got.high.to_bits()], [0x3FDC_C5B8_AEF6_70D5, 0x3FE1_7C8F_6AED_BDB8], "{got:?}");
    assert_ne!(got, bootstrap_mean(&scores(142), Bootstrap { seed: 1, ..Bootstrap::default() }).unwrap());
}

#[test]
fn the_interval_is_that_of_the_normal_for_many_problems() {
    let scores = scores(1000);
    let got = bootstrap_mean(&scores, Bootstrap { resamples: 4000, ..Bootstrap::default() }).unwrap();
    let centre = mean(&scores);
    let variance = scores.iter().map(|score| (score - centre).powi(2)).sum::<f64>() / 1000.0;
    let half = 1.96 * (variance / 1000.0).sqrt();
    assert!((got.low - (centre - half)).abs() < 0.1 * half && (got.high - (centre + half)).abs() < 0.1 * half);
    assert!(got.low < got.estimate && got.estimate < got.high);
    let narrower = bootstrap_mean(&scores, Bootstrap { level: 0.5, ..Bootstrap::default() }).unwrap();
    assert!(narrower.high - narrower.low < 0.5 * (got.high - got.low));
}

#[test]
fn equal_scores_leave_no_doubt() {
    let got = bootstrap_mean(&[0.5; 9], Bootstrap::default()).unwrap();
    assert_eq!((got.low, got.estimate, got.high, got.undefined), (0.5, 0.5, 0.5, 0));
}

#[test]
fn resamples_without_a_value_are_counted() {
    let (x, y) = ([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]);
    let pick = |values: &[f64], indices: &[usize]| indices.iter().map(|&at| values[at]).collect::<Vec<_>>();
    let statistic = |indices: &[usize]| pearson(&pick(&x, indices), &pick(&y, indices));
    let got = bootstrap(3, Bootstrap::default(), statistic).unwrap();
    // a resample of three equal draws has probability 1/9
    assert!((150..300).contains(&got.undefined), "{got:?}");
    let only_whole = |indices: &[usize]| {
        if indices == [0, 1] { Ok(1.0) } else { Err(ScoreError::Empty { what: "nothing" }) }
    };
    let few = Bootstrap { resamples: 1, seed: 3, ..Bootstrap::default() };
    let many = bootstrap(2, few, only_whole);
    assert!(matches!(many, Err(ScoreError::Undefined { resamples: 1 }) | Ok(_)));
    assert!(bootstrap(2, few, |_| Err(ScoreError::NoLimit)).is_err(), "what the data itself says");
}

#[test]
fn impossible_inputs_are_refused() {
    assert!(bootstrap_mean(&[], Bootstrap::default()).is_err());
    assert!(bootstrap_mean(&[f64::NAN], Bootstrap::default()).is_err());
    for level in [0.0, 1.0, f64::NAN, -1.0] {
        assert!(bootstrap_mean(&[1.0], Bootstrap { level, ..Bootstrap::default() }).is_err(), "{level}");
    }
    assert!(bootstrap_mean(&[1.0], Bootstrap { resamples: 0, ..Bootstrap::default() }).is_err());
}

#[test]
fn ratios_and_geometric_means_are_drawn_by_problem() {
    let terms: Vec<(f64, f64)> = (1..30).map(|at| (f64::from(at * at % 17), f64::from(at % 5))).collect();
    let sums = terms.iter().fold((0.0, 0.0), |sums, term| (sums.0 + term.0, sums.1 + term.1));
    let got = bootstrap_ratio(&terms, Bootstrap::default()).unwrap();
    assert!(got.estimate == sums.0 / sums.1 && got.low < got.estimate && got.estimate < got.high, "{got:?}");
    // with one value a problem a ratio of sums is the mean
    let (values, options) = (scores(50), Bootstrap::default());
    let even: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
    assert_eq!(bootstrap_ratio(&even, options).unwrap().low, bootstrap_mean(&values, options).unwrap().low);

    let groups = vec![vec![2.0, 8.0], vec![], vec![4.0], vec![1.0, 1.0, 16.0]];
    let got = bootstrap_geometric_mean(&groups, options).unwrap();
    let whole = crate::geometric_mean(&groups.concat()).unwrap();
    assert!((got.estimate - whole).abs() < 1e-12 && got.low < whole && whole < got.high, "{got:?}");
    assert!(got.undefined > 0, "all four draws may fall on the problem that nobody solved");
    assert_eq!(bootstrap_geometric_mean(&[vec![3.0], vec![3.0]], options).unwrap().undefined, 0);
    assert!(
        bootstrap_geometric_mean(&[vec![0.0]], options).is_err() && bootstrap_ratio(&[(1.0, 0.0)], options).is_err()
    );
    assert!(bootstrap_ratio(&[(f64::NAN, 1.0)], options).is_err() && bootstrap_geometric_mean(&[], options).is_err());
}
