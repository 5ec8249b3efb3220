// Values of f16, two a word, so that neighbours share a word: each store changes its half only.
@group(0) @binding(7) var<storage, read_write> values: array<atomic<u32>>;

fn store_value(at: u32, bits: u32) {
    let shift = 16u * (at % 2u);
    atomicAnd(&values[at / 2u], ~(0xffffu << shift));
    atomicOr(&values[at / 2u], half_bits(bits) << shift);
}
