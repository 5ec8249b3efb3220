use serde_json::{Value, json};

use super::*;

fn read(value: &Value) -> Result<Config, ConfigError> {
    Config::from_json(value.to_string().as_bytes())
}

fn llama(key: &str, value: Value) -> Result<Config, ConfigError> {
    let mut config = json!({"model_type": "llama", "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 100});
    config[key] = value;
    read(&config)
}

#[test]
fn absent_keys_have_the_defaults_of_transformers() {
    let llama = read(&json!({"model_type": "llama"})).unwrap();
    assert_eq!((llama.vocabulary, llama.hidden, llama.ffn, llama.layers), (32_000, 4096, 11_008, 32));
    assert_eq!((llama.heads, llama.kv_heads, llama.head_size, llama.context), (32, 32, 128, 2048));
    assert_eq!(llama.norm, Norm::Rms { epsilon: 1e-6 });
    assert_eq!(llama.position, Position::Rope { theta: 10_000.0, order: RopeOrder::Halves });
    assert_eq!((llama.tied, llama.beginning, llama.end.clone()), (false, Some(1), vec![2]));
    let qwen2 = read(&json!({"model_type": "qwen2"})).unwrap();
    assert_eq!((qwen2.vocabulary, qwen2.ffn, qwen2.context), (151_936, 22_016, 32_768));
    assert_eq!(qwen2.biases, Biases { qkv: true, attention_output: false, ffn: false });
    let gpt2 = read(&json!({"model_type": "gpt2"})).unwrap();
    assert_eq!((gpt2.vocabulary, gpt2.hidden, gpt2.ffn, gpt2.layers, gpt2.heads), (50_257, 768, 3072, 12, 12));
    assert_eq!((gpt2.tied, gpt2.end.clone(), gpt2.activation), (true, vec![50_256], FfnActivation::GeluTanh));
    // GPT-2 small has 124 439 808 parameters, Llama 2 7B has 6 738 415 616: published counts.
    assert_eq!(gpt2.parameters(), 124_439_808);
    assert_eq!(llama.parameters(), 6_738_415_616);
}

#[test]
fn both_versions_of_rotary_keys_are_read() {
    let theta = |config: Result<Config, ConfigError>| match config.unwrap().position {
        Position::Rope { theta, .. } => theta,
        Position::Learned => panic!("learned"),
    };
    assert_eq!(theta(llama("rope_theta", json!(5e5))), 5e5);
    assert_eq!(theta(llama("rope_parameters", json!({"rope_type": "default", "rope_theta": 1e6}))), 1e6);
    assert_eq!(theta(llama("rope_scaling", Value::Null)), 1e4);
}

#[test]
fn what_is_not_computed_is_refused_by_name() {
    for (key, value) in [
        ("rope_scaling", json!({"type": "linear", "factor": 2.0})),
        ("rope_scaling", json!({"rope_type": "llama3", "factor": 8.0})),
        ("rope_parameters", json!({"rope_type": "yarn", "rope_theta": 1e6})),
        ("rope_parameters", json!({"rope_theta": 1e6, "partial_rotary_factor": 0.5})),
        ("hidden_act", json!("mish")),
        ("quantization_config", json!({"bits": 4})),
        ("pretraining_tp", json!(2)),
    ] {
        let error = llama(key, value.clone()).unwrap_err();
        assert!(matches!(error, ConfigError::Unsupported { key: named, .. } if named == key), "{key} {value}: {error}");
    }
    let other = |value: Value| read(&value).unwrap_err();
    assert_eq!(other(json!({"model_type": "mamba"})), ConfigError::Architecture("mamba".into()));
    assert_eq!(other(json!({})), ConfigError::Missing("model_type".into()));
    for (key, value) in
        [("use_sliding_window", json!(true)), ("layer_types", json!(["full_attention", "sliding_attention"]))]
    {
        let error = other(json!({"model_type": "qwen2", key: value}));
        assert!(matches!(error, ConfigError::Unsupported { key: named, .. } if named == key), "{error}");
    }
    for key in ["scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn", "add_cross_attention"] {
        let error = other(json!({"model_type": "gpt2", key: true}));
        assert!(matches!(error, ConfigError::Unsupported { key: named, .. } if named == key), "{error}");
    }
}

#[test]
fn counts_that_no_model_has_are_refused() {
    for key in [
        "num_attention_heads",
        "num_key_value_heads",
        "num_hidden_layers",
        "hidden_size",
        "intermediate_size",
        "vocab_size",
        "head_dim",
        "max_position_embeddings",
    ] {
        for value in [0u64, 1_000_000_000, u64::MAX] {
            let error = llama(key, json!(value)).unwrap_err();
            let named = matches!(error, ConfigError::Bound { .. } | ConfigError::Indivisible { .. });
            assert!(named, "{key} = {value}: {error}");
        }
        for value in [json!(-1), json!(1.5), json!("4"), json!([4]), json!(true)] {
            let error = llama(key, value.clone()).unwrap_err();
            assert!(matches!(error, ConfigError::Kind { .. }), "{key} = {value}: {error}");
        }
    }
    assert!(matches!(llama("num_attention_heads", json!(3)), Err(ConfigError::Indivisible { .. })));
    assert!(matches!(llama("num_key_value_heads", json!(3)), Err(ConfigError::Indivisible { .. })));
    assert!(matches!(llama("head_dim", json!(15)), Err(ConfigError::Indivisible { .. })));
    for value in [json!(0.0), json!(-1e-5), json!(1.0), json!(1e300)] {
        assert!(matches!(llama("rms_norm_eps", value), Err(ConfigError::Range { .. })));
    }
    for value in [json!(0.0), json!(1.0), json!(-5)] {
        assert!(matches!(llama("rope_theta", value), Err(ConfigError::Range { .. })));
    }
    assert!(matches!(llama("eos_token_id", json!([5, 100])), Err(ConfigError::Bound { .. })));
    assert!(matches!(llama("eos_token_id", json!([-1])), Err(ConfigError::Kind { .. })));
    let wide =
        json!({"model_type": "llama", "hidden_size": 65_536, "intermediate_size": 1 << 20, "num_hidden_layers": 1024});
    assert!(matches!(read(&wide), Err(ConfigError::Bound { what: "parameter count", .. })));
}

#[test]
fn bytes_that_are_no_configuration_are_refused() {
    let deep = "[".repeat(100_000);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2 << 20));
    for text in
        ["", "null", "[]", "{", "<html>", "{\"model_type\":\"llama\"", deep.as_str(), long.as_str(), "\u{feff}{}"]
    {
        assert!(
            matches!(Config::from_json(text.as_bytes()), Err(ConfigError::Json(_))),
            "{}",
            &text[..text.len().min(20)]
        );
        assert!(matches!(GenerationConfig::from_json(text.as_bytes()), Err(ConfigError::Json(_))));
    }
    assert!(matches!(Config::from_json(b"{\"model_type\":\"\xff\"}"), Err(ConfigError::Json(_))));
}

