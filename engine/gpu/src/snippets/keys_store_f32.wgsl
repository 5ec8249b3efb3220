// Keys of f32.
@group(0) @binding(3) var<storage, read_write> keys: array<u32>;

fn store_key(at: u32, bits: u32) { keys[at] = bits; }
