// out[r,c] = dy[r,c] * f'(x[r,c]); when gated, the gradient of f(gate) * up by both, which stand in the halves of a row. One
// invocation an element of dy.
override WG: u32 = 64u;
struct Params { x: Place, dy: Place, out: Place, cols: u32, kind: u32, gated: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include activation
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols], or [rows, 2 * cols] when gated
@group(0) @binding(3) var<storage, read> dy: array<f32>;             // [rows, cols]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // as x

fn slope(kind: u32, x: f32) -> f32 {
    switch kind {
        case 0u: {
            let gate = 1.0 / (1.0 + exp(min(-x, 87.0)));
            return gate * (1.0 + x * (1.0 - gate));
        }
        case 1u: { return 0.5 * (1.0 + erf(x * 0.70710678)) + x * 0.3989422804 * exp(-0.5 * x * x); }
        case 2u: {
            let tanh = exact_tanh(0.7978845608 * (x + 0.044715 * x * x * x));
            return 0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * 0.7978845608 * (1.0 + 0.134145 * x * x);
        }
        default: { return select(0.0, 1.0, x > 0.0); }
    }
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        for (var c = id.x; c < p.cols; c += groups.x * WG) {
            let gate = x[element(p.x, r, c)];
            var d = dy[element(p.dy, r, c)];
            if (p.gated == 1u) {
                out[element(p.out, r, p.cols + c)] = d * activation(p.kind, gate);
                d *= x[element(p.x, r, p.cols + c)];
            }
            out[element(p.out, r, c)] = d * slope(p.kind, gate);
        }
    }
}
