// Gradient of attention by queries, one head of one row after the other; keeps what the gradient by keys and values needs of
// each: the logarithm of the sum of exponentials, and sum_u p_tu * (dy_t . v_u).
//#include place
//#include lanes
//#include sequences
//#include sequences_back
@group(0) @binding(5) var<storage, read_write> kept: array<f32>;     // [rows * heads, 2]

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
        let d = element(p.dy, row, query_column(h));
        let place = element(p.out, row, query_column(h));
        let seen = first_seen(t);
        var largest = -3.4e38;
        var part = vec4<f32>();
        for (var u = seen + lane; u <= t; u += LANES) {
            let z = score(query(row, h), key(row - t + u, kv));
            let now = max(largest, z);
            let weight = exp(z - now);
            let more = vec4<f32>(weight, weight * through(d, value(row - t + u, kv)), 0.0, 0.0);
            part = part * exp(largest - now) + more;
            largest = now;
        }
        let top = most(lane, vec2<f32>(largest, 0.0)).x;
        let sums = total(lane, part * exp(largest - top));
        let log_sum = top + log(sums.x);
        let mean = sums.y / sums.x;
        if (lane == 0u) {
            kept[2u * item] = log_sum;
            kept[2u * item + 1u] = mean;
        }
        for (var begin = seen; begin <= t; begin += TILE) {
            let count = min(TILE, t + 1u - begin);
            let rows = row - t + begin;
            for (var i = lane; i < count; i += LANES) {
                let probability = exp(score(query(row, h), key(rows + i, kv)) - log_sum);
                tile[i].x = probability * (through(d, value(rows + i, kv)) - mean) * p.scale;
            }
            sync();
            for (var c = lane; c < p.head_dim; c += LANES) {
                var y = 0.0;
                for (var i = 0u; i < count; i++) { y += tile[i].x * projected[key(rows + i, kv) + c]; }
                if (begin == seen) { out[place + c] = y; } else { out[place + c] += y; }
            }
            sync();
        }
    }
}
