//! Golden fuel of the cost table, by both meters and at the edge of the budget.
#![allow(clippy::unwrap_used)]

mod support;

use support::golden::{Expected, folder, read};
use support::{End, PLENTY, both};

#[test]
fn every_golden_holds_on_both_meters() {
    let mut checked = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "wast")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for golden in read(&name, &std::fs::read_to_string(path).unwrap()) {
            let run = |limit| both(&golden.module, "run", &[], limit);
            let place = format!("{name}:{}", golden.line);
            match golden.expected {
                Expected::Fuel(units) => {
                    for limit in [PLENTY, units, units + 1] {
                        let end = run(limit);
                        assert!(
                            matches!(end, End::Finished { fuel, .. } if fuel == units),
                            "{place}: expected {units} units under a limit of {limit}: {end:?}"
                        );
                    }
                    assert_eq!(run(units - 1), End::OutOfFuel, "{place}: one unit short");
                }
                Expected::Trap(message) => match run(PLENTY) {
                    End::Trapped { kind } => assert_eq!(kind, format!("wasm trap: {message}"), "{place}"),
                    end => panic!("{place}: {end:?}"),
                },
                Expected::OutOfDepth => assert_eq!(run(PLENTY), End::OutOfDepth, "{place}"),
            }
            checked += 1;
        }
    }
    assert!(checked >= 100, "only {checked} goldens were found");
}

#[test]
fn the_reader_knows_its_forms_and_nothing_else() {
    let forms = read("x", ";; a (comment)\n(assert_fuel 3 (module (data \")\")))\n(assert_out_of_depth (module))");
    assert_eq!(forms.len(), 2);
    assert_eq!((forms[0].line, &forms[0].expected), (2, &Expected::Fuel(3)));
    assert!(std::panic::catch_unwind(|| read("x", "(assert_nothing (module))")).is_err());
    assert!(std::panic::catch_unwind(|| read("x", "(assert_fuel 3 (module)")).is_err());
}
