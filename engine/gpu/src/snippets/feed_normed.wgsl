// Rows after a norm, which is also kept.
@group(0) @binding(8) var<storage, read> gain: array<vec4<f32>>;     // [cols]
@group(0) @binding(9) var<storage, read_write> normed: array<vec4<f32>>; // [rows, cols]

fn fed_quad(row: u32, quad: u32) -> vec4<f32> {
    return unit_quad(row, quad) * gain[p.gain_at / 4u + quad] + shift_quad(quad);
}

// All invocations of a row share the work.
fn keep_row(row: u32, first: u32, step: u32) {
    for (var quad = first; 4u * quad < p.cols; quad += step) {
        normed[element(p.normed, row, 0u) / 4u + quad] = fed_quad(row, quad);
    }
}
