// A cache of f32.
@group(0) @binding(3) var<storage, read_write> cache: array<u32>;

fn store(at: u32, bits: u32) { cache[at] = bits; }
