#![allow(clippy::unwrap_used)]
use super::*;

fn state() -> ShareState {
    ShareState {
        language: Language::Python,
        source: "def f(n):\n    return sum(range(n))\n".into(),
        second_source: Some("def f(n):\n    return n * (n - 1) // 2\n".into()),
        input: Input::Call { entry: "f".into(), arguments_json: "[10]".into() },
        limits: Limits { fuel: (1 << 53) + 1, ..Limits::default() },
    }
}

fn fragment_of(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(json.as_bytes(), 6))
}

#[test]
fn states_survive_with_large_fuel() {
    for fuel in [0, (1 << 53) + 1, i64::MAX as u64 - 1, u64::MAX] {
        let state = ShareState { limits: Limits { fuel, ..Limits::default() }, ..state() };
        let text = state.encode().unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(ShareState::decode(&text).unwrap(), state);
    }
    let whole = ShareState {
        language: Language::Javascript,
        second_source: None,
        input: Input::Stdin { text: "1\u{0}\u{202e}é\n".into() },
        ..state()
    };
    assert_eq!(ShareState::decode(&whole.encode().unwrap()).unwrap(), whole);
}

#[test]
fn damaged_links_are_refused() {
    let good = state().encode().unwrap();
    for end in 0..good.len() {
        assert!(ShareState::decode(&good[..end]).is_err(), "cut at {end}");
    }
    for bad in ["", "A", "====", "not base64!", "é", "AAAA", &format!("{good}AAAA="), &good.replace('A', "+")] {
        if bad != good {
            assert!(ShareState::decode(bad).is_err(), "{bad:?}");
        }
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(&good).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            if let Ok(read) = ShareState::decode(&URL_SAFE_NO_PAD.encode(&bytes)) {
                // A flipped bit may still unpack to a well-formed state; it must then be written as read.
                assert_eq!(ShareState::decode(&read.encode().unwrap()).unwrap(), read);
            }
            bytes[at] ^= 1 << bit;
        }
    }
}

#[test]
fn bombs_and_strangers_are_refused() {
    let bomb = "a".repeat(200 << 20);
    let bomb = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(bomb.as_bytes(), 9));
    assert!(matches!(ShareState::decode(&bomb), Err(ShareError::TooLong { .. } | ShareError::Damaged(_))));
    let small_bomb = fragment_of(&" ".repeat(JSON_MAX_BYTES + 1));
    assert!(small_bomb.len() < TEXT_MAX_BYTES);
    assert!(matches!(ShareState::decode(&small_bomb), Err(ShareError::Damaged(_))));
    assert!(matches!(ShareState::decode(&"A".repeat(5 << 20)), Err(ShareError::TooLong { .. })));
    assert_eq!(ShareState::decode(&fragment_of(r#"{"v":2}"#)), Err(ShareError::Version { found: 2 }));
    for json in [
        "[".repeat(100_000),
        r#"{"v":1,"__proto__":{},"language":"python"}"#.into(),
        r#"{"v":1}"#.into(),
        r#"{"v":1e99}"#.into(),
        "null".into(),
    ] {
        assert!(ShareState::decode(&fragment_of(&json)).is_err(), "{}", &json[..json.len().min(60)]);
    }
}

#[test]
fn fuel_in_links_is_a_decimal_string() {
    let json = |fuel: &str| {
        format!(
            r#"{{"v":1,"language":"wat","source":"","input":{{"call":{{"entry":"f","arguments_json":"[]"}}}},"fuel":{fuel},"setup_fuel":"1","memory_bytes":65536,"output_bytes":1,"call_depth":1000,"wall_ms":1}}"#
        )
    };
    assert_eq!(ShareState::decode(&fragment_of(&json("\"9007199254740993\""))).unwrap().limits.fuel, (1 << 53) + 1);
    for bad in ["9007199254740993", "\"1e3\"", "\"-1\"", "\"007\"", "null"] {
        assert!(ShareState::decode(&fragment_of(&json(bad))).is_err(), "{bad}");
    }
}

#[test]
fn too_long_sources_are_refused_with_a_size() {
    let mut noise = String::new();
    let mut x = 1_u64;
    while noise.len() < 200_000 {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        noise.push(char::from(33 + u8::try_from((x >> 33) % 90).unwrap()));
    }
    let state = ShareState { source: noise, ..state() };
    assert!(matches!(state.encode(), Err(ShareError::TooLong { actual }) if actual > TEXT_MAX_BYTES));
}
