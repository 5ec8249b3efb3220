// out[r] = table[rows[r]], or out[r] += it. One invocation takes four columns of one row.
override WG: u32 = 64u;
struct Params { weight: Place, rows: Place, out: Place, cols: u32, accumulate: u32, op: u32, from_row: u32, to_row: u32, limit: u32 }
@group(0) @binding(0) var<uniform> p: Params;
//#include place
//#include fault
//#include scales
//#include zeros
//#include weight
@group(0) @binding(5) var<storage, read> rows: array<u32>;           // [rows]
@group(0) @binding(6) var<storage, read_write> out: array<f32>;      // [rows, cols]

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var r = id.y; r < rows_of(p.out); r += groups.y) {
        let row = rows[element(p.rows, r, 0u)];
        if (row >= p.limit) {
            if (id.x == 0u) { fault(p.op, row, p.limit); }
            continue;
        }
        // A table too large for one binding comes in pieces.
        if (row < p.from_row || row >= p.to_row) { continue; }
        for (var quad = id.x; 4u * quad < p.cols; quad += groups.x * WG) {
            let values = weight_quad(row - p.from_row, quad);
            for (var i = 0u; i < min(4u, p.cols - 4u * quad); i++) {
                let at = element(p.out, r, 4u * quad + i);
                out[at] = values[i] + select(0.0, out[at], p.accumulate == 1u);
            }
        }
    }
}
