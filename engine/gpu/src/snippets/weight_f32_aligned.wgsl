// f32 whose place, row distance and column count are multiples of 4.
@group(0) @binding(2) var<storage, read> elements: array<vec4<f32>>;

fn weight_quad(row: u32, quad: u32) -> vec4<f32> { return elements[element(p.weight, row, 0u) / 4u + quad]; }
