// out += sum of parts, in order: one invocation.
struct Params { out: Place, shares: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read_write> out: array<f32>;      // [1]
@group(0) @binding(3) var<storage, read> parts: array<f32>;          // [shares]

@compute @workgroup_size(1)
fn main() {
    var sum = 0.0;
    for (var share = 0u; share < p.shares; share++) { sum += parts[share]; }
    out[p.out.at] += sum;
}
