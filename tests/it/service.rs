//! `frugal serve` with the runner that measures.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use frugal_report::{OutcomeKind, RunReport};
use serde_json::json;

use crate::command::frugal;
use crate::{corpus, runner};

/// A server on a free port; ended when this goes.
struct Service {
    child: Child,
    address: String,
    _data: tempfile::TempDir,
}

impl Service {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(runner::command())
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--data"])
            .arg(data.path())
            .current_dir(corpus::folder(".."))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let address = loop {
            let Some(line) = lines.next().transpose().unwrap() else { panic!("it never listened: {seen}") };
            if let Some((_, rest)) = line.split_once("127.0.0.1:") {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                break format!("127.0.0.1:{port}");
            }
            seen.push_str(&line);
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, _data: data }
    }

    /// Status, whether the answer was measured now, and the body.
    fn run(&self, body: &serde_json::Value) -> (u16, String, String) {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST /api/run HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let cache = head.lines().find_map(|line| line.strip_prefix("frugal-cache: ")).unwrap_or_default();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), cache.to_owned(), body.to_owned())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SOURCE: &str = "\
def double(n):
    return n + n

def work(n):
    total = 0
    for i in range(n):
        total += double(i)
    return total
";

#[test]
fn a_profile_comes_with_a_run_that_asks_for_it() {
    let service = Service::start();
    let ask = |profile: bool| json!({"language": "python", "source": SOURCE, "entry": "work", "arguments": [50], "profile": profile});
    let read = |(status, cache, body): (u16, String, String)| {
        assert_eq!(status, 200, "{body}");
        (cache, RunReport::from_json(&body).unwrap())
    };
    let (cache, plain) = read(service.run(&ask(false)));
    assert_eq!((cache.as_str(), plain.outcome, plain.profile.is_none()), ("miss", OutcomeKind::Finished, true));
    let (cache, profiled) = read(service.run(&ask(true)));
    assert_eq!(cache, "miss", "the stored run without a profile is another result");
    assert_eq!((profiled.net_fuel, &profiled.value), (plain.net_fuel, &plain.value));
    let profile = profiled.profile.expect("Python can be profiled");
    let sum: u64 = profile.functions.iter().map(|function| function.self_fuel.0).sum();
    assert_eq!(i128::from(sum) + profile.unattributed_fuel.0, i128::from(profiled.net_fuel.0));
    assert!(profile.functions.iter().any(|function| function.name == "double" && function.calls == 50));
    let (cache, again) = read(service.run(&ask(true)));
    assert_eq!((cache.as_str(), again.profile), ("hit", Some(profile.clone())));
    // The command says the same.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.py").display().to_string();
    std::fs::write(&file, SOURCE).unwrap();
    let output = frugal(&["run", &file, "--entry", "work", "--args", "[50]", "--profile", "--json"]);
    let command = RunReport::from_json(&String::from_utf8(output.stdout).unwrap()).unwrap();
    assert_eq!((command.profile, command.net_fuel), (Some(profile), plain.net_fuel));
}

#[test]
fn a_run_that_has_no_profile_says_why() {
    let service = Service::start();
    let source = "def f():\n    raise KeyError(1)";
    let (status, _, body) =
        service.run(&json!({"language": "python", "source": source, "entry": "f", "profile": true}));
    let report = RunReport::from_json(&body).unwrap();
    assert_eq!((status, report.outcome, report.profile), (200, OutcomeKind::GuestError, None));
    assert!(report.profile_refusal.unwrap().contains("only a finished run"));
    let body = json!({"language": "wat", "source": "(module)", "entry": "f", "profile": true});
    let (status, _, body) = service.run(&body);
    assert!(status == 422 && body.contains("only Python can be profiled"), "{status} {body}");
}
