// Four neighbouring elements of keys in f32 that lie anywhere; zeros past `cols`.
@group(0) @binding(2) var<storage, read> keys: array<f32>;

fn key_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    let first = element(p.keys, row, from_col) + 4u * quad;
    let count = cols - 4u * quad;
    var four = vec4<f32>();
    four.x = keys[first];
    if (count > 1u) { four.y = keys[first + 1u]; }
    if (count > 2u) { four.z = keys[first + 2u]; }
    if (count > 3u) { four.w = keys[first + 3u]; }
    return four;
}
