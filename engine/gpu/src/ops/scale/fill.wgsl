// out = value. One invocation an element; values are bits.
override WG: u32 = 64u;
struct Params { out: Place, cols: u32, value: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read_write> out: array<u32>;      // [rows, cols], f32 as bits

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        for (var c = id.x; c < p.cols; c += groups.x * WG) { out[element(p.out, r, c)] = p.value; }
    }
}
