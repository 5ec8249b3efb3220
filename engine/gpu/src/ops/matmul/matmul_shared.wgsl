// out[m,n] = sum_k left[m,k] * right[k,n], or out[m,n] += it; left is read by columns when turned. A workgroup of 256 takes 64
// rows by 64 columns, through tiles of 16 that it shares; each invocation holds four by four of them.
struct Params { left: Place, right: Place, out: Place, rows: u32, inner: u32, cols: u32, turned: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read> left: array<f32>;           // [rows, inner], or [inner, rows] when turned
@group(0) @binding(3) var<storage, read> right: array<f32>;          // [inner, cols]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [rows, cols]
const SIDE: u32 = 64u;
const DEPTH: u32 = 16u;
var<workgroup> left_tile: array<f32, 1024>;                          // [DEPTH, SIDE]
var<workgroup> right_tile: array<f32, 1024>;                         // [DEPTH, SIDE]

fn fill(local: u32, m: u32, n: u32, k: u32) {
    for (var i = local; i < SIDE * DEPTH; i += 256u) {
        // Neighbours read neighbouring words.
        var line = i % SIDE;
        var deep = i / SIDE;
        right_tile[i] = 0.0;
        if (k + deep < p.inner && n + line < p.cols) { right_tile[i] = right[element(p.right, k + deep, n + line)]; }
        if (p.turned == 0u) {
            line = i / DEPTH;
            deep = i % DEPTH;
        }
        let place = deep * SIDE + line;
        left_tile[place] = 0.0;
        if (k + deep < p.inner && m + line < p.rows) {
            if (p.turned == 0u) {
                left_tile[place] = left[element(p.left, m + line, k + deep)];
            } else {
                left_tile[place] = left[element(p.left, k + deep, m + line)];
            }
        }
    }
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let down = local / 16u;
    let across = local % 16u;
    for (var m = SIDE * group.y; m < p.rows; m += SIDE * groups.y) {
        for (var n = SIDE * group.x; n < p.cols; n += SIDE * groups.x) {
            var sums = array<vec4<f32>, 4>();
            for (var k = 0u; k < p.inner; k += DEPTH) {
                fill(local, m, n, k);
                workgroupBarrier();
                for (var deep = 0u; deep < DEPTH; deep++) {
                    let at = deep * SIDE + across;
                    let four =
                        vec4<f32>(right_tile[at], right_tile[at + 16u], right_tile[at + 32u], right_tile[at + 48u]);
                    for (var i = 0u; i < 4u; i++) { sums[i] += left_tile[deep * SIDE + down + 16u * i] * four; }
                }
                workgroupBarrier();
            }
            for (var i = 0u; i < 4u; i++) {
                for (var j = 0u; j < 4u; j++) {
                    let row = m + down + 16u * i;
                    let col = n + across + 16u * j;
                    if (row < p.rows && col < p.cols) {
                        let at = element(p.out, row, col);
                        out[at] = sums[i][j] + select(0.0, out[at], p.accumulate == 1u);
                    }
                }
            }
        }
    }
}
