// Lion: the sign of an interpolated momentum, which is the one before the step.
fn next_state(m: f32, g: f32, w: f32) -> f32 { return told(BETA2) * m + (1.0 - told(BETA2)) * g; }

fn next_weight(w: f32, g: f32, m: f32, v: f32) -> f32 {
    let kept = w * (1.0 - told(LEARNING_RATE) * told(WEIGHT_DECAY));
    return kept - told(LEARNING_RATE) * sign(told(BETA1) * m + (1.0 - told(BETA1)) * g);
}
