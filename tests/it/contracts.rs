//! Contracts on the arguments of a function, asked in the Python guest.

use frugal_bench::suite::coffe::{ContractVerdict, CorrectnessTest, Problem};
use frugal_fuel::{GuestJob, Job, Language, Limits, Meter, Outcome, Output, Runner};
use frugal_guests::{GuestFailure, Tagged, parse_arguments};

use crate::runner::runner;

const REFERENCE: &str = "\
import math
def solution(items, least=2, *more):
    return math.prod(x for x in items if x >= least) if items else 1
";

fn problem() -> Problem {
    let test = |arguments: &str, output: i64| CorrectnessTest {
        arguments: parse_arguments(arguments).unwrap(),
        output: output.into(),
    };
    Problem {
        task_id: "Frugal/9".to_owned(),
        dataset: "frugal".to_owned(),
        prompt: "The product of the items that are not below `least`.".to_owned(),
        entry_point: "product".to_owned(),
        tests: vec![test("[[2, 3]]", 6), test("[[], 5]", 1), test("[[1, 7], 4]", 7)],
        stressful_tests: Vec::new(),
        best_solution: REFERENCE.to_owned(),
        ground_truths: vec![REFERENCE.to_owned()],
    }
}

fn run(job: GuestJob) -> Result<Vec<u8>, String> {
    let limits = Limits { fuel: 1_000_000_000, ..Limits::default() };
    let measurement = runner(Meter::Native).run(&Job::Guest(job), &limits).expect("the machinery works");
    match (measurement.outcome, measurement.output) {
        (Outcome::Finished, Output::Guest(reply)) => Ok(reply),
        (Outcome::GuestError { message, .. }, _) => {
            Err(GuestFailure::from_json(&message).map_or_else(|error| error.to_string(), |failure| failure.message))
        }
        (outcome, _) => Err(format!("{outcome:?}")),
    }
}

fn ask(contracts: &[&str], cases: &[&str]) -> Result<Vec<ContractVerdict>, String> {
    let guest = runner(Meter::Native).guests().into_iter().find(|guest| guest.language == Language::Python).unwrap();
    let problem = problem();
    let contracts: Vec<String> = contracts.iter().map(|text| (*text).to_owned()).collect();
    let cases: Vec<String> = cases.iter().map(|case| Tagged::List(parse_arguments(case).unwrap()).to_json()).collect();
    let job = problem.contract_job(&guest, &contracts, cases.iter().map(String::as_str)).unwrap();
    Ok(problem.contract_verdicts(&run(job)?, cases.len()).unwrap())
}

#[test]
fn the_first_contract_that_arguments_break_is_named() {
    let contracts = [
        "assert all(x >= least for x in items), 'an inner scope sees both'",
        "assert items.pop() or True",
        "assert len(items) < 4 and not more",
        "assert math.sqrt(least) > 1",
    ];
    let broken = |contract, failure: &str| ContractVerdict::Broken { contract, failure: failure.to_owned() };
    let said = ask(&contracts, &["[[2, 3]]", "[[1]]", "[[]]", "[[9, 9, 9, 9]]", "[7]", "[[1], -1]", "[[5], 2, 0]"]);
    let want = vec![
        ContractVerdict::Holds,
        broken(0, "AssertionError"),
        broken(1, "IndexError"),
        broken(2, "AssertionError"),
        broken(0, "TypeError"),
        broken(3, "ValueError"),
        broken(2, "AssertionError"),
    ];
    assert_eq!(said, Ok(want), "a contract that takes items away takes them from a copy");
    assert_eq!(ask(&["assert exit(items)"], &["[[]]"]), Ok(vec![broken(0, "SystemExit")]));
}

#[test]
fn text_that_is_no_contract_is_named() {
    let deep = format!("assert {}items{}", "(".repeat(5_000), ")".repeat(5_000));
    for (text, why) in [
        ("assert", "contract 1 is not Python"),
        ("assert items\nassert least", "contract 1 is not exactly one assert statement"),
        ("items.clear()", "contract 1 is not exactly one assert statement"),
        ("assert True", "contract 1 says nothing of the arguments"),
        ("assert solution(items) > 0", "contract 1 calls the function itself"),
        ("assert items\0", "contract 1 is not Python"),
        (deep.as_str(), "contract 1 is not Python"),
    ] {
        let said = ask(&["assert least > 0", text], &["[[1]]"]);
        assert!(said.as_ref().is_err_and(|message| message.contains(why)), "{text:.40}: {said:?}");
    }
    let endless = ask(&["assert all(True for _ in iter(int, 1)) and items"], &["[[1]]"]);
    assert!(endless.as_ref().is_err_and(|message| message.contains("OutOfFuel")), "{endless:?}");
}

#[test]
fn a_reference_is_run_on_known_tests() {
    let guest = runner(Meter::Native).guests().into_iter().find(|guest| guest.language == Language::Python).unwrap();
    let mut problem = problem();
    for test in 0..problem.tests.len() {
        let reply = run(problem.reference_correctness_job(&guest, test).unwrap()).unwrap();
        assert_eq!(problem.is_right(&reply, test), Ok(true), "test {test}");
    }
    problem.tests[0].output = 7.into();
    let reply = run(problem.reference_correctness_job(&guest, 0).unwrap()).unwrap();
    assert_eq!(problem.is_right(&reply, 0), Ok(false));
}
