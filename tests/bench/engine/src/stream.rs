//! How fast memory can be read: the bound of a decoder that reads every weight once a token.

use std::hint::black_box;
use std::time::Instant;

/// Seconds that one measurement takes at least.
const SECONDS: f64 = 0.2;

/// Sums `bytes` bytes over and over, as a model of that size is read token by token, and takes the mean rate.
pub(crate) fn gigabytes_per_second(bytes: usize) -> f64 {
    let words: Vec<u64> = (0..(bytes / 8) as u64).collect();
    black_box(sum(&words));
    let start = Instant::now();
    let mut passes = 0.0;
    while start.elapsed().as_secs_f64() < SECONDS {
        black_box(sum(black_box(&words)));
        passes += 1.0;
    }
    passes * (words.len() * 8) as f64 * 1e-9 / start.elapsed().as_secs_f64()
}

/// In sixteen lanes, so that no addition waits for the one before.
fn sum(words: &[u64]) -> u64 {
    let mut lanes = [0_u64; 16];
    for chunk in words.chunks_exact(16) {
        for (lane, word) in lanes.iter_mut().zip(chunk) {
            *lane = lane.wrapping_add(*word);
        }
    }
    lanes.into_iter().fold(0, u64::wrapping_add)
}
