// moments[r] = mean of row r (0 unless centred) and 1 / sqrt(variance + eps).
struct Params { x: Place, cols: u32, eps: f32, centred: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include lanes
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;  // [rows, 2]

@compute @workgroup_size(WG)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
//#include mine
    for (var r = first; r < rows_of(p.x); r += step) {
        var sum = vec4<f32>();
        for (var c = lane; c < p.cols; c += LANES) { sum.x += x[element(p.x, r, c)]; }
        let mean = select(0.0, total(lane, sum).x / f32(p.cols), p.centred == 1u);
        sum = vec4<f32>();
        for (var c = lane; c < p.cols; c += LANES) {
            let off = x[element(p.x, r, c)] - mean;
            sum.x += off * off;
        }
        let scale = inverseSqrt(total(lane, sum).x / f32(p.cols) + p.eps);
        if (lane == 0u) {
            moments[2u * r] = mean;
            moments[2u * r + 1u] = scale;
        }
    }
}
