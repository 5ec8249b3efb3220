// Scales of a quantised weight, one a group; `p.weight` holds words before the first code, columns, scales before the first
// one, zeros before the first one.
override GROUP: u32 = 32u;
override HALF_SCALES: bool = false;
@group(0) @binding(3) var<storage, read> scales: array<u32>;

fn scale_at(at: u32) -> f32 {
    if (HALF_SCALES) { return unpack2x16float(scales[at / 2u])[at % 2u]; }
    return bitcast<f32>(scales[at]);
}
