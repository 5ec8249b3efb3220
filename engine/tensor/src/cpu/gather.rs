use crate::{Stored, ViewMut};

/// Rows of a table: `out[r] = table[rows[r]]`, or `out[r] += table[rows[r]]`.
///
/// # Shapes and units
/// `table`: `[n, cols]`, `rows[r] < n`, `out`: `[rows.len(), cols]`.
pub fn gather(table: Stored<'_>, rows: &[u32], accumulate: bool, mut out: ViewMut<'_>) {
    let mut decoded = vec![0.0; table.cols()];
    for (r, &row) in rows.iter().enumerate() {
        table.decode_row(row as usize, &mut decoded);
        for (y, &v) in out.row(r).iter_mut().zip(&decoded) {
            *y = if accumulate { *y + v } else { v };
        }
    }
}
