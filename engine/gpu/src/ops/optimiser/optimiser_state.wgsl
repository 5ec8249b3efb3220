// One row of an optimiser's state follows a gradient: the first moment, or the second one where `row` is 1. One invocation an
// element.
override WG: u32 = 64u;
struct Params { gradient: Place, factor: Place, settings: Place, state: Place, weight: Place, count: u32, row: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include finite
//#include optimiser
//#include rule
//#include place
@group(0) @binding(5) var<storage, read_write> state: array<f32>;    // [n]
@group(0) @binding(6) var<storage, read> weight: array<f32>;         // [n]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    if (!moves()) { return; }
    for (var i = id.x; i < p.count; i += groups.x * WG) {
        let at = p.state.at + i;
        state[at] = next_state(state[at], gradient_of(i), weight[p.weight.at + i]);
    }
}
