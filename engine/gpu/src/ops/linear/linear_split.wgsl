// out[r,o] = x[r] . weight[o] + bias[o], or out[r,o] += it. A workgroup takes four outputs of one row, and sixteen invocations
// share the columns of each: for few rows, where neighbours should read neighbouring words.
const LANES: u32 = 16u;
const OUTS: u32 = 4u;
//#include place
//#include linear_params
//#include activation
//#include scales
//#include zeros
//#include weight
//#include x
//#include stats
//#include shift
//#include feed
//#include bias
//#include finish
var<workgroup> partial: array<vec2<f32>, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let lane = local % LANES;
    for (var r = group.y; r < rows_of(p.out); r += groups.y) {
        begin_row(r, local);
        keep_row(r, 64u * group.x + local, 64u * groups.x);
        for (var start = OUTS * group.x; start < p.outs; start += OUTS * groups.x) {
            let o = start + local / LANES;
            var first = vec4<f32>();
            var second = vec4<f32>();
            if (o < p.outs) {
                for (var quad = lane; 4u * quad < p.cols; quad += LANES) {
                    let four = fed_quad(r, quad);
                    first += weight_quad(o, quad) * four;
                    if (PRODUCTS == 2u) { second += weight_quad(p.outs + o, quad) * four; }
                }
            }
            partial[local] = vec2<f32>(dot(first, vec4<f32>(1.0)), dot(second, vec4<f32>(1.0)));
            for (var step = LANES / 2u; step > 0u; step /= 2u) {
                workgroupBarrier();
                if (lane < step) { partial[local] += partial[local + step]; }
            }
            if (lane == 0u && o < p.outs) { finish(r, o, partial[local]); }
            workgroupBarrier();
        }
    }
}
