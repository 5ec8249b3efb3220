// Causal attention over a cache, softmax in tiles of positions. A workgroup of 64 takes one head of one row: each invocation
// scores one position of a tile, then sums its columns of the values.
const WG: u32 = 64u;
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

var<workgroup> scores: array<f32, WG>;
var<workgroup> shares: array<f32, WG>;

fn largest_of_shares(local: u32, share: f32) -> f32 {
    workgroupBarrier();
    shares[local] = share;
    for (var half = WG / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (local < half) { shares[local] = max(shares[local], shares[local + half]); }
    }
    workgroupBarrier();
    return shares[0];
}

fn sum_of_shares(local: u32, share: f32) -> f32 {
    workgroupBarrier();
    shares[local] = share;
    for (var half = WG / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (local < half) { shares[local] += shares[local + half]; }
    }
    workgroupBarrier();
    return shares[0];
}

fn head(local: u32, r: u32, h: u32, first: u32, position: u32, slot: u32) {
    let base = h * p.kv_heads / p.heads * p.head_dim;
    let place = element(p.out, r, h * p.head_dim);
    var largest = -3.4e38;
    var total = 0.0;
    for (var start = first; start <= position; start += WG) {
        let count = min(WG, position + 1u - start);
        var score = -3.4e38;
        if (local < count) {
            var sums = vec4<f32>();
            for (var quad = 0u; 4u * quad < p.head_dim; quad++) {
                sums += x_quad(r, h * p.head_dim, quad, p.head_dim)
                    * key_quad(slot * p.context + start + local, base, quad, p.head_dim);
            }
            score = dot(sums, vec4<f32>(1.0)) * p.scale;
        }
        let tile_largest = max(largest, largest_of_shares(local, score));
        let before = exp(largest - tile_largest);
        largest = tile_largest;
        let weight = select(0.0, exp(score - largest), local < count);
        scores[local] = weight;
        total = total * before + sum_of_shares(local, weight);
        for (var quad = local; 4u * quad < p.head_dim; quad += WG) {
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
        workgroupBarrier();
    }
    for (var quad = local; 4u * quad < p.head_dim; quad += WG) {
        for (var i = 0u; i < min(4u, p.head_dim - 4u * quad); i++) { out[place + 4u * quad + i] /= total; }
    }
}

@compute @workgroup_size(WG)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    for (var r = group.y; r < rows_of(p.out); r += groups.y) {
        let position = positions[element(p.positions, r, 0u)];
        let slot = slots[element(p.slots, r, 0u)];
        if (position >= p.context || slot >= p.limit) {
            let speaks = group.x == 0u && local == 0u;
            if (speaks && position >= p.context) { fault(p.op, position, p.context); }
            if (speaks && slot >= p.limit) { fault(p.op, slot, p.limit); }
            continue;
        }
        // A window of 0 stands for none.
        let first = select(0u, position + 1u - min(p.window, position + 1u), p.window > 0u);
        for (var h = group.x; h < p.heads; h += groups.x) { head(local, r, h, first, position, slot); }
    }
}
