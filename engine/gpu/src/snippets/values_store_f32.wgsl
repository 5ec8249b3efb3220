// Values of f32.
@group(0) @binding(7) var<storage, read_write> values: array<u32>;

fn store_value(at: u32, bits: u32) { values[at] = bits; }
