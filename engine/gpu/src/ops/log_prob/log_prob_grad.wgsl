// Logits become a loss's gradient by them, in place: a * (onehot - p) + k * (p - q) + r * p * (log p - log q - KL(p || q)). One
// invocation an element.
override WG: u32 = 64u;
const NO_COLUMN: u32 = 0xffffffffu;
struct Params {
    logits: Place, targets: Place, statistics: Place, coefficients: Place, reference: Place,
    cols: u32, referenced: u32, op: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;   // [rows, cols]
@group(0) @binding(3) var<storage, read> targets: array<u32>;        // [rows]
@group(0) @binding(4) var<storage, read> statistics: array<f32>;     // [rows, 7]
@group(0) @binding(5) var<storage, read> coefficients: array<f32>;   // [rows, 3]
@group(0) @binding(6) var<storage, read> reference: array<f32>;      // [rows, cols], read when referenced

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.logits); r += groups.y) {
        let column = targets[element(p.targets, r, 0u)];
        if (id.x == 0u && column >= p.cols && column != NO_COLUMN) { fault(p.op, column, p.cols); }
        let known = element(p.statistics, r, 0u);
        let by = element(p.coefficients, r, 0u);
        for (var v = id.x; v < p.cols; v += groups.x * WG) {
            let at = element(p.logits, r, v);
            if (column >= p.cols) {
                logits[at] = 0.0;
                continue;
            }
            let log_p = logits[at] - statistics[known + 5u];
            let probability = exp(log_p);
            var slope = coefficients[by] * (select(0.0, 1.0, v == column) - probability);
            if (p.referenced == 1u) {
                let log_q = reference[element(p.reference, r, v)] - statistics[known + 6u];
                slope += coefficients[by + 1u] * (probability - exp(log_q));
                slope += coefficients[by + 2u] * probability * (log_p - log_q - statistics[known + 4u]);
            }
            logits[at] = slope;
        }
    }
}
