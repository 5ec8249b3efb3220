// f16, two a word, whose place, row distance and column count are multiples of 4.
@group(0) @binding(2) var<storage, read> elements: array<vec2<u32>>;

fn weight_quad(row: u32, quad: u32) -> vec4<f32> {
    let words = elements[element(p.weight, row, 0u) / 4u + quad];
    return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}
