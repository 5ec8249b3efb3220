//! What a hostile chat template allocates at most.
#![allow(clippy::unwrap_used)]

use frugal_model::template::{ChatTemplate, Conversation};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Four times what the fuel of one rendering pays for.
const PEAK_MIB_MAX: f32 = 256.0;

#[test]
fn hostile_templates_stay_within_their_fuel() {
    for source in [
        "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x | length }}",
        "{% set x = [[1] * 1000] * 1000 %}{{ x ~ x }}",
        "{% set x = [[1] * 1000] * 1000 %}{{ '%s' | format(x) }}",
        "{% set x = [[1] * 1000] * 1000 %}{{ x | upper }}",
        "{% set x = ['\u{1}' * 10000] * 1000 %}{{ x ~ x }}",
        "{% set n = namespace(x='') %}{% for i in range(60) %}{% set n.x = n.x ~ [n.x, n.x] %}{% endfor %}",
        "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{{ range(100000) | map('string') | join('y' * 100000) }}",
        "{{ ('x' * 100000).replace('x', 'y' * 100000) }}",
        "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}",
    ] {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage_as_mb();
        let rendered = ChatTemplate::new(source).unwrap().render(&Conversation::default());
        assert!(rendered.is_err(), "{source}");
        let peak = MEMORY.peak_usage_as_mb() - before;
        println!("{peak:.0} MiB: {source}");
        assert!(peak < PEAK_MIB_MAX, "{peak} MiB: {source}");
    }
}
