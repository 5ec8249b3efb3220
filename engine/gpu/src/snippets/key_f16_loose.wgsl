// Four neighbouring elements of keys in f16 that lie anywhere; zeros past `cols`.
@group(0) @binding(2) var<storage, read> keys: array<u32>;

fn key_at(at: u32) -> f32 { return unpack2x16float(keys[at / 2u])[at % 2u]; }

fn key_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    let first = element(p.keys, row, from_col) + 4u * quad;
    let count = cols - 4u * quad;
    var four = vec4<f32>();
    four.x = key_at(first);
    if (count > 1u) { four.y = key_at(first + 1u); }
    if (count > 2u) { four.z = key_at(first + 2u); }
    if (count > 3u) { four.w = key_at(first + 3u); }
    return four;
}
