use super::super::{HEADER_BYTES_MAX, Stream, TensorProblem, WeightsError};
use super::files::{read, safetensors, with_header};
use super::problem;

const ONE: &str = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

fn fault(header: &str, data_bytes: usize) -> WeightsError {
    let file = with_header(header, &vec![0; data_bytes]);
    read(&file, 7).expect_err(header)
}

fn is_header_fault(error: &WeightsError, words: &str) -> bool {
    matches!(error, WeightsError::Header { problem, .. } if problem.contains(words))
}

#[test]
fn a_file_that_ends_anywhere_is_truncated() {
    let file = safetensors(&[("a", "F32", &[2, 2], &[1; 16]), ("b", "F32", &[1], &[1; 4])]);
    for length in 0..file.len() {
        // The edge knows the length from the folder, and the bytes end there.
        let short = read(&file[..length], 3).expect_err("short");
        // The edge was told the whole length, and the connection broke.
        let mut stream = Stream::new("f", file.len() as u64);
        stream.push(&file[..length], &mut |_, _| Ok(())).unwrap();
        let broken = stream.finish().expect_err("broken");
        assert!(matches!(broken, WeightsError::Truncated { .. }), "{length}: {broken}");
        let outside = |error: &WeightsError| {
            matches!(error, WeightsError::Tensor { problem: TensorProblem::OutsideFile { .. }, .. })
        };
        assert!(matches!(short, WeightsError::Truncated { .. }) || outside(&short), "{length}: {short}");
    }
}

#[test]
fn ranges_that_lie_are_named() {
    let entry = |shape: &str, start: &str, end: &str| {
        format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":[{start},{end}]}}}}"#)
    };
    let two = |start: u64, end: u64| {
        format!(
            r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}},"b":{{"dtype":"F32","shape":[2],"data_offsets":[{start},{end}]}}}}"#
        )
    };
    let of = |header: String, data_bytes: usize| problem(fault(&header, data_bytes));
    assert_eq!(of(entry("[2]", "0", "9"), 9), TensorProblem::RangeLength { range_bytes: 9, shape_bytes: 8 });
    assert_eq!(of(entry("[2]", "8", "0"), 8), TensorProblem::Backwards { start: 8, end: 0 });
    assert!(matches!(of(entry("[2]", "0", "8"), 7), TensorProblem::OutsideFile { .. }));
    assert_eq!(of(entry("[2]", "1", "9"), 9), TensorProblem::Gap { bytes: 1 });
    assert!(matches!(of(two(4, 12), 12), TensorProblem::Overlap { .. }));
    assert!(matches!(of(two(0, 8), 8), TensorProblem::Overlap { .. }));
    assert_eq!(of(two(9, 17), 17), TensorProblem::Gap { bytes: 1 });
    assert!(is_header_fault(&fault(ONE, 9), "last 1 bytes"));
    assert_eq!(of(entry("[9223372036854775808,4]", "0", "8"), 8), TensorProblem::TooLarge);
    assert_eq!(of(entry("[4611686018427387904,4]", "0", "8"), 8), TensorProblem::TooLarge);
    let high = "18446744073709551615";
    assert_eq!(of(entry("[2]", "18446744073709551607", high), 8), TensorProblem::TooLarge);
    assert_eq!(of(entry("[2,0]", "0", "0"), 0), TensorProblem::ZeroDimension(vec![2, 0]));
    let dimensions = TensorProblem::Dimensions { have: 9, limit: 8 };
    assert_eq!(of(entry("[1,1,1,1,1,1,1,1,2]", "0", "8"), 8), dimensions);
    assert!(is_header_fault(&fault(&entry("[-1]", "0", "8"), 8), "tensor `a`"));
    assert!(is_header_fault(&fault(&entry("[1.5]", "0", "8"), 8), "tensor `a`"));
}

#[test]
fn descriptions_that_lie_are_named() {
    let of = |entry: &str| fault(&format!(r#"{{"a":{entry}}}"#), 8);
    let unknown = of(r#"{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}"#);
    assert_eq!(problem(unknown), TensorProblem::UnknownEncoding("F8_E4M3".into()));
    for (entry, words) in [
        (r#"{"dtype":"F32","shape":[2]}"#, "data_offsets"),
        (r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}"#, "unknown field"),
        (r#"{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, "duplicate field"),
        (r#"{"dtype":7,"shape":[2],"data_offsets":[0,8]}"#, "tensor `a`"),
        ("null", "tensor `a`"),
    ] {
        let error = of(entry);
        assert!(is_header_fault(&error, words), "{entry}: {error}");
    }
    let one = r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
    let other = r#"{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#;
    assert_eq!(problem(fault(&format!(r#"{{"a":{one},"a":{other}}}"#), 8)), TensorProblem::Duplicate);
    // The crate of the format keeps the last of two equal names: the reason for a reader of our own.
    let twice = with_header(&format!(r#"{{"a":{one},"a":{one}}}"#), &[0; 4]);
    assert!(read(&twice, 7).is_err());
}

#[test]
fn headers_that_are_none_are_refused() {
    for header in ["", " ", "null", "[]", "{", "{}x", "\u{feff}{}", "{\"a\"", "{\"a\":{\"dtype\":\"F32\""] {
        assert!(matches!(fault(header, 0), WeightsError::Header { .. }), "{header}");
    }
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for key in ["__metadata__", "a"] {
        assert!(matches!(fault(&format!(r#"{{"{key}":{nested}}}"#), 0), WeightsError::Header { .. }));
    }
    for metadata in [r#"{"a":1}"#, "[]", r#""x""#] {
        let header = format!(r#"{{"__metadata__":{metadata}}}"#);
        assert!(matches!(fault(&header, 0), WeightsError::Header { .. }), "{header}");
    }
    let html = b"<!DOCTYPE html><html><body>Not Found</body></html>";
    assert!(matches!(read(html, 7), Err(WeightsError::HeaderTooLarge { .. })));
    for length in [HEADER_BYTES_MAX + 1, 100 << 20, 1 << 63, u64::MAX] {
        let mut stream = Stream::new("f", u64::MAX);
        let error = stream.push(&length.to_le_bytes(), &mut |_, _| Ok(())).unwrap_err();
        assert_eq!(error, WeightsError::HeaderTooLarge { file: "f".into(), header_bytes: length });
    }
    let spaces = with_header(&format!("{}   ", ONE), &[0; 8]);
    assert!(read(&spaces, 7).is_ok(), "padding after the object belongs to the format");
}

#[test]
fn every_type_is_read_as_it_was_written() {
    let tensors: [(&str, &str, &[usize], &[u8]); 3] =
        [("a", "F32", &[2, 3], &[5; 24]), ("b", "I64", &[1], &[1; 8]), ("c", "BOOL", &[3], &[1; 3])];
    let ours = read(&safetensors(&tensors), 11).unwrap();
    for (name, _, shape, bytes) in tensors {
        assert_eq!(ours.get(name).unwrap().shape, shape, "{name}");
        assert_eq!(ours.get(name).unwrap().bytes, bytes, "{name}");
    }
}
