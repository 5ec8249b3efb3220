// RMSprop: gradients over the root of their running mean square; the decay is a part of the gradient.
fn next_state(m: f32, g: f32, w: f32) -> f32 {
    let decayed = g + told(WEIGHT_DECAY) * w;
    return told(BETA2) * m + (1.0 - told(BETA2)) * decayed * decayed;
}

fn next_weight(w: f32, g: f32, m: f32, v: f32) -> f32 {
    return w - told(LEARNING_RATE) * (g + told(WEIGHT_DECAY) * w) / (sqrt(m) + told(EPS));
}
