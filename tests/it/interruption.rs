//! An evaluation that is interrupted keeps what is finished, and goes on from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{frugal, json};
use crate::{corpus, runner};

fn arguments(out: &Path, jobs: &str, more: &[&str]) -> Vec<String> {
    let small = |name: &str| corpus::folder("vectors/enamel-small").join(name).display().to_string();
    let (problems, samples, out) = (small("enamel.csv"), small("samples-list.json"), out.display().to_string());
    let all = ["eval", "--problems", &problems, "--samples", &samples, "--k", "1,3", "--jobs", jobs, "--out", &out];
    all.iter().chain(more).map(ToString::to_string).collect()
}

fn evaluate(out: &Path, more: &[&str]) -> std::process::Output {
    evaluate_by(out, "1", more)
}

fn evaluate_by(out: &Path, jobs: &str, more: &[&str]) -> std::process::Output {
    let arguments = arguments(out, jobs, more);
    frugal(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn partial(out: &Path) -> PathBuf {
    out.with_file_name("result.json.partial")
}

/// Starts an evaluation and sends it a signal once some results are recorded.
fn interrupt(out: &Path, signal: &str) -> ExitStatus {
    let mut child =
        Command::new(runner::command()).args(arguments(out, "1", &[])).stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while fs::read_to_string(partial(out)).map_or(0, |text| text.lines().count()) < 5 {
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing was recorded");
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be interrupted");
        sleep(Duration::from_millis(2));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap()
}

/// The stored report without its times.
fn report(out: &Path) -> Value {
    let mut report: Value = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    report["timing"].take();
    report
}

#[test]
fn killed_and_resumed_it_gives_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result.json");
    assert_eq!(interrupt(&out, "-KILL").code(), None);
    assert!(!out.exists(), "half a report is none");
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();

    let again = evaluate(&out, &[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("--resume"), "{}", said(&again));
    let other = evaluate(&out, &["--resume", "--alpha", "3", "--seed", "5"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("alpha was 2 and is 3 now; seed was 998244353 and is 5 now"), "{}", said(&other));
    let fewer = evaluate(&out, &["--resume", "--limit", "1"]);
    assert!(said(&fewer).contains("other problems and samples"), "{}", said(&fewer));

    // Another version may have judged otherwise.
    let record = fs::read_to_string(partial(&out)).unwrap();
    let (header, facts) = record.split_once('\n').unwrap();
    let mut older: Value = serde_json::from_str(header).unwrap();
    assert_eq!(older["parts"]["frugal version"], env!("CARGO_PKG_VERSION"), "the key names the version");
    older["parts"]["frugal version"] = "0.0.1".into();
    older["key"] = "0".repeat(64).into();
    fs::write(partial(&out), format!("{older}\n{facts}")).unwrap();
    let refused = evaluate(&out, &["--resume"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("frugal version was 0.0.1 and is"), "{}", said(&refused));
    fs::write(partial(&out), record).unwrap();

    // A line cut short, as a crash leaves it.
    let mut record = fs::read(partial(&out)).unwrap();
    record.extend(b"{\"fact\":\"refer");
    fs::write(partial(&out), record).unwrap();
    let resumed = evaluate(&out, &["--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    assert!(said(&resumed).contains("recorded results"), "{}", said(&resumed));
    assert!(!partial(&out).exists(), "a complete evaluation leaves no record");

    let whole = folder.path().join("whole.json");
    assert_eq!(evaluate_by(&whole, "2", &[]).status.code(), Some(0));
    assert_eq!(report(&out), report(&whole), "two jobs give what one gave in two parts");
}

#[test]
fn interrupted_it_reports_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result.json");
    assert_eq!(interrupt(&out, "-INT").code(), Some(130));
    let stored = report(&out);
    assert_eq!(stored["coverage"]["interrupted"], true);
    let scored = frugal(&["score", &out.display().to_string(), "--json"]);
    assert_eq!(json(&scored)["metrics"], stored["metrics"]);
    assert_eq!(evaluate(&out, &["--resume"]).status.code(), Some(0));
    assert_eq!(report(&out)["coverage"]["interrupted"], false);
}

#[test]
fn a_disk_that_takes_no_more_is_said_and_the_rest_can_be_done_later() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result.json");
    // A limit on the size of files fails writes as a full disk does; the first ends within the record, the
    // second within the result.
    for (blocks, names, more) in [("4", "the record of results", &[][..]), ("16", "result.json", &["--resume"])] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let limited = Command::new("sh")
            .args(["-c", &script])
            .arg(runner::command())
            .args(arguments(&out, "1", more))
            .current_dir(corpus::folder(".."))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&limited.stderr).into_owned();
        assert_eq!(limited.status.code(), Some(3), "{said}");
        assert!(said.contains(names) && said.contains("--resume"), "{said}");
        assert!(partial(&out).exists() && !out.exists(), "half a report is none");
    }
    assert_eq!(evaluate(&out, &["--resume"]).status.code(), Some(0));
    let whole = folder.path().join("whole.json");
    assert_eq!(evaluate(&whole, &[]).status.code(), Some(0));
    assert_eq!(report(&out), report(&whole));
}
