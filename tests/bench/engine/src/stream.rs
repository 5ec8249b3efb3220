//! How fast memory can be read: the bound of a decoder that reads every weight once a token.

use std::hint::black_box;

/// Milliseconds that one measurement takes at least.
const AT_LEAST_MS: f64 = 200.0;

/// Sums `bytes` bytes over and over, as a model of that size is read token by token, and takes the mean rate in GB/s.
pub fn gigabytes_per_second(bytes: usize, now_ms: &mut dyn FnMut() -> f64) -> f64 {
    let words: Vec<u64> = (0..(bytes / 8) as u64).collect();
    black_box(sum(&words));
    let start = now_ms();
    let (mut passes, mut elapsed_ms) = (0.0, 0.0);
    while elapsed_ms < AT_LEAST_MS {
        black_box(sum(black_box(&words)));
        passes += 1.0;
        elapsed_ms = now_ms() - start;
    }
    passes * (words.len() * 8) as f64 * 1e-6 / elapsed_ms
}

/// In sixteen lanes, so that no addition waits for the one before; by vectors in wasm too.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn sum(words: &[u64]) -> u64 {
    let mut lanes = [0_u64; 16];
    for chunk in words.chunks_exact(16) {
        for (lane, word) in lanes.iter_mut().zip(chunk) {
            *lane = lane.wrapping_add(*word);
        }
    }
    lanes.into_iter().fold(0, u64::wrapping_add)
}
