// out = factor * x, or out += it. One invocation an element.
override WG: u32 = 64u;
struct Params { x: Place, out: Place, cols: u32, factor: f32, accumulate: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [rows, cols]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        for (var c = id.x; c < p.cols; c += groups.x * WG) {
            let at = element(p.out, r, c);
            out[at] = p.factor * x[element(p.x, r, c)] + select(0.0, out[at], p.accumulate == 1u);
        }
    }
}
