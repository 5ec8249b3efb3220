//! Who may know whom: the import table of the house, checked on the transitive closure of what cargo resolves.

use crate::assert_none;
use crate::metadata::{Graph, graphs};

/// What one of our crates may reach, and what it never reaches, directly or through others.
struct Row {
    package: &'static str,
    /// Crates of ours that it may reach.
    may: &'static [&'static str],
    /// Foreign crates that it never reaches; a trailing `*` stands for any ending.
    never: &'static [&'static str],
}

const fn row(package: &'static str, may: &'static [&'static str], never: &'static [&'static str]) -> Row {
    Row { package, may, never }
}

/// What a queue of work may use: no runner, since an edge hands one in.
const WITHOUT_RUNNER: &[&str] =
    &["frugal-bench", "frugal-flow", "frugal-fuel", "frugal-guests", "frugal-report", "frugal-score"];

/// The same with the queue and the engine's door.
const SERVER: &[&str] = &[
    "frugal-bench",
    "frugal-decode",
    "frugal-flow",
    "frugal-fuel",
    "frugal-guests",
    "frugal-jobs",
    "frugal-model",
    "frugal-nn",
    "frugal-report",
    "frugal-score",
    "frugal-session",
    "frugal-tensor",
    "frugal-train",
];

/// Everything a native edge may use; the tests also judge the engine.
const NATIVE_WITH_ENGINE: &[&str] = &[
    "frugal-bench",
    "frugal-decode",
    "frugal-flow",
    "frugal-fuel",
    "frugal-gpu",
    "frugal-guests",
    "frugal-host",
    "frugal-instrument",
    "frugal-jobs",
    "frugal-model",
    "frugal-nn",
    "frugal-report",
    "frugal-score",
    "frugal-server",
    "frugal-tensor",
    "frugal-train",
    "frugal-wire",
];

/// The command also runs models, verifies guests, and prepares them for the tab by a tool that writes browser's bundles.
const NATIVE_WITH_GUEST_TOOL: &[&str] = &[
    "frugal-bench",
    "frugal-browser",
    "frugal-chat",
    "frugal-decode",
    "frugal-flow",
    "frugal-fuel",
    "frugal-gpu",
    "frugal-guest-build",
    "frugal-guests",
    "frugal-host",
    "frugal-instrument",
    "frugal-jobs",
    "frugal-model",
    "frugal-nn",
    "frugal-report",
    "frugal-score",
    "frugal-server",
    "frugal-session",
    "frugal-tensor",
    "frugal-train",
    "frugal-wire",
];

/// What binds a crate to one engine, one store or one framework; the browser's own interfaces are not among it.
const NO_ENGINE: &[&str] = &["wasmtime*", "wgpu*", "tokio", "axum*", "leptos*", "rusqlite"];

/// What would make a page heavy or bind pure code to one platform.
const PURE: &[&str] =
    &["wasmtime*", "wgpu*", "web-sys", "js-sys", "wasm-bindgen", "tokio", "axum*", "leptos*", "rusqlite"];

/// What the ground of engine and sandbox never reaches: devices, the browser, data formats, clocks, randomness.
const GROUND: &[&str] = &[
    "wasmtime*",
    "wgpu*",
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "tokio",
    "axum*",
    "leptos*",
    "serde",
    "serde_core",
    "chrono",
    "time",
    "web-time",
    "getrandom",
    "rand*",
];

/// What networks and decoding never reach: devices, the browser, clocks, randomness. Models are read from data formats.
const ENGINE: &[&str] = &[
    "wasmtime*",
    "wgpu*",
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "tokio",
    "axum*",
    "leptos*",
    "chrono",
    "time",
    "web-time",
    "getrandom",
    "rand*",
];

const TABLE: &[Row] = &[
    row("frugal-tensor", &[], GROUND),
    row("frugal-gpu", &["frugal-tensor"], &["wasmtime*", "tokio", "axum*", "leptos*", "serde_json", "rand*"]),
    row("frugal-nn", &["frugal-tensor"], GROUND),
    row("frugal-model", &["frugal-nn", "frugal-tensor"], ENGINE),
    row("frugal-decode", &["frugal-model", "frugal-nn", "frugal-tensor"], ENGINE),
    // Neither a sandbox nor a reward: rollouts go out, rewards come back as numbers.
    row("frugal-train", &["frugal-decode", "frugal-model", "frugal-nn", "frugal-tensor"], ENGINE),
    row("frugal-session", &["frugal-decode", "frugal-model", "frugal-nn", "frugal-tensor", "frugal-train"], ENGINE),
    row(
        "frugal-engine-bench",
        &["frugal-decode", "frugal-gpu", "frugal-model", "frugal-nn", "frugal-tensor"],
        &["wasmtime*", "tokio", "axum*", "leptos*"],
    ),
    row(
        "frugal-gpu-tests",
        &["frugal-decode", "frugal-gpu", "frugal-model", "frugal-nn", "frugal-tensor", "frugal-train"],
        &["wasmtime*", "tokio", "axum*", "leptos*"],
    ),
    row("frugal-fuel", &[], GROUND),
    row(
        "frugal-instrument",
        &["frugal-fuel"],
        &["wasmtime*", "wasmi*", "wasmer*", "boa_engine", "web-sys", "js-sys", "tokio"],
    ),
    row("frugal-host", &["frugal-fuel", "frugal-instrument"], &["web-sys", "js-sys", "axum*", "leptos*", "rusqlite"]),
    row("frugal-browser", &["frugal-fuel", "frugal-instrument"], &["wasmtime*", "tokio", "axum*", "leptos*"]),
    row("frugal-guests", &["frugal-fuel"], PURE),
    row("frugal-guest-build", &["frugal-browser", "frugal-fuel", "frugal-guests", "frugal-instrument"], NO_ENGINE),
    row("frugal-bench", &["frugal-fuel", "frugal-guests"], PURE),
    row("frugal-score", &[], PURE),
    row("frugal-report", &[], PURE),
    row("frugal-wire", &["frugal-report"], NO_ENGINE),
    row("frugal-flow", &["frugal-bench", "frugal-fuel", "frugal-guests", "frugal-report", "frugal-score"], NO_ENGINE),
    row(
        "frugal-ui",
        &["frugal-report", "frugal-wire"],
        &["wasmtime*", "wasmparser", "wasm-encoder", "axum*", "tokio", "rusqlite"],
    ),
    row(
        "frugal-web",
        // Numbers only: the curve is fitted where it is drawn.
        &["frugal-report", "frugal-score", "frugal-ui", "frugal-wire"],
        &["wasmtime*", "wasmparser", "wasm-encoder", "axum*", "tokio", "rusqlite"],
    ),
    row(
        "frugal-widget",
        &["frugal-report", "frugal-ui", "frugal-wire"],
        &["wasmtime*", "wasmparser", "wasm-encoder", "axum*", "tokio", "rusqlite"],
    ),
    row(
        "frugal-webworker",
        &[
            "frugal-bench",
            "frugal-browser",
            "frugal-flow",
            "frugal-fuel",
            "frugal-guests",
            "frugal-instrument",
            "frugal-report",
            "frugal-score",
            "frugal-decode",
            "frugal-gpu",
            "frugal-model",
            "frugal-nn",
            "frugal-session",
            "frugal-tensor",
            "frugal-train",
            "frugal-wire",
        ],
        &["wasmtime*", "tokio", "axum*", "leptos*", "rusqlite"],
    ),
    row("frugal-chat", &[], NO_ENGINE),
    row("frugal-jobs", WITHOUT_RUNNER, &["wasmtime*", "leptos*", "axum*", "web-sys"]),
    row("frugal-server", SERVER, &["wasmtime*", "leptos*", "web-sys"]),
    row("frugal-cli", NATIVE_WITH_GUEST_TOOL, &["leptos*", "web-sys"]),
    // wgpu reaches web-sys in a browser, for which these tests are never built.
    row("frugal-tests", NATIVE_WITH_ENGINE, &["leptos*"]),
    row("frugal-tidy", &[], &["tokio"]),
    row("frugal-xtask", &[], &["tokio", "wasmtime*"]),
];

/// Foreign crates that only these crates of ours name in their manifests, for tests too. The instrumenter's tests hold
/// its rewritten modules against the engine whose fuel they imitate, and the benchmarks hold a meter against no meter.
const ONLY: &[(&str, &[&str])] = &[
    ("wgpu*", &["frugal-gpu"]),
    ("naga*", &["frugal-gpu"]),
    ("wasmtime*", &["frugal-host", "frugal-instrument (tests)", "frugal-tests (tests)"]),
    ("leptos*", &["frugal-ui", "frugal-web", "frugal-widget"]),
    ("axum*", &["frugal-server"]),
    ("rusqlite", &["frugal-jobs"]),
    ("ureq", &["frugal-chat", "frugal-cli"]),
];

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// Findings on one platform's graph.
fn findings(graph: &Graph, platform: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, package) in graph.members() {
        let name = &package.name;
        let Some(row) = TABLE.iter().find(|row| row.package == name) else {
            findings.push(format!("{name} has no row in the import table of tests/tidy/src/layers.rs"));
            continue;
        };
        for (reached, path) in graph.closure(id) {
            let ours = graph.members().any(|(_, member)| member.name == reached);
            let forbidden = if ours {
                !row.may.contains(&reached.as_str())
            } else {
                row.never.iter().any(|pattern| matches(pattern, &reached))
            };
            if forbidden {
                findings.push(format!("{name} must not reach {reached} ({platform}, by {})", path.join(" -> ")));
            }
        }
        for (pattern, owners) in ONLY {
            let excused = |dev: bool| {
                owners.contains(&name.as_str()) || dev && owners.contains(&format!("{name} (tests)").as_str())
            };
            let mut named = package.declared.iter().filter(|declared| matches(pattern, &declared.name));
            if let Some(declared) = named.find(|declared| !excused(declared.dev)) {
                let kind = if declared.dev { "tests of " } else { "" };
                findings.push(format!("{kind}{name} names {}, which only {} may", declared.name, owners.join(", ")));
            }
        }
    }
    findings
}

#[test]
fn every_crate_knows_only_what_it_may() {
    let mut all: Vec<String> = graphs().iter().flat_map(|(platform, graph)| findings(graph, platform)).collect();
    all.sort();
    all.dedup();
    assert_none(&all, "the import table of the house (design in ARCHITECTURE.md) is broken");
}

#[test]
fn the_check_finds_planted_faults() {
    use crate::metadata::{Declared, Package};
    let mut graph = Graph::default();
    let ours = |name: &str| Package { name: name.into(), ..Package::default() };
    let foreign = |name: &str| Package { name: name.into(), source: Some("registry".into()), ..Package::default() };
    let mut score = ours("frugal-score");
    score.declared.push(Declared { name: "axum-core".into(), dev: true });
    for package in [score, ours("frugal-bench"), ours("frugal-new"), foreign("helper"), foreign("wasmtime-environ")] {
        graph.packages.insert(package.name.clone(), package);
    }
    graph.edges.insert("frugal-score".into(), vec!["helper".into(), "frugal-bench".into()]);
    graph.edges.insert("helper".into(), vec!["wasmtime-environ".into()]);
    assert_eq!(
        findings(&graph, "here"),
        [
            "frugal-new has no row in the import table of tests/tidy/src/layers.rs",
            "frugal-score must not reach frugal-bench (here, by frugal-bench)",
            "frugal-score must not reach wasmtime-environ (here, by helper -> wasmtime-environ)",
            "tests of frugal-score names axum-core, which only frugal-server may",
        ]
    );
}
