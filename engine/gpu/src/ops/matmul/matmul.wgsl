// out[m,n] = sum_k left[m,k] * right[k,n], or out[m,n] += it; left is read by columns when turned. One invocation takes four
// rows by four columns in registers, no barrier.
override WG: u32 = 64u;
struct Params { left: Place, right: Place, out: Place, rows: u32, inner: u32, cols: u32, turned: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
@group(0) @binding(2) var<storage, read> left: array<f32>;           // [rows, inner], or [inner, rows] when turned
@group(0) @binding(3) var<storage, read> right: array<f32>;          // [inner, cols]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [rows, cols]

fn store(m: u32, n: u32, sums: vec4<f32>) {
    if (m >= p.rows) { return; }
    for (var i = 0u; i < min(4u, p.cols - n); i++) {
        let at = element(p.out, m, n + i);
        out[at] = sums[i] + select(0.0, out[at], p.accumulate == 1u);
    }
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let down = select(p.left.stride, 1u, p.turned == 1u);
    let along = select(1u, p.left.stride, p.turned == 1u);
    for (var m = 4u * id.y; m < p.rows; m += 4u * groups.y) {
        // Rows and columns past the last one are computed from the last one, and not stored.
        let rows = p.left.at + down * min(vec4<u32>(m, m + 1u, m + 2u, m + 3u), vec4<u32>(p.rows - 1u));
        for (var n = 4u * id.x; n < p.cols; n += 4u * groups.x * WG) {
            let cols = p.right.at + min(vec4<u32>(n, n + 1u, n + 2u, n + 3u), vec4<u32>(p.cols - 1u));
            var a = vec4<f32>();
            var b = vec4<f32>();
            var c = vec4<f32>();
            var d = vec4<f32>();
            for (var k = 0u; k < p.inner; k++) {
                let at = rows + k * along;
                let over = cols + k * p.right.stride;
                let four = vec4<f32>(right[over.x], right[over.y], right[over.z], right[over.w]);
                a += left[at.x] * four;
                b += left[at.y] * four;
                c += left[at.z] * four;
                d += left[at.w] * four;
            }
            store(m, n, a);
            store(m + 1u, n, b);
            store(m + 2u, n, c);
            store(m + 3u, n, d);
        }
    }
}
