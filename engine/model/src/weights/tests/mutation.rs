//! Files broken in many ways, the same ways in every run: each must be read or refused, and never panic.

use super::files::{self, gguf, read_as, text};
use crate::weights::Keep;

/// SplitMix64 (Steele et al. 2014), so that each run breaks the same bytes.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap()
    }
}

/// Flips, writes, removes, repeats and moves bytes.
pub(crate) fn mutate(file: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if file.is_empty() {
            return;
        }
        let at = random.below(file.len());
        match random.below(7) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)],
            2 => drop(file.drain(at..(at + random.below(9)).min(file.len()))),
            3 => {
                let end = (at + random.below(17)).min(file.len());
                let repeated = file[at..end].to_vec();
                file.splice(at..at, repeated);
            }
            4 => file.truncate(at),
            5 => {
                let number = [u64::MAX, 1 << 63, 1 << 32, (1 << 31) - 1, 0][random.below(5)].to_le_bytes();
                let end = (at + 8).min(file.len());
                file[at..end].copy_from_slice(&number[..end - at]);
            }
            _ => {
                let other = random.below(file.len());
                file.swap(at, other);
            }
        }
    }
}

fn break_often(original: &[u8], seed: u64, rounds: usize) -> usize {
    let mut random = Random(seed);
    let mut read = 0;
    for _ in 0..rounds {
        let mut file = original.to_vec();
        mutate(&mut file, &mut random);
        let keep = if random.below(2) == 0 { Keep::Stored } else { Keep::Decoded };
        let chunk = 1 + random.below(100);
        if read_as(&file, chunk, keep).is_ok() {
            read += 1;
        }
    }
    read
}

#[test]
fn broken_files_are_read_or_refused() {
    let one = files::safetensors(&[
        ("a", "F32", &[3, 5], &[0; 60]),
        ("bb", "F16", &[9], &[0; 18]),
        ("c", "BF16", &[2], &[0; 4]),
    ]);
    let pairs = [
        ("general.architecture", 8, text("llama")),
        ("llama.block_count", 4, 3u32.to_le_bytes().to_vec()),
        (
            "tokenizer.ggml.tokens",
            9,
            [8u32.to_le_bytes().to_vec(), 2u64.to_le_bytes().to_vec(), text("a"), text("bc")].concat(),
        ),
    ];
    let two = gguf(3, &pairs, &[("a", &[3, 2], 0, &[0; 24]), ("q", &[32, 2], 8, &[0; 68]), ("p", &[32], 2, &[0; 18])]);
    let seeds = [1, 2, 3];
    for seed in seeds {
        let read = break_often(&one, seed, 20_000);
        // Mutations of data alone leave a file readable; most others do not.
        assert!((100..15_000).contains(&read), "safetensors: {read}");
        let read = break_often(&two, seed, 20_000);
        assert!((100..15_000).contains(&read), "gguf: {read}");
    }
}
