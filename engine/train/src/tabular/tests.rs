#![allow(clippy::unwrap_used)]
use super::*;
use crate::divergence::{Divergence, Order};
use crate::objective::preference::Preference;

const SHAPE: Shape = Shape { vocabulary: 10, tokens: 8 };
const BETA: f64 = 0.1;

fn learnt(preference: Preference, steps: u64, seed: u64) -> Run {
    let problem = Problem::new(SHAPE, 4000, seed);
    let settings = Settings { preference, steps, batch: 128, adam: Adam::at(0.03), every: 10, seed: seed + 100 };
    run(&problem, &settings).unwrap()
}

fn alpha(order: f64) -> Divergence {
    Divergence::Alpha(Order::new(order).unwrap())
}

/// Five seeds, with the claims that hold at every one of them, and those that do not: a claim that begins or ceases to hold
/// is a change of behaviour.
#[test]
fn claims_hold_or_fail_as_recorded() {
    let found = study(&Plan::default()).unwrap();
    for claim in &found.claims {
        println!("{} of {}: {}", claim.held, claim.seeds, claim.claim);
    }
    let held: Vec<(&str, usize)> = found.claims.iter().map(|claim| (claim.claim, claim.held)).collect();
    assert_eq!(held, RECORDED);
    let start = found.traces[0].evaluations[0].exact;
    for row in found.matched(start.reward + 1.8).unwrap() {
        let kl = row.kl_policy_ref.map(|kl| format!("{:.3} ({:.3} to {:.3})", kl.mean, kl.low, kl.high));
        println!("{:16} KL at reward {:.2}: {}", row.method, row.reward, kl.unwrap_or_default());
    }
    let csv = found.csv();
    assert_eq!(csv.lines().count(), 1 + 5 * 10 * 31);
    assert!(csv.lines().all(|line| line.split(',').count() == 11));
    assert!(!csv.contains("NaN"));
}

/// Claims, and at how many of five seeds each holds. TDPO1 raises the chosen divergence, as its gradient says.
const RECORDED: [(&str, usize); 10] = [
    ("reward falls from reverse KL over alpha 0.5 and 0.7 to forward KL", 5),
    ("entropy rises from reverse KL over alpha 0.5 and 0.7 to forward KL", 5),
    ("alpha 0.3 has more reward and less entropy than alpha 0.5", 5),
    ("KL(ref, policy) falls from reverse KL over alpha 0.5 and 0.7 to forward KL", 5),
    ("reverse KL has more reward than alpha 0.3", 1),
    ("Jensen-Shannon lies between reverse and forward KL in reward", 0),
    ("TDPO2 0.5 keeps SeqKL below DPO's from step 50 on, chosen and rejected", 5),
    ("SeqKL of chosen responses falls as TDPO2's alpha grows", 5),
    ("TDPO2 0.5 needs less KL(policy, ref) than DPO at equal reward", 5),
    ("TDPO1 keeps SeqKL of chosen responses below DPO's", 0),
];

#[test]
fn with_many_pairs_a_policy_reaches_the_closed_form() {
    for (divergence, seed) in
        [Divergence::ReverseKl, Divergence::ForwardKl, Divergence::JensenShannon, alpha(0.3), alpha(0.7)]
            .into_iter()
            .zip(1..)
    {
        let answers = Answers::random(8, seed);
        let optimum = closed_form(&answers, divergence, 1.0);
        assert!((optimum.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let learnt = answers.learn(divergence, 1.0, 400_000, 3000, seed).unwrap();
        let kl: f64 = learnt.iter().zip(&optimum).map(|(p, q)| p * (p / q).ln()).sum();
        let start: f64 = answers.reference.iter().zip(&optimum).map(|(p, q)| p * (p / q).ln()).sum();
        println!("{divergence}: KL to the closed form {kl:.5}, at the start {start:.3}");
        assert!(kl < 0.01 && start > 3.0 * kl, "{divergence}: {kl}");
    }
}

/// Every number by enumeration of all responses.
#[test]
fn dynamic_programming_is_exact() {
    let shape = Shape { vocabulary: 3, tokens: 4 };
    let mut random = crate::Random::new(8);
    let [policy, reference] = [0, 1].map(|_| Policy::random(shape, 1.0, &mut random));
    let valences = [-1.0, 0.25, 2.0];
    let (of_policy, of_reference) = (policy.log_probs(), reference.log_probs());
    let mut want = Exact { reward: 0.0, entropy: 0.0, kl_policy_ref: 0.0, kl_ref_policy: 0.0 };
    for code in 0..81 {
        let response: Vec<usize> = (0..4).map(|at| code / 3_usize.pow(at) % 3).collect();
        let log =
            |table: &[f64]| shape.states_of(&response).map(|(state, token)| table[state * 3 + token]).sum::<f64>();
        let (log_p, log_q) = (log(&of_policy), log(&of_reference));
        want.reward += log_p.exp() * response.iter().map(|token| valences[*token]).sum::<f64>();
        want.entropy -= log_p.exp() * log_p;
        want.kl_policy_ref += log_p.exp() * (log_p - log_q);
        want.kl_ref_policy += log_q.exp() * (log_q - log_p);
    }
    let got = policy.exact(&reference, &valences);
    for (got, want) in [
        (got.reward, want.reward),
        (got.entropy, want.entropy),
        (got.kl_policy_ref, want.kl_policy_ref),
        (got.kl_ref_policy, want.kl_ref_policy),
    ] {
        assert!((got - want).abs() < 1e-12, "{got} {want}");
    }
}

#[test]
fn runs_repeat_and_bad_ones_end_with_their_step() {
    let preference = Preference::Dpo { beta: BETA };
    assert_eq!(learnt(preference, 20, 1), learnt(preference, 20, 1));
    assert_ne!(learnt(preference, 20, 1), learnt(preference, 20, 2));
    let problem = Problem::new(SHAPE, 100, 1);
    let settings = Settings { preference, steps: 3, batch: 8, adam: Adam::at(0.03), every: 1, seed: 1 };
    let said = |problem: &Problem, settings: &Settings| run(problem, settings).unwrap_err().to_string();
    assert!(
        said(&problem, &Settings { preference: Preference::Dpo { beta: 0.0 }, ..settings })
            .contains("step 1: beta is 0")
    );
    assert!(said(&problem, &Settings { batch: 0, ..settings }).contains("the batch"));
    assert!(said(&Problem { pairs: vec![], ..problem.clone() }, &settings).contains("pairs"));
    let wild = Settings { adam: Adam::at(1e6), steps: 50, ..settings };
    match run(&problem, &wild) {
        Ok(run) => assert!(run.evaluations.iter().all(|at| at.exact.reward.is_finite())),
        Err(error) => assert!(error.to_string().contains("step"), "{error}"),
    }
}
