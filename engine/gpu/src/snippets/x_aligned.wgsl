// Four neighbouring elements of an f32 matrix whose place, row distance and column count are multiples of 4.
@group(0) @binding(5) var<storage, read> xs: array<vec4<f32>>;

fn x_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    return xs[element(p.x, row, from_col) / 4u + quad];
}
