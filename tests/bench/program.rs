//! The program that measures what metering costs: sorting, hashing, formatting, floats, dynamic calls.
//! Build: `rustc --edition 2024 -O --crate-type cdylib --target wasm32-unknown-unknown tests/bench/program.rs`.

use std::collections::HashMap;
use std::fmt::Write;

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Sorts `n` numbers; gives a digest.
#[unsafe(no_mangle)]
pub extern "C" fn sort(n: u32) -> u64 {
    let mut state = 88_172_645_463_325_252;
    let mut numbers: Vec<u64> = (0..n).map(|_| random(&mut state)).collect();
    numbers.sort_unstable();
    numbers.iter().enumerate().fold(0, |sum, (at, number)| sum ^ number.wrapping_mul(at as u64))
}

/// Counts `n` numbers in a map; gives a digest.
#[unsafe(no_mangle)]
pub extern "C" fn hash(n: u32) -> u64 {
    let mut state = 88_172_645_463_325_252;
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for _ in 0..n {
        *counts.entry(random(&mut state) % 5_000).or_default() += 1;
    }
    counts.iter().fold(0, |sum, (key, count)| sum ^ key.wrapping_mul(u64::from(*count)))
}

/// Formats `n` lines; gives their length.
#[unsafe(no_mangle)]
pub extern "C" fn format(n: u32) -> u64 {
    let mut text = String::new();
    for at in 0..n {
        let _ = write!(text, "{at:>8} {:.3} {:?};", f64::from(at) / 7.0, Some(at));
        if text.len() > 100_000 {
            text.clear();
        }
    }
    text.len() as u64
}

/// `n` turns of float arithmetic: the n-body kernel's shape.
#[unsafe(no_mangle)]
pub extern "C" fn floats(n: u32) -> u64 {
    let (mut x, mut y, mut vx, mut vy) = (1.0_f64, 0.0_f64, 0.0_f64, 1.0_f64);
    for _ in 0..n {
        let r2 = x * x + y * y;
        let r3 = r2 * r2.sqrt();
        vx -= 0.001 * x / r3;
        vy -= 0.001 * y / r3;
        x += 0.001 * vx;
        y += 0.001 * vy;
    }
    (x + y).to_bits()
}

/// Naive Fibonacci: nothing but calls.
#[unsafe(no_mangle)]
pub extern "C" fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}
