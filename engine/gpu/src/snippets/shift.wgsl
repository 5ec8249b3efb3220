// Added to each normed column.
@group(0) @binding(11) var<storage, read> shift: array<vec4<f32>>;   // [cols]

fn shift_quad(quad: u32) -> vec4<f32> { return shift[p.shift_at / 4u + quad]; }
