//! All methods side by side on the tabular problem: points for a frontier, comparisons at equal reward, and which claims
//! hold here, those that do not among them.

use std::fmt::Write;

use super::experiment::{Adam, Evaluation, Problem, Run, RunError, Settings, run};
use super::policy::Shape;
use crate::divergence::{Divergence, Order};
use crate::metrics::MetricError;
use crate::metrics::frontier::{Matched, Point, kl_at_reward, matched};
use crate::objective::preference::Preference;

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Sizes of the problem.
    pub shape: Shape,
    /// Pairs of each seed's problem.
    pub pairs: usize,
    /// β of every method.
    pub beta: f64,
    /// Steps of every run.
    pub steps: u64,
    /// Steps between evaluations.
    pub every: u64,
    /// One problem and one run of each method for each seed.
    pub seeds: Vec<u64>,
    /// Reward above the start at which divergences are compared.
    pub reward_gain: f64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            shape: Shape { vocabulary: 10, tokens: 8 },
            pairs: 4000,
            beta: 0.1,
            steps: 300,
            every: 10,
            seeds: vec![1, 2, 3, 4, 5],
            reward_gain: 1.8,
        }
    }
}

/// A method at a seed, and how it went.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The method's name, as it is shown.
    pub method: &'static str,
    /// The seed.
    pub seed: u64,
    /// Evaluations in order of steps.
    pub evaluations: Vec<Evaluation>,
}

/// A claim, and at how many seeds it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed, at equal β and steps unless it says otherwise.
    pub claim: &'static str,
    /// Seeds at which it holds.
    pub held: usize,
    /// All seeds.
    pub seeds: usize,
}

impl Claim {
    /// Whether it holds at every seed.
    pub fn reproduced(&self) -> bool {
        self.held == self.seeds
    }
}

/// What a study found.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Every run.
    pub traces: Vec<Trace>,
    /// Claims, whether they hold or not.
    pub claims: Vec<Claim>,
    /// β of every run.
    pub beta: f64,
}

/// Methods by the names that claims use.
fn methods(beta: f64) -> Vec<(&'static str, Preference)> {
    let of = |divergence| Preference::FDpo { beta, divergence };
    let alpha = |order| Order::new(order).ok().map(|order| of(Divergence::Alpha(order)));
    let mut all = vec![
        ("DPO", Some(Preference::Dpo { beta })),
        ("Jensen-Shannon", Some(of(Divergence::JensenShannon))),
        ("alpha 0.3", alpha(0.3)),
        ("alpha 0.5", alpha(0.5)),
        ("alpha 0.7", alpha(0.7)),
        ("forward KL", Some(of(Divergence::ForwardKl))),
        ("TDPO1", Some(Preference::Tdpo1 { beta })),
    ];
    for (name, alpha) in [("TDPO2 0.3", 0.3), ("TDPO2 0.5", 0.5), ("TDPO2 1.0", 1.0)] {
        all.push((name, Some(Preference::Tdpo2 { beta, alpha })));
    }
    all.into_iter().filter_map(|(name, preference)| Some((name, preference?))).collect()
}

/// Runs every method at every seed.
///
/// # Errors
/// [`RunError`] of the first run that ends early.
pub fn study(plan: &Plan) -> Result<Study, RunError> {
    let mut traces = Vec::new();
    for &seed in &plan.seeds {
        let problem = Problem::new(plan.shape, plan.pairs, seed);
        for (method, preference) in methods(plan.beta) {
            let settings = Settings {
                preference,
                steps: plan.steps,
                batch: 128,
                adam: Adam::at(0.03),
                every: plan.every,
                seed: seed + 100,
            };
            let Run { evaluations, .. } = run(&problem, &settings)?;
            traces.push(Trace { method, seed, evaluations });
        }
    }
    let claims = claims(plan, &traces);
    Ok(Study { traces, claims, beta: plan.beta })
}

impl Study {
    /// Points of a frontier: reward against KL(π‖ref).
    pub fn points(&self) -> Vec<Point> {
        let of = |trace: &Trace| trace.evaluations.iter().map(|at| self.point(trace, at)).collect::<Vec<_>>();
        self.traces.iter().flat_map(of).collect()
    }

    fn point(&self, trace: &Trace, at: &Evaluation) -> Point {
        Point {
            method: trace.method.to_owned(),
            beta: self.beta,
            seed: trace.seed,
            step: at.step,
            reward: at.exact.reward,
            kl_policy_ref: at.exact.kl_policy_ref,
        }
    }

    /// KL(π‖ref) of every method at one reward, with intervals over seeds.
    ///
    /// # Errors
    /// [`MetricError`] where a number is not finite.
    pub fn matched(&self, reward: f64) -> Result<Vec<Matched>, MetricError> {
        matched(&self.points(), reward, 2000, 0)
    }

