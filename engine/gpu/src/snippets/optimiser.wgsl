// What an optimiser is told, and the gradient of an element.
const LEARNING_RATE: u32 = 0u;
const BETA1: u32 = 1u;
const BETA2: u32 = 2u;
const EPS: u32 = 3u;
const WEIGHT_DECAY: u32 = 4u;
const CORRECTION1: u32 = 5u;
const CORRECTION2: u32 = 6u;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;       // [n]
@group(0) @binding(3) var<storage, read> factor: array<u32>;         // [1], f32 as bits
@group(0) @binding(4) var<storage, read> settings: array<f32>;       // [7]

fn told(setting: u32) -> f32 { return settings[p.settings.at + setting]; }

fn gradient_of(i: u32) -> f32 { return gradient[p.gradient.at + i] * bitcast<f32>(factor[p.factor.at]); }

// Whether anything changes in this step.
fn moves() -> bool { return finite(factor[p.factor.at]); }
