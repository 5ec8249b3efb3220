// A cache of f16, two a word, so that neighbours share a word: each store changes its half only.
@group(0) @binding(3) var<storage, read_write> cache: array<atomic<u32>>;

fn store(at: u32, bits: u32) {
    let shift = 16u * (at % 2u);
    atomicAnd(&cache[at / 2u], ~(0xffffu << shift));
    atomicOr(&cache[at / 2u], half_bits(bits) << shift);
}
