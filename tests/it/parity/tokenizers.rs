use frugal_model::tokenizer::Tokenizer;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde_json::Value;

use super::{bytes, json, sha256};

const NAMES: [&str; 7] =
    ["byte_bpe", "split_bpe", "llama3_bpe", "sentencepiece_bpe", "unigram", "unigram_bytes", "digits_bpe"];

/// The byte strings, emoji, combining marks, controls and broken UTF-8 among them.
fn strings() -> Vec<Vec<u8>> {
    let packed = bytes("tokenizers/strings.zlib");
    let unpacked = decompress_to_vec_zlib_with_limit(&packed, 16 << 20).unwrap();
    let mut rest = unpacked.as_slice();
    let mut strings = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (string, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        strings.push(string.to_vec());
        rest = tail;
    }
    strings
}

fn of_ids(ids: &[u32]) -> Vec<u8> {
    let mut bytes = u32::try_from(ids.len()).unwrap().to_le_bytes().to_vec();
    ids.iter().for_each(|id| bytes.extend(id.to_le_bytes()));
    bytes
}

fn of_text(text: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(text.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Compares one answer per string with the digests of blocks of them.
fn check(name: &str, what: &str, expected: &Value, strings: &[Vec<u8>], answers: &[Vec<u8>]) {
    let block = usize::try_from(expected["block"].as_u64().unwrap()).unwrap();
    let digests = expected[what].as_array().unwrap();
    assert_eq!(digests.len(), strings.len() / block);
    let differ = (0..digests.len()).filter(|&at| {
        let answers = answers[at * block..(at + 1) * block].concat();
        sha256(&answers) != digests[at].as_str().unwrap()
    });
    let differ: Vec<usize> = differ.collect();
    assert!(
        differ.is_empty(),
        "{name}: {what} differ in {} of {} blocks, first {:?}",
        differ.len(),
        digests.len(),
        differ.first()
    );
}

#[test]
fn ten_thousand_strings_encode_and_decode_as_in_the_tokenizers_library() {
    let strings = strings();
    assert_eq!(strings.len(), 10_000);
    let broken = strings.iter().filter(|string| std::str::from_utf8(string).is_err()).count();
    assert!(broken > 500, "{broken} strings are broken UTF-8");
    for name in NAMES {
        let tokenizer = Tokenizer::from_json(&bytes(&format!("tokenizers/{name}.json"))).unwrap();
        let expected = json(&format!("tokenizers/{name}.expected.json"));
        for (at, case) in expected["clear"].as_array().unwrap().iter().enumerate() {
            let ids = tokenizer.encode(case[0].as_str().unwrap(), true).unwrap();
            assert_eq!(serde_json::to_value(&ids).unwrap(), case[1], "{name}, string {at}: {}", case[0]);
            assert_eq!(tokenizer.decode(&ids, true).unwrap(), case[2].as_str().unwrap(), "{name}, string {at}");
        }
        let ids: Vec<Vec<u32>> = strings.iter().map(|string| tokenizer.encode_bytes(string, true).unwrap()).collect();
        let plain = strings.iter().map(|string| of_ids(&tokenizer.encode_bytes(string, false).unwrap()));
        let decoded = |special| {
            let texts = ids.iter().map(|ids| of_text(&tokenizer.decode(ids, special).unwrap()));
            texts.collect::<Vec<_>>()
        };
        check(name, "ids", &expected, &strings, &ids.iter().map(|ids| of_ids(ids)).collect::<Vec<_>>());
        check(name, "plain_ids", &expected, &strings, &plain.collect::<Vec<_>>());
        check(name, "decoded", &expected, &strings, &decoded(false));
        check(name, "decoded_with_special", &expected, &strings, &decoded(true));
    }
}
