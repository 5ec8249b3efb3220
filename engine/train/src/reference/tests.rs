#![allow(clippy::unwrap_used)]
use super::*;

const LIMITS: Limits = Limits { tokens_max: 64, prompt_tokens_max: None, end: 0, vocabulary: 512 };
const DPO: Preference = Preference::Dpo { beta: 0.1 };

fn cache() -> ReferenceCache {
    let key = ReferenceKey::new(hash(b"data"), hash(b"tokenizer"), hash(b"weights"), &LIMITS);
    ReferenceCache { key, log_probs: vec![[-1.5, -2.5], [-3.0, -0.25]] }
}

#[test]
fn a_cache_comes_back_as_it_was() {
    let cache = cache();
    assert_eq!(ReferenceCache::from_bytes(&cache.to_bytes(), &cache.key, 2, &DPO), Ok(cache));
}

#[test]
fn another_state_of_any_input_is_refused_by_name() {
    let (cache, other) = (cache(), hash(b"other"));
    let bytes = cache.to_bytes();
    let said = |key: ReferenceKey| ReferenceCache::from_bytes(&bytes, &key, 2, &DPO).unwrap_err();
    assert_eq!(said(ReferenceKey { data: other, ..cache.key }), CacheError::Mismatch(vec![Part::Data]));
    assert_eq!(said(ReferenceKey { tokenizer: other, ..cache.key }), CacheError::Mismatch(vec![Part::Tokenizer]));
    assert_eq!(said(ReferenceKey { weights: other, ..cache.key }), CacheError::Mismatch(vec![Part::Weights]));
    for limits in [
        Limits { tokens_max: 63, ..LIMITS },
        Limits { prompt_tokens_max: Some(9), ..LIMITS },
        Limits { end: 1, ..LIMITS },
        Limits { vocabulary: 513, ..LIMITS },
    ] {
        let key = ReferenceKey::new(hash(b"data"), hash(b"tokenizer"), hash(b"weights"), &limits);
        assert_eq!(said(key), CacheError::Mismatch(vec![Part::Truncation]));
    }
    let both = ReferenceKey { data: other, weights: other, ..cache.key };
    assert!(said(both).to_string().contains("the data file and of the reference's weights"));
}

#[test]
fn damaged_files_and_other_uses_are_refused() {
    let cache = cache();
    let bytes = cache.to_bytes();
    let said =
        |bytes: &[u8], pairs, objective| ReferenceCache::from_bytes(bytes, &cache.key, pairs, objective).unwrap_err();
    assert_eq!(said(b"", 2, &DPO), CacheError::Foreign);
    for end in MAGIC.len()..bytes.len() {
        assert!(matches!(said(&bytes[..end], 2, &DPO), CacheError::Damaged(_)), "{end}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        said(&changed, 2, &DPO);
    }
    assert_eq!(said(&bytes, 3, &DPO), CacheError::Pairs { found: 2, expected: 3 });
    let tdpo = Preference::Tdpo2 { beta: 0.1, alpha: 0.5 };
    assert_eq!(said(&bytes, 2, &tdpo), CacheError::Objective(tdpo));
    let wild = ReferenceCache { log_probs: vec![[f32::NAN, 0.0]], ..cache };
    assert!(matches!(said(&wild.to_bytes(), 1, &DPO), CacheError::Damaged(_)));
}
