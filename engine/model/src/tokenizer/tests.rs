use serde_json::{Value, json};

use super::*;
use crate::weights::mutation::{Random, mutate};

fn vector(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/parity/tokenizers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn read(value: &Value) -> Result<Tokenizer, TokenizerError> {
    Tokenizer::from_json(value.to_string().as_bytes())
}

/// A byte-level tokenizer with one part replaced.
fn with(part: &str, value: Value) -> Result<Tokenizer, TokenizerError> {
    let mut file = vector("split_bpe");
    file[part] = value;
    read(&file)
}

#[track_caller]
fn refused(part: &str, value: Value) -> TokenizerError {
    with(part, value).expect_err("it must be refused")
}

#[test]
fn files_that_make_the_tokenizers_crate_panic_are_refused() {
    // Each of these ends a process that hands it to tokenizers 0.23: at reading, or at the first text.
    let template =
        |single: Value| json!({"type": "TemplateProcessing", "single": single, "pair": [], "special_tokens": {}});
    for (part, value) in [
        ("normalizer", json!({"type": "Precompiled", "precompiled_charsmap": "AAAA"})),
        ("normalizer", json!({"type": "Precompiled", "precompiled_charsmap": "BAAAAP////8="})),
        (
            "post_processor",
            template(json!([{"SpecialToken": {"id": "zz", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}])),
        ),
        ("post_processor", template(json!([{"Sequence": {"id": "B", "type_id": 0}}]))),
    ] {
        refused(part, value);
    }
    // Truncation and padding are for batches; a prompt is encoded whole, and no setting can make it fail or grow.
    let mut file = vector("split_bpe");
    file["truncation"] = json!({"max_length": 2, "stride": 5, "strategy": "LongestFirst", "direction": "Right"});
    file["padding"] = json!({"strategy": {"Fixed": 1u64 << 34}, "pad_id": 0, "pad_type_id": 0, "pad_token": "x", "direction": "Right"});
    assert_eq!(
        read(&file).unwrap().encode("hello", false),
        with("version", json!("1.0")).unwrap().encode("hello", false)
    );
}

#[test]
fn parts_that_are_not_read_are_named() {
    for (part, kind) in [
        ("normalizer", "BertNormalizer"),
        ("pre_tokenizer", "BertPreTokenizer"),
        ("post_processor", "RobertaProcessing"),
        ("decoder", "WordPiece"),
    ] {
        let error = refused(part, json!({ "type": kind }));
        assert!(matches!(error, TokenizerError::Unsupported { kind: ref named, .. } if named == kind), "{error}");
    }
    let error = refused("model", json!({"type": "WordPiece", "vocab": {}}));
    assert_eq!(error, TokenizerError::Unsupported { part: "model", kind: "WordPiece".into() });
    let error = refused("model", json!({"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}));
    assert_eq!(error, TokenizerError::Unsupported { part: "model", kind: "BPE with dropout".into() });
}

#[test]
fn parts_that_contradict_themselves_are_refused() {
    let deep = |depth: usize| {
        (0..depth).fold(json!({"type": "NFC"}), |inner, _| json!({"type": "Sequence", "normalizers": [inner]}))
    };
    let many = json!({"type": "Sequence", "normalizers": vec![json!({"type": "NFC"}); 65]});
    for (part, value) in [
        ("version", json!("2.0")),
        ("normalizer", json!(5)),
        ("normalizer", json!({})),
        ("normalizer", deep(64)),
        ("normalizer", many),
        ("normalizer", json!({"type": "Prepend", "prepend": 5})),
        ("normalizer", json!({"type": "Prepend", "prepend": "x".repeat(257)})),
        ("normalizer", json!({"type": "Replace", "pattern": {"String": ""}, "content": "x"})),
        ("pre_tokenizer", json!({"type": "Split", "pattern": {"Regex": "(((("}, "behavior": "Isolated"})),
        (
            "pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "((a{500}){500}){500}"}, "behavior": "Isolated"}),
        ),
        ("pre_tokenizer", json!({"type": "Split", "pattern": {"Regex": "(".repeat(3000)}, "behavior": "Isolated"})),
        ("pre_tokenizer", json!({"type": "Metaspace", "replacement": "xx"})),
        (
            "pre_tokenizer",
            json!({"type": "Metaspace", "replacement": "x", "add_prefix_space": false, "prepend_scheme": "always"}),
        ),
        ("model", json!({"type": "BPE", "vocab": {"a": 0, "b": 0}, "merges": []})),
        ("model", json!({"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]})),
        ("model", json!({"type": "BPE", "vocab": {"a": 0}, "merges": ["a b c"]})),
        ("model", json!({"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "u"})),
        ("model", json!({"type": "BPE", "vocab": {"a": -1}, "merges": []})),
        ("model", json!({"type": "BPE", "vocab": [["a", 0.0]], "merges": []})),
        ("model", json!({"type": "Unigram", "unk_id": 9, "vocab": [["a", 0.0]]})),
        ("model", json!({"type": "Unigram", "unk_id": 0, "vocab": {"a": 0}})),
        ("added_tokens", json!([{"id": 400, "content": "xx9"}, {"id": 400, "content": "yy9"}])),
        ("added_tokens", json!([{"id": 400, "content": "xx9"}, {"id": 401, "content": "xx9"}])),
        ("added_tokens", json!([{"id": 0, "content": "another"}])),
        ("added_tokens", json!([{"id": 400, "content": "x".repeat(513)}])),
        ("post_processor", json!({"type": "TemplateProcessing", "single": [], "special_tokens": {}})),
        ("decoder", json!(5)),
    ] {
        refused(part, value);
    }
    let deep = format!("{{\"model\":{}", "[".repeat(100_000));
    let added =
        json!({"added_tokens": [{"id": 1, "content": "x"}], "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}});
    for text in ["", "null", "[]", "{}", "<html>", deep.as_str()] {
        assert!(matches!(Tokenizer::from_json(text.as_bytes()), Err(TokenizerError::Json(_))));
    }
    assert!(read(&added).is_ok());
}

#[test]
fn texts_that_grow_or_never_end_are_errors() {
    let doubling = json!({"type": "Replace", "pattern": {"String": "x"}, "content": "x".repeat(200)});
    let bomb = json!({"type": "Sequence", "normalizers": vec![doubling; 60]});
    assert!(matches!(with("normalizer", bomb).unwrap().encode("xxxx", false), Err(TokenizerError::Growth { .. })));
    let pattern =
        json!({"type": "Split", "pattern": {"Regex": "(?=(a|aa|aaa)*$)b|(a|aa|a)*(?<!a)c"}, "behavior": "Isolated"});
    let start = std::time::Instant::now();
    match with("pre_tokenizer", pattern) {
        Ok(tokenizer) => drop(tokenizer.encode(&"a".repeat(5_000), false)),
        Err(error) => assert!(matches!(error, TokenizerError::Invalid { .. })),
    }
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn long_texts_take_time_in_proportion() {
    for name in ["byte_bpe", "sentencepiece_bpe", "unigram"] {
        let tokenizer = read(&vector(name)).unwrap();
        for unit in ["a", " ", "ab ", "😀", "\u{301}"] {
            let text = unit.repeat(200_000 / unit.len());
            let start = std::time::Instant::now();
            tokenizer.encode(&text, true).unwrap();
            assert!(start.elapsed().as_secs() < 10, "{name} {unit:?}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn a_stream_shows_whole_characters_and_the_same_text() {
    let mut random = Random(3);
    for name in ["byte_bpe", "split_bpe", "llama3_bpe", "sentencepiece_bpe", "unigram", "unigram_bytes"] {
        let tokenizer = read(&vector(name)).unwrap();
        for text in ["", " ", "  two  spaces", "naïve 👩‍👩‍👧‍👦 日本語 e\u{301}\u{323}", "<s>a</s>", "\n\n\t\u{0}", "▁▁ a"]
        {
            for special in [true, false] {
                let ids = tokenizer.encode(text, true).unwrap();
                let mut stream = tokenizer.stream(special);
                let mut joined: String = ids.iter().map(|&id| stream.push(id).unwrap()).collect();
                joined.push_str(&stream.finish());
                assert_eq!(joined, tokenizer.decode(&ids, special).unwrap(), "{name} {text:?}");
            }
        }
        // Ids at random break characters in every way. Runs of byte tokens aside, the stream shows what decode shows.
        let has_byte_tokens = tokenizer.id("<0x41>").is_some();
        for _ in 0..500 {
            let ids: Vec<u32> = (0..12).map(|_| u32::try_from(random.below(tokenizer.len())).unwrap()).collect();
            let mut stream = tokenizer.stream(true);
            let mut joined: String = ids.iter().map(|&id| stream.push(id).unwrap()).collect();
            joined.push_str(&stream.finish());
            let whole = tokenizer.decode(&ids, true).unwrap();
            if has_byte_tokens {
                let bare = |text: &str| text.chars().filter(|c| *c != '\u{FFFD}' && c.is_ascii_alphabetic()).count();
                assert!(bare(&joined) >= bare(&whole), "{name} {ids:?}: {joined:?} {whole:?}");
            } else {
                assert_eq!(joined, whole, "{name} {ids:?}");
            }
        }
    }
}

#[test]
fn a_character_waits_for_its_last_byte() {
    let tokenizer = read(&vector("sentencepiece_bpe")).unwrap();
    let byte = |value: u8| tokenizer.id(&format!("<0x{value:02X}>")).unwrap();
    let mut stream = tokenizer.stream(false);
    let parts: Vec<String> = "é😀".bytes().map(|value| stream.push(byte(value)).unwrap()).collect();
    assert_eq!(parts, ["", "é", "", "", "", "😀"]);
    assert_eq!(stream.push(byte(0xE2)).unwrap(), "");
    assert_eq!(stream.push(byte(0x28)).unwrap(), "\u{FFFD}(");
    assert_eq!(stream.push(byte(0xF0)).unwrap(), "");
    assert_eq!(stream.finish(), "\u{FFFD}");
    assert_eq!(tokenizer.decode(&[99_999], true), Err(TokenizerError::UnknownId(99_999)));
    assert_eq!(tokenizer.stream(true).push(99_999), Err(TokenizerError::UnknownId(99_999)));
}

#[test]
fn broken_files_are_read_or_refused() {
    let mut random = Random(9);
    for name in ["split_bpe", "sentencepiece_bpe", "unigram_bytes"] {
        let original = vector(name).to_string().into_bytes();
        let mut read = 0;
        for _ in 0..400 {
            let mut bytes = original.clone();
            mutate(&mut bytes, &mut random);
            if let Ok(tokenizer) = Tokenizer::from_json(&bytes) {
                read += 1;
                let ids = tokenizer.encode("naïve 42 <s>😀 the  end", true);
                let _ = ids.and_then(|ids| tokenizer.decode(&ids, true));
            }
        }
        assert!((5..395).contains(&read), "{name}: {read}");
    }
}
