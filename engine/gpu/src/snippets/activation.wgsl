// Activations by number: SiLU, GELU by erf, GELU by tanh, ReLU.

// Abramowitz & Stegun 7.1.26: within 1.5e-7 everywhere.
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.3275911 * abs(x));
    let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return sign(x) * (1.0 - series * exp(-x * x));
}

// The built-in tanh may be off by 1e-5. Beyond 15 the result is 1 in f32.
fn exact_tanh(x: f32) -> f32 { return 1.0 - 2.0 / (exp(2.0 * clamp(x, -15.0, 15.0)) + 1.0); }

fn activation(kind: u32, x: f32) -> f32 {
    switch kind {
        // Where the exponential would overflow the result is below 1e-36 either way.
        case 0u: { return x / (1.0 + exp(min(-x, 87.0))); }
        case 1u: { return 0.5 * x * (1.0 + erf(x * 0.70710678)); }
        case 2u: { return 0.5 * x * (1.0 + exact_tanh(0.7978845608 * (x + 0.044715 * x * x * x))); }
        default: { return max(x, 0.0); }
    }
}
