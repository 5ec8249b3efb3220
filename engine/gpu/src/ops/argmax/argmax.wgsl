// The column of each row's largest finite element, the lowest on ties; NO_COLUMN for a row without one. One invocation a row,
// no barrier. Elements are compared as bits: a compiler may take infinities and NaNs for impossible.
override WG: u32 = 4u;
const NO_COLUMN: u32 = 0xffffffffu;
struct Params { x: Place, out: Place, cols: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include order
@group(0) @binding(2) var<storage, read> x: array<u32>;              // [rows, cols], f32 as bits
@group(0) @binding(3) var<storage, read_write> out: array<u32>;      // [rows]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.x; r < rows_of(p.out); r += groups.x * WG) {
        var best = NO_COLUMN;
        var largest = 0u;
        for (var c = 0u; c < p.cols; c++) {
            let key = order(x[element(p.x, r, c)]);
            if (key > largest) {
                best = c;
                largest = key;
            }
        }
        out[element(p.out, r, 0u)] = best;
    }
}
