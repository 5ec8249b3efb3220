//! Every hostile program ends as its header says, and the next job is unaffected.

use crate::{corpus, runner};

#[test]
fn hostile_programs_end_as_their_headers_say() {
    let cases = corpus::cases("adversary");
    assert!(cases.len() >= 70, "only {} hostile programs were found", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let report = runner::report(&case.request);
        if let Err(difference) = case.judge(&report) {
            wrong.push(format!("{}: {difference}", case.name));
        }
        if case.wants("repeat") == Some("equal") {
            let again = runner::report(&case.request);
            if (again.net_fuel, &again.value) != (report.net_fuel, &report.value) {
                wrong.push(format!("{}: a second run differs", case.name));
            }
        }
        runner::assert_next_job_is_unaffected();
    }
    assert!(wrong.is_empty(), "{} of {} programs:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
