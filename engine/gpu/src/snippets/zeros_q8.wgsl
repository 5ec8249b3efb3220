// The code of 0 in each group, one a byte, stored as 128 more than it is.
@group(0) @binding(4) var<storage, read> zeros: array<u32>;

fn zero_at(at: u32) -> f32 { return f32((zeros[at / 4u] >> (8u * (at % 4u))) & 255u) - 128.0; }
