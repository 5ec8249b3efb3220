// out[r,o] = x[r] . weight[o] + bias[o], or out[r,o] += it. One invocation an output, no barrier: for few rows.
override WG: u32 = 64u;
struct Params { weight: Place, x: Place, out: Place, cols: u32, outs: u32, bias_at: u32, biased: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include scales
//#include weight
//#include x
@group(0) @binding(6) var<storage, read> bias: array<f32>;           // [outs], read when biased
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, outs]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        for (var o = id.x; o < p.outs; o += groups.x * WG) {
            var sums = vec4<f32>();
            for (var quad = 0u; 4u * quad < p.cols; quad++) {
                sums += weight_quad(o, quad) * x_quad(r, 0u, quad, p.cols);
            }
            var y = (sums.x + sums.y) + (sums.z + sums.w);
            if (p.biased == 1u) { y += bias[p.bias_at + o]; }
            let at = element(p.out, r, o);
            if (p.accumulate == 1u) { y += out[at]; }
            out[at] = y;
        }
    }
}
