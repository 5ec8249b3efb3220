//! `frugal optimize` against a scripted endpoint, with programs that really run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::json;
use crate::endpoint::{Act, Endpoint};
use crate::{corpus, runner};

/// What the parts of our prompts are known by.
const FORMALISE: &str = "Turn this task into a specification";
const SELF_CHECK: &str = "Does the specification ask for the same function";
const DESIGN: &str = "inputs for tests of this function";
const CALCULATE: &str = "Work out what the function returns";
const ALGORITHMS: &str = "algorithms for this function that differ";
const ADVISE: &str = "List at least twenty suggestions";
const IMPLEMENT: &str = "as specified. It has to be right first";
const PROGRAMS: &str = "programs for the function";
const JUDGE: &str = "Somebody claims that the function";
const REPAIR: &str = "This program fails tests";
const LARGE: &str = "large inputs on which a slow program";
const CHOOSE: &str = "Which of these programs is right";
const REWRITE: &str = "Rewrite this program";
const STEP_BY_STEP: &str = "Think step by step first";
const DIRECT: &str = "Write this Python function. Answer with one";

const ALL_PAIRS: &str = "def rug_sizes(wool):
    rugs = 0
    for length in range(1, wool + 1):
        for width in range(1, wool + 1):
            if length * width <= wool:
                rugs += 1
    return rugs
