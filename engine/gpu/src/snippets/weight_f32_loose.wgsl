// f32 that lies anywhere; zeros past the columns.
@group(0) @binding(2) var<storage, read> elements: array<f32>;

fn weight_quad(row: u32, quad: u32) -> vec4<f32> {
    let first = element(p.weight, row, 0u) + 4u * quad;
    let count = p.cols - 4u * quad;
    var values = vec4<f32>();
    values.x = elements[first];
    if (count > 1u) { values.y = elements[first + 1u]; }
    if (count > 2u) { values.z = elements[first + 2u]; }
    if (count > 3u) { values.w = elements[first + 3u]; }
    return values;
}
