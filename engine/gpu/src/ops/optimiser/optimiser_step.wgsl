// A weight follows its optimiser's state. One invocation an element.
override WG: u32 = 64u;
struct Params {
    gradient: Place, factor: Place, settings: Place, first: Place, second: Place, weight: Place,
    count: u32, row: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
//#include finite
//#include optimiser
//#include rule
//#include place
@group(0) @binding(5) var<storage, read> first: array<f32>;          // [n]
@group(0) @binding(6) var<storage, read> second: array<f32>;         // [n], as first where a rule has one row
@group(0) @binding(7) var<storage, read_write> weight: array<f32>;   // [n]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    if (!moves()) { return; }
    for (var i = id.x; i < p.count; i += groups.x * WG) {
        let at = p.weight.at + i;
        weight[at] = next_weight(weight[at], gradient_of(i), first[p.first.at + i], second[p.second.at + i]);
    }
}