    /// One line for each evaluation, nats throughout; the first line names the columns.
    pub fn csv(&self) -> String {
        let mut text = String::from(
            "method,beta,seed,step,reward,entropy,kl_policy_ref,kl_ref_policy,seq_kl_chosen,seq_kl_rejected,seq_kl_margin\n",
        );
        for trace in &self.traces {
            for at in &trace.evaluations {
                let (exact, margin) = (at.exact, (at.seq_kl_chosen - at.seq_kl_rejected).abs());
                // Writing into a text cannot fail.
                let _ = writeln!(
                    text,
                    "{},{},{},{},{},{},{},{},{},{},{margin}",
                    trace.method,
                    self.beta,
                    trace.seed,
                    at.step,
                    exact.reward,
                    exact.entropy,
                    exact.kl_policy_ref,
                    exact.kl_ref_policy,
                    at.seq_kl_chosen,
                    at.seq_kl_rejected
                );
            }
        }
        text
    }
}

/// The runs of one seed.
struct Seed<'a> {
    traces: Vec<&'a Trace>,
    reward_gain: f64,
}

impl Seed<'_> {
    fn evaluations(&self, method: &str) -> &[Evaluation] {
        self.traces.iter().find(|trace| trace.method == method).map_or(&[], |trace| &trace.evaluations)
    }

    /// Whether a number of the last evaluation falls from method to method.
    fn falls(&self, methods: &[&str], of: impl Fn(&Evaluation) -> f64) -> bool {
        let last: Vec<f64> =
            methods.iter().map(|method| self.evaluations(method).last().map_or(f64::NAN, &of)).collect();
        last.windows(2).all(|pair| pair[0] > pair[1])
    }

    /// KL(π‖ref) at the common reward; infinite where a method does not reach it.
    fn spent(&self, method: &str) -> f64 {
        let run = self.evaluations(method);
        let points: Vec<Point> = run
            .iter()
            .map(|at| Point {
                method: String::new(),
                beta: 0.0,
                seed: 0,
                step: at.step,
                reward: at.exact.reward,
                kl_policy_ref: at.exact.kl_policy_ref,
            })
            .collect();
        let Some(start) = points.first() else { return f64::INFINITY };
        let wanted = start.reward + self.reward_gain;
        kl_at_reward(&points.iter().collect::<Vec<_>>(), wanted).unwrap_or(f64::INFINITY)
    }

    fn nearer_from_step_50(&self, method: &str, other: &str) -> bool {
        let pairs = self.evaluations(method).iter().zip(self.evaluations(other));
        pairs
            .filter(|(at, _)| at.step >= 50)
            .all(|(near, far)| near.seq_kl_chosen < far.seq_kl_chosen && near.seq_kl_rejected < far.seq_kl_rejected)
    }
}

/// A claim in words, and how it is judged.
type Test = (&'static str, fn(&Seed<'_>) -> bool);

const FAMILY: [&str; 4] = ["DPO", "alpha 0.5", "alpha 0.7", "forward KL"];

const CLAIMS: [Test; 10] = [
    ("reward falls from reverse KL over alpha 0.5 and 0.7 to forward KL", |seed| {
        seed.falls(&FAMILY, |at| at.exact.reward)
    }),
    ("entropy rises from reverse KL over alpha 0.5 and 0.7 to forward KL", |seed| {
        seed.falls(&FAMILY, |at| -at.exact.entropy)
    }),
    ("alpha 0.3 has more reward and less entropy than alpha 0.5", |seed| {
        seed.falls(&["alpha 0.3", "alpha 0.5"], |at| at.exact.reward)
            && seed.falls(&["alpha 0.3", "alpha 0.5"], |at| -at.exact.entropy)
    }),
    ("KL(ref, policy) falls from reverse KL over alpha 0.5 and 0.7 to forward KL", |seed| {
        seed.falls(&FAMILY, |at| at.exact.kl_ref_policy)
    }),
    ("reverse KL has more reward than alpha 0.3", |seed| seed.falls(&["DPO", "alpha 0.3"], |at| at.exact.reward)),
    ("Jensen-Shannon lies between reverse and forward KL in reward", |seed| {
        seed.falls(&["DPO", "Jensen-Shannon", "forward KL"], |at| at.exact.reward)
    }),
    ("TDPO2 0.5 keeps SeqKL below DPO's from step 50 on, chosen and rejected", |seed| {
        seed.nearer_from_step_50("TDPO2 0.5", "DPO")
    }),
    ("SeqKL of chosen responses falls as TDPO2's alpha grows", |seed| {
        seed.falls(&["DPO", "TDPO2 0.3", "TDPO2 0.5", "TDPO2 1.0"], |at| at.seq_kl_chosen)
    }),
    ("TDPO2 0.5 needs less KL(policy, ref) than DPO at equal reward", |seed| {
        seed.spent("TDPO2 0.5") < seed.spent("DPO")
    }),
    ("TDPO1 keeps SeqKL of chosen responses below DPO's", |seed| seed.falls(&["DPO", "TDPO1"], |at| at.seq_kl_chosen)),
];

fn claims(plan: &Plan, traces: &[Trace]) -> Vec<Claim> {
    let of_seed = |seed: &u64| Seed {
        traces: traces.iter().filter(|trace| trace.seed == *seed).collect(),
        reward_gain: plan.reward_gain,
    };
    let seeds: Vec<Seed<'_>> = plan.seeds.iter().map(of_seed).collect();
    CLAIMS
        .iter()
        .map(|(claim, test)| Claim { claim, held: seeds.iter().filter(|seed| test(seed)).count(), seeds: seeds.len() })
        .collect()
}
