// Rotary positions, in place: each pair (a, b) of a head becomes (a cos - b sin, b cos + a sin); `turn` is -1 to turn back. One
// invocation a pair.
override WG: u32 = 64u;
struct Params {
    x: Place, table: Place, positions: Place,
    heads: u32, head_dim: u32, interleaved: u32, op: u32, half: u32, limit: u32, turn: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
@group(0) @binding(2) var<storage, read_write> x: array<f32>;        // [rows, heads * head_dim]
@group(0) @binding(3) var<storage, read> table: array<f32>;          // [limit, 2 * half]: cosines, then sines
@group(0) @binding(4) var<storage, read> positions: array<u32>;      // [rows]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.x); r += groups.y) {
        let position = positions[element(p.positions, r, 0u)];
        if (position >= p.limit) {
            if (id.x == 0u) { fault(p.op, position, p.limit); }
            continue;
        }
        for (var pair = id.x; pair < p.heads * p.half; pair += groups.x * WG) {
            let i = pair % p.half;
            let head = element(p.x, r, pair / p.half * p.head_dim);
            let first = head + select(i, 2u * i, p.interleaved == 1u);
            let second = first + select(p.half, 1u, p.interleaved == 1u);
            let cosine = table[element(p.table, position, i)];
            let sine = p.turn * table[element(p.table, position, p.half + i)];
            let a = x[first];
            let b = x[second];
            x[first] = a * cosine - b * sine;
            x[second] = b * cosine + a * sine;
        }
    }
}
