// Rotary positions on queries and keys, in place, and keys and values into their caches: what otherwise takes three calls.
// Keys are the last `cols` columns that turn. Without a table (`half` of 0) keys are only copied. One invocation takes one
// pair, or one element that does not turn.
override WG: u32 = 64u;
struct Params {
    x: Place, table: Place, positions: Place, slots: Place, key: Place, value: Place, keys: Place, values: Place,
    heads: u32, head_dim: u32, interleaved: u32, half: u32, turned_limit: u32, key_col: u32, cols: u32, context: u32,
    rope_op: u32, cache_op: u32, limit: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
//#include half_bits
@group(0) @binding(2) var<storage, read_write> x: array<f32>;        // [rows, queries, keys and values]
//#include keys
@group(0) @binding(4) var<storage, read> positions: array<u32>;      // [rows]
@group(0) @binding(5) var<storage, read> slots: array<u32>;          // [rows]
@group(0) @binding(6) var<storage, read> table: array<f32>;          // [turned_limit, 2 * half]
//#include values

fn turn(r: u32, pair: u32, position: u32, cache_row: u32) {
    let i = pair % p.half;
    let head = pair / p.half * p.head_dim;
    let first = head + select(i, 2u * i, p.interleaved == 1u);
    let second = first + select(p.half, 1u, p.interleaved == 1u);
    let cosine = table[element(p.table, position, i)];
    let sine = table[element(p.table, position, p.half + i)];
    let a = x[element(p.x, r, first)];
    let b = x[element(p.x, r, second)];
    let turned = vec2<f32>(a * cosine - b * sine, b * cosine + a * sine);
    x[element(p.x, r, first)] = turned.x;
    x[element(p.x, r, second)] = turned.y;
    if (first >= p.key_col) {
        store_key(element(p.keys, cache_row, first - p.key_col), bitcast<u32>(turned.x));
        store_key(element(p.keys, cache_row, second - p.key_col), bitcast<u32>(turned.y));
    }
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let pairs = p.heads * p.half;
    // Keys that turn are stored as they turn.
    let copied = select(p.cols, 0u, p.half > 0u);
    for (var r = id.y; r < rows_of(p.key); r += groups.y) {
        let position = positions[element(p.positions, r, 0u)];
        let slot = slots[element(p.slots, r, 0u)];
        let turns = p.half == 0u || position < p.turned_limit;
        if (!turns || position >= p.context || slot >= p.limit) {
            if (id.x == 0u && !turns) { fault(p.rope_op, position, p.turned_limit); }
            if (id.x == 0u && position >= p.context) { fault(p.cache_op, position, p.context); }
            if (id.x == 0u && slot >= p.limit) { fault(p.cache_op, slot, p.limit); }
            continue;
        }
        let cache_row = slot * p.context + position;
        for (var i = id.x; i < pairs + copied + p.cols; i += groups.x * WG) {
            if (i < pairs) {
                turn(r, i, position, cache_row);
            } else if (i < pairs + copied) {
                let c = i - pairs;
                store_key(element(p.keys, cache_row, c), bitcast<u32>(x[element(p.key, r, c)]));
            } else {
                let c = i - pairs - copied;
                store_value(element(p.values, cache_row, c), bitcast<u32>(x[element(p.value, r, c)]));
            }
        }
    }
}
