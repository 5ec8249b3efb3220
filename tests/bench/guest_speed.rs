//! What the Python guest costs in wall time, against starting a native `python3 -c pass` for each evaluation.
//!
//! Prints installation, the first measurement of some programs, and as ratios the time of a warm `pass` and
//! trivial evaluations a second.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints its figures")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use frugal_fuel::{Guest, GuestJob, Job, Language, Limits, Runner};
use frugal_host::{Compilation, HostRunner};

const RUNS: usize = 200;

fn job(guest: &Guest, source: &str, arguments: &str) -> Job {
    let source = source.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let define = format!(
        "{{\"source\":\"{source}\",\"mode\":\"function\",\"entry\":\"f\",\"filename\":\"sample.py\",\"hide\":[]}}"
    );
    let prepare = format!("{{\"arguments\":{arguments}}}");
    Job::Guest(GuestJob { guest: guest.clone(), define: define.into(), prepare: prepare.into() })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed<T>(mut work: impl FnMut() -> T) -> Duration {
    median(
        (0..RUNS)
            .map(|_| {
                let started = Instant::now();
                work();
                started.elapsed()
            })
            .collect(),
    )
}

fn main() {
    let (guest, artefact) = support::guest(Language::Python).unwrap();
    let runner = HostRunner::builder()
        .compilation(Compilation::InProcess)
        .cache_folder(frugal_host::default_cache_folder())
        .build()
        .unwrap();
    let started = Instant::now();
    runner.install(&guest, &artefact, &mut |_| {}).unwrap();
    println!("install: {:?}", started.elapsed());

    let limits = Limits::default();
    let programs = [
        ("pass", "def f(): pass", "[]"),
        ("sum(range(1000))", "def f(n): return sum(range(n))", "[1000]"),
        ("fib(20)", "def f(n): return n if n < 2 else f(n - 1) + f(n - 2)", "[20]"),
        ("loop 500000", "def f(n):\n t = 0\n for i in range(n):\n  t += i * i % 7\n return t", "[500000]"),
        ("raises", "def f(): raise ValueError('no')", "[]"),
        ("prints", "def f(): print('hello')", "[]"),
        (
            "deep",
            "import sys\ndef f(n):\n sys.setrecursionlimit(10**6)\n g = lambda n: 0 if n == 0 else 1 + g(n - 1)\n return g(n)",
            "[20000]",
        ),
        ("deep C", "def f(n):\n x = []\n for i in range(n): x = [x]\n return len(repr(x))", "[50000]"),
        ("memory", "def f(): return len(bytearray(10**9))", "[]"),
        ("syntax", "def f(:", "[]"),
    ];
    for (name, source, arguments) in programs {
        let started = Instant::now();
        let measurement = runner.run(&job(&guest, source, arguments), &limits).unwrap();
        let took = started.elapsed();
        let again = runner.run(&job(&guest, source, arguments), &limits).unwrap();
        assert_eq!(measurement, again, "{name} repeats");
        let fuel = measurement.fuel;
        let output = match measurement.output {
            frugal_fuel::Output::Guest(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => format!("{:?}", measurement.outcome),
        };
        let output: String = output.chars().take(160).collect();
        println!("{name}: net {} raw {} baseline {} in {took:?}: {output}", fuel.net(), fuel.raw, fuel.baseline);
    }

    let pass = job(&guest, "def f(): pass", "[]");
    let warm = timed(|| runner.run(&pass, &limits).unwrap());
    let native = timed(|| Command::new("python3").args(["-c", "pass"]).status().unwrap());
    println!("warm `pass` {warm:?}, native start {native:?}, ratio {:.3}", warm.as_secs_f64() / native.as_secs_f64());
    let threads = std::thread::available_parallelism().unwrap().get();
    let per_second = |work: &(dyn Fn() + Sync)| {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..RUNS).for_each(|_| work()));
            }
        });
        (threads * RUNS) as f64 / started.elapsed().as_secs_f64()
    };
    let ours = per_second(&|| assert!(!runner.run(&pass, &limits).unwrap().fuel.lower_bound));
    let theirs = per_second(&|| assert!(Command::new("python3").args(["-c", "pass"]).status().unwrap().success()));
    println!("evaluations a second {ours:.0}, native {theirs:.0}, ratio {:.2}", ours / theirs);
}
