// Four neighbouring elements of an f32 matrix that lies anywhere; zeros past `cols`.
@group(0) @binding(5) var<storage, read> xs: array<f32>;

fn x_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    let first = element(p.x, row, from_col) + 4u * quad;
    let count = cols - 4u * quad;
    var values = vec4<f32>();
    values.x = xs[first];
    if (count > 1u) { values.y = xs[first + 1u]; }
    if (count > 2u) { values.z = xs[first + 2u]; }
    if (count > 3u) { values.w = xs[first + 3u]; }
    return values;
}
