// out[r,c] = f(x[r,c]), or f(x[r,c]) * x[r, cols + c] when gated. One invocation an element.
override WG: u32 = 64u;
struct Params { x: Place, out: Place, cols: u32, kind: u32, gated: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include activation
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols], or [rows, 2 * cols] when gated
@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [rows, cols]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        for (var c = id.x; c < p.cols; c += groups.x * WG) {
            var y = activation(p.kind, x[element(p.x, r, c)]);
            if (p.gated == 1u) { y *= x[element(p.x, r, p.cols + c)]; }
            out[element(p.out, r, c)] = y;
        }
    }
}
