// Products of gate and up, and the activated gate times up.
const PRODUCTS: u32 = 2u;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, 2 * outs]
@group(0) @binding(12) var<storage, read_write> inner: array<f32>;   // [rows, outs]

fn finish(row: u32, o: u32, products: vec2<f32>) {
    let gate = products.x + bias_of(o);
    let up = products.y + bias_of(p.outs + o);
    out[element(p.out, row, o)] = gate;
    out[element(p.out, row, p.outs + o)] = up;
    inner[element(p.inner, row, o)] = activation(p.kind, gate) * up;
}
