// out[c] += sum_r dy[r,c] * (x[r,c] - mean[r]) * scale[r]. One invocation a column walks the rows in order.
override WG: u32 = 64u;
struct Params { x: Place, dy: Place, out: Place, cols: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read> dy: array<f32>;             // [rows, cols]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [cols]
@group(0) @binding(5) var<storage, read> moments: array<f32>;        // [rows, 2]: mean, scale

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var c = id.x; c < p.cols; c += groups.x * WG) {
        var sum = 0.0;
        for (var r = 0u; r < rows_of(p.x); r++) {
            sum += dy[element(p.dy, r, c)] * (x[element(p.x, r, c)] - moments[2u * r]) * moments[2u * r + 1u];
        }
        out[element(p.out, 0u, c)] += sum;
    }
}
