//! Positions that are added to embeddings. Learned ones are a weight; these are computed.

/// Sinusoidal positions (Vaswani et al. 2017): `[context, width]`, sines of `p / 10000^(2i/width)` in even columns and
/// cosines in odd ones.
#[allow(clippy::cast_possible_truncation)] // the table is f32
pub fn sinusoidal(context: usize, width: usize) -> Vec<f32> {
    let mut table = Vec::with_capacity(context * width);
    for position in 0..context {
        for column in 0..width {
            let angle = position as f64 / 10_000_f64.powf((column - column % 2) as f64 / width as f64);
            table.push(if column % 2 == 0 { angle.sin() } else { angle.cos() } as f32);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn sines_and_cosines_alternate() {
        let table = super::sinusoidal(2, 4);
        let want = [0.0, 1.0, 0.0, 1.0, 1_f32.sin(), 1_f32.cos(), 0.01_f32.sin(), 0.01_f32.cos()];
        assert!(table.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-7), "{table:?}");
    }
}
