// out[c] += sum_r x[r,c]. One invocation a column walks the rows in order.
override WG: u32 = 64u;
struct Params { x: Place, out: Place, cols: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [cols]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var c = id.x; c < p.cols; c += groups.x * WG) {
        var sum = 0.0;
        for (var r = 0u; r < rows_of(p.x); r++) { sum += x[element(p.x, r, c)]; }
        out[element(p.out, 0u, c)] += sum;
    }
}
