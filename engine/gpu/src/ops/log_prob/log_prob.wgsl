// What a distribution says of its target, and how far it is from a reference, row after row and without a copy of either:
// log p(target), log q(target), the entropy of p, KL(q || p), KL(p || q), and the logarithms of both sums of exponentials.
const NO_COLUMN: u32 = 0xffffffffu;
const STATISTICS: u32 = 7u;
// Elements that are summed before they are added to a sum of many.
const BLOCK: u32 = 64u;
struct Params { logits: Place, targets: Place, out: Place, reference: Place, cols: u32, referenced: u32, op: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
//#include lanes
@group(0) @binding(2) var<storage, read> logits: array<f32>;         // [rows, cols]
@group(0) @binding(3) var<storage, read> targets: array<u32>;        // [rows]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [rows, STATISTICS]
@group(0) @binding(5) var<storage, read> reference: array<f32>;      // [rows, cols], read when referenced

// Logits of both at one place.
fn both(r: u32, v: u32) -> vec2<f32> {
    var z = vec2<f32>(logits[element(p.logits, r, v)], 0.0);
    if (p.referenced == 1u) { z.y = reference[element(p.reference, r, v)]; }
    return z;
}

@compute @workgroup_size(WG)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
//#include mine
    for (var r = first; r < rows_of(p.out); r += step) {
        let column = targets[element(p.targets, r, 0u)];
        let place = element(p.out, r, 0u);
        if (column >= p.cols) {
            if (lane == 0u) {
                if (column != NO_COLUMN) { fault(p.op, column, p.cols); }
                for (var i = 0u; i < STATISTICS; i++) { out[place + i] = 0.0; }
            }
            continue;
        }
        var largest = vec2<f32>(-3.4e38);
        for (var v = lane; v < p.cols; v += LANES) { largest = max(largest, both(r, v)); }
        let top = most(lane, largest);
        var sum = vec4<f32>();
        for (var begin = lane; begin < p.cols; begin += BLOCK * LANES) {
            var block = vec2<f32>();
            for (var v = begin; v < min(p.cols, begin + BLOCK * LANES); v += LANES) { block += exp(both(r, v) - top); }
            sum += vec4<f32>(block, 0.0, 0.0);
        }
        let logs = log(total(lane, sum).xy);
        sum = vec4<f32>();
        for (var begin = lane; begin < p.cols; begin += BLOCK * LANES) {
            var block = vec4<f32>();
            for (var v = begin; v < min(p.cols, begin + BLOCK * LANES); v += LANES) {
                let log_p = both(r, v) - top - logs;
                let probability = exp(log_p);
                let off = log_p.x - log_p.y;
                block += vec4<f32>(-probability.x * log_p.x, -probability.y * off, probability.x * off, 0.0);
            }
            sum += block;
        }
        let sums = total(lane, sum);
        if (lane == 0u) {
            let log_p = both(r, column) - top - logs;
            let used = select(0.0, 1.0, p.referenced == 1u);
            out[place] = log_p.x;
            out[place + 1u] = used * log_p.y;
            out[place + 2u] = sums.x;
            out[place + 3u] = used * sums.y;
            out[place + 4u] = used * sums.z;
            out[place + 5u] = top.x + logs.x;
            out[place + 6u] = used * (top.y + logs.y);
        }
    }
}
