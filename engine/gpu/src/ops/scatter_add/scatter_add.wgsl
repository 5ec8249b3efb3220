// out[rows[r]] += x[r], in the order of r. One invocation takes one column of all rows: no two write one element.
override WG: u32 = 64u;
struct Params { x: Place, rows: Place, out: Place, cols: u32, op: u32, from_row: u32, to_row: u32, limit: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
@group(0) @binding(2) var<storage, read> x: array<f32>;              // [rows, cols]
@group(0) @binding(3) var<storage, read> rows: array<u32>;           // [rows]
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [to_row - from_row, cols]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var c = id.x; c < p.cols; c += groups.x * WG) {
        for (var r = 0u; r < rows_of(p.x); r++) {
            let row = rows[element(p.rows, r, 0u)];
            if (row >= p.limit) {
                if (c == 0u) { fault(p.op, row, p.limit); }
                continue;
            }
            // An output too large for one binding comes in pieces.
            if (row >= p.from_row && row < p.to_row) {
                out[element(p.out, row - p.from_row, c)] += x[element(p.x, r, c)];
            }
        }
    }
}
