// Four neighbouring elements of values in f32 whose place, row distance and head size are multiples of 4.
@group(0) @binding(3) var<storage, read> values: array<vec4<f32>>;

fn value_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    return values[element(p.values, row, from_col) / 4u + quad];
}