#[test]
fn broken_configurations_are_read_or_refused() {
    use crate::weights::mutation::{Random, mutate};
    let original = json!({
        "model_type": "llama", "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 100, "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}, "eos_token_id": [1, 2], "tie_word_embeddings": true,
    });
    let mut random = Random(7);
    let mut read = 0;
    for _ in 0..20_000 {
        let mut bytes = original.to_string().into_bytes();
        mutate(&mut bytes, &mut random);
        read += usize::from(Config::from_json(&bytes).is_ok());
        let _ = GenerationConfig::from_json(&bytes);
    }
    assert!((200..18_000).contains(&read), "{read}");
}

#[test]
fn generation_settings_are_read() {
    let text = json!({
        "bos_token_id": 1, "eos_token_id": [2, 3], "do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95,
        "repetition_penalty": 1.1, "transformers_version": "5",
    });
    let config = GenerationConfig::from_json(text.to_string().as_bytes()).unwrap();
    assert_eq!((config.beginning, config.end, config.sample), (Some(1), vec![2, 3], Some(true)));
    assert_eq!((config.temperature, config.top_k, config.top_p), (Some(0.6), Some(20), Some(0.95)));
    for (key, value) in [("top_p", json!(1.5)), ("temperature", json!(-1)), ("repetition_penalty", json!(0))] {
        let error = GenerationConfig::from_json(json!({ key: value }).to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, ConfigError::Range { what, .. } if what == key), "{error}");
    }
}
