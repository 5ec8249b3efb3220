use crate::{View, ViewMut};

/// The column of each row's largest element, the lowest on ties. A NaN is never chosen before a number; a row of
/// nothing but NaN gives 0.
///
/// Shapes: `x`: `[rows, cols]`, `out`: `[rows, 1]`.
pub fn argmax(x: View<'_>, mut out: ViewMut<'_, u32>) {
    for r in 0..out.rows() {
        let (mut best, mut largest) = (0, f32::NEG_INFINITY);
        let mut none_yet = true;
        for (column, &value) in (0_u32..).zip(x.row(r)) {
            if value > largest || none_yet && !value.is_nan() {
                (best, largest, none_yet) = (column, value, false);
            }
        }
        out.row(r)[0] = best;
    }
}
