// Keys of f16, two a word, so that neighbours share a word: each store changes its half only.
@group(0) @binding(3) var<storage, read_write> keys: array<atomic<u32>>;

fn store_key(at: u32, bits: u32) {
    let shift = 16u * (at % 2u);
    atomicAnd(&keys[at / 2u], ~(0xffffu << shift));
    atomicOr(&keys[at / 2u], half_bits(bits) << shift);
}
