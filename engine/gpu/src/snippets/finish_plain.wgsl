// Products as they are, or added to what stands there.
const PRODUCTS: u32 = 1u;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, outs]

fn finish(row: u32, o: u32, products: vec2<f32>) {
    let at = element(p.out, row, o);
    var y = products.x + bias_of(o);
    if (p.accumulate == 1u) { y += out[at]; }
    out[at] = y;
}
