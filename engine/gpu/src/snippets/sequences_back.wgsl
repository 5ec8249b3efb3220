// What both gradients of attention read and write.
struct Params {
    projected: Place, dy: Place, out: Place,
    heads: u32, kv_heads: u32, head_dim: u32, time: u32, scale: f32, window: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(3) var<storage, read> dy: array<f32>;             // [rows, heads * head_dim]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // as projected

fn through(d: u32, value: u32) -> f32 {
    var sum = 0.0;
    for (var c = 0u; c < p.head_dim; c++) { sum += dy[d + c] * projected[value + c]; }
    return sum;
}
