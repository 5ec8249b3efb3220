// out[r,c] = (x[r,c] - mean) / sqrt(variance + eps) * gain[c] + bias[c]. One invocation a row, no barrier.
override WG: u32 = 64u;
struct Params { x: Place, out: Place, cols: u32, eps: f32, gain_at: u32, bias_at: u32, biased: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include x
@group(0) @binding(6) var<storage, read> gain: array<f32>;           // [cols]
@group(0) @binding(8) var<storage, read> bias: array<f32>;           // [cols], read when biased
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, cols]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.x; r < rows_of(p.out); r += groups.x * WG) {
        var sums = vec4<f32>();
        for (var quad = 0u; 4u * quad < p.cols; quad++) { sums += x_quad(r, 0u, quad, p.cols); }
        let mean = dot(sums, vec4<f32>(1.0)) / f32(p.cols);
        var squares = 0.0;
        for (var quad = 0u; 4u * quad < p.cols; quad++) {
            let four = x_quad(r, 0u, quad, p.cols) - mean;
            for (var i = 0u; i < min(4u, p.cols - 4u * quad); i++) { squares += four[i] * four[i]; }
        }
        let scale = inverseSqrt(squares / f32(p.cols) + p.eps);
        for (var quad = 0u; 4u * quad < p.cols; quad++) {
            let four = x_quad(r, 0u, quad, p.cols) - mean;
            for (var i = 0u; i < min(4u, p.cols - 4u * quad); i++) {
                let c = 4u * quad + i;
                var shift = 0.0;
                if (p.biased == 1u) { shift = bias[p.bias_at + c]; }
                out[element(p.out, r, c)] = four[i] * scale * gain[p.gain_at + c] + shift;
            }
        }
    }
}
