// out[r,o] = x[r] . weight[o] + bias[o], or out[r,o] += it. A workgroup of 256 takes 64 rows by 64 outputs, through tiles of 16
// columns that it shares; each invocation holds four by four of them: for many rows.
//#include place
//#include linear_params
//#include scales
//#include zeros
//#include weight
//#include x
//#include bias
//#include finish
const SIDE: u32 = 64u;
const QUADS: u32 = 4u;                                               // of a tile's columns
var<workgroup> x_tile: array<vec4<f32>, 256>;                        // [SIDE, QUADS]
var<workgroup> weight_tile: array<vec4<f32>, 256>;                   // [SIDE, QUADS]

fn fill(local: u32, r: u32, o: u32, quad: u32, rows: u32) {
    let line = local / QUADS;
    let at = quad + local % QUADS;
    var four = vec4<f32>();
    if (r + line < rows && 4u * at < p.cols) { four = x_quad(r + line, 0u, at, p.cols); }
    x_tile[local] = four;
    four = vec4<f32>();
    if (o + line < p.outs && 4u * at < p.cols) { four = weight_quad(o + line, at); }
    weight_tile[local] = four;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let rows = rows_of(p.out);
    // Neighbours write neighbouring outputs.
    let down = local / 16u;
    let right = local % 16u;
    for (var r = SIDE * group.y; r < rows; r += SIDE * groups.y) {
        for (var o = SIDE * group.x; o < p.outs; o += SIDE * groups.x) {
            var sums = array<vec4<f32>, 4>();
            for (var quad = 0u; 4u * quad < p.cols; quad += QUADS) {
                fill(local, r, o, quad, rows);
                workgroupBarrier();
                for (var k = 0u; k < QUADS; k++) {
                    let weights = transpose(mat4x4<f32>(
                        weight_tile[right * QUADS + k],
                        weight_tile[(right + 16u) * QUADS + k],
                        weight_tile[(right + 32u) * QUADS + k],
                        weight_tile[(right + 48u) * QUADS + k],
                    ));
                    for (var i = 0u; i < 4u; i++) { sums[i] += weights * x_tile[(down + 16u * i) * QUADS + k]; }
                }
                workgroupBarrier();
            }
            for (var i = 0u; i < 4u; i++) {
                for (var j = 0u; j < 4u; j++) {
                    let row = r + down + 16u * i;
                    let col = o + right + 16u * j;
                    if (row < rows && col < p.outs) { finish(row, col, vec2<f32>(sums[i][j], 0.0)); }
                }
            }
        }
    }
}
