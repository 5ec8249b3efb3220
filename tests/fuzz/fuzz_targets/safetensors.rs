//! A file pushed in chunks of the length that its first byte gives. What is read, the format's own crate reads too.
#![no_main]

use frugal_model::weights::{Keep, Stream, Tensors};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((chunk, file)) = data.split_first() else { return };
    if file.starts_with(b"GGUF") {
        return;
    }
    let mut tensors = Tensors::new();
    let mut stream = Stream::new("f", file.len() as u64);
    for bytes in file.chunks(usize::from(*chunk) + 1) {
        let pushed = stream.push(bytes, &mut |listing, piece| tensors.take(listing, &piece, Keep::Stored));
        if pushed.is_err() {
            return;
        }
    }
    if let Ok(listing) = stream.finish() {
        assert!(safetensors::SafeTensors::deserialize(file).is_ok());
        for entry in &listing.entries {
            assert_eq!(tensors.get(&entry.name).map(|tensor| tensor.bytes.len() as u64), Some(entry.len_bytes()));
        }
    }
});
