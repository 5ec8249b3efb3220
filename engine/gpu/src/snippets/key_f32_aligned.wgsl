// Four neighbouring elements of keys in f32 whose place, row distance and head size are multiples of 4.
@group(0) @binding(2) var<storage, read> keys: array<vec4<f32>>;

fn key_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    return keys[element(p.keys, row, from_col) / 4u + quad];
}
