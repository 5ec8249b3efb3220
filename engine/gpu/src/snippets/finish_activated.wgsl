// Products, and what an activation makes of them.
const PRODUCTS: u32 = 1u;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, outs]
@group(0) @binding(12) var<storage, read_write> inner: array<f32>;   // [rows, outs]

fn finish(row: u32, o: u32, products: vec2<f32>) {
    let y = products.x + bias_of(o);
    out[element(p.out, row, o)] = y;
    inner[element(p.inner, row, o)] = activation(p.kind, y);
}
