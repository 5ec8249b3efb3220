#![allow(clippy::unwrap_used)]

use frugal_fuel::{Guest, Job, Language, Limits};

use crate::*;

fn guest() -> Guest {
    Guest { language: Language::Python, version: "cpython-3.14.0".into(), sha256: "0".repeat(64) }
}

#[test]
fn tagged_values_survive_a_round_trip() {
    let big = "123456789012345678901234567890123456789";
    let text = format!(
        r#"[null,true,{big},-{big},9223372036854775807,1.5,-0.0,1e300,{{"n":"NaN"}},{{"n":"-Infinity"}},"é\"\\\n",{{"u":[55296,120]}},{{"t":[1,{{"t":[]}}]}},{{"d":[["a",[1]],[2,null]]}},{{"s":[1]}},{{"f":[]}},{{"b":"00ff"}},{{"c":[0.5,{{"n":"NaN"}}]}},{{"o":{{"type":"range","repr":"range(0, 3)"}}}}]"#
    );
    let value = Tagged::from_json(text.as_bytes()).unwrap();
    assert_eq!(value.to_json(), text);
    let Tagged::List(items) = &value else { panic!("a list") };
    assert_eq!(items[2].to_json(), big);
    assert!(matches!(items[6], Tagged::Float(zero) if zero == 0.0 && zero.is_sign_negative()));
}

