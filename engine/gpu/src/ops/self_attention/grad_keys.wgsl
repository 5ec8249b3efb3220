// Gradient of attention by keys and values, one key of one row after the other: sums over the heads that share it and over the
// positions that see it, in order.
//#include place
//#include lanes
//#include sequences
//#include sequences_back
@group(0) @binding(5) var<storage, read> kept: array<f32>;           // [rows * heads, 2]

@compute @workgroup_size(WG)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
//#include mine
    let sharing = p.heads / p.kv_heads;
    for (var item = first; item < p.out.rows * p.kv_heads; item += step) {
        let row = item / p.kv_heads;
        let kv = item % p.kv_heads;
        let u = row % p.time;
        let by_key = element(p.out, row, key_column(kv));
        let by_value = element(p.out, row, value_column(kv));
        for (var c = lane; c < p.head_dim; c += LANES) {
            out[by_key + c] = 0.0;
            out[by_value + c] = 0.0;
        }
        let end = select(p.time, min(p.time, u + min(p.window, p.time)), p.window > 0u);
        for (var h = kv * sharing; h < (kv + 1u) * sharing; h++) {
            for (var begin = u; begin < end; begin += TILE) {
                let count = min(TILE, end - begin);
                let rows = row - u + begin;
                for (var i = lane; i < count; i += LANES) {
                    let at = 2u * ((rows + i) * p.heads + h);
                    let probability = exp(score(query(rows + i, h), key(row, kv)) - kept[at]);
                    let d = through(element(p.dy, rows + i, query_column(h)), value(row, kv));
                    tile[i] = vec2<f32>(probability, probability * (d - kept[at + 1u]) * p.scale);
                }
                sync();
                for (var c = lane; c < p.head_dim; c += LANES) {
                    var sums = vec2<f32>();
                    for (var i = 0u; i < count; i++) {
                        let d = dy[element(p.dy, rows + i, query_column(h)) + c];
                        sums += tile[i] * vec2<f32>(d, projected[query(rows + i, h) + c]);
                    }
                    out[by_value + c] += sums.x;
                    out[by_key + c] += sums.y;
                }
                sync();
            }
        }
    }
}
