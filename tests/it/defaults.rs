//! What stands twice because two rooms may not know each other stands equal.

/// A page shows the defaults before any worker runs, so `wire` repeats those of `sandbox/fuel`.
#[test]
fn a_page_and_the_command_line_have_the_same_default_limits() {
    let frugal_wire::Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms } =
        frugal_wire::Limits::default();
    let shown = frugal_fuel::Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms };
    assert_eq!(shown, frugal_fuel::Limits::default());
}
