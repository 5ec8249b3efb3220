// out[r,o] = x[r] . weight[o] + bias[o], or out[r,o] += it. A workgroup takes four outputs of one row, and sixteen invocations
// share the columns of each: for few rows, where neighbours should read neighbouring words.
const LANES: u32 = 16u;
const OUTS: u32 = 4u;
struct Params { weight: Place, x: Place, out: Place, cols: u32, outs: u32, bias_at: u32, biased: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include scales
//#include weight
//#include x
@group(0) @binding(6) var<storage, read> bias: array<f32>;           // [outs], read when biased
@group(0) @binding(7) var<storage, read_write> out: array<f32>;      // [rows, outs]
var<workgroup> partial: array<f32, LANES * OUTS>;

@compute @workgroup_size(LANES * OUTS)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let lane = local % LANES;
    for (var r = group.y; r < rows_of(p.out); r += groups.y) {
        for (var first = OUTS * group.x; first < p.outs; first += OUTS * groups.x) {
            let o = first + local / LANES;
            var sums = vec4<f32>();
            if (o < p.outs) {
                for (var quad = lane; 4u * quad < p.cols; quad += LANES) {
                    sums += weight_quad(o, quad) * x_quad(r, 0u, quad, p.cols);
                }
            }
            partial[local] = (sums.x + sums.y) + (sums.z + sums.w);
            for (var step = LANES / 2u; step > 0u; step /= 2u) {
                workgroupBarrier();
                if (lane < step) { partial[local] += partial[local + step]; }
            }
            if (lane == 0u && o < p.outs) {
                var y = partial[local];
                if (p.biased == 1u) { y += bias[p.bias_at + o]; }
                let at = element(p.out, r, o);
                if (p.accumulate == 1u) { y += out[at]; }
                out[at] = y;
            }
            workgroupBarrier();
        }
    }
}
