//! Any bytes as each of the JSON files beside the weights.
#![no_main]

use frugal_model::config::{Config, GenerationConfig};
use frugal_model::template::TokenizerConfig;
use frugal_model::weights::ShardIndex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(config) = Config::from_json(data) {
        assert!(config.parameters() <= 1 << 40);
    }
    let _ = GenerationConfig::from_json(data);
    let _ = TokenizerConfig::from_json(data);
    let _ = ShardIndex::read("index", data);
});
