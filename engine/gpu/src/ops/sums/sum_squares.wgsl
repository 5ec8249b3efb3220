// parts[i] = a share of sum x^2: every invocation takes every `shares`-th element, in order.
override WG: u32 = 64u;
struct Params { x: Place, cols: u32, shares: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;    // [shares]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var share = id.x; share < p.shares; share += groups.x * WG) {
        var sum = 0.0;
        for (var r = 0u; r < rows_of(p.x); r++) {
            var row = 0.0;
            for (var c = share; c < p.cols; c += p.shares) {
                let value = x[element(p.x, r, c)];
                row += value * value;
            }
            sum += row;
        }
        parts[share] = sum;
    }
}
