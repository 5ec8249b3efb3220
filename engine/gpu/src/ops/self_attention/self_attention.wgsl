// Causal attention of whole sequences, softmax in tiles of positions, one head of one row after the other.
struct Params {
    projected: Place, out: Place,
    heads: u32, kv_heads: u32, head_dim: u32, time: u32, scale: f32, window: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include lanes
//#include sequences
@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [rows, heads * head_dim]

@compute @workgroup_size(WG)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
//#include mine
    for (var item = first; item < p.out.rows * p.heads; item += step) {
        let row = item / p.heads;
        let h = item % p.heads;
        let kv = h * p.kv_heads / p.heads;
        let t = row % p.time;
        let place = element(p.out, row, query_column(h));
        let seen = first_seen(t);
        var largest = -3.4e38;
        var sum = 0.0;
        for (var begin = seen; begin <= t; begin += TILE) {
            let count = min(TILE, t + 1u - begin);
            let rows = row - t + begin;
            var mine = largest;
            for (var i = lane; i < count; i += LANES) {
                tile[i].x = score(query(row, h), key(rows + i, kv));
                mine = max(mine, tile[i].x);
            }
            mine = most(lane, vec2<f32>(mine, 0.0)).x;
            let before = exp(largest - mine);
            largest = mine;
            var part = vec4<f32>();
            for (var i = lane; i < count; i += LANES) {
                tile[i].x = exp(tile[i].x - largest);
                part.x += tile[i].x;
            }
            sum = sum * before + total(lane, part).x;
            for (var c = lane; c < p.head_dim; c += LANES) {
                var y = 0.0;
                for (var i = 0u; i < count; i++) { y += tile[i].x * projected[value(rows + i, kv) + c]; }
                // What stood there before is no part of the sum.
                if (begin == seen) { out[place + c] = y; } else { out[place + c] = out[place + c] * before + y; }
            }
            sync();
        }
        for (var c = lane; c < p.head_dim; c += LANES) { out[place + c] /= sum; }
    }
}
