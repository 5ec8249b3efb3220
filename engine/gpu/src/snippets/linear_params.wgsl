// What every product is fed. `normed`, `gain_at`, `shift_at`, `eps`: of a norm that is computed on the way; `inner`, `kind`:
// of an activation. With a gate, output `o` comes with output `outs + o`.
struct Params {
    weight: Place, x: Place, out: Place, normed: Place, inner: Place,
    cols: u32, outs: u32, bias_at: u32, accumulate: u32, gain_at: u32, shift_at: u32, eps: f32, kind: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
