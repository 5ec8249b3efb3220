// cache[slots[r] * context + positions[r]] = x[r]. Values are moved as bits. One invocation an element.
override WG: u32 = 64u;
struct Params { x: Place, cache: Place, positions: Place, slots: Place, cols: u32, context: u32, op: u32, limit: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
//#include half_bits
@group(0) @binding(2) var<storage, read> x: array<u32>;              // [rows, cols], f32 as bits
@group(0) @binding(4) var<storage, read> positions: array<u32>;      // [rows]
@group(0) @binding(5) var<storage, read> slots: array<u32>;          // [rows]
//#include store

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.x); r += groups.y) {
        let position = positions[element(p.positions, r, 0u)];
        let slot = slots[element(p.slots, r, 0u)];
        if (position >= p.context || slot >= p.limit) {
            if (id.x == 0u && position >= p.context) { fault(p.op, position, p.context); }
            if (id.x == 0u && slot >= p.limit) { fault(p.op, slot, p.limit); }
            continue;
        }
        for (var c = id.x; c < p.cols; c += groups.x * WG) {
            store(element(p.cache, slot * p.context + position, c), x[element(p.x, r, c)]);
        }
    }
}
