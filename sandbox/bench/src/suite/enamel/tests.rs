#![allow(clippy::unwrap_used)]
use frugal_fuel::{Guest, Language};

use super::*;

const HEADER: &str = "task_id,prompt,input_generator,input_levels,reference_solution,checker,entry_point\n";
const ROW: &str = "HumanEval/7,\"def f(x):\n    \"\"\"\"\"\"x\"\"\"\"\"\"\",g,1 20 300 4000,    return x\n,c,f\n";

fn problem() -> Problem {
    parse_problems(format!("{HEADER}{}", ROW.replace("return x\n,", "return x,")).as_bytes(), "e.csv")
        .unwrap()
        .remove(0)
}

fn guest() -> Guest {
    Guest { language: Language::Python, version: "cpython-3.14.0".into(), sha256: "0".repeat(64) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn rows_with_newlines_are_read() {
    let problem = problem();
    assert_eq!(problem.prompt, "def f(x):\n    \"\"\"x\"\"\"");
    assert_eq!((problem.number, problem.level_sizes.len()), (7, 4));
}

#[test]
fn bad_files_name_line_and_field() {
    let message = |text: &str| parse_problems(text.as_bytes(), "e.csv").unwrap_err().to_string();
    assert!(message("task_id,prompt\n").contains("column `input_generator` is missing"));
    assert!(message(HEADER).contains("no problems"));
    let second = format!("{HEADER}HumanEval/1,p,g,1,r,c,f\nHumanEval/2,p,g,1,r,,f\n");
    assert_eq!(message(&second), "e.csv, line 3: `checker` is empty");
    let sizes = format!("{HEADER}HumanEval/1,p,g,1 -2,r,c,f\n");
    assert!(message(&sizes).contains("`input_levels` is `1 -2`"));
    assert!(message(&format!("{HEADER}a,b\n")).contains("line 2"));
    assert!(message(&format!("{HEADER}{0}{0}", "HumanEval/1,p,g,1,r,c,f\n")).contains("stands twice"));
    assert!(message(&format!("{HEADER}HumanEval,p,g,1,r,c,f\n")).contains("`task_id`"));
}

#[test]
fn subsets() {
    let all: Vec<Problem> =
        (0..164).map(|number| Problem { task_id: format!("HumanEval/{number}"), number, ..problem() }).collect();
    assert_eq!(select(all.clone(), &Subset::Default).unwrap().len(), 142);
    let own: Vec<Problem> =
        all.iter().map(|p| Problem { task_id: format!("Frugal/{}", p.number), ..p.clone() }).collect();
    assert_eq!(select(own, &Subset::Default).unwrap().len(), 164);
    let ids = Subset::Ids(vec!["HumanEval/5".into(), "HumanEval/2".into()]);
    let picked: Vec<u32> = select(all.clone(), &ids).unwrap().iter().map(|problem| problem.number).collect();
    assert_eq!(picked, [2, 5]);
    let error = select(all, &Subset::Ids(vec!["HumanEval/999".into()])).unwrap_err().to_string();
    assert!(error.contains("HumanEval/999") && error.contains("HumanEval/0"), "{error}");
}

#[test]
fn a_body_and_a_whole_function_are_one_text() {
    let problem = problem();
    let whole = format!("{}\n{}", problem.prompt, "    return x\n");
    assert_eq!(call_source(&problem.prompt, &whole), problem.reference_source());
    assert_eq!(call_source(&problem.prompt, "    return x"), problem.reference_source());
    // other text is kept as it is, after the prompt
    assert_eq!(call_source("def f():", "def f(): return 1\n"), "def f():\ndef f(): return 1\n");
}

#[test]
fn seeds_follow_the_published_rule() {
    let seeding = Seeding { seed: 998_244_353, tests_per_level: &[8, 4, 4, 4] };
    let job = problem().generate_job(&guest(), 1, seeding).unwrap();
    let seeds: Vec<String> = (8..12).map(|at| (998_244_353_u32 ^ 7 ^ at).to_string()).collect();
    assert_eq!(text(&job.prepare), format!("{{\"arguments\":[20,1,[{}]]}}", seeds.join(",")));
}

#[test]
fn a_sample_never_meets_checker_reference_or_answer() {
    let problem = Problem { checker: "CHECKER".into(), reference: "REFERENCE".into(), ..problem() };
    let job = problem.call_job(&guest(), &call_source(&problem.prompt, "    return 2"), "[1]").unwrap();
    let sent = text(&job.define) + &text(&job.prepare);
    assert!(
        !sent.contains("CHECKER") && !sent.contains("REFERENCE") && sent.contains("\"hide\":[\"print\",\"input\"]")
    );
    let check = problem.check_job(&guest(), [("[1]", "2", "{\"o\":{}}")]).unwrap();
    assert!(!text(&check.define).contains("return 2"));
    assert_eq!(text(&check.prepare), "{\"arguments\":[[{\"t\":[{\"t\":[1]},2,{\"o\":{}}]}]]}");
}

#[test]
fn replies_keep_long_integers() {
    let problem = problem();
    let reply = br#"{"value":[{"t":[123456789012345678901234567890,1.0]},{"t":[[]]}],"stdout":"","stderr":""}"#;
    assert_eq!(problem.inputs(reply, 2).unwrap(), ["[123456789012345678901234567890,1.0]", "[[]]"]);
    assert!(problem.inputs(reply, 3).is_err() && problem.inputs(b"{}", 2).is_err());
    assert_eq!(problem.output(br#"{"value": {"t":[1]},"stdout":"","stderr":""}"#).unwrap(), "{\"t\":[1]}");
    let verdicts = problem.verdicts(br#"{"value":[true,false,"TypeError"],"stdout":"","stderr":""}"#, 3).unwrap();
    assert_eq!(verdicts, [CaseVerdict::Right, CaseVerdict::Wrong, CaseVerdict::Raised("TypeError".into())]);
    assert!(problem.verdicts(br#"{"value":[1],"stdout":"","stderr":""}"#, 1).is_err());
}

#[test]
fn only_equal_texts_under_the_plain_checker_are_evidently_right() {
    let checker = "def __check(input, answer, output):\n    return type(output) == type(answer) and output == answer\n";
    let plain = Problem { checker: checker.into(), ..problem() };
    assert!(plain.is_evidently_right("[1,\"a\"]", "[1,\"a\"]"));
    for (answer, output) in
        [("1", "true"), ("1", "1.0"), ("{\"n\":\"NaN\"}", "{\"n\":\"NaN\"}"), ("[{\"o\":{}}]", "[{\"o\":{}}]")]
    {
        assert!(!plain.is_evidently_right(answer, output), "{answer} {output}");
    }
    assert!(!problem().is_evidently_right("1", "1"), "another checker decides for itself");
}
