use super::super::gguf::{Value, hugging_face_name};
use super::super::{Encoding, Listing, Stream, TensorProblem, WeightsError};
use super::files::{Ggml, gguf, read, text};
use super::problem;

fn listing(file: &[u8]) -> Result<Listing, WeightsError> {
    let mut stream = Stream::new("f", file.len() as u64);
    for chunk in file.chunks(37) {
        stream.push(chunk, &mut |_, _| Ok(()))?;
    }
    stream.finish()
}

fn header_problem(file: &[u8]) -> String {
    match listing(file).expect_err("invalid") {
        WeightsError::Header { problem, .. } => problem,
        other => panic!("the header is not at fault: {other}"),
    }
}

#[test]
fn metadata_of_every_kind_is_read() {
    let pairs = [
        ("u8", 0, vec![200]),
        ("i8", 1, vec![255]),
        ("u16", 2, 60_000u16.to_le_bytes().to_vec()),
        ("i16", 3, (-2i16).to_le_bytes().to_vec()),
        ("u32", 4, 4_000_000_000u32.to_le_bytes().to_vec()),
        ("i32", 5, (-3i32).to_le_bytes().to_vec()),
        ("f32", 6, 0.5f32.to_le_bytes().to_vec()),
        ("bool", 7, vec![1]),
        ("text", 8, text("é")),
        ("u64", 10, u64::MAX.to_le_bytes().to_vec()),
        ("i64", 11, i64::MIN.to_le_bytes().to_vec()),
        ("f64", 12, 1e300f64.to_le_bytes().to_vec()),
        ("texts", 9, [8u32.to_le_bytes().to_vec(), 2u64.to_le_bytes().to_vec(), text("a"), text("")].concat()),
        ("bools", 9, [7u32.to_le_bytes().to_vec(), 2u64.to_le_bytes().to_vec(), vec![1, 0]].concat()),
    ];
    for version in [2, 3] {
        let metadata = listing(&gguf(version, &pairs, &[])).unwrap().metadata.unwrap();
        for (key, want) in [
            ("u8", Value::Unsigned(200)),
            ("i8", Value::Signed(-1)),
            ("u16", Value::Unsigned(60_000)),
            ("i16", Value::Signed(-2)),
            ("u32", Value::Unsigned(4_000_000_000)),
            ("i32", Value::Signed(-3)),
            ("f32", Value::Float(0.5)),
            ("bool", Value::Bool(true)),
            ("text", Value::Text("é".into())),
            ("u64", Value::Unsigned(u64::MAX)),
            ("i64", Value::Signed(i64::MIN)),
            ("f64", Value::Float(1e300)),
            ("texts", Value::Texts(vec!["a".into(), String::new()])),
            ("bools", Value::Numbers(vec![1.0, 0.0])),
        ] {
            assert_eq!(metadata.get(key), Some(&want), "{key}");
        }
    }
}

#[test]
fn blocks_decode_by_ggmls_rules() {
    let scale = half::f16::from_f32(0.5).to_le_bytes();
    let mut q8 = scale.to_vec();
    q8.extend((0..32).map(|i: i8| (i - 16).cast_unsigned()));
    let mut q4 = scale.to_vec();
    q4.extend((0..16).map(|i: u8| i | (15 - i) << 4));
    let file = gguf(3, &[], &[("q8", &[32], 8, &q8), ("q4", &[32], 2, &q4)]);
    let mut tensors = read(&file, 9).unwrap();
    let want: Vec<f32> = (0..32).map(|i| 0.5 * (i as f32 - 16.0)).collect();
    assert_eq!(tensors.remove("q8").unwrap().into_values().unwrap(), want);
    let low = (0..16).map(|i| 0.5 * (i as f32 - 8.0));
    let high = (0..16).map(|i| 0.5 * (15.0 - i as f32 - 8.0));
    assert_eq!(tensors.remove("q4").unwrap().into_values().unwrap(), low.chain(high).collect::<Vec<_>>());
}

#[test]
fn sizes_are_turned_round() {
    let file = gguf(3, &[], &[("a", &[3, 2], 0, &[0; 24])]);
    let entry = &listing(&file).unwrap().entries[0];
    assert_eq!((entry.shape.as_slice(), entry.encoding), (&[2, 3][..], Encoding::F32));
}

#[test]
fn a_file_that_ends_anywhere_is_an_error() {
    let pairs = [
        ("general.architecture", 8, text("llama")),
        ("x", 9, [8u32.to_le_bytes().to_vec(), 1u64.to_le_bytes().to_vec(), text("abc")].concat()),
    ];
    let file = gguf(3, &pairs, &[("a", &[3, 2], 0, &[0; 24]), ("b", &[8], 1, &[0; 16])]);
    assert!(listing(&file).is_ok());
    for length in 0..file.len() {
        assert!(listing(&file[..length]).is_err(), "{length} of {}", file.len());
        let mut stream = Stream::new("f", file.len() as u64);
        stream.push(&file[..length], &mut |_, _| Ok(())).unwrap();
        assert!(matches!(stream.finish(), Err(WeightsError::Truncated { .. })), "{length}");
    }
}

