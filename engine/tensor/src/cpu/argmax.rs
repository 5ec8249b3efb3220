use crate::{NO_COLUMN, View, ViewMut};

/// The column of each row's largest finite element, the lowest on ties; [`NO_COLUMN`] for a row without one.
///
/// Shapes: `x`: `[rows, cols]`, `out`: `[rows, 1]`.
pub fn argmax(x: View<'_>, mut out: ViewMut<'_, u32>) {
    for r in 0..out.rows() {
        let (mut best, mut largest) = (NO_COLUMN, f32::NEG_INFINITY);
        for (column, &value) in (0_u32..).zip(x.row(r)) {
            if value.is_finite() && value > largest {
                (best, largest) = (column, value);
            }
        }
        out.row(r)[0] = best;
    }
}
