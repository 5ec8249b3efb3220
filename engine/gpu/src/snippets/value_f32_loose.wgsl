// Four neighbouring elements of values in f32 that lie anywhere; zeros past `cols`.
@group(0) @binding(3) var<storage, read> values: array<f32>;

fn value_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    let first = element(p.values, row, from_col) + 4u * quad;
    let count = cols - 4u * quad;
    var four = vec4<f32>();
    four.x = values[first];
    if (count > 1u) { four.y = values[first + 1u]; }
    if (count > 2u) { four.z = values[first + 2u]; }
    if (count > 3u) { four.w = values[first + 3u]; }
    return four;
}
