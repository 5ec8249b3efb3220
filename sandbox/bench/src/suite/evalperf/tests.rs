#![allow(clippy::unwrap_used)]
use std::io::Write;

use super::*;

const TASK: &str = r#"{"task_id":"Mbpp_3","reference":["def f(x): return 1","def f(x): return 2"],"scores":[40,100.0],"pe_input":[[[1,2],"a"]],"extra":0}"#;

fn tasks(text: &[u8]) -> Result<Vec<Task>, String> {
    parse_tasks(text, "e.jsonl").map_err(|error| error.to_string())
}

/// The same in chunks of `size` bytes.
fn tasks_in_chunks(text: &[u8], size: usize) -> Result<Vec<Task>, String> {
    let (mut reader, mut tasks) = (TaskReader::new("e.jsonl"), Vec::new());
    let failed = |error: crate::BenchError| error.to_string();
    for chunk in text.chunks(size) {
        reader.push(chunk, &mut |task| tasks.push(task)).map_err(failed)?;
    }
    reader.finish(&mut |task| tasks.push(task)).map_err(failed)?;
    Ok(tasks)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn plain_and_compressed_lines_are_the_same_tasks() {
    let text = format!("{TASK}\n\n{}", TASK.replace("Mbpp_3", "HumanEval/9"));
    let plain = tasks(text.as_bytes()).unwrap();
    assert_eq!(plain.len(), 2);
    assert_eq!((plain[0].task_id.as_str(), plain[1].task_id.as_str()), ("Mbpp/3", "HumanEval/9"));
    assert_eq!((plain[0].arguments_json.as_str(), &plain[0].scores[..]), (r#"[[1,2],"a"]"#, &[40.0, 100.0][..]));
    assert_eq!(tasks(&gzip(text.as_bytes())).unwrap(), plain);
    // two members, one after the other
    let mut members = gzip(format!("{TASK}\n").as_bytes());
    members.extend(gzip(TASK.replace("Mbpp_3", "HumanEval/9").as_bytes()));
    assert_eq!(tasks(&members).unwrap(), plain);
    // with a name, a comment and more in the header, as tools write it
    let builder = flate2::GzBuilder::new().filename("tasks.jsonl").comment("made").extra([1, 2, 3]);
    let mut named = builder.write(Vec::new(), flate2::Compression::best());
    named.write_all(text.as_bytes()).unwrap();
    let named = named.finish().unwrap();
    for size in [1, 2, 3, 7, 64, 1000] {
        assert_eq!(tasks_in_chunks(text.as_bytes(), size).unwrap(), plain, "chunks of {size}");
        assert_eq!(tasks_in_chunks(&members, size).unwrap(), plain, "members, chunks of {size}");
        assert_eq!(tasks_in_chunks(&named, size).unwrap(), plain, "named, chunks of {size}");
    }
}

#[test]
fn damaged_compression_is_an_error() {
    let whole = gzip(TASK.as_bytes());
    for end in 0..whole.len() {
        assert!(tasks(&whole[..end]).is_err(), "cut at {end}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        let _ = tasks(&changed); // header fields that say nothing of the data may change
        if at >= 10 {
            assert!(tasks(&changed).is_err(), "changed at {at}");
        }
    }
    let mut more = whole.clone();
    more.extend(b"tail");
    assert!(tasks(&more).unwrap_err().contains("no gzip member begins here"));
}

#[test]
fn the_function_is_the_one_that_all_references_define() {
    let entry_point = |from: &str, to: &str| {
        assert!(TASK.contains(from));
        tasks(TASK.replace(from, to).as_bytes()).unwrap()[0].entry_point.clone()
    };
    assert_eq!(entry_point("extra", "extra").as_deref(), Some("f"));
    assert_eq!(entry_point("def f(x): return 2", "def g(x):\\n  1\\ndef f (y): return 2").as_deref(), Some("f"));
    assert_eq!(entry_point("def f(x): return 2", "def g(x): return 2"), None);
    assert_eq!(entry_point("\"extra\":0", "\"entry_point\":\"given\"").as_deref(), Some("given"));
    let two = TASK.replace("return 1", "return 1\\ndef g(): 0").replace("return 2", "return 2\\ndef g(): 0");
    assert_eq!(tasks(two.as_bytes()).unwrap()[0].entry_point, None);
}

#[test]
fn samples_keep_their_order() {
    let text = "{\"task_id\":\"Mbpp_3\",\"solution\":\"a\"}\n\n{\"task_id\":\"HumanEval/9\",\"solution\":\"b\"}\n\
                {\"task_id\":\"Mbpp/3\",\"solution\":\"c\",\"x\":0}";
    let want = vec![("Mbpp/3".to_owned(), vec!["a".to_owned(), "c".into()]), ("HumanEval/9".into(), vec!["b".into()])];
    assert_eq!(read_samples(text.as_bytes(), "s").unwrap(), want);
    let table = [
        ("{\"task_id\":\"Mbpp/4\"}", "`solution` is missing"),
        ("{\"task_id\":\"Mbpp/4\",\"completion\":\"x\"}", "`completion` continues a prompt"),
        ("{\"task_id\":\"Mbpp/4\",\"solution\":[\"x\"]}", "`solution`: invalid type"),
        ("{\"task_id\":\"Mbpp\",\"solution\":\"x\"}", "`task_id` is `Mbpp`"),
        ("{\"task_id\":4,\"solution\":\"x\"}", "`task_id`: invalid type"),
    ];
    for (line, want) in table {
        let error = read_samples(format!("{text}\n{line}").as_bytes(), "s").unwrap_err().to_string();
        assert!(error.starts_with("s, line 5: ") && error.contains(want), "{error}");
    }
    assert!(read_samples(&b"\n"[..], "s").unwrap_err().to_string().contains("no samples"));
}

#[test]
fn folders_and_zips_are_samples_too() {
    let files: [(&str, &[u8]); 6] = [
        ("r/Mbpp_10/0.py", b"d"),
        ("r/Mbpp_3/10.py", b"c"),
        ("r/Mbpp_3/2.py", b"b"),
        ("r/HumanEval_9/0.py", b"a"),
        ("r/Mbpp_03/0.py", b"no plain number"),
        ("r/notes.txt", b"\xff"),
    ];
    let task = |id: &str, codes: &[&str]| (id.to_owned(), codes.iter().map(|code| (*code).to_owned()).collect());
    let want = vec![task("HumanEval/9", &["a"]), task("Mbpp/3", &["b", "c"]), task("Mbpp/10", &["d"])];
    assert_eq!(parse_folder(files, "r").unwrap(), want);
    let twice: [(&str, &[u8]); 2] = [("a/Mbpp_3/0.py", b"a"), ("b/Mbpp_3/0.py", b"b")];
    assert!(parse_folder(twice, "r").unwrap_err().to_string().contains("b/Mbpp_3/0.py: this sample stands twice"));
    assert!(parse_folder([("r/Mbpp_3/0.py", &b"\xff"[..])], "r").unwrap_err().to_string().contains("not UTF-8"));
    assert!(parse_folder(files[4..].iter().copied(), "r").unwrap_err().to_string().contains("no file like Mbpp_3"));
    let zip: &[u8] = include_bytes!("../../../../../tests/vectors/enamel-small/samples.zip");
    let read = read_samples(zip, "s.zip").unwrap();
    assert_eq!((read.len(), read[0].0.as_str()), (10, "Frugal/0"));
    assert!(read_samples(&zip[..zip.len() / 2], "s.zip").unwrap_err().to_string().starts_with("s.zip"));
}

#[test]
fn bad_lines_name_line_and_field() {
    let second = |line: &str| tasks(format!("{TASK}\n{line}").as_bytes()).unwrap_err();
    let other = TASK.replace("Mbpp_3", "Mbpp/4");
    let table = [
        (TASK.to_owned(), "`task_id` Mbpp/3 stands twice"),
        ("nonsense".to_owned(), "expected"),
        (other.replace("\"reference\"", "\"ref\""), "missing field `reference`"),
        (other.replace("\"def f(x): return 2\"", "5"), "`reference[1]`: invalid type: integer `5`"),
        (other.replace("[40,100.0]", "[40]"), "`reference` has 2 entries, but `scores` 1"),
        (other.replace("[40,100.0]", "[40,101]"), "`scores` holds 101"),
        (other.replace("[40,100.0]", "[100,40]"), "`scores` falls from 100 to 40"),
        (other.replace("[40,100.0]", "[40,NaN]"), "expected value"),
        (other.replace("[[[1,2],\"a\"]]", "[[1],[2]]"), "`pe_input` must be a list of one list"),
        (other.replace("[[[1,2],\"a\"]]", "\"[1]\""), "`pe_input` must be a list of one list"),
        (other.replace("Mbpp/4", "Mbpp"), "`task_id` is `Mbpp`"),
        (other.replace("def f(x): return 2", " "), "`reference[1]` is empty"),
    ];
    for (line, want) in table {
        let error = second(&line);
        assert!(error.starts_with("e.jsonl, line 2: ") && error.contains(want), "{error}\nlacks {want}");
    }
    assert!(tasks(b"").unwrap_err().contains("no tasks") && tasks(b"\n \n").unwrap_err().contains("no tasks"));
    let compressed = gzip(TASK.as_bytes());
    assert!(tasks(&compressed[..compressed.len() / 2]).unwrap_err().contains("end too early"));
}

#[test]
fn a_line_too_long_is_refused_before_it_is_held() {
    let line = format!("{TASK}\n");
    let mut fits = TaskReader::with_line_limit("e", line.len());
    assert!(fits.push(line.as_bytes(), &mut |_| ()).is_ok());
    let mut endless = TaskReader::with_line_limit("e", 1000);
    let error = (0..1000).find_map(|_| endless.push(&[b' '; 64], &mut |_| ()).err()).unwrap();
    assert_eq!(error.to_string(), "e, line 1: the line has more than 1000 bytes");
    // 64 MiB of blanks in 64 KiB
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let mut packed = TaskReader::with_line_limit("e", 1000);
    assert!(packed.push(&bomb, &mut |_| ()).unwrap_err().to_string().contains("more than 1000 bytes"));
    assert!(endless.held_bytes() <= 2048 && packed.held_bytes() <= 2048);
}

#[test]
fn memory_is_that_of_one_line() {
    let input = "7,".repeat(32 * 1024);
    let line = |number: u32| {
        let task = TASK.replace("Mbpp_3", &format!("Mbpp/{number}")).replace("[1,2]", &format!("[{input}7]"));
        format!("{task}\n").into_bytes()
    };
    let (mut reader, mut count) = (TaskReader::new("e"), 0);
    for number in 0..1024 {
        reader.push(&line(number), &mut |_| count += 1).unwrap();
    }
    assert_eq!(count, 1024);
    assert!(reader.held_bytes() < 256 * 1024, "{} bytes held of 64 MiB read", reader.held_bytes());
}

const BRIEF: &str = r#"{"date":"d","config":{"n_samples":10,"temperature":1.0,"min_correct":2,"max_profile":4},
"summary":{"dps":50.0,"dps_norm":25.0,"pass@1":30.0},
"eval":{"HumanEval/9":{"dps":50.0,"dps_norm":25.0,"pass@1":60.0,"profiled":[{"solution":"s","matching_cluster_idx":3},
{"solution":"t","matching_cluster_idx":-1}]},
"Mbpp/3":{"dps":null,"dps_norm":null,"pass@1":0.0,"profiled":[]}}}"#;

#[test]
fn brief_results_are_read() {
    let results = parse_brief_results(BRIEF.as_bytes(), "b.json").unwrap();
    assert_eq!((results.config.max_profile, results.summary.pass_at_1_pct), (4, 30.0));
    let clusters: Vec<_> = results.tasks[0].1.profiled.iter().map(|sample| sample.cluster).collect();
    assert_eq!(clusters, [Some(3), None]);
    assert_eq!((results.tasks[1].0.as_str(), results.tasks[1].1.dps), ("Mbpp/3", None));
}

#[test]
fn bad_results_name_line_and_field() {
    let error = |from: &str, to: &str| {
        assert!(BRIEF.contains(from));
        parse_brief_results(BRIEF.replace(from, to).as_bytes(), "b.json").unwrap_err().to_string()
    };
    let table = [
        (
            "\"matching_cluster_idx\":-1",
            "\"matching_cluster_idx\":-2",
            "b.json, line 4: `eval.HumanEval/9.profiled[1].matching_cluster_idx`: -2 is no",
        ),
        ("\"dps\":null", "\"dps\":\"x\"", "line 5: `eval.Mbpp/3.dps`: invalid type"),
        ("\"dps\":null,", "", "missing field `dps`"),
        ("\"dps\":null", "\"dps\":1.0", "`eval.Mbpp/3` has one of `dps` and `dps_norm`"),
        ("\"pass@1\":60.0", "\"pass@1\":600.0", "`eval.HumanEval/9.pass@1` is 600"),
        ("Mbpp/3", "HumanEval/9", "the key `HumanEval/9` stands twice"),
        ("\"max_profile\":4", "\"max_profile\":-4", "line 1: `config.max_profile`"),
    ];
    for (from, to, want) in table {
        let error = error(from, to);
        assert!(error.contains(want), "{error}\nlacks {want}");
    }
    assert!(parse_brief_results(b"  ", "b.json").unwrap_err().to_string().contains("empty"));
    assert!(parse_brief_results(b"[]", "b.json").is_err());
    let none = r#"{"date":"d","config":{"n_samples":1,"temperature":1,"min_correct":2,"max_profile":4},"summary":{"dps":5,"dps_norm":2,"pass@1":3},"eval":{}}"#;
    assert!(parse_brief_results(none.as_bytes(), "b").unwrap_err().to_string().contains("no tasks"));
}

const POOL: &str = r#"{"task_id":"Mbpp_7","entry_point":"f","canonical_solution":"def f(a): ...","contract":"def contract(a): ...","generators":["def perf_input_gen(n): ..."],"solutions":["A","B"]}"#;

#[test]
fn pools_are_read_and_malformed_ones_name_their_line() {
    let two = format!("{POOL}\n\n{}\n", POOL.replace("Mbpp_7", "Mbpp/8"));
    let pools = parse_pools(two.as_bytes(), "p").unwrap();
    assert_eq!((pools[0].task_id.as_str(), pools[1].solutions.len()), ("Mbpp/7", 2));
    let error = |line: &str| parse_pools(format!("{POOL}\n{line}").as_bytes(), "p").unwrap_err().to_string();
    assert!(error(POOL).contains("line 2: `task_id` Mbpp/7 stands twice"), "{}", error(POOL));
    let other = POOL.replace("Mbpp_7", "Mbpp/8");
    assert!(error(&other.replace(r#"["A","B"]"#, "[]")).contains("`solutions` is empty"));
    assert!(error(&other.replace(r#"["A","B"]"#, r#"["A",1]"#)).contains("line 2: `solutions[1]`"));
    assert!(error(&other.replace(r#"["def perf_input_gen(n): ..."]"#, "[]")).contains("give one at least"));
    assert!(error(&other.replace("contract", "contrakt")).contains("unknown field"));
    assert!(error("{").contains("line 2"));
    assert!(parse_pools(b"\n", "p").unwrap_err().to_string().contains("no pools"));
}

#[test]
fn arguments_are_a_tuple_whose_integers_are_measured() {
    let pool = &parse_pools(POOL.as_bytes(), "p").unwrap()[0];
    let arguments =
        |value: &str| pool.arguments(format!("{{\"value\":{value},\"stdout\":\"\",\"stderr\":\"\"}}").as_bytes());
    let fit = arguments(r#"{"t":[[1,{"t":[2]}],"x"]}"#).unwrap();
    assert!(fit.integers_fit && fit.tagged_json == r#"[[1,{"t":[2]}],"x"]"#);
    let line = pool.task_line(&fit, &["A"], &[100.0]).unwrap();
    let task = &parse_tasks(line.as_bytes(), "t").unwrap()[0];
    assert_eq!((task.arguments_json.as_str(), task.entry_point.as_deref()), (r#"[[1,[2]],"x"]"#, Some("f")));
    assert!(arguments("[1]").is_err(), "a list is no tuple");
    assert!(arguments("7").is_err());
    let big = arguments(r#"{"t":[[9223372036854775808]]}"#).unwrap();
    assert!(!big.integers_fit && pool.task_line(&big, &["A"], &[100.0]).is_err());
}
