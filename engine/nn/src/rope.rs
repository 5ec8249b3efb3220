//! Angles of rotary positions (Su et al. 2021, RoFormer).

use std::f64::consts::TAU;

/// How frequencies are stretched for contexts longer than a model was trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scaling {
    /// All frequencies divided by `factor` (position interpolation).
    Linear {
        /// At least 1.
        factor: f64,
    },
    /// Llama 3.1's: long waves divided by `factor`, short ones kept, a blend between.
    Llama3 {
        /// At least 1.
        factor: f64,
        /// Waves longer than `original_context / low_frequency_factor` are long.
        low_frequency_factor: f64,
        /// Waves shorter than `original_context / high_frequency_factor` are short.
        high_frequency_factor: f64,
        /// Positions that the model was first trained on.
        original_context: f64,
    },
}

/// Radians per position of each pair: `base^(-2i / rotary_dim)`, `i < rotary_dim / 2`, then scaled.
pub fn frequencies(base: f64, rotary_dim: usize, scaling: Option<Scaling>) -> Vec<f64> {
    (0..rotary_dim / 2)
        .map(|i| {
            let frequency = base.powf(-2.0 * i as f64 / rotary_dim as f64);
            match scaling {
                None => frequency,
                Some(Scaling::Linear { factor }) => frequency / factor,
                Some(Scaling::Llama3 {
                    factor,
                    low_frequency_factor: low,
                    high_frequency_factor: high,
                    original_context,
                }) => {
                    // 0 for long waves, 1 for short ones.
                    let waves = original_context * frequency / TAU;
                    let blend = ((waves - low) / (high - low)).clamp(0.0, 1.0);
                    frequency * (blend + (1.0 - blend) / factor)
                }
            }
        })
        .collect()
}

/// The table that [`frugal_tensor::Op::Rope`] reads: `[context, 2 · frequencies.len()]`, cosines then sines.
#[allow(clippy::cast_possible_truncation)] // the table is f32
pub fn table(context: usize, frequencies: &[f64]) -> Vec<f32> {
    let mut table = Vec::with_capacity(context * frequencies.len() * 2);
    for position in 0..context {
        let angle = |frequency: &f64| position as f64 * frequency;
        table.extend(frequencies.iter().map(|frequency| angle(frequency).cos() as f32));
        table.extend(frequencies.iter().map(|frequency| angle(frequency).sin() as f32));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_by_hand() {
        assert_eq!(frequencies(100.0, 4, None), [1.0, 0.1]);
        assert_eq!(frequencies(100.0, 4, Some(Scaling::Linear { factor: 4.0 })), [0.25, 0.025]);
        let scaling = Scaling::Llama3 {
            factor: 8.0,
            low_frequency_factor: 1.0,
            high_frequency_factor: 3.0,
            original_context: TAU * 20.0,
        };
        // Waves in the original context: 20 is short, 2 is half way, 0.2 is long.
        let got = frequencies(1000.0, 6, Some(scaling));
        for (got, want) in got.iter().zip([1.0, 0.1 * (0.5 + 0.5 / 8.0), 0.01 / 8.0]) {
            assert!((got - want).abs() < 1e-12, "{got} for {want}");
        }
    }

    #[test]
    fn a_table_row_is_cosines_then_sines() {
        let table = table(2, &[std::f64::consts::FRAC_PI_2, 0.0]);
        let want = [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0];
        assert!(table.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-7), "{table:?}");
    }
}
