// Four neighbouring elements of keys in f16 whose place, row distance and head size are multiples of 4.
@group(0) @binding(2) var<storage, read> keys: array<vec2<u32>>;

fn key_quad(row: u32, from_col: u32, quad: u32, cols: u32) -> vec4<f32> {
    let words = keys[element(p.keys, row, from_col) / 4u + quad];
    return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}
