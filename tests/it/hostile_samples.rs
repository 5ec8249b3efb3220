//! Samples that cheat, break out or hand back what no answer looks like: each has a verdict of its own, and the honest
//! sample beside them is judged as if they were not there.

use crate::command::{frugal, json};
use crate::corpus;

/// Name, program, verdict, and a part of its message.
type Sample = (&'static str, &'static str, &'static str, &'static str);

const HONEST: &str = "def longest_run(text):\n    best = run = 0\n    last = None\n    for character in text:\n        \
                      run = run + 1 if character == last else 1\n        last = character\n        \
                      best = max(best, run)\n    return best\n";

const SAMPLES: &[Sample] = &[
    ("prints the answer", "def longest_run(text):\n    print(3)\n", "error", "TypeError"),
    (
        "writes the answer to standard output",
        "import sys\ndef longest_run(text):\n    sys.stdout.write('3\\n')\n",
        "wrong_output",
        "wrong",
    ),
    (
        "looks for test, checker and answer in whatever lives",
        "import gc, sys\n\
         def longest_run(text):\n    \
             for thing in gc.get_objects():\n        \
                 if type(thing) is dict and ('__check' in thing or 'answer' in thing or 'generate_input' in thing):\n            \
                     raise RuntimeError('found')\n    \
             frame = sys._getframe()\n    \
             while frame:\n        \
                 if 'answer' in frame.f_locals or '__check' in frame.f_globals:\n            \
                     raise RuntimeError('found')\n        \
                 frame = frame.f_back\n    \
             return None\n",
        "wrong_output",
        "wrong",
    ),
    (
        "replaces builtins that a checker would use",
        "import builtins\n\
         builtins.type = lambda *anything: int\n\
         builtins.isinstance = builtins.all = builtins.any = lambda *anything: True\n\
         def longest_run(text):\n    return -1\n",
        "wrong_output",
        "wrong",
    ),
    (
        "answers with what equals everything",
        "class Equal(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\n\
         def longest_run(text):\n    return Equal(7)\n",
        "wrong_output",
        "wrong",
    ),
    ("exits", "import sys\ndef longest_run(text):\n    sys.exit(0)\n", "error", "SystemExit"),
    ("exits while it is defined", "raise SystemExit(0)\n", "error", "SystemExit"),
    ("exits without a farewell", "import os\ndef longest_run(text):\n    os._exit(0)\n", "error", ""),
    (
        "lifts the recursion limit",
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef down(n):\n    return down(n + 1)\n\
         def longest_run(text):\n    sys.setrecursionlimit(10 ** 9)\n    return down(0)\n",
        "out_of_fuel",
        "fuel",
    ),
    ("recurs without end", "def longest_run(text):\n    return longest_run(text)\n", "error", "RecursionError"),
    ("answers with a generator", "def longest_run(text):\n    yield 1\n", "wrong_output", "wrong"),
    ("answers with a long integer", "def longest_run(text):\n    return 10 ** 5_000\n", "wrong_output", "wrong"),
    ("answers with a huge integer", "def longest_run(text):\n    return 10 ** 100_000\n", "out_of_fuel", "fuel"),
    (
        "answers with deep nesting",
        "def longest_run(text):\n    value = []\n    for _ in range(1_000):\n        value = [value]\n    return value\n",
        "error",
        "200 levels",
    ),
    (
        "answers with a list that holds itself",
        "def longest_run(text):\n    value = []\n    value.append(value)\n    return value\n",
        "error",
        "contains itself",
    ),
    ("answers with no number", "def longest_run(text):\n    return float('nan')\n", "wrong_output", "wrong"),
    ("answers with infinity", "def longest_run(text):\n    return float('inf')\n", "wrong_output", "wrong"),
    ("answers with half a character", "def longest_run(text):\n    return '\\ud800'\n", "wrong_output", "wrong"),
    ("is empty", "", "wrong_output", "wrong"),
    ("is JavaScript", "function longest_run(text) { return 0; }\n", "error", "SyntaxError"),
    ("lacks the function's name", "longest_run = 3\n", "error", ""),
    ("holds a null character", "def longest_run(text):\n    return 0\0\n", "error", ""),
    (
        "swallows every exception without end",
        "def longest_run(text):\n    while True:\n        try:\n            while True:\n                pass\n        \
         except BaseException:\n            pass\n",
        "out_of_fuel",
        "fuel",
    ),
    ("wants a gibibyte", "def longest_run(text):\n    return len(b'x' * (1 << 30))\n", "out_of_memory", ""),
    ("wants a tebibyte", "def longest_run(text):\n    return len(b'x' * (1 << 40))\n", "overflow", "OverflowError"),
    ("overflows", "import math\ndef longest_run(text):\n    return math.exp(1000)\n", "overflow", "OverflowError"),
    (
        "raises what cannot be printed",
        "class Mute(BaseException):\n    def __str__(self):\n        raise self\n    __repr__ = __str__\n\
         def longest_run(text):\n    raise Mute()\n",
        "error",
        "trapped",
    ),
    ("is honest", HONEST, "passed", ""),
];

#[test]
fn each_hostile_sample_has_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.jsonl");
    let lines = SAMPLES
        .iter()
        .map(|(_, source, ..)| serde_json::json!({ "task_id": "Frugal/2", "solution": source }).to_string() + "\n");
    std::fs::write(&file, lines.collect::<String>()).unwrap();
    let problems = corpus::folder("vectors/enamel-small/enamel.csv").display().to_string();
    let samples = file.display().to_string();
    let output = frugal(&["eval", "--problems", &problems, "--samples", &samples, "--k", "1", "--json"]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(report["coverage"]["infrastructure_failures"], 0);
    let got = report["problems"][0]["samples"].as_array().unwrap();
    assert_eq!(got.len(), SAMPLES.len());
    let mut wrong = Vec::new();
    for ((name, _, verdict, says), sample) in SAMPLES.iter().zip(got) {
        let message = sample["message"].as_str().unwrap_or_default();
        println!("{name}: {} {message}", sample["verdict"]);
        if sample["verdict"] != *verdict || !message.contains(says) {
            wrong.push(format!("{name}: {} `{message}`, not {verdict} `{says}`", sample["verdict"]));
        }
        if *verdict != "passed" && (sample["passed"] != false || sample["efficiency"] != 0.0) {
            wrong.push(format!("{name} has a score"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!((report["metrics"]["pass@1"].as_f64().unwrap() - 1.0 / SAMPLES.len() as f64).abs() < 1e-12);
}
