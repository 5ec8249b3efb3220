#![allow(clippy::unwrap_used)]
use super::*;

const DATA: &str = r#"[
{"task_id":"HumanEval/1","dataset":"openai_humaneval","prompt":"p","final_prompt":"import math\n\ndef area(r):\n    \"\"\"Area.\"\"\"","entry_point":"area"},
{"task_id":7,"dataset":"mbpp","prompt":"p","final_prompt":"Double it.","entry_point":"double","test_list":[]}]"#;
const KEYS: [&str; 2] = [r#""import math\n\ndef area(r):\n    \"\"\"Area.\"\"\"""#, "\"Double it.\""];

fn keyed(first: &str, second: &str) -> String {
    format!("{{{}:{first},\n{}:{second}}}", KEYS[0], KEYS[1])
}

/// data, testcases, stressful_testcases, best_solutions, solutions, prompts
fn files() -> [String; 6] {
    [
        DATA.to_owned(),
        keyed(
            r#"[{"input":[1],"output":[3.14]},{"input":[12345678901234567890],"output":[null]}]"#,
            r#"[{"input":[[2]],"output":[[4]]}]"#,
        ),
        keyed(r#"[{"input":"[10**9]","output":null}]"#, r#"[{"input":"[[1]*9999]","output":null}]"#),
        keyed("[\"def solution(r): return 1\",false]", "[\"def solution(x): return 2\",false]"),
        format!(
            "{{\"prompt2groundtruth\":{},\"prompt2io\":{{}}}}",
            keyed("[[\"def solution(r): pass\",\"False\"]]", "[[\"a\",\"False\"],[\"b\",\"False\"]]")
        ),
        format!("[{},{}]", KEYS[0], KEYS[1]),
    ]
}

fn read(files: &[String; 6]) -> Result<Vec<Problem>, String> {
    let [data, testcases, stressful, best, solutions, prompts] = files.each_ref().map(String::as_bytes);
    let files = Files {
        data,
        testcases,
        stressful_testcases: stressful,
        best_solutions: best,
        solutions: Some(solutions),
        prompts: Some(prompts),
    };
    parse_problems(files, "function").map_err(|error| error.to_string())
}

fn problems() -> Vec<Problem> {
    read(&files()).unwrap()
}

#[test]
fn the_six_files_make_problems() {
    let problems = problems();
    assert_eq!(problems.iter().map(|problem| problem.task_id.as_str()).collect::<Vec<_>>(), ["HumanEval/1", "mbpp/7"]);
    assert_eq!(problems[0].tests[1].arguments[0].to_json(), "12345678901234567890", "no digit is lost");
    assert_eq!(problems[1].stressful_tests, ["[[1]*9999]"]);
    assert_eq!(problems[1].ground_truths, ["a", "b"]);
    assert_eq!(problems[0].best_solution, "def solution(r): return 1");
}

#[test]
fn bad_files_name_file_line_and_field() {
    let table: [(usize, &str, &str, &str); 13] = [
        (0, "\"entry_point\":\"double\",", "", "function/data.json, line 3: `[1]`: missing field `entry_point`"),
        (0, "\"task_id\":7", "\"task_id\":[7]", "`[1].task_id`: expected a number or a string"),
        (0, "\"double\"", "\"dou ble\"", "`[1]`: `entry_point` is `dou ble`"),
        (0, "Double it.", "Triple it.", "function/testcases.json: `Triple it.`: no entry has this key"),
        (1, "[[4]]", "[[4],5]", "`Double it.`: `[0].output`: it must be a list of one value"),
        (1, "[[2]]", "2", "`[0].input`: it is not a list"),
        (1, "\"output\":[[4]]", "\"out\":1", "line 2: `Double it.[0]`: missing field `output`"),
        (2, "\"[[1]*9999]\",\"output\":null", "\"[[1]*9999]\",\"output\":[1]", "`[0].output` must be null"),
        (2, "\"[10**9]\"", "5", "function/stressful_testcases.json, line 1: "),
        (3, "return 2\",false", "return 2\",true", "standard input"),
        (4, "[\"a\",\"False\"]", "[\" \",\"False\"]", "solution 0 is empty"),
        (5, "Double it.", "Double", "function/prompts.json: the prompt of mbpp/7 is missing"),
        (0, "\"task_id\":7", "\"task_id\":\"HumanEval/1\"", "`[1]`: HumanEval/1 has the task or prompt of `[0]`"),
    ];
    for (file, from, to, want) in table {
        let mut changed = files();
        assert!(changed[file].contains(from), "{from}");
        changed[file] = changed[file].replace(from, to);
        let error = read(&changed).unwrap_err();
        assert!(error.contains(want), "{error}\nlacks {want}");
    }
    let mut twice = files();
    twice[2] = format!("{{{0}:[],{0}:[]}}", KEYS[1]);
    assert!(read(&twice).unwrap_err().contains("the key `Double it.` stands twice"));
    twice[2] = " ".into();
    assert!(read(&twice).unwrap_err().contains("stressful_testcases.json: it is empty"));
}

#[test]
fn a_sample_never_meets_an_answer() {
    use frugal_fuel::{Guest, Language};
    let guest = Guest { language: Language::Python, version: "cpython-3.14.0".into(), sha256: "0".repeat(64) };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let problem = &problems()[1];
    let source = "from __future__ import annotations\ndef double(x):\n    return 2 * x\n";
    let job = problem.correctness_job(&guest, source, 0).unwrap();
    assert_eq!(text(&job.prepare), "{\"arguments\":[[2]]}");
    for hidden in ["4", "solution", "9999"] {
        assert!(!text(&job.define).contains(hidden), "{hidden}");
    }
    assert!(
        text(&job.define).contains("annotations\\nimport sys as __sys; __sys.set_int_max"),
        "{}",
        text(&job.define)
    );
    let evaluate = problem.evaluate_job(&guest, 0).unwrap();
    assert_eq!(text(&evaluate.prepare), "{\"arguments\":[\"[[1]*9999]\",1024]}");
    assert!(!text(&evaluate.define).contains("double"));
    let arguments = problem.stressful_arguments(br#"{"value":{"t":[[1,1]]},"stdout":"","stderr":""}"#).unwrap();
    assert_eq!(arguments, "[[1,1]]");
    let job = problem.stressful_job(&guest, source, &arguments).unwrap();
    assert_eq!(text(&job.prepare), "{\"arguments\":[[1,1]]}");
    let right = |value: &str| {
        let reply = format!(r#"{{"value":{value},"stdout":"","stderr":""}}"#);
        problem.is_right(reply.as_bytes(), 0).unwrap()
    };
    assert!(right("[4]") && right("{\"t\":[4.0]}") && !right("4") && !right("[5]"));
    assert!(problem.is_right(b"[4]", 0).is_err() && problem.stressful_arguments(b"{}").is_err());
}

#[test]
fn predictions_of_both_forms_are_the_same() {
    let problems = problems();
    let object = format!(r#"{{{}:[["reply","other"],true],"No problem":[["x"],true]}}"#, KEYS[1]);
    let got = read_predictions(object.as_bytes(), "p.json", &problems).unwrap();
    assert_eq!(got.foreign_prompts, 1);
    let replies = vec![Prediction::Response("reply".into()), Prediction::Response("other".into())];
    assert_eq!(got.by_problem, [vec![], replies.clone()]);
    let lines = "{\"task_id\":\"mbpp/7\",\"response\":\"reply\"}\n\n{\"task_id\":7,\"response\":\"other\",\"x\":1}";
    let got = read_predictions(lines.as_bytes(), "p.jsonl", &problems).unwrap();
    assert_eq!(got.by_problem, [vec![], replies]);
    let line = format!("{{\"prompt\":{},\"solution\":\"code\"}}", KEYS[1]);
    let got = read_predictions(line.as_bytes(), "p.jsonl", &problems).unwrap();
    assert_eq!(got.by_problem[1][0].source(&problems[1]).unwrap(), "code");
}

/// Longer than what tells a file's form.
#[test]
fn a_long_first_line_tells_its_form_by_its_first_value() {
    let (problems, long) = (problems(), "x".repeat(1 << 19));
    let want = [vec![], vec![Prediction::Response(long.clone())]];
    let lines = format!("\u{feff}{{\"task_id\":\"mbpp/7\",\"response\":\"{long}\"}}\n");
    assert!(read_predictions(lines.as_bytes(), "p", &problems).unwrap().by_problem == want);
    let object = format!("\u{feff}{{ {} : [[\"{long}\"],true]}}", KEYS[1]);
    assert!(read_predictions(object.as_bytes(), "p", &problems).unwrap().by_problem == want);
    assert!(read_predictions(&object.as_bytes()[..object.len() - 1], "p", &problems).is_err());
}

#[test]
fn bad_predictions_name_line_and_field() {
    let error = |text: &str| read_predictions(text.as_bytes(), "p", &problems()).unwrap_err().to_string();
    assert!(error("").contains("empty") && error("{}").contains("none of its answers"));
    assert!(error("{\"Double it.\":\n[\"a\",true]}").contains("line 2: `Double it.[0]`: invalid type"));
    assert!(error("{\"Other\":[[\"a\"],true]}").contains("none of its answers"));
    let good = "{\"task_id\":7,\"response\":\"r\"}\n";
    let table = [
        ("{\"task_id\":8,\"response\":\"r\"}", "p, line 2: `task_id` is `mbpp/8`, which is no problem"),
        ("{\"task_id\":7}", "line 2: neither `response`"),
        ("{\"task_id\":7,\"response\":\"a\",\"solution\":\"b\"}", "line 2: both"),
        ("{\"task_id\":7,\"response\":[\"a\"]}", "line 2: `response`: invalid type"),
        ("{\"response\":\"a\"}", "line 2: neither `task_id` nor `prompt`"),
        ("{\"task_id\":null,\"prompt\":\"x\",\"response\":\"a\"}", "line 2: `prompt` is `x`"),
        ("nonsense", "line 2: "),
    ];
    for (line, want) in table {
        let error = error(&format!("{good}{line}"));
        assert!(error.contains(want), "{error}\nlacks {want}");
    }
}

fn extract(reply: &str) -> Result<String, NotExtracted> {
    extract_code(reply, &problems()[1])
}

#[test]
fn code_is_found_in_replies() {
    let want = "def double(x):\n    return 2 * x\n";
    let table = [
        "def double(x):\n    return 2 * x",
        "Sure!\n```python\ndef double(x):\n    return 2 * x\n```\nThat doubles it.",
        "```\ndef double(x):\n    return 2 * x\n```",
        "```python\ndef double(x):\n    return 2 * x\n", // never closed
        "1. Like so:\n   ```py\n   def double(x):\n       return 2 * x\n   ```\n",
        "Use:\n```bash\npip install x\n```\nThen:\n```python\ndef double(x):\n    return 2 * x\n```\n```python\nprint(double(2))\n```",
        "<|start_header_id|>assistant<|end_header_id|>\n\ndef double(x):\n    return 2 * x<|eot_id|>",
        "Here it is:\n\ndef double(x):\n    return 2 * x\n\nThis function doubles x. Note that it's fast.",
        "```python\ndef double(x):\n    return 2 * x\n\n# Test\nprint(double(2))\nassert double(1) == 2\n```",
        "```python\ndef double(x):\n    return 2 * x\n\nfor i in range(3):\n    print(double(i))\nresult = double(3)\nn = int(input())\n```",
        "```python\ndef double(x):\n    return 2 * x\n\nif __name__ == \"__main__\":\n    main()\nelse:\n    x = 1\n```",
    ];
    for reply in table {
        let got = extract(reply).unwrap();
        assert_eq!(got.replace("\n# Test\n", ""), want, "{reply}");
    }
}

#[test]
fn what_the_function_needs_stays() {
    let code = "import sys\nfrom typing import (\n    List,\n)\nsys.setrecursionlimit(10**6)\nMEMO = {}\n\n@cache\ndef double(x: List[int]):\n    \"\"\"Doubles.\n\nprint(\"no\")\n    \"\"\"\n    return helper(x)\n\ndef helper(x):\n    return 2 * x\n\nLIMIT: int = 5\ntable[0] = 'a'\ndouble = cache(double)\n";
    assert_eq!(extract(&format!("```python\n{code}```")).unwrap(), code);
    let lambda = "double = lambda x: 2 * x\n";
    assert_eq!(extract(&format!("```python\n{lambda}```")).unwrap(), lambda);
    let class = "class Solution:\n    def double(self): pass\n";
    assert_eq!(extract(&format!("```python\n{class}```")), Err(NotExtracted::NoEntryPoint));
}

#[test]
fn replies_without_the_function_say_so() {
    assert_eq!(extract(""), Err(NotExtracted::NoCode));
    assert_eq!(extract("I cannot do that."), Err(NotExtracted::NoCode));
    assert_eq!(extract("```python\ndef doubled(x): pass\n```"), Err(NotExtracted::NoEntryPoint));
    assert_eq!(extract("```python\n```"), Err(NotExtracted::NoCode));
}

#[test]
fn a_body_goes_into_the_function_of_the_prompt() {
    let problem = &problems()[0];
    let body = Prediction::Response("<|assistant|>    a = r * r\n    return math.pi * a\n".into());
    let want = "import math\n\ndef area(r):\n    \"\"\"Area.\"\"\"\n    a = r * r\n    return math.pi * a\n";
    assert_eq!(body.source(problem).unwrap(), want);
    let whole = Prediction::Response("```python\ndef area(r):\n    return math.pi * r * r\n```".into());
    assert_eq!(whole.source(problem).unwrap(), "import math\n\ndef area(r):\n    return math.pi * r * r\n");
}

#[test]
fn hostile_replies_are_only_text() {
    for reply in [
        "```",
        "``````",
        "\"\"\"",
        "def double(",
        "\\",
        "def double('\\",
        "<|",
        "<|a",
        "|>",
        "<||>",
        "((((",
        "é\u{1f600}\\é",
        "    ",
        "def double(\"é\\é\"",
        " ```python\n\u{a0}x\n```",
    ] {
        let _ = extract(reply);
        let _ = extract(&format!("```python\n{reply}"));
        let _ = Prediction::Response(reply.into()).source(&problems()[0]);
    }
}

#[test]
fn only_verdicts_on_contracts_are_read() {
    let problem = &problems()[0];
    let read = |value: &str, count| {
        let reply = format!("{{\"value\":{value},\"stdout\":\"\",\"stderr\":\"\"}}");
        problem.contract_verdicts(reply.as_bytes(), count).map_err(|error| error.to_string())
    };
    let broken = ContractVerdict::Broken { contract: 2, failure: "TypeError".to_owned() };
    assert_eq!(read(r#"[true,{"t":[2,"TypeError"]}]"#, 2), Ok(vec![ContractVerdict::Holds, broken]));
    for (value, count, why) in [
        ("[true]", 2, "1 verdicts instead of 2"),
        ("[false]", 1, "no verdict"),
        (r#"[{"t":[-1,"x"]}]"#, 1, "no verdict"),
        (r#"[{"t":[1]}]"#, 1, "no verdict"),
        (r#"[{"t":[18446744073709551616,"x"]}]"#, 1, "no verdict"),
        ("null", 1, "no list"),
    ] {
        let error = read(value, count).unwrap_err();
        assert!(error.contains("HumanEval/1") && error.contains(why), "{error}");
    }
}

/// Whole programs, whose solutions read standard input.
mod programs {
    use super::*;

    const DATA: &str = r#"[{"task_id":"f/0","dataset":"f","final_prompt":"Add."}]"#;
    const TESTS: &str = r#"{"Add.":[{"input":"1 2\n","output":"3 \n\n"}],"Other.":[]}"#;
    const GENERATORS: &str = r#"{"Add.":["def generate_input():\n    return '1 2'\n"]}"#;
    const BEST: &str = r#"{"Add.":["print(sum(map(int, input().split())))",true]}"#;

    fn read(data: &str, testcases: &str, stressful: &str, best: &str) -> Result<Vec<ProgramProblem>, String> {
        let [data, testcases, stressful_testcases, best_solutions] =
            [data, testcases, stressful, best].map(str::as_bytes);
        let files = ProgramFiles { data, testcases, stressful_testcases, best_solutions };
        parse_programs(files, "file").map_err(|error| error.to_string())
    }

    #[test]
    fn the_files_make_problems_and_bad_ones_are_named() {
        let problems = read(DATA, TESTS, GENERATORS, BEST).unwrap();
        assert_eq!((problems.len(), problems[0].tests.len(), problems[0].generators.len()), (1, 1, 1));
        for (wrong, says) in [
            (read("[]", TESTS, GENERATORS, BEST), "file/data.json: it holds no problems"),
            (read(DATA, "{}", GENERATORS, BEST), "file/testcases.json: `Add.` has no entry"),
            (read(DATA, TESTS, r#"{"Add.":[]}"#, BEST), "file/stressful_testcases.json: `Add.` has no entry"),
            (read(DATA, TESTS, GENERATORS, r#"{"Add.":["",true]}"#), "file/best_solutions.json: `Add.`"),
            (read(DATA, TESTS, r#"{"Add.":["a", 7]}"#, BEST), "file/stressful_testcases.json, line 1"),
            (
                read(&DATA.replace("[{", r#"[{"task_id":"f/0","final_prompt":"Add."},{"#), TESTS, GENERATORS, BEST),
                "f/0 has the task",
            ),
        ] {
            let said = wrong.unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn solutions_tell_the_level() {
        let of = |best: &str| level(best.as_bytes(), "b").map_err(|error| error.to_string());
        assert_eq!(of(BEST), Ok(Level::File));
        assert_eq!(of(r#"{"a":["x",false]}"#), Ok(Level::Function));
        assert!(of(r#"{"a":["x",false],"b":["y",true]}"#).unwrap_err().contains("1 of 2 solutions"));
        assert!(of(r#"{"a":["x"]}"#).is_err());
    }

    #[test]
    fn output_is_compared_by_lines() {
        let problem = read(DATA, TESTS, GENERATORS, BEST).unwrap().remove(0);
        let reply = |stdout: &str| {
            let text = serde_json::to_string(stdout).unwrap();
            format!("{{\"value\":null,\"stdout\":{text},\"stderr\":\"\"}}")
        };
        for (stdout, right) in [
            ("3", true),
            ("3\n", true),
            ("3  \r\n\n", true),
            (" 3", false),
            ("3\n4", false),
            ("", false),
            ("3 3", false),
        ] {
            assert_eq!(problem.is_right(reply(stdout).as_bytes(), 0).unwrap(), right, "{stdout:?}");
        }
        assert!(problem.is_right(b"{", 0).is_err());
    }

    #[test]
    fn programs_are_found_in_replies() {
        let program = |reply: &str| extract_program(reply).map_err(|error| error.to_string());
        let code = "n = int(input())\nprint(n)\n";
        for reply in [
            format!("Sure:\n```python\n{code}```\nIt prints.\n```\n3\n```"),
            code.to_owned(),
            format!("Here it is.\n\n{code}\nThis reads a number.\n"),
            format!("<|assistant|>\n```\n{code}"),
        ] {
            assert_eq!(program(&reply).as_deref(), Ok(code), "{reply}");
        }
        for none in ["", "I cannot.", "```\n\n```"] {
            assert_eq!(program(none), Err("the reply holds no code".to_owned()), "{none}");
        }
    }
}
