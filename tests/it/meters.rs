//! The canonical meter and the woven-in meter agree wherever a run finishes.

use frugal_fuel::Meter;

use crate::{corpus, runner};

#[test]
fn both_meters_agree_on_every_text_module() {
    let mut finished = 0;
    for case in corpus::cases("adversary").iter().filter(|case| case.name.ends_with(".wat")) {
        let native = runner::report_by(Meter::Native, &case.request);
        let woven = runner::report_by(Meter::Instrumented, &case.request);
        assert_eq!(native.outcome, woven.outcome, "{}", case.name);
        assert_eq!(native.trap, woven.trap, "{}", case.name);
        if native.outcome.name() == "finished" {
            finished += 1;
            assert_eq!((native.net_fuel, &native.value), (woven.net_fuel, &woven.value), "{}", case.name);
        }
    }
    assert!(finished >= 7, "only {finished} modules finished");
}
