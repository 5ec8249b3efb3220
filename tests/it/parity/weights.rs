use frugal_model::config::{Config, Family, GenerationConfig, Position, RopeOrder};
use frugal_model::weights::{Catalog, Keep, Stream, Tensors};

use super::{MODELS, bytes, json, load, plain, sha256};

fn config(model: &str) -> Config {
    Config::from_json(&bytes(&format!("{model}/config.json"))).unwrap()
}

#[test]
fn checkpoints_hold_what_a_plain_reading_finds() {
    for model in MODELS {
        let (catalog, stored) = load(model, Keep::Stored);
        let (_, decoded) = load(model, Keep::Decoded);
        let mut tensors = 0;
        for listing in catalog.files() {
            for (name, shape, bytes) in plain(&bytes(&format!("{model}/{}", listing.file))) {
                let ours = stored.get(&name).unwrap();
                assert_eq!((&ours.shape, &ours.bytes), (&shape, &bytes), "{name}");
                let values: Vec<f32> =
                    bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
                assert_eq!(decoded.get(&name).unwrap().values, values, "{model} {name}");
                tensors += 1;
            }
        }
        assert_eq!(stored.names().count(), tensors, "{model}");
    }
}

#[test]
fn configurations_fit_their_checkpoints() {
    for (model, family) in [("llama", Family::Llama), ("qwen2", Family::Qwen2), ("gpt2", Family::Gpt2)] {
        let config = config(model);
        let (catalog, _) = load(model, Keep::Skip);
        assert_eq!(config.family, family);
        // Tied heads are stored once, so each parameter of the configuration is a stored one: 4 bytes in f32.
        assert_eq!(catalog.weights_bytes(), config.parameters() * 4, "{model}");
        let embedding = if model == "gpt2" { "transformer.wte.weight" } else { "model.embed_tokens.weight" };
        catalog.require(embedding, &[config.vocabulary, config.hidden]).unwrap();
        let generation = GenerationConfig::from_json(&bytes(&format!("{model}/generation_config.json"))).unwrap();
        assert_eq!((generation.beginning, &generation.end), (config.beginning, &config.end));
    }
}

#[test]
fn gguf_files_dequantise_as_gguf_s_own_code_does() {
    let expected = json("gguf/dequantised.json");
    for kind in ["f32", "f16", "q8_0", "q4_0"] {
        let file = format!("gguf/llama-{kind}.gguf");
        let content = bytes(&file);
        let mut tensors = Tensors::new();
        let mut stream = Stream::new(&file, content.len() as u64);
        for chunk in content.chunks(1009) {
            stream.push(chunk, &mut |listing, piece| tensors.take(listing, &piece, Keep::Decoded)).unwrap();
        }
        let catalog = Catalog::new(vec![stream.finish().unwrap()], None).unwrap();
        let listing = &catalog.files()[0];
        let digests = expected[kind].as_object().unwrap();
        assert_eq!(listing.entries.len(), digests.len(), "{kind}");
        for entry in &listing.entries {
            let name = frugal_model::weights::gguf::hugging_face_name("llama", &entry.name).unwrap();
            let (_, same) = catalog.get(&name).unwrap();
            assert_eq!(same, entry);
            let values: Vec<u8> = tensors.get(&name).unwrap().values.iter().flat_map(|x| x.to_le_bytes()).collect();
            assert_eq!(sha256(&values), digests[&entry.name][1].as_str().unwrap(), "{kind} {name}");
        }
        let metadata = listing.metadata.as_ref().unwrap();
        let read = Config::from_gguf(metadata, catalog.get("lm_head.weight").is_some()).unwrap();
        // The same model, but for the order in which rotary positions pair the rows of query and key.
        let mut want = config("llama");
        want.position = Position::Rope { theta: 10_000.0, order: RopeOrder::Pairs };
        assert_eq!(read, want, "{kind}");
    }
}
