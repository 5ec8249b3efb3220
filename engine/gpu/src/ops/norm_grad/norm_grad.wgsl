// Gradient of a norm by its input: with n = (x - mean) * s and h = gain * dy, s * (h - mean(h) - n * mean(h * n)), without
// means of x and h unless centred.
struct Params { x: Place, gain: Place, dy: Place, out: Place, cols: u32, eps: f32, centred: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include lanes
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read> gain: array<f32>;           // [cols]
@group(0) @binding(4) var<storage, read> dy: array<f32>;             // [rows, cols]
@group(0) @binding(5) var<storage, read_write> out: array<f32>;      // [rows, cols]

@compute @workgroup_size(WG)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
//#include mine
    for (var r = first; r < rows_of(p.out); r += step) {
        var sum = vec4<f32>();
        for (var c = lane; c < p.cols; c += LANES) { sum.x += x[element(p.x, r, c)]; }
        let mean = select(0.0, total(lane, sum).x / f32(p.cols), p.centred == 1u);
        sum = vec4<f32>();
        for (var c = lane; c < p.cols; c += LANES) {
            let off = x[element(p.x, r, c)] - mean;
            let h = gain[element(p.gain, 0u, c)] * dy[element(p.dy, r, c)];
            sum += vec4<f32>(off * off, h, h * off, 0.0);
        }
        let means = total(lane, sum) / f32(p.cols);
        let scale = inverseSqrt(means.x + p.eps);
        let mean_h = select(0.0, means.y, p.centred == 1u);
        let slope = means.z * scale * scale;
        for (var c = lane; c < p.cols; c += LANES) {
            let off = x[element(p.x, r, c)] - mean;
            let h = gain[element(p.gain, 0u, c)] * dy[element(p.dy, r, c)];
            let at = element(p.out, r, c);
            out[at] = scale * (h - mean_h - off * slope) + select(0.0, out[at], p.accumulate == 1u);
        }
    }
}
