// out[r,o] = x[r] . weight[o] + bias[o], or out[r,o] += it. One invocation takes four rows by four outputs in registers, no
// barrier: for many rows.
override WG: u32 = 64u;
//#include place
//#include linear_params
//#include scales
//#include zeros
//#include weight
//#include x
//#include bias
//#include finish

// Four outputs of one row.
fn store(r: u32, o: u32, sums: vec4<f32>) {
    if (r >= rows_of(p.out)) { return; }
    for (var i = 0u; i < min(4u, p.outs - o); i++) { finish(r, o + i, vec2<f32>(sums[i], 0.0)); }
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let rows = rows_of(p.out);
    for (var r = 4u * id.y; r < rows; r += 4u * groups.y) {
        // Rows and outputs past the last one are computed from the last one, and not stored.
        let row = min(vec4<u32>(r, r + 1u, r + 2u, r + 3u), vec4<u32>(rows - 1u));
        for (var o = 4u * id.x; o < p.outs; o += 4u * groups.x * WG) {
            let col = min(vec4<u32>(o, o + 1u, o + 2u, o + 3u), vec4<u32>(p.outs - 1u));
            var a = vec4<f32>();
            var b = vec4<f32>();
            var c = vec4<f32>();
            var d = vec4<f32>();
            for (var quad = 0u; 4u * quad < p.cols; quad++) {
                let weights = transpose(mat4x4<f32>(
                    weight_quad(col.x, quad),
                    weight_quad(col.y, quad),
                    weight_quad(col.z, quad),
                    weight_quad(col.w, quad),
                ));
                a += weights * x_quad(row.x, 0u, quad, p.cols);
                b += weights * x_quad(row.y, 0u, quad, p.cols);
                c += weights * x_quad(row.z, 0u, quad, p.cols);
                d += weights * x_quad(row.w, 0u, quad, p.cols);
            }
            store(r, o, a);
            store(r + 1u, o, b);
            store(r + 2u, o, c);
            store(r + 3u, o, d);
        }
    }
}
