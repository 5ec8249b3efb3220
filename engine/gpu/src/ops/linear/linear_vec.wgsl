// out[r,o] = x[r] . weight[o] + bias[o], or out[r,o] += it. One invocation an output, no barrier: for few rows.
override WG: u32 = 64u;
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

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        begin_row(r, 0u);
        keep_row(r, id.x, groups.x * WG);
        for (var o = id.x; o < p.outs; o += groups.x * WG) {
            var first = vec4<f32>();
            var second = vec4<f32>();
            for (var quad = 0u; 4u * quad < p.cols; quad++) {
                let four = fed_quad(r, quad);
                first += weight_quad(o, quad) * four;
                if (PRODUCTS == 2u) { second += weight_quad(p.outs + o, quad) * four; }
            }
            finish(r, o, vec2<f32>(dot(first, vec4<f32>(1.0)), dot(second, vec4<f32>(1.0))));
        }
    }
}