#[test]
fn hostile_json_is_refused_with_its_place() {
    let deep = format!("{}1{}", "[".repeat(201), "]".repeat(201));
    let deeper = "[".repeat(5_000_000);
    let cases: &[(&str, &str)] = &[
        ("", "expected a value"),
        ("[1,]", "expected a value"),
        ("[1 2]", "expected `]`"),
        ("01", "without leading zeros"),
        ("1e999", "does not fit a float"),
        ("NaN", "expected a value"),
        ("1.", "after the decimal point"),
        ("\"\\ud800\"", "half of a surrogate pair"),
        ("\"a", "without end"),
        ("\"\u{1}\"", "control character"),
        ("{}", "expected `\"`"),
        ("{\"a\":1}", "no value has this tag"),
        ("{\"t\":[1],\"t\":[2]}", "expected `}`"),
        ("{\"o\":{\"type\":\"a\",\"type\":\"b\"}}", "each once"),
        ("{\"b\":\"0\"}", "pairs of hexadecimal digits"),
        ("{\"d\":[[1,2,3]]}", "expected `]`"),
        ("{\"u\":[1114112]}", "code point"),
        ("1 1", "expected the end"),
        (&deep, "more than 200 levels"),
        (&deeper, "more than 200 levels"),
    ];
    for (text, message) in cases {
        let error = Tagged::from_json(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{}: {error}", &text[..text.len().min(40)]);
    }
    assert_eq!(Tagged::from_json(b"[\xff]").unwrap_err().offset, 1);
    assert!(Tagged::from_json(format!("{}1{}", "[".repeat(200), "]".repeat(200)).as_bytes()).is_ok());
}

#[test]
fn replies_are_split_without_taking_the_value_apart() {
    let bytes = br#"{"value":{"t":[[1,2],"}"]},"stdout":"a\u00e9\n","stderr":""}"#;
    let raw = RawReply::from_json(bytes).unwrap();
    assert_eq!((raw.value, raw.items()), (r#"{"t":[[1,2],"}"]}"#, Some(r#"[[1,2],"}"]"#)));
    let reply = GuestReply::from_json(bytes).unwrap();
    assert_eq!((reply.value.to_python().as_str(), reply.stdout.as_str()), ("([1, 2], '}')", "aé\n"));
    for bad in [
        &br#"{"value":1,"value":2,"stdout":"","stderr":""}"#[..],
        br#"{"value":1,"stdout":""}"#,
        br#"{"value":1,"stdout":"","stderr":""}x"#,
        b"[]",
    ] {
        assert!(RawReply::from_json(bad).is_err());
    }
    let deep = format!("{{\"value\":{}{},\"stdout\":\"\",\"stderr\":\"\"}}", "[".repeat(300_000), "]".repeat(300_000));
    assert!(RawReply::from_json(deep.as_bytes()).is_ok(), "skipping needs no recursion");
    assert!(GuestReply::from_json(deep.as_bytes()).is_err());
}

#[test]
fn values_compare_as_python_compares_them_type_by_type() {
    let same = |a: &str, b: &str| parse_arguments(a).unwrap()[0].same_value(&parse_arguments(b).unwrap()[0]);
    assert!(same("[{1, 2}]", "[{2, 1}]"));
    assert!(same("[{'a': 1, 'b': 2}]", "[{'b': 2, 'a': 1}]"));
    assert!(same("[0.0]", "[-0.0]"));
    assert!(same("[{(1, 0.0)}]", "[{(1, -0.0)}]"));
    for (a, b) in [("[1]", "[1.0]"), ("[1]", "[True]"), ("[nan]", "[nan]"), ("[[1]]", "[(1,)]"), ("[{1}]", "[{1, 2}]")]
    {
        assert!(!same(a, b), "{a} {b}");
    }
    let opaque = Tagged::Opaque { type_name: "range".into(), repr: "range(3)".into() };
    assert!(!opaque.same_value(&opaque));
    assert_eq!(opaque.to_python(), "<range: range(3)>");
    let bare = Tagged::Opaque { type_name: "m.C".into(), repr: "<m.C object>".into() };
    assert_eq!(bare.to_python(), "<m.C object>");
}

#[test]
fn arguments_are_read_in_json_and_python_notation() {
    let text = r#"[1, -2.5e-3, "a\u00e9\ud83d\ude00", 'q"', (2,), (3), {"k": [null, true, None]}, {1, 2}, b'\x00z', -Infinity, set(), frozenset([1]), {}]"#;
    let values = parse_arguments(text).unwrap();
    let printed = Tagged::List(values.clone()).to_python();
    let expected = r#"[1, -0.0025, 'aé😀', 'q"', (2,), 3, {'k': [None, True, None]}, {1, 2}, b'\x00z', -inf, set(), frozenset({1}), {}]"#;
    assert_eq!(printed, expected);
    assert_eq!(parse_arguments(&printed).unwrap(), values);
    assert_eq!(parse_arguments("[{\"t\": [1]}]").unwrap()[0].to_python(), "{'t': [1]}");
}

#[test]
fn bad_arguments_are_refused_with_their_place() {
    let deep = "[".repeat(100_000);
    for (text, message) in [
        ("", "expected a value"),
        ("5", "not a list"),
        ("[1", "expected `,` or `]`"),
        ("[1] 2", "something follows"),
        ("[foo]", "`foo` is no value"),
        ("[1e999]", "does not fit a float"),
        ("[1.2.3]", "is no number"),
        ("[{'a': 1, 'a': 2}]", "stands twice"),
        ("[{1, 1}]", "stands twice"),
        ("['\\ud800']", "half of a surrogate pair"),
        ("['a", "without end"),
        ("[b'é\u{100}']", "up to \\xff"),
        (deep.as_str(), "more than 200 levels"),
    ] {
        let error = parse_arguments(text).unwrap_err().to_string();
        assert!(error.contains(message), "{}: {error}", &text[..text.len().min(20)]);
    }
}

#[test]
fn floats_print_as_python_prints_them() {
    for (value, text) in [
        (0.1, "0.1"),
        (1e16, "1e+16"),
        (123_456_789_012_345.6, "123456789012345.6"),
        (9_999_999_999_999_998.0, "9999999999999998.0"),
        (0.0001, "0.0001"),
        (0.000_01, "1e-05"),
        (1.5e-7, "1.5e-07"),
        (-0.0, "-0.0"),
        (5e-324, "5e-324"),
        (f64::INFINITY, "inf"),
    ] {
        assert_eq!(Tagged::Float(value).to_python(), text);
    }
    assert_eq!(Tagged::Complex(0.0, 1.0).to_python(), "1j");
    assert_eq!(Tagged::Complex(1.0, -2.5).to_python(), "(1-2.5j)");
}

#[test]
fn jobs_hold_the_requests_of_the_guest() {
    let values = parse_arguments("[1, (2, \"x\")]").unwrap();
    let job = python::function_job(&guest(), "def f(a, b):\n  return \"\\n\"", "f", &values, &["print"]).unwrap();
    assert_eq!(
        String::from_utf8(job.define).unwrap(),
        r#"{"source":"def f(a, b):\n  return \"\\n\"","mode":"function","entry":"f","filename":"main.py","hide":["print"]}"#
    );
    assert_eq!(job.prepare, br#"{"arguments":[1,{"t":[2,"x"]}]}"#);
    let raw = python::function_job_raw(&guest(), "", "f", "[1]", &[]).unwrap();
    assert_eq!(raw.prepare, br#"{"arguments":[1]}"#);
    let program = python::program_job(&guest(), "print()", "a\n\u{1}").unwrap();
    assert_eq!(program.prepare, br#"{"stdin":"a\n\u0001"}"#);
    assert!(matches!(python::function_job(&guest(), "", "f()", &[], &[]), Err(RequestError::Entry { .. })));
    assert!(matches!(python::function_job(&guest(), "", "", &[], &[]), Err(RequestError::Entry { .. })));
    assert!(matches!(javascript::program_job(&guest(), "", ""), Err(RequestError::Language { .. })));
    assert!(matches!(javascript::function_job_raw(&guest(), "", "f", "[1]", &[]), Err(RequestError::Language { .. })));
    let long = "#".repeat((4 << 20) + 1);
    assert!(matches!(python::program_job(&guest(), &long, ""), Err(RequestError::SourceTooLarge { .. })));
}

#[test]
fn failures_are_read() {
    let text = r#"{"type":"ValueError","message":"bad \"phase\":\"call\"","traceback":"T","phase":"call"}"#;
    let failure = GuestFailure::from_json(text).unwrap();
    assert_eq!(failure.to_string(), "ValueError: bad \"phase\":\"call\"");
    assert!(GuestFailure::from_json("{}").is_err());
}

#[test]
fn job_keys_depend_on_every_part() {
    let limits = Limits::default();
    let job = |source: &str, input: &str| Job::Guest(python::program_job(&guest(), source, input).unwrap());
    let base = job_key(&job("a", "b"), &limits, "fuel-1");
    assert_eq!(base, job_key(&job("a", "b"), &limits, "fuel-1"));
    let others = [
        job_key(&job("ab", ""), &limits, "fuel-1"),
        job_key(&job("a", "c"), &limits, "fuel-1"),
        job_key(&job("a", "b"), &limits, "fuel-2"),
        job_key(&job("a", "b"), &Limits { call_depth: 5_000, ..limits }, "fuel-1"),
    ];
    for other in &others {
        assert!(*other != base && other.len() == 64);
    }
}

#[test]
fn the_manifest_of_this_project_is_readable() {
    let bytes = include_bytes!("../../../public/guests/manifest.json");
    let manifest = Manifest::from_json(bytes).unwrap();
    assert_eq!(manifest.guest(Language::Python).unwrap().version, "cpython-3.14.0");
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let digest = &manifest.guests[0].sha256;
    for (from, to) in [(digest.as_str(), "xyz"), ("\"python\"", "\"perl\""), (".wasm.br", "/../x")] {
        assert!(Manifest::from_json(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
    assert!(Manifest::from_json(b"{}").is_err());
}
