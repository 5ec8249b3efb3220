//! Modules that no text format can write: truncated, bent or absurdly large (bad inputs 1 to 10 and 17).

use frugal_flow::run::{Code, Input, RunRequest};
use frugal_fuel::Limits;

use crate::runner;

fn outcome(bytes: Vec<u8>) -> (String, String) {
    let input = Input::Call { entry: "run".to_owned(), arguments: "[]".to_owned() };
    let limits = Limits { fuel: 1_000_000, ..Limits::default() };
    let request = RunRequest { code: Code::Module(bytes), input, limits };
    let report = runner::report(&request);
    (report.outcome.name().to_owned(), report.rejection.unwrap_or_default())
}

fn assert_rejected(what: &str, bytes: Vec<u8>) {
    let (outcome, message) = outcome(bytes);
    assert_eq!(outcome, "rejected", "{what}");
    assert!(!message.is_empty(), "{what}: a rejection says why");
    runner::assert_next_job_is_unaffected();
}

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [vec![id], leb(body.len() as u64), body.to_vec()].concat()
}

fn vector(items: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let items: Vec<_> = items.into_iter().collect();
    [leb(items.len() as u64), items.concat()].concat()
}

const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [HEADER.to_vec(), sections.concat()].concat()
}

/// One function `run` of type `[] -> []` with this body (without its size).
fn with_body(body: &[u8]) -> Vec<u8> {
    let types = section(1, &vector([vec![0x60, 0, 0]]));
    let functions = section(3, &vector([vec![0]]));
    let exports = section(7, &vector([[vec![3], b"run".to_vec(), vec![0, 0]].concat()]));
    let code = section(10, &vector([[leb(body.len() as u64), body.to_vec()].concat()]));
    module(&[types, functions, exports, code])
}

#[test]
fn the_builder_here_makes_a_module_that_runs() {
    assert_eq!(outcome(with_body(&[0, 0x0b])).0, "finished");
}

#[test]
fn empty_and_truncated_at_every_offset() {
    assert_rejected("empty file", Vec::new());
    assert_rejected("bad magic", b"PK\x03\x04 not wasm".to_vec());
    let whole = wat::parse_str(
        r#"(module (memory 1 2) (table 2 funcref) (global (mut i64) (i64.const 5)) (elem (i32.const 0) $f)
            (func $f (export "run") (result i32) (local f64) (i32.load (i32.const 3))) (data (i32.const 3) "abc"))"#,
    )
    .unwrap();
    assert_eq!(outcome(whole.clone()).0, "finished");
    let mut whole_enough = 0;
    for cut in 0..whole.len() {
        let (outcome, message) = outcome(whole[..cut].to_vec());
        match outcome.as_str() {
            "finished" => whole_enough += 1,
            "rejected" => assert!(!message.is_empty(), "cut at byte {cut}: a rejection says why"),
            other => panic!("cut at byte {cut}: {other}"),
        }
    }
    // Two cuts leave a module with `run`: before the names at its end, and before the data.
    assert_eq!(whole_enough, 2);
    runner::assert_next_job_is_unaffected();
}

#[test]
fn every_flipped_byte_is_survived() {
    let whole = with_body(&[1, 1, 0x7f, 0x41, 5, 0x21, 0, 0x20, 0, 0x1a, 0x0b]);
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bent = whole.clone();
            bent[at] ^= flip;
            outcome(bent);
        }
    }
    runner::assert_next_job_is_unaffected();
}

#[test]
fn lying_lengths_and_numbers() {
    assert_rejected("a section of 1 GB", module(&[[vec![1], leb(1 << 30)].concat()]));
    assert_rejected("a LEB128 that never ends", module(&[vec![1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]]));
    assert_rejected("a LEB128 over 32 bits", module(&[vec![1, 0xff, 0xff, 0xff, 0xff, 0x7f]]));
    assert_rejected("4 G types", module(&[section(1, &leb(u64::from(u32::MAX)))]));
    assert_rejected("custom section with a name beyond its end", module(&[section(0, &leb(5_000))]));
}

#[test]
fn huge_modules() {
    assert_rejected("50 MB of custom section", module(&[section(0, &[vec![1, b'x'], vec![0; 50 << 20]].concat())]));
    let million = section(1, &vector((0..1_000_000).map(|_| vec![0x60, 0, 0])));
    assert_rejected("a million types", module(&[million]));
    let functions = module(&[
        section(1, &vector([vec![0x60, 0, 0]])),
        section(3, &vector((0..1_000_000).map(|_| vec![0]))),
        section(7, &vector([[vec![3], b"run".to_vec(), vec![0, 0]].concat()])),
        section(10, &vector((0..1_000_000).map(|_| vec![2, 0, 0x0b]))),
    ]);
    assert_rejected("a million functions", functions);
    let body = [vec![0], [0x41, 0, 0x1a].repeat(2_400_000), vec![0x0b]].concat();
    assert_rejected("one function of 7 MB", with_body(&body));
    let locals = [vector([[leb(50_000), vec![0x7e]].concat()]), vec![0x0b]].concat();
    assert_rejected("50,000 locals", with_body(&locals));
    let sized = [leb(locals.len() as u64), locals].concat();
    let many = module(&[
        section(1, &vector([vec![0x60, 0, 0]])),
        section(3, &vector((0..2_000).map(|_| vec![0]))),
        section(7, &vector([[vec![3], b"run".to_vec(), vec![0, 0]].concat()])),
        section(10, &vector((0..2_000).map(|_| sized.clone()))),
    ]);
    assert_rejected("2,000 functions of 50,000 locals each", many);
    let targets =
        [vec![0, 0x02, 0x40, 0x41, 0, 0x0e], vector((0..1_000_000).map(|_| vec![0])), vec![0, 0x0b, 0x0b]].concat();
    assert_rejected("a br_table of a million targets", with_body(&targets));
}

#[test]
fn deep_nesting() {
    let body = [vec![0], [0x02, 0x40].repeat(100_000), vec![0x0b; 100_001]].concat();
    assert_rejected("100,000 nested blocks", with_body(&body));
}

#[test]
fn strange_names() {
    let export = |name: &[u8]| {
        let entry = [leb(name.len() as u64), name.to_vec(), vec![0, 0]].concat();
        let run = [vec![3], b"run".to_vec(), vec![0, 0]].concat();
        module(&[
            section(1, &vector([vec![0x60, 0, 0]])),
            section(3, &vector([vec![0]])),
            section(7, &vector([run, entry])),
            section(10, &vector([vec![2, 0, 0x0b]])),
        ])
    };
    assert_rejected("a duplicate export", export(b"run"));
    assert_rejected("a name that is not UTF-8", export(&[0xff, 0xfe]));
    assert_rejected("a name of 1 MB", export(&vec![b'a'; 1 << 20]));
    assert_eq!(outcome(export("\u{202e}nur\u{200b}\0".as_bytes())).0, "finished", "odd but valid names do no harm");
}

#[test]
fn giant_custom_sections_are_dropped() {
    let mut bytes = with_body(&[0, 0x0b]);
    for name in ["name", "producers", ".debug_info", "dylink.0"] {
        let body = [leb(name.len() as u64), name.as_bytes().to_vec(), vec![0xff; 100_000]].concat();
        bytes.extend(section(0, &body));
    }
    assert_eq!(outcome(bytes).0, "finished", "malformed custom sections carry no meaning");
}
