//! Peak memory of loading. One test in a binary of its own, because the allocator counts the whole process.
#![allow(clippy::unwrap_used)]

use frugal_model::weights::{Keep, Stream, Tensors};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Bytes that an edge fetches at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A header of one large embedding and many layers, and the bytes that follow it.
fn header(tensors: &[(String, usize)]) -> (Vec<u8>, usize) {
    let mut entries = Vec::new();
    let mut end = 0;
    for (name, elements) in tensors {
        let start = end;
        end += elements * 4;
        entries.push(format!(r#""{name}":{{"dtype":"F32","shape":[{elements}],"data_offsets":[{start},{end}]}}"#));
    }
    let json = format!("{{{}}}", entries.join(","));
    let mut header = (json.len() as u64).to_le_bytes().to_vec();
    header.extend(json.into_bytes());
    (header, end)
}

#[test]
fn loading_takes_little_more_than_the_weights() {
    // 60 % of a small model is its embedding: a loader that held one tensor twice would need 1.6 times the weights.
    let mut tensors = vec![("embedding".to_owned(), 5 << 20)];
    tensors.extend((0..100).map(|layer| (format!("layer.{layer}"), 35 << 10)));
    let (header, weights_bytes) = header(&tensors);
    for keep in [Keep::Stored, Keep::Decoded] {
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        let mut collected = Tensors::new();
        let mut stream = Stream::new("model.safetensors", (header.len() + weights_bytes) as u64);
        let mut push = |bytes: &[u8]| {
            stream.push(bytes, &mut |listing, piece| collected.take(listing, &piece, keep)).unwrap();
        };
        header.chunks(CHUNK_BYTES).for_each(&mut push);
        let chunk = vec![0; CHUNK_BYTES];
        let mut left = weights_bytes;
        while left > 0 {
            push(&chunk[..left.min(CHUNK_BYTES)]);
            left -= left.min(CHUNK_BYTES);
        }
        stream.finish().unwrap();
        let peak = ALLOCATOR.peak_usage() - before;
        assert_eq!(collected.names().count(), 101);
        assert!(peak >= weights_bytes, "the peak of {peak} bytes was not measured");
        let ratio = peak as f64 / weights_bytes as f64;
        println!("{keep:?}: peak {peak} bytes, weights {weights_bytes} bytes, ratio {ratio:.4}");
        assert!(ratio <= 1.05, "{keep:?}: peak {peak} bytes for {weights_bytes} bytes of weights");
    }
}
