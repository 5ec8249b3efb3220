#![allow(clippy::unwrap_used)]
use frugal_fuel::{Fuel, Guest, Job, Language, Limits, Measurement, Meter, Outcome, Output, RunnerIdentity, Value};
use frugal_report::OutcomeKind;

use super::*;

fn guests() -> Vec<Guest> {
    vec![Guest { language: Language::Python, version: "cpython-3.14.0".into(), sha256: "a".repeat(64) }]
}

fn request(code: Code, entry: &str, arguments: &str) -> RunRequest {
    let input = Input::Call { entry: entry.into(), arguments: arguments.into() };
    RunRequest { code, input, limits: Limits::default() }
}

fn values(wat: &str, arguments: &str) -> Result<Vec<Value>, RequestError> {
    match plan(&request(Code::Wat(wat.into()), "f", arguments), &[], "fuel-1")?.job {
        Job::Module(job) => Ok(job.arguments),
        Job::Guest(_) | Job::Profile(_) => panic!("a module was asked for"),
    }
}

#[test]
fn arguments_take_the_types_of_the_export() {
    let wat = r#"(module (func) (func (export "f") (param i32 i64 f32 f64)))"#;
    let got = values(wat, r#"[4294967295, "9007199254740993", 0.5, 3]"#).unwrap();
    assert_eq!(got[..2], [Value::I32(-1), Value::I64(9_007_199_254_740_993)]);
    assert_eq!(got[2..], [Value::F32(0.5_f32.to_bits()), Value::F64(3.0_f64.to_bits())]);
    let error = values(wat, "[4294967296, 1, 1, 1]").unwrap_err();
    assert_eq!((error.place, error.message.contains("argument 1")), ("arguments", true), "{error}");
    // the wrong count is for the runner to refuse, with the export's signature
    assert_eq!(values(wat, "[1, 2.5]").unwrap(), [Value::I32(1), Value::F64(2.5_f64.to_bits())]);
}

#[test]
fn requests_that_make_no_job_say_where() {
    let python = || Code::Source { language: Language::Python, text: "def f(): pass".into() };
    let place = |request: &RunRequest| plan(request, &guests(), "fuel-1").unwrap_err().place;
    assert_eq!(place(&request(Code::Wat("(module".into()), "f", "[]")), "source");
    assert_eq!(place(&request(python(), "f", "{}")), "arguments");
    assert_eq!(place(&request(python(), "not a name", "[]")), "source");
    assert_eq!(
        place(&request(Code::Source { language: Language::JavaScript, text: String::new() }, "f", "[]")),
        "language"
    );
    let stdin = RunRequest { input: Input::Stdin(String::new()), ..request(Code::Module(vec![]), "f", "[]") };
    assert_eq!(place(&stdin), "stdin");
    let limits = Limits { call_depth: 1, ..Limits::default() };
    assert_eq!(place(&RunRequest { limits, ..request(python(), "f", "[]") }), "limits");
}

#[test]
fn a_measurement_becomes_a_report() {
    let code = Code::Source { language: Language::Python, text: "def f(): return (1, 10**30)".into() };
    let planned = plan(&request(code, "f", "[]"), &guests(), "fuel-1").unwrap();
    let identity = RunnerIdentity { engine: "e".into(), meter: Meter::Native, cost_table: "fuel-1" };
    let reply = br#"{"value":{"t":[1,1000000000000000000000000000000]},"stdout":"hi","stderr":""}"#;
    let fuel = Fuel { raw: (1 << 53) + 3, baseline: 2, lower_bound: false };
    let measurement = Measurement { outcome: Outcome::Finished, fuel, output: Output::Guest(reply.to_vec()) };
    let got = report(&planned, &identity, &measurement, None);
    assert_eq!((got.net_fuel.0, got.outcome), ((1 << 53) + 1, OutcomeKind::Finished));
    assert_eq!(got.value.unwrap().text, "(1, 1000000000000000000000000000000)");
    assert_eq!((got.stdout.as_str(), got.provenance.key.len()), ("hi", 64));

    let broken = Measurement { output: Output::Guest(b"{}".to_vec()), ..measurement };
    assert_eq!(report(&planned, &identity, &broken, None).outcome, OutcomeKind::GuestError);
}

#[test]
fn the_key_depends_on_everything_that_decides_the_result() {
    let code = |text: &str| Code::Source { language: Language::Python, text: text.into() };
    let key = |request: &RunRequest, table| plan(request, &guests(), table).unwrap().key;
    let base = request(code("def f(x): pass"), "f", "[1]");
    let other_limits = RunRequest { limits: Limits { fuel: 1, ..base.limits }, ..base.clone() };
    let others =
        [request(code("def f(x): return"), "f", "[1]"), request(code("def f(x): pass"), "f", "[2]"), other_limits];
    assert!(others.iter().all(|other| key(other, "fuel-1") != key(&base, "fuel-1")));
    assert_ne!(key(&base, "fuel-2"), key(&base, "fuel-1"));
    assert_eq!(key(&base.clone(), "fuel-1"), key(&base, "fuel-1"));
}
