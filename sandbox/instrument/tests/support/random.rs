//! Random numbers that are the same everywhere.

use wasmtime::{Val, ValType};

/// A small generator, so that a seed means the same module on every machine (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect()
    }

    /// A value that is often at an edge.
    pub(crate) fn value(&mut self, ty: &ValType) -> Val {
        let word = match self.next() % 4 {
            0 => self.next() % 16,
            1 => u64::MAX - self.next() % 4,
            2 => 0x7ff4_0000_0000_0001 | (self.next() << 63),
            _ => self.next(),
        };
        let half = u32::try_from(word >> 32).unwrap();
        match ty {
            ValType::I32 => Val::I32(u32::try_from(word & 0xffff_ffff).unwrap().cast_signed()),
            ValType::I64 => Val::I64(word.cast_signed()),
            ValType::F32 => Val::F32(half),
            ValType::F64 => Val::F64(word),
            ValType::V128 => Val::V128((u128::from(word) << 64 | u128::from(self.next())).into()),
            _ => Val::FuncRef(None),
        }
    }
}
