#![allow(clippy::unwrap_used)]

use super::*;
use frugal_fuel::{Value, ValueType};

const LIMITS: PrepareLimits = PrepareLimits { memory_bytes: 1 << 20, table_elements: 1_000 };

fn text(text: &str) -> Result<Prepared, Rejection> {
    prepare(&wat::parse_str(text).unwrap(), &LIMITS)
}

fn proposal(source: &str) -> String {
    match text(source) {
        Err(Rejection::Proposal { proposal }) => proposal,
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn refused_proposals_are_named() {
    for (source, name) in [
        ("(module (memory 1 1 shared))", "threads"),
        ("(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))", "threads"),
        ("(module (tag) (func (throw 0)))", "exceptions"),
        ("(module (memory i64 1))", "memory64"),
        ("(module (memory 1) (memory 1))", "multi-memory"),
        ("(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))", "function references"),
        ("(module (type (struct (field i32))))", "gc"),
        ("(module (func (param externref)))", "externref"),
        (
            "(module (func (drop (f32x4.relaxed_madd (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))",
            "relaxed SIMD",
        ),
    ] {
        assert_eq!(proposal(source), name, "{source}");
    }
    assert!(matches!(prepare(b"\0asm\x0d\0\x01\0", &LIMITS), Err(Rejection::Proposal { .. })));
}

#[test]
fn memory_and_tables_are_capped() {
    let max = |source: &str| {
        let prepared = text(source).unwrap();
        let sections = Sections::split(&prepared.bytes).unwrap();
        let memory = sections.get(Section::Memory).map(|contents| {
            let mut reader = MemorySectionReader::new(BinaryReader::new(contents, 0)).unwrap().into_iter();
            reader.next().unwrap().unwrap().maximum
        });
        let table = sections.get(Section::Table).map(|contents| {
            let mut reader = TableSectionReader::new(BinaryReader::new(contents, 0)).unwrap().into_iter();
            reader.next().unwrap().unwrap().ty.maximum
        });
        (memory.flatten(), table.flatten())
    };
    assert_eq!(max("(module (memory 1))"), (Some(16), None));
    assert_eq!(max("(module (memory 1 5))"), (Some(5), None));
    assert_eq!(max("(module (memory 1 500) (table 1 funcref))"), (Some(16), Some(1_000)));
    assert_eq!(max("(module (table 1 7 funcref))"), (None, Some(7)));
    let small = text("(module (memory 17))").unwrap_err();
    assert_eq!(small, Rejection::MemoryTooSmall { limit_bytes: 1 << 20, needed_bytes: 17 << 16 });
    assert!(matches!(text("(module (table 1001 funcref))"), Err(Rejection::TooLarge { .. })));
    assert!(matches!(
        text("(module (table 4294967295 funcref))"),
        Err(Rejection::TooLarge { .. } | Rejection::Invalid { .. })
    ));
}

#[test]
fn imports_start_and_reserved_names_are_refused() {
    assert!(matches!(text("(module (import \"env\" \"f\" (func)))"), Err(Rejection::ForbiddenImport { .. })));
    assert!(matches!(text("(module (func $f) (start $f))"), Err(Rejection::StartFunction)));
    assert!(matches!(text("(module (func (export \"frugal:fuel\")))"), Err(Rejection::Request { .. })));
    assert!(text("(module (func (export \"frugal_fuel\")))").is_ok());
}

#[test]
fn calls_are_checked_once_for_all_runners() {
    let facts = text(
        "(module (func (export \"f\") (param i32 f64) (result i64) (i64.const 1)) (func (export \"v\") (param v128))
           (memory (export \"m\") 1))",
    )
    .unwrap()
    .facts;
    let signature = check_call(&facts, "f", &[Value::I32(1), Value::F64(0)]).unwrap();
    assert_eq!(signature.results, [ValueType::I64]);
    assert!(matches!(check_call(&facts, "f", &[Value::I32(1)]), Err(Rejection::Arguments { .. })));
    assert!(matches!(check_call(&facts, "v", &[]), Err(Rejection::UnsupportedType { .. })));
    match check_call(&facts, "m", &[]) {
        Err(Rejection::MissingExport { available, .. }) => assert_eq!(available, "`f`, `v`"),
        other => panic!("{other:?}"),
    }
    assert_eq!((facts.memory_min_pages, facts.memory_max_pages), (1, 16));
}

/// A module that uses every section.
fn full() -> Vec<u8> {
    wat::parse_str(
        "(module (type (func (param i32) (result i32))) (table 4 funcref) (memory 1) (global i32 (i32.const 1))
           (func $f (export \"f\") (type 0) (local i64 f32)
             (block (br_if 0 (i32.const 1)) (loop (br_table 0 1 (i32.const 3)))) (local.get 0))
           (elem (i32.const 0) $f) (data (i32.const 0) \"abc\"))",
    )
    .unwrap()
}

#[test]
fn truncation_and_corruption_never_panic() {
    let module = full();
    assert!(prepare(&module, &LIMITS).is_ok());
    for length in 0..module.len() {
        // Cut between two sections, what remains may be a module by itself.
        let _ = prepare(&module[..length], &LIMITS);
    }
    for at in 0..module.len() {
        for byte in [0x00, 0x01, 0x40, 0x7f, 0x80, 0xff] {
            let mut broken = module.clone();
            broken[at] = byte;
            if let Ok(prepared) = prepare(&broken, &LIMITS) {
                let options = crate::Options {
                    globals: crate::Globals::Own,
                    carrier: crate::Carrier::Cell,
                    canonicalise_nan: true,
                    depth: true,
                    entry: Some("f".to_owned()),
                };
                let _ = crate::instrument(&prepared.bytes, &options);
            }
            // The pass trusts guests, but must not panic on anything.
            for carrier in [crate::Carrier::Cell, crate::Carrier::Calls] {
                let options = crate::Options {
                    globals: crate::Globals::Shared,
                    carrier,
                    canonicalise_nan: true,
                    depth: true,
                    entry: None,
                };
                let _ = crate::instrument(&broken, &options);
            }
        }
    }
}

#[test]
fn hostile_sizes_are_refused_quickly() {
    let header = b"\0asm\x01\0\0\0";
    let with = |bytes: &[u8]| [&header[..], bytes].concat();
    let started = std::time::Instant::now();
    // A section of 1 GiB that is not there, a length of six bytes, a million types, a million functions.
    assert!(prepare(&with(&[1, 0x80, 0x80, 0x80, 0x80, 0x04]), &LIMITS).is_err());
    assert!(prepare(&with(&[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), &LIMITS).is_err());
    let mut types = vec![0xc0, 0x84, 0x3d];
    types.extend([0x60, 0, 0].repeat(1_000_000));
    let mut section = vec![1];
    encode(types.len(), &mut section);
    section.extend(types);
    assert!(matches!(prepare(&with(&section), &LIMITS), Err(Rejection::TooLarge { .. })));
    assert!(matches!(prepare(&vec![0; 50 << 20], &LIMITS), Err(Rejection::TooLarge { .. })));
    // 100,000 nested blocks.
    let nested = [&[0x02, 0x40].repeat(100_000)[..], &[0x0b].repeat(100_001)].concat();
    assert!(matches!(prepare(&one_function(&nested), &LIMITS), Err(Rejection::TooLarge { .. })));
    // A br_table with a million targets.
    let mut table = vec![0x41, 0, 0x0e];
    encode(1_000_000, &mut table);
    table.extend([0].repeat(1_000_001));
    table.push(0x0b);
    assert!(matches!(prepare(&one_function(&table), &LIMITS), Err(Rejection::TooLarge { .. })));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn tiny_blocks_that_the_meter_would_blow_up_are_refused() {
    // `loop end` is 3 bytes and brings 13; nothing but those.
    let body = [&[0x03, 0x40, 0x0b].repeat(200_000)[..], &[0x0b]].concat();
    let refused = prepare(&one_function(&body), &LIMITS).unwrap_err();
    assert!(matches!(&refused, Rejection::TooLarge { what, .. } if what.contains("meter")), "{refused:?}");
}

fn encode(length: usize, out: &mut Vec<u8>) {
    crate::sections::encode_length(length, out).unwrap();
}

/// A module of one function without parameters, results or locals, with this code.
fn one_function(code: &[u8]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0".to_vec();
    let mut body = Vec::new();
    encode(code.len() + 1, &mut body);
    body.push(0);
    body.extend_from_slice(code);
    module.push(10);
    encode(body.len() + 1, &mut module);
    module.push(1);
    module.extend(body);
    module
}