";
const DIVIDE: &str = "def rug_sizes(wool):
    return sum(wool // length for length in range(1, wool + 1))
";
/// Wrong by the last length.
const DIVIDE_WRONGLY: &str = "def rug_sizes(wool):
    return sum(wool // length for length in range(1, wool))
";
/// Right on the small tests, wrong and cheap beyond.
const TABLE: &str = "def rug_sizes(wool):
    return {1: 1, 2: 3, 3: 5, 4: 8, 6: 14}.get(wool, 0)
";

/// The reference of the problem: sublinear.
fn symmetry() -> String {
    fs::read_to_string(corpus::folder("../public/problems/frugal/rug_sizes/solutions/symmetry.py")).unwrap()
}

fn fenced(code: &str) -> String {
    format!("Here it is.\n```python\n{code}```\nIt is fast.")
}

/// A model that is right but for one test and one program, both planted.
fn model(prompt: &str) -> String {
    let has = |words: &str| prompt.contains(words);
    if has(FORMALISE) {
        "Function: counts pairs of lengths whose product is at most `wool`.".to_owned()
    } else if has(SELF_CHECK) {
        "Nothing is lost.\nVERDICT: SAME".to_owned()
    } else if has(DESIGN) {
        "```\n[1]\n[2]\n[3]\n[4]\n[6]\nnot an input\n```".to_owned()
    } else if has(CALCULATE) {
        // 6 // 1 + 6 // 2 + ... is 14
        "```\n1 => 1\n2 => 3\n3 => 5\n4 => 8\n5 => 15\n```".to_owned()
    } else if has(ALGORITHMS) {
        let names = ["all pairs", "division", "symmetry", "table"];
        names.iter().zip(1..).map(|(name, at)| format!("### Algorithm {at}: {name}\nidea of {name}\n")).collect()
    } else if has(ADVISE) {
        "- use sum\n- use range".to_owned()
    } else if has(IMPLEMENT) || has(PROGRAMS) || has(STEP_BY_STEP) {
        match prompt {
            _ if has("idea of all pairs") => fenced(ALL_PAIRS),
            _ if has("idea of division") => fenced(DIVIDE_WRONGLY),
            _ if has("idea of table") => fenced(TABLE),
            _ if has(PROGRAMS) => format!("{}\n{}", fenced(ALL_PAIRS), fenced(&symmetry())),
            _ => fenced(&symmetry()),
        }
    } else if has(JUDGE) {
        let is_right = !has("`[6]`, returns `15`");
        format!("Worked out.\n**VERDICT: {}**", if is_right { "VALID" } else { "INVALID" })
    } else if has(REPAIR) {
        assert!(has(DIVIDE_WRONGLY) && has("expected 1, but it returned 0") && !has("15"), "{prompt}");
        fenced(DIVIDE)
    } else if has(LARGE) {
        "```\n[400]\n[5 * 100]\n[undefined_name]\n```".to_owned()
    } else if has(CHOOSE) {
        let at = (1..9).find(|at| prompt.contains(&format!("## Program {at}\n```python\n{}", symmetry())));
        format!("VERDICT: {}", at.expect("the symmetric program is among them"))
    } else if has(REWRITE) {
        fenced(DIVIDE)
    } else if has(DIRECT) {
        fenced(ALL_PAIRS)
    } else {
        panic!("not in the script: {prompt}")
    }
}

fn endpoint() -> Endpoint {
    Endpoint::start(|prompt, _| Act::Stream(model(prompt)))
}

fn command(endpoint: &str, more: &[&str]) -> Command {
    let mut command = Command::new(runner::command());
    command.current_dir(corpus::folder(".."));
    command.args(["optimize", "--endpoint", endpoint, "--model", "scripted"]);
    if !more.contains(&"--problem") && !more.contains(&"--suite") {
        command.args(["--problem", "public/problems/frugal/rug_sizes"]);
    }
    command.args(more);
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "FRUGAL_API_KEY"] {
        command.env_remove(variable);
    }
    command
}

fn optimize(endpoint: &str, more: &[&str]) -> Output {
    command(endpoint, more).output().unwrap()
}

#[track_caller]
fn report(endpoint: &str, more: &[&str]) -> Value {
    let output = optimize(endpoint, &[more, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    json(&output)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stages(problem: &Value) -> Vec<String> {
    let mut stages: Vec<String> = Vec::new();
    for step in problem["trace"].as_array().unwrap() {
        let stage = step["stage"].as_str().unwrap().to_owned();
        if !stages.contains(&stage) {
            stages.push(stage);
        }
    }
    stages
}

#[test]
fn the_whole_recipe_drops_the_wrong_test_repairs_the_wrong_program_and_chooses_by_fuel() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("trace.json");
    let out = out.to_str().unwrap();
    let endpoint = endpoint();
    let report = report(&endpoint.url, &["--out", out, "--joules-per-token", "0.5,2"]);
    let problem = &report["problems"][0];
    let tests: Vec<_> =
        problem["tests"].as_array().unwrap().iter().map(|test| test["verdict"].as_str().unwrap()).collect();
    assert_eq!(tests, ["passed", "passed", "passed", "passed", "invalid"]);
    let candidates: Vec<_> = problem["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["name"].as_str().unwrap(), one["passes"].as_u64().unwrap(), one["large_finished"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        candidates,
        [("algorithm 1", 4, 2), ("algorithm 2, repaired", 4, 2), ("algorithm 3", 4, 2), ("algorithm 4", 4, 0)]
    );
    assert_eq!(problem["candidates"][2]["is_chosen"], true);
    assert_eq!(problem["optimized"]["code"].as_str().unwrap(), symmetry());
    assert_eq!(problem["large_inputs"], serde_json::json!(["[400]", "[5 * 100]"]));
    // the chosen program is the reference's text, so its fuel is the reference's to the unit
    assert_eq!(problem["optimized"]["net_fuel"], problem["optimized"]["reference_fuel"]);
    assert_eq!((&report["optimized"]["pass_at_1"], &report["optimized"]["eff_at_1"]), (&1.0.into(), &1.0.into()));
    assert_eq!((&report["direct"]["pass_at_1"], &report["direct"]["eff_at_1"]), (&1.0.into(), &0.0.into()));
    assert!(report["fuel_gain"].as_f64().unwrap() > 100.0, "{}", report["fuel_gain"]);
    // one question in each of ten stages but four for advice and programs
    let questions = endpoint.asked().len() as u64;
    assert_eq!(questions, 17);
    let tokens = &report["optimized"]["tokens"];
    assert_eq!((&tokens["requests"], &tokens["prompt_tokens"]), (&16.into(), &160.into()));
    assert_eq!(report["optimized"]["joules"], 160.0 * 0.5 + 80.0 * 2.0);
    assert_eq!(report["direct"]["joules"], 10.0 * 0.5 + 5.0 * 2.0);

    assert!(!Path::new(&format!("{out}.partial")).exists(), "complete work leaves no record");
    let shown = crate::command::frugal(&["trace", out]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    for part in [
        "---- judge: judge test 5",
        "[prompt]",
        "VERDICT: INVALID",
        "[verdict] invalid",
        "* algorithm 3",
        "idea of table",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(crate::command::frugal(&["trace", out, "--problem", "nope"]).status.code(), Some(2));
}

#[test]
fn presets_ask_what_they_say() {
    let whole = ["formalise", "self-check", "design", "calculate"];
    let tested = |more: &[&'static str]| [&whole[..], more].concat();
    let plain = symmetry();
    for (preset, asked, code) in [
        ("no-algorithms", tested(&["advise", "implement", "judge", "direct"]), plain.as_str()),
        ("no-advice", tested(&["algorithms", "implement", "judge", "repair", "large-inputs", "direct"]), &plain),
        ("no-tests", vec!["formalise", "self-check", "algorithms", "advise", "implement", "choose", "direct"], &plain),
        ("programs-first", tested(&["programs", "judge", "large-inputs", "direct"]), &plain),
        ("efficiency-last", tested(&["implement", "judge", "rewrite", "direct"]), DIVIDE),
        ("chain-of-thought", vec!["step by step", "direct"], &plain),
        ("direct", vec!["direct"], ALL_PAIRS),
    ] {
        let report = report(&endpoint().url, &["--preset", preset]);
        let problem = &report["problems"][0];
        assert_eq!(stages(problem), asked, "{preset}");
        assert_eq!(problem["optimized"]["code"].as_str().unwrap(), code, "{preset}");
        assert_eq!(report["options"]["preset"], preset);
    }
}

#[test]
fn every_stage_can_be_switched_off() {
    for (stage, gone) in [
        ("formalise", &["formalise", "self-check"][..]),
        ("self-check", &["self-check"]),
        ("tests", &["design", "calculate", "judge", "repair"]),
        ("algorithms", &["algorithms"]),
        ("advice", &["advise"]),
        ("judge", &["judge"]),
        ("repair", &["repair"]),
        ("large-inputs", &["large-inputs"]),
    ] {
        let endpoint = Endpoint::start(|prompt, _| {
            // without a judge the planted test counts, and a repair hears of it
            let is_lenient = prompt.contains(REPAIR);
            Act::Say(if is_lenient { fenced(DIVIDE) } else { model(prompt) })
        });
        let report = report(&endpoint.url, &["--without", stage]);
        let stages = stages(&report["problems"][0]);
        for name in gone {
            assert!(!stages.contains(&(*name).to_owned()), "{name} was asked without {stage}");
        }
        assert!(report["problems"][0]["optimized"]["passed"].as_bool().unwrap() || stage == "large-inputs", "{stage}");
    }
}

#[test]
fn a_judge_that_says_neither_is_asked_again_and_then_not_heeded() {
    let endpoint = Endpoint::start(|prompt, _| {
        let is_judge = prompt.contains(JUDGE);
        Act::Say(if is_judge { "VERDICT: VALID\nno\nVERDICT: INVALID".to_owned() } else { model(prompt) })
    });
    // the script's repair refuses to hear of the test that nobody judged
    let report = report(&endpoint.url, &["--tries", "3"]);
    assert_eq!(endpoint.count(JUDGE), 3);
    assert_eq!(report["problems"][0]["tests"][4]["verdict"], "unknown");
    assert_eq!(endpoint.count(REPAIR), 1, "only the program that is wrong elsewhere is repaired");
    assert_eq!(report["problems"][0]["candidates"][0]["tests"], 5, "it counts for the choice");
    assert_eq!(report["problems"][0]["optimized"]["passed"], true);
}

#[test]
fn a_repair_that_gains_nothing_leaves_the_original() {
    let endpoint = Endpoint::start(|prompt, _| {
        Act::Say(if prompt.contains(REPAIR) {
            fenced("def rug_sizes(wool):\n    return wool - wool\n")
        } else {
            model(prompt)
        })
    });
    let report = report(&endpoint.url, &[]);
    assert_eq!(report["problems"][0]["candidates"][1]["name"], "algorithm 2");
    assert_eq!(report["problems"][0]["candidates"][1]["code"].as_str().unwrap(), DIVIDE_WRONGLY);
}

#[test]
fn what_goes_wrong_once_changes_nothing() {
    let fault = |prompt: &str| {
        Some(match prompt {
            _ if prompt.contains(FORMALISE) => Act::Garbage("<html>proxy</html>"),
            _ if prompt.contains(SELF_CHECK) => {
                Act::Fail(429, "retry-after: 1\r\n", r#"{"error":{"message":"slower"}}"#.to_owned())
            }
            _ if prompt.contains(CALCULATE) => Act::Stall(Duration::from_secs(30)),
            _ if prompt.contains(ALGORITHMS) => Act::Fail(503, "", String::new()),
            _ if prompt.contains(IMPLEMENT) => Act::CutStream,
            _ if prompt.contains(DIRECT) => Act::Garbage(""),
            _ => return None,
        })
    };
    let endpoint = Endpoint::start(move |prompt, before| {
        let fault = if before == 0 { fault(prompt) } else { None };
        fault.unwrap_or_else(|| Act::Say(model(prompt)))
    });
    let begun = Instant::now();
    let report = report(&endpoint.url, &["--byte-timeout-ms", "4000"]);
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(report["problems"][0]["optimized"]["code"].as_str().unwrap(), symmetry());
    assert_eq!(endpoint.asked().len(), 17 + 9, "four programs and five others were asked for twice");
    let requests = |totals: &str| report[totals]["tokens"]["requests"].as_u64().unwrap();
    assert_eq!(requests("optimized") + requests("direct"), 26, "failed requests count");
}

#[test]
fn an_answer_over_the_limit_has_fewer_asked_for() {
    let endpoint = Endpoint::start(|prompt, _| {
        let is_long = prompt.contains("Choose 20 inputs") || prompt.contains("Choose 10 inputs");
        Act::Say(if is_long { "[1]\n".repeat(3_000) } else { model(prompt) })
    });
    let report = report(&endpoint.url, &["--reply-max-bytes", "10000"]);
    let design: Vec<_> = report["problems"][0]["trace"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["stage"] == "design")
        .map(|step| (step["name"].as_str().unwrap(), step["verdict"].as_str().unwrap()))
        .collect();
    let over = "no answer: the answer has more than 10000 bytes";
    assert_eq!(
        design,
        [
            ("design inputs 1, 20 asked", over),
            ("design inputs 1, 10 asked", over),
            ("design inputs 1, 2 asked", "5 new input(s) in 6 line(s)"),
        ]
    );
    assert_eq!(report["problems"][0]["optimized"]["passed"], true);
}

#[test]
fn programs_that_cannot_be_used_are_asked_for_again() {
    let endpoint = Endpoint::start(|prompt, _| {
        Act::CutShort(match prompt {
            _ if !prompt.contains(STEP_BY_STEP) => model(prompt),
            _ if prompt.contains("try 2 of 5") => fenced("def another(wool):\n    return 1\n"),
            _ if prompt.contains("try 1 of 5") => "I would rather not.".to_owned(),
            _ => model(prompt),
        })
    });
    let first = report(&endpoint.url, &["--preset", "chain-of-thought"]);
    assert_eq!(first["problems"][0]["optimized"]["passed"], true);
    let never = Endpoint::start(|_, _| Act::Uncounted("Sorry, no.".to_owned()));
    let output = optimize(&never.url, &["--tries", "2", "--json"]);
    assert_eq!(output.status.code(), Some(1), "no program is no success: {}", said(&output));
    let report = json(&output);
    assert_eq!((&report["optimized"]["pass_at_1"], &report["optimized"]["eff_at_1"]), (&0.0.into(), &0.0.into()));
    assert_eq!(report["optimized"]["tokens"]["is_estimate"], true);
}

#[test]
fn an_endpoint_that_is_down_slow_or_hostile_never_hangs_the_tool() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let down = format!("http://127.0.0.1:{port}/v1");
    let slow = Endpoint::start(|_, _| Act::Stall(Duration::from_secs(60)));
    let hostile = Endpoint::start(|_, _| Act::Fail(302, "location: http://127.0.0.1:1/\r\n", String::new()));
    let closed = Endpoint::start(|_, _| Act::Fail(401, "", r#"{"error":{"message":"who are you"}}"#.to_owned()));
    let broken = Endpoint::start(|_, _| Act::Garbage("{\"choices\": [{\"mess"));
    for (url, words) in [
        (down.as_str(), "cannot be reached"),
        (&slow.url, "waited in vain for the next byte"),
        (&hostile.url, "redirects to http://127.0.0.1:1/"),
        (&closed.url, "who are you"),
        (&broken.url, "cut off"),
    ] {
        let begun = Instant::now();
        let output = optimize(url, &["--attempts", "2", "--byte-timeout-ms", "500", "--json"]);
        assert!(begun.elapsed() < Duration::from_secs(30), "{words}: {:?}", begun.elapsed());
        assert_eq!(output.status.code(), Some(3), "{words}: {}", said(&output));
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
        let report = json(&output);
        assert_eq!(report["problems"][0]["status"], "infrastructure_failure");
        assert_eq!(report["optimized"]["pass_at_1"], Value::Null, "a failure of the machinery is never a zero");
    }
    // a suite gives up after two problems that the endpoint fails
    let output = optimize(
        &down,
        &["--suite", "frugal", "--problems", "public/problems/frugal", "--limit", "5", "--attempts", "1", "--json"],
    );
    let problems = json(&output)["problems"].clone();
    let status: Vec<_> =
        problems.as_array().unwrap().iter().map(|problem| problem["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["infrastructure_failure", "infrastructure_failure", "pending", "pending", "pending"]);
}

#[test]
fn the_key_is_sent_and_appears_nowhere() {
    const SECRET: &str = "sk-planted-5d41402abc4b2a76b9719d";
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("trace.json");
    let key_file = folder.path().join("key");
    fs::write(&key_file, format!("{SECRET}\n")).unwrap();
    // an endpoint that gives the key back wherever it can: in texts, in a program, in refusals
    let endpoint = Endpoint::start(|prompt, before| match prompt {
        _ if before == 0 && prompt.contains(ALGORITHMS) => Act::Fail(500, "", format!("your key {SECRET} is bad")),
        _ if prompt.contains(LARGE) => Act::Fail(400, "", format!(r#"{{"error":{{"message":"{SECRET}"}}}}"#)),
        _ if prompt.contains(FORMALISE) => Act::Stream(format!("{} {SECRET}", model(prompt))),
        _ if prompt.contains(DIRECT) => Act::Say(fenced(&format!("# {SECRET}\n{ALL_PAIRS}"))),
        _ => Act::Say(model(prompt)),
    });
    let all = |output: &Output| {
        let mut all = format!("{}{}", String::from_utf8_lossy(&output.stdout), said(output));
        for entry in fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
            if entry != key_file {
                all.push_str(&fs::read_to_string(entry).unwrap());
            }
        }
        all
    };
    let (out, key_file_name) = (out.to_str().unwrap(), key_file.to_str().unwrap());
    let output = optimize(&endpoint.url, &["--json", "--out", out, "--key-file", key_file_name]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(endpoint.asked().iter().all(|asked| asked.raw.contains(&format!("Bearer {SECRET}"))));
    let text = all(&output) + &String::from_utf8_lossy(&crate::command::frugal(&["trace", out]).stdout);
    assert!(!text.contains(SECRET) && text.contains("[key]"), "the key is stored or shown");

    // a refusal, a record that is kept, and the key by variable
    let refusing = Endpoint::start(|prompt, _| match prompt {
        _ if prompt.contains(FORMALISE) => Act::Say(format!("spec {SECRET}")),
        _ => Act::Fail(401, "", format!("no such key: {SECRET}")),
    });
    let out = folder.path().join("refused.json");
    let mut command = command(&refusing.url, &["--out", out.to_str().unwrap(), "--key-env", "PLANTED", "--json"]);
    let output = command.env("PLANTED", SECRET).env("RUST_LOG", "trace").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(folder.path().join("refused.json.partial").exists());
    let text = all(&output);
    assert!(!text.contains(SECRET) && text.contains("no such key: [key]"), "{text}");

    // a key that cannot be one is refused without being quoted
    fs::write(&key_file, format!("two {SECRET} words")).unwrap();
    let output = optimize(&endpoint.url, &["--key-file", key_file_name]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!said(&output).contains(SECRET), "{}", said(&output));
}

#[test]
fn interrupted_it_keeps_its_answers_and_goes_on_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("trace.json");
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = is_slow.clone();
    let endpoint = Endpoint::start(move |prompt, _| {
        let stalls = slow.load(Ordering::Relaxed) && prompt.contains(IMPLEMENT);
        if stalls { Act::Stall(Duration::from_secs(60)) } else { Act::Say(model(prompt)) }
    });
    let arguments = ["--out", out.to_str().unwrap()];
    let mut child = command(&endpoint.url, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while endpoint.count(IMPLEMENT) < 4 {
        assert!(begun.elapsed() < Duration::from_secs(120), "it does not come that far");
        sleep(Duration::from_millis(10));
    }
    let signalled = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(signalled.elapsed() < Duration::from_secs(5), "{:?}", signalled.elapsed());
    let stored: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert_eq!((&stored["interrupted"], &stored["problems"][0]["status"]), (&true.into(), &"pending".into()));
    assert!(stored["problems"][0]["trace"].as_array().unwrap().len() >= 9, "what was answered is shown");

    let again = optimize(&endpoint.url, &arguments);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("--resume"), "{}", said(&again));
    let other = optimize(&endpoint.url, &[&arguments[..], &["--resume", "--tests", "7"]].concat());
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("these differ: options"), "{}", said(&other));

    is_slow.store(false, Ordering::Relaxed);
    let before = endpoint.count(FORMALISE) + endpoint.count(ADVISE);
    let resumed = report(&endpoint.url, &[&arguments[..], &["--resume"]].concat());
    assert_eq!(endpoint.count(FORMALISE) + endpoint.count(ADVISE), before, "recorded answers are not asked for again");
    let whole = report(&self::endpoint().url, &[]);
    let judged = |report: &Value| {
        let mut problem = report["problems"][0].clone();
        problem["trace"].take();
        problem
    };
    assert_eq!(judged(&resumed), judged(&whole), "in two parts as in one");
}

#[test]
fn budgets_end_the_asking_and_what_is_there_is_measured() {
    let endpoint = endpoint();
    // fifteen tokens an answer: four, four times advice, and the first programs
    let few = report(&endpoint.url, &["--tokens-max", "150", "--preset", "no-tests"]);
    assert_eq!(endpoint.asked().len(), 10, "not one question more than the budget pays");
    let problem = &few["problems"][0];
    assert_eq!(problem["is_short_of_budget"], true);
    assert!(few["notices"][0].as_str().unwrap().contains("budget"), "{}", few["notices"]);
    let trace = problem["trace"].to_string();
    assert!(trace.contains("not asked: the token budget is spent"), "{trace}");

    let slow = Endpoint::start(|prompt, _| match prompt {
        _ if prompt.contains(REWRITE) => Act::Stall(Duration::from_secs(60)),
        _ => Act::Say(model(prompt)),
    });
    let begun = Instant::now();
    let late =
        report(&slow.url, &["--preset", "efficiency-last", "--without", "formalise,tests", "--seconds-max", "4"]);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    assert_eq!(
        late["problems"][0]["optimized"]["code"].as_str().unwrap(),
        symmetry(),
        "the program before the rewrite"
    );
    assert!(late["problems"][0]["trace"].to_string().contains("not asked: the time budget is spent"));
}

#[test]
fn a_text_is_a_task_without_a_measure() {
    let folder = tempfile::tempdir().unwrap();
    let task = folder.path().join("rugs.txt");
    fs::write(&task, "Count the pairs of whole numbers whose product is at most wool.").unwrap();
    let task = task.to_str().unwrap();
    let report = report(&endpoint().url, &["--problem", task, "--entry", "rug_sizes"]);
    assert_eq!(report["problems"][0]["optimized"]["code"].as_str().unwrap(), symmetry());
    assert_eq!(report["problems"][0]["optimized"]["verdict"], Value::Null);
    assert_eq!((&report["optimized"]["pass_at_1"], &report["fuel_gain"]), (&Value::Null, &Value::Null));
}

#[test]
fn bad_usage_asks_nobody() {
    let endpoint = endpoint();
    let url = endpoint.url.as_str();
    let readme = ["--problem", "README.md"];
    for more in [
        &readme[..],
        &["--problem", "README.md", "--entry", "not a name"],
        &["--problem", "no/such/file"],
        &["--problem", "public/problems/demo"],
        &["--preset", "fast"],
        &["--without", "thinking"],
        &["--temperature", "3"],
        &["--tests", "0"],
        &["--joules-per-token", "-1,2"],
        &["--tokens-max", "0"],
        &["--key-env", "NOT_SET_ANYWHERE"],
        &["--key-file", "no/such/file"],
        &["--certificates", "README.md"],
        &["--suite", "frugal", "--problems", "public/problems/frugal", "--only", "nope"],
    ] {
        let output = optimize(url, more);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", said(&output));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{more:?}");
    }
    for bad in ["models.example", "ftp://models.example/v1", "http://me:secret@models.example/v1"] {
        let output = optimize(bad, &[]);
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(!said(&output).contains("secret"), "{}", said(&output));
    }
    assert!(endpoint.asked().is_empty());
}
