// AdamW: moments of the gradient and of its square, each with its decay; the weight's decay does not pass through them.
fn next_state(m: f32, g: f32, w: f32) -> f32 {
    if (p.row == 0u) { return told(BETA1) * m + (1.0 - told(BETA1)) * g; }
    return told(BETA2) * m + (1.0 - told(BETA2)) * g * g;
}

fn next_weight(w: f32, g: f32, m: f32, v: f32) -> f32 {
    let kept = w * (1.0 - told(LEARNING_RATE) * told(WEIGHT_DECAY));
    return kept - told(LEARNING_RATE) / told(CORRECTION1) * m / (sqrt(v / told(CORRECTION2)) + told(EPS));
}
