// Where a matrix lies in its binding: element `at + row * stride + column`. `live` names the scalar of a run that says how
// many rows count; without one, all `rows` do.
struct Place { at: u32, stride: u32, rows: u32, live: u32 }
const ALL_LIVE: u32 = 0xffffffffu;
@group(0) @binding(1) var<uniform> run: array<vec4<u32>, 64>;  // scalars of this run

fn rows_of(place: Place) -> u32 {
    if (place.live == ALL_LIVE) { return place.rows; }
    return run[place.live / 4u][place.live % 4u];
}

fn element(place: Place, row: u32, col: u32) -> u32 { return place.at + row * place.stride + col; }
