// f16, two a word, that lies anywhere; zeros past the columns.
@group(0) @binding(2) var<storage, read> elements: array<u32>;

fn weight_at(at: u32) -> f32 { return unpack2x16float(elements[at / 2u])[at % 2u]; }

fn weight_quad(row: u32, quad: u32) -> vec4<f32> {
    let first = element(p.weight, row, 0u) + 4u * quad;
    let count = p.cols - 4u * quad;
    var values = vec4<f32>();
    values.x = weight_at(first);
    if (count > 1u) { values.y = weight_at(first + 1u); }
    if (count > 2u) { values.z = weight_at(first + 2u); }
    if (count > 3u) { values.w = weight_at(first + 3u); }
    return values;
}
