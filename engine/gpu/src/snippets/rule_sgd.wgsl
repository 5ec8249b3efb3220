// Stochastic gradient descent with momentum; the decay is a part of the gradient.
fn next_state(m: f32, g: f32, w: f32) -> f32 { return told(BETA1) * m + (g + told(WEIGHT_DECAY) * w); }

fn next_weight(w: f32, g: f32, m: f32, v: f32) -> f32 { return w - told(LEARNING_RATE) * m; }
