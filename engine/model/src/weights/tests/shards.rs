use super::super::{Catalog, Encoding, Listing, ShardIndex, Stream, TensorProblem, WeightsError};
use super::files::safetensors;
use super::problem;

fn listing(name: &str, tensors: &[(&str, &str, &[usize], &[u8])]) -> Listing {
    let file = safetensors(tensors);
    let mut stream = Stream::new(name, file.len() as u64);
    stream.push(&file, &mut |_, _| Ok(())).unwrap();
    stream.finish().unwrap()
}

fn index(map: &str) -> Result<ShardIndex, WeightsError> {
    ShardIndex::read("index", format!(r#"{{"metadata":{{"total_size":1}},"weight_map":{map}}}"#).as_bytes())
}

#[test]
fn a_catalog_joins_shards_and_holds_them_to_the_index() {
    let files = || {
        vec![
            listing("1.safetensors", &[("a", "F32", &[1], &[0; 4])]),
            listing("2.safetensors", &[("b", "F32", &[2], &[0; 8]), ("m", "U8", &[1], &[0])]),
        ]
    };
    let good = index(r#"{"a":"1.safetensors","b":"2.safetensors"}"#).unwrap();
    let catalog = Catalog::new(files(), Some(&good)).unwrap();
    assert_eq!(catalog.weights_bytes(), 13);
    assert_eq!(catalog.require("b", &[2]).unwrap().0.file, "2.safetensors");
    let shape = problem(catalog.require("b", &[3]).unwrap_err());
    assert_eq!(shape, TensorProblem::Shape { have: vec![2], want: vec![3] });
    assert_eq!(problem(catalog.require("m", &[1]).unwrap_err()), TensorProblem::NotWeights(Encoding::U8));
    assert_eq!(catalog.require("z", &[1]).unwrap_err(), WeightsError::Missing { tensor: "z".into(), files: 2 });

    let swapped = index(r#"{"a":"2.safetensors","b":"2.safetensors","m":"1.safetensors"}"#).unwrap();
    let wrong = problem(Catalog::new(files(), Some(&swapped)).unwrap_err());
    assert_eq!(wrong, TensorProblem::WrongFile { named: "2.safetensors".into() });
    let more = index(r#"{"c":"1.safetensors"}"#).unwrap();
    assert!(matches!(Catalog::new(files(), Some(&more)), Err(WeightsError::Missing { .. })));
    let absent = index(r#"{"a":"3.safetensors"}"#).unwrap();
    assert!(matches!(Catalog::new(files(), Some(&absent)), Err(WeightsError::MissingFile { .. })));
    let twice = vec![files().remove(0), listing("3.safetensors", &[("a", "F32", &[1], &[0; 4])])];
    assert!(matches!(Catalog::new(twice, None), Err(WeightsError::InTwoFiles { .. })));
}

#[test]
fn an_index_leads_to_no_other_folder_or_host() {
    for file in [
        "../x.safetensors",
        "/x.safetensors",
        "a/x.safetensors",
        "a\\x.safetensors",
        "http://h/x.safetensors",
        ".safetensors",
        "x.safetensors?y",
        "x.bin",
        "",
    ] {
        let map = serde_json::json!({ "a": file }).to_string();
        assert!(matches!(index(&map), Err(WeightsError::Header { .. })), "{file}");
    }
    for map in ["{}", "null", "[]", r#"{"a":1}"#, r#"{"a":"1.safetensors","a":"1.safetensors"}"#] {
        assert!(matches!(index(map), Err(WeightsError::Header { .. })), "{map}");
    }
    assert!(ShardIndex::read("index", b"<html>").is_err());
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(ShardIndex::read("index", deep.as_bytes()).is_err());
}

#[test]
fn models_without_a_head_have_the_names_of_models_with_one() {
    let file = listing("f", &[("h.0.ln_1.bias", "F32", &[1], &[0; 4]), ("wte.weight", "F32", &[1], &[0; 4])]);
    let catalog = Catalog::new(vec![file], None).unwrap();
    assert!(catalog.get("transformer.h.0.ln_1.bias").is_some() && catalog.get("transformer.wte.weight").is_some());
    let catalog = Catalog::new(vec![listing("f", &[("layers.0.x", "F32", &[1], &[0; 4])])], None).unwrap();
    assert!(catalog.get("model.layers.0.x").is_some());
}
