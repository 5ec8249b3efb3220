//! A file pushed in chunks of the length that its first byte gives, decoded, and its metadata read as a configuration.
#![no_main]

use frugal_model::config::Config;
use frugal_model::weights::{Catalog, Keep, Stream, Tensors};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((chunk, rest)) = data.split_first() else { return };
    let file = [b"GGUF", rest].concat();
    let mut tensors = Tensors::new();
    let mut stream = Stream::new("f", file.len() as u64);
    for bytes in file.chunks(usize::from(*chunk) + 1) {
        let pushed = stream.push(bytes, &mut |listing, piece| tensors.take(listing, &piece, Keep::Decoded));
        if pushed.is_err() {
            return;
        }
    }
    let Ok(listing) = stream.finish() else { return };
    if let Some(metadata) = &listing.metadata {
        let _ = Config::from_gguf(metadata, false);
    }
    let _ = Catalog::new(vec![listing], None);
});
