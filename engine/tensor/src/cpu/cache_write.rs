use crate::{View, ViewMut};

/// Copies rows to a cache: row `r` of `x` goes to row `slots[r] · context + positions[r]`.
///
/// # Shapes and units
/// `x`: `[rows, cols]`, `cache`: `[slots · context, cols]` of f32, or of f16, to which values are rounded.
pub fn cache_write<T: From32>(
    x: View<'_>,
    positions: &[u32],
    slots: &[u32],
    context: usize,
    mut cache: ViewMut<'_, T>,
) {
    for r in 0..x.rows() {
        let target = cache.row(slots[r] as usize * context + positions[r] as usize);
        target.iter_mut().zip(x.row(r)).for_each(|(target, &value)| *target = T::from_f32(value));
    }
}

/// Storage that an f32 can be rounded to.
pub trait From32 {
    /// Nearest, ties to even.
    fn from_f32(value: f32) -> Self;
}

impl From32 for f32 {
    fn from_f32(value: f32) -> Self {
        value
    }
}

impl From32 for half::f16 {
    fn from_f32(value: f32) -> Self {
        Self::from_f32(value)
    }
}
