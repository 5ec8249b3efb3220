//! One number against another.

/// One expected number and ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub(super) name: String,
    pub(super) got: f64,
    pub(super) want: f64,
    /// Largest difference; that of the file when absent.
    pub(super) tolerance: Option<f64>,
}

/// A vector file that is not of the shape its check expects.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadVector(pub(super) String);

impl Comparison {
    /// Compares two names: 1 for the name expected, else 0.
    pub(super) fn names(name: impl Into<String>, got: &str, want: &str) -> Self {
        let name = format!("{} (`{got}`, expected `{want}`)", name.into());
        Self { name, got: f64::from(u8::from(got == want)), want: 1.0, tolerance: Some(0.0) }
    }

    pub(super) fn new(name: impl Into<String>, got: f64, want: f64) -> Self {
        Self { name: name.into(), got, want, tolerance: None }
    }

    /// With a tolerance of its own.
    pub(super) fn within(name: impl Into<String>, got: f64, want: f64, tolerance: f64) -> Self {
        Self { name: name.into(), got, want, tolerance: Some(tolerance) }
    }

    /// A NaN on either side is a difference.
    pub(super) fn difference(&self, tolerance: f64) -> Option<String> {
        let close = (self.got - self.want).abs() <= tolerance;
        (!close).then(|| format!("{}: got {}, want {} within {tolerance:e}", self.name, self.got, self.want))
    }
}
