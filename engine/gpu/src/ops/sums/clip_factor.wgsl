// out = min(1, limit / (sqrt(squares) + 1e-6)), a NaN where squares is not finite: one invocation.
struct Params { squares: Place, out: Place, limit: f32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include finite
@group(0) @binding(2) var<storage, read> squares: array<u32>;        // [1], f32 as bits
@group(0) @binding(3) var<storage, read_write> out: array<u32>;      // [1], f32 as bits

@compute @workgroup_size(1)
fn main() {
    let bits = squares[p.squares.at];
    var factor = 0x7fc00000u;
    if (finite(bits)) {
        let size = sqrt(bitcast<f32>(bits)) + 1e-6;
        factor = bitcast<u32>(select(p.limit / size, 1.0, p.limit >= size));
    }
    out[p.out.at] = factor;
}
