//! What programs that a model wrote are worth: whether they are right, and what they cost in fuel. Programs go out as runs, and
//! come back as numbers; neither model nor runner is known here.

use frugal_fuel::{Language, Limits};
use frugal_report::{OutcomeKind, RunReport, ValueReport};

use crate::run::{Code, Input, RunRequest};

/// The function that is called: its name cannot be guessed into a task's own.
const MEASURED: &str = "frugal_measured_calls";

/// One run of all calls of a task, each on arguments of its own. `calls`: arguments as they stand between the parentheses,
/// in Python's notation.
pub fn trial(program: &str, entry: &str, calls: &[String], limits: Limits) -> RunRequest {
    let text = format!("{program}\n\ndef {MEASURED}(cases):\n    return [{entry}(*case) for case in cases]\n");
    let cases: Vec<String> = calls.iter().map(|call| format!("[{call}]")).collect();
    let arguments = format!("[[{}]]", cases.join(", "));
    let code = Code::Source { language: Language::Python, text };
    RunRequest { code, input: Input::Call { entry: MEASURED.to_owned(), arguments }, limits }
}

/// What a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Every call gives what it should.
    Right {
        /// Net fuel of all calls together.
        fuel: u64,
    },
    /// A call gives something else.
    Wrong,
    /// It raised, ran out of its limits, or is no program.
    Stopped,
}

impl Worth {
    /// Judges a run by the value that it should give.
    pub fn of(report: &RunReport, expected: &ValueReport) -> Self {
        match (&report.outcome, &report.value) {
            (OutcomeKind::Finished, Some(value)) if value == expected => Self::Right { fuel: report.net_fuel.0 },
            (OutcomeKind::Finished, _) => Self::Wrong,
            _ => Self::Stopped,
        }
    }

    /// Its fuel, when it is right.
    pub fn fuel(self) -> Option<u64> {
        match self {
            Self::Right { fuel } => Some(fuel),
            Self::Wrong | Self::Stopped => None,
        }
    }
}

/// How candidates become pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairing {
    /// Fuel of the dear one over that of the cheap one, at least; above 1.
    pub ratio_min: f64,
    /// Pairs of two right candidates of a task, at most.
    pub cheaper_max: usize,
    /// Pairs of the cheapest right candidate and a wrong one, at most.
    pub right_max: usize,
}

/// Indices of chosen and rejected candidates: the cheapest with the dearest, the next with the next, while they differ by the
/// ratio; then the cheapest with wrong ones. Equal texts are one candidate.
pub fn pairs(candidates: &[(&str, Worth)], pairing: Pairing) -> Vec<(usize, usize)> {
    let first = |at: usize| candidates[..at].iter().all(|(text, _)| *text != candidates[at].0);
    let distinct: Vec<usize> = (0..candidates.len()).filter(|at| first(*at)).collect();
    let mut right: Vec<(u64, usize)> =
        distinct.iter().filter_map(|at| candidates[*at].1.fuel().map(|fuel| (fuel, *at))).collect();
    right.sort_unstable();
    let mirrored = right.iter().zip(right.iter().rev()).take(right.len() / 2);
    let parted = mirrored.take_while(|((cheap, _), (dear, _))| *dear as f64 >= pairing.ratio_min * *cheap as f64);
    let mut all: Vec<(usize, usize)> =
        parted.take(pairing.cheaper_max).map(|((_, cheap), (_, dear))| (*cheap, *dear)).collect();
    if let Some((_, best)) = right.first() {
        let wrong = distinct.iter().filter(|at| candidates[**at].1.fuel().is_none());
        all.extend(wrong.take(pairing.right_max).map(|wrong| (*best, *wrong)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRING: Pairing = Pairing { ratio_min: 1.2, cheaper_max: 2, right_max: 1 };

    #[test]
    fn the_cheapest_stands_against_the_dearest_and_then_against_a_wrong_one() {
        let right = |fuel| Worth::Right { fuel };
        let candidates = [
            ("a", right(100)),
            ("b", Worth::Wrong),
            ("c", right(900)),
            ("a", right(100)),
            ("d", right(110)),
            ("e", right(105)),
            ("f", Worth::Stopped),
        ];
        assert_eq!(pairs(&candidates, PAIRING), [(0, 2), (0, 1)]);
        assert_eq!(pairs(&candidates[..2], PAIRING), [(0, 1)]);
        assert!(pairs(&[("a", right(100)), ("b", right(110))], PAIRING).is_empty());
        assert!(pairs(&[("b", Worth::Wrong)], PAIRING).is_empty());
    }

    #[test]
    fn a_trial_calls_each_case_apart() {
        let request =
            trial("def f(xs, n):\n    pass", "f", &["[1, 2], 3".to_owned(), "[], 0".to_owned()], Limits::default());
        let Input::Call { arguments, .. } = &request.input else { panic!() };
        assert_eq!(arguments, "[[[[1, 2], 3], [[], 0]]]");
        let Code::Source { text, .. } = &request.code else { panic!() };
        assert!(text.ends_with("return [f(*case) for case in cases]\n"));
    }
}
