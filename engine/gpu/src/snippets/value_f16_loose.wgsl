// Four neighbouring elements of values in f16 that lie anywhere; zeros past `cols`.
@group(0) @binding(3) var<storage, read> values: array<u32>;

fn value_at(at: u32) -> f32 { return unpack2x16float(values[at / 2u])[at % 2u]; }

fn value_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    let first = element(p.values, row, from_col) + 4u * quad;
    let count = cols - 4u * quad;
    var four = vec4<f32>();
    four.x = value_at(first);
    if (count > 1u) { four.y = value_at(first + 1u); }
    if (count > 2u) { four.z = value_at(first + 2u); }
    if (count > 3u) { four.w = value_at(first + 3u); }
    return four;
}
