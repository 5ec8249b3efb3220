// The code of 0 in each group, two a byte.
@group(0) @binding(4) var<storage, read> zeros: array<u32>;

fn zero_at(at: u32) -> f32 { return f32((zeros[at / 8u] >> (4u * (at % 8u))) & 15u); }
