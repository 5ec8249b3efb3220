// Added to each output.
@group(0) @binding(6) var<storage, read> bias: array<f32>;           // [outs], or [2 * outs] with a gate

fn bias_of(o: u32) -> f32 { return bias[p.bias_at + o]; }
