// Causal attention over a cache, softmax in tiles of positions. One invocation takes one head of one row, no barrier.
override WG: u32 = 4u;
const TILE: u32 = 16u;
struct Params {
    x: Place, keys: Place, values: Place, positions: Place, slots: Place, out: Place,
    heads: u32, kv_heads: u32, head_dim: u32, context: u32, scale: f32, window: u32, op: u32, limit: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
//#include keys
//#include values
//#include x
@group(0) @binding(4) var<storage, read> positions: array<u32>;      // [rows]
@group(0) @binding(6) var<storage, read> slots: array<u32>;          // [rows]
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, heads * head_dim]

fn head(r: u32, h: u32, first: u32, position: u32, slot: u32) {
    let base = h * p.kv_heads / p.heads * p.head_dim;
    let place = element(p.out, r, h * p.head_dim);
    var largest = -3.4e38;
    var total = 0.0;
    var scores: array<f32, TILE>;
    for (var start = first; start <= position; start += TILE) {
        let count = min(TILE, position + 1u - start);
        var tile_largest = largest;
        for (var t = 0u; t < count; t++) {
            var sums = vec4<f32>();
            for (var quad = 0u; 4u * quad < p.head_dim; quad++) {
                sums += x_quad(r, h * p.head_dim, quad, p.head_dim)
                    * key_quad(slot * p.context + start + t, base, quad, p.head_dim);
            }
            scores[t] = dot(sums, vec4<f32>(1.0)) * p.scale;
            tile_largest = max(tile_largest, scores[t]);
        }
        let before = exp(largest - tile_largest);
        largest = tile_largest;
        total *= before;
        for (var t = 0u; t < count; t++) {
            scores[t] = exp(scores[t] - largest);
            total += scores[t];
        }
        for (var quad = 0u; 4u * quad < p.head_dim; quad++) {
            var sums = vec4<f32>();
            for (var t = 0u; t < count; t++) {
                sums += scores[t] * value_quad(slot * p.context + start + t, base, quad, p.head_dim);
            }
            for (var i = 0u; i < min(4u, p.head_dim - 4u * quad); i++) {
                let at = place + 4u * quad + i;
                // What stood there before is no part of the sum.
                if (start == first) { out[at] = sums[i]; } else { out[at] = out[at] * before + sums[i]; }
            }
        }
    }
    for (var i = 0u; i < p.head_dim; i++) { out[place + i] /= total; }
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        let position = positions[element(p.positions, r, 0u)];
        let slot = slots[element(p.slots, r, 0u)];
        if (position >= p.context || slot >= p.limit) {
            if (id.x == 0u && position >= p.context) { fault(p.op, position, p.context); }
            if (id.x == 0u && slot >= p.limit) { fault(p.op, slot, p.limit); }
            continue;
        }
        // A window of 0 stands for none.
        let first = select(0u, position + 1u - min(p.window, position + 1u), p.window > 0u);
        for (var h = id.x; h < p.heads; h += groups.x * WG) { head(r, h, first, position, slot); }
    }
}
