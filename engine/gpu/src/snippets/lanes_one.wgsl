// A thing is one invocation's: nothing is shared, nothing waits.
override WG: u32 = 16u;
const LANES: u32 = 1u;
var<private> tile: array<vec2<f32>, 64>;

fn sync() {}

fn total(lane: u32, value: vec4<f32>) -> vec4<f32> { return value; }

fn most(lane: u32, value: vec2<f32>) -> vec2<f32> { return value; }