#[test]
fn counts_that_lie_allocate_nothing() {
    let count = |tensors: u64, pairs: u64| {
        let mut file = gguf(3, &[], &[]);
        file[8..16].copy_from_slice(&tensors.to_le_bytes());
        file[16..24].copy_from_slice(&pairs.to_le_bytes());
        file.resize(4096, 0);
        header_problem(&file)
    };
    for huge in [1 << 20, 1 << 40, 1 << 63, u64::MAX] {
        assert!(count(huge, 0).contains("tensors do not fit"), "{huge}");
        assert!(count(0, huge).contains("metadata pairs do not fit"), "{huge}");
        let list = [8u32.to_le_bytes().to_vec(), huge.to_le_bytes().to_vec()].concat();
        assert!(header_problem(&gguf(3, &[("l", 9, list)], &[])).contains("list elements do not fit"), "{huge}");
        let text = huge.to_le_bytes().to_vec();
        assert!(header_problem(&gguf(3, &[("t", 8, text)], &[])).contains("bytes do not fit"), "{huge}");
    }
}

#[test]
fn headers_that_lie_are_named() {
    assert!(header_problem(&gguf(1, &[], &[])).contains("version 1"));
    assert!(header_problem(&gguf(3u32.swap_bytes(), &[], &[])).contains("big-endian"));
    let pair = |kind: u32, value: Vec<u8>| header_problem(&gguf(3, &[("k", kind, value)], &[]));
    assert!(pair(7, vec![2]).contains("truth value 2"));
    assert!(pair(13, vec![0; 8]).contains("unknown kind 13"));
    assert!(pair(8, [1u64.to_le_bytes().to_vec(), vec![0xFF]].concat()).contains("no UTF-8"));
    let nested = [9u32.to_le_bytes().to_vec(), 1u64.to_le_bytes().to_vec(), vec![0; 16]].concat();
    assert!(pair(9, nested).contains("elements of the kind 9"));
    let twice = [("k", 0, vec![1]), ("k", 0, vec![1])];
    assert!(header_problem(&gguf(3, &twice, &[])).contains("twice"));
    for alignment in [0u32, 3, 1 << 17] {
        let pair = [("general.alignment", 4, alignment.to_le_bytes().to_vec())];
        assert!(header_problem(&gguf(3, &pair, &[])).contains("alignment"), "{alignment}");
    }
}

#[test]
fn tensors_that_lie_are_named() {
    let of = |tensors: &[Ggml<'_>]| problem(read(&gguf(3, &[], tensors), 50).expect_err("invalid"));
    assert_eq!(of(&[("a", &[32], 12, &[0; 18])]), TensorProblem::UnknownEncoding("q4_K".into()));
    assert_eq!(of(&[("a", &[32], 99, &[0; 18])]), TensorProblem::UnknownEncoding("ggml type 99".into()));
    assert_eq!(of(&[("a", &[0], 0, &[])]), TensorProblem::ZeroDimension(vec![0]));
    assert_eq!(of(&[("a", &[1 << 63, 4], 0, &[0; 32])]), TensorProblem::TooLarge);
    assert!(matches!(of(&[("a", &[33], 8, &[0; 36])]), TensorProblem::PartialBlock { columns: 33, .. }));
    assert!(matches!(of(&[("a", &[64], 0, &[0; 32])]), TensorProblem::OutsideFile { .. }));
    assert_eq!(of(&[("a", &[8], 0, &[0; 32]), ("a", &[8], 0, &[0; 32])]), TensorProblem::Duplicate);
    assert!(matches!(of(&[("a", &[16], 0, &[0; 32]), ("b", &[8], 0, &[0; 32])]), TensorProblem::Overlap { .. }));
    assert_eq!(of(&[("a", &[8], 0, &[0; 64]), ("b", &[8], 0, &[0; 32])]), TensorProblem::Gap { bytes: 32 });
    assert!(matches!(of(&[("a", &[1; 65], 0, &[0; 4])]), TensorProblem::Dimensions { have: 65, .. }));
    let mut file = gguf(3, &[], &[("a", &[1], 0, &[0; 40])]);
    let offset = 24 + 8 + 1 + 4 + 8 + 4;
    file[offset] = 1;
    assert!(matches!(problem(read(&file, 50).unwrap_err()), TensorProblem::Misaligned { start: 1, alignment: 32 }));
}

#[test]
fn names_are_hugging_faces() {
    for (architecture, name, want) in [
        ("llama", "blk.11.attn_q.weight", Some("model.layers.11.self_attn.q_proj.weight")),
        ("qwen2", "blk.0.attn_k.bias", Some("model.layers.0.self_attn.k_proj.bias")),
        ("llama", "output.weight", Some("lm_head.weight")),
        ("gpt2", "blk.3.attn_qkv.bias", Some("transformer.h.3.attn.c_attn.bias")),
        ("llama", "blk.x.attn_q.weight", None),
        ("llama", "rope_freqs.weight", None),
        ("mamba", "token_embd.weight", None),
    ] {
        assert_eq!(hugging_face_name(architecture, name).as_deref(), want, "{architecture} {name}");
    }
}
