mod files;
mod gguf;
pub(crate) mod mutation;
mod safetensors;
mod shards;

use super::{Encoding, Keep, Listing, Stream, TensorProblem, Tensors, WeightsError};
use files::{read, safetensors};

fn problem(error: WeightsError) -> TensorProblem {
    match error {
        WeightsError::Tensor { problem, .. } => problem,
        other => panic!("no tensor is at fault: {other}"),
    }
}

#[test]
fn chunks_of_any_size_deliver_the_same() {
    let file =
        safetensors(&[("a", "F32", &[3, 5], &[7; 60]), ("b", "F16", &[9], &[1; 18]), ("c", "F32", &[], &[2; 4])]);
    let whole = read(&file, file.len()).unwrap();
    for chunk in [1, 2, 3, 7, 8, 9, 64] {
        let parts = read(&file, chunk).unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(parts.get(name), whole.get(name), "{name} in chunks of {chunk}");
        }
    }
    assert_eq!(whole.get("c").unwrap().shape, [0usize; 0]);
}

#[test]
fn pieces_are_whole_blocks_whatever_the_chunks() {
    const BLOCKS: usize = 4000;
    // Larger than what is read of a GGUF file before its header is looked at, so that chunks cut through blocks.
    let file = files::gguf(3, &[], &[("q", &[32 * BLOCKS as u64], 8, &[3; 34 * BLOCKS])]);
    let mut stream = Stream::new("f", file.len() as u64);
    let (mut pieces, mut next) = (0, 0);
    for chunk in file.chunks(1009) {
        let take = |_: &Listing, piece: super::Piece<'_>| {
            assert_eq!((piece.start, piece.bytes.len() % 34), (next, 0));
            next += piece.bytes.len() as u64;
            pieces += 1;
            Ok(())
        };
        stream.push(chunk, &mut { take }).unwrap();
    }
    assert_eq!(next, 34 * BLOCKS as u64);
    assert!(pieces > 60, "{pieces} pieces");
    stream.finish().unwrap();
}

#[test]
fn too_many_bytes_are_refused() {
    let file = safetensors(&[("a", "U8", &[1], &[7])]);
    let mut stream = Stream::new("f", file.len() as u64 - 1);
    let error = stream.push(&file, &mut |_, _| Ok(())).unwrap_err();
    assert_eq!(error, WeightsError::Overlong { file: "f".into(), file_bytes: file.len() as u64 - 1 });
}

#[test]
fn values_that_are_no_numbers_are_refused_where_they_are_decoded() {
    let mut bytes = [0; 12];
    bytes[4..8].copy_from_slice(&f32::NAN.to_le_bytes());
    let file = safetensors(&[("a", "F32", &[3], &bytes)]);
    let error = files::read_as(&file, 5, Keep::Decoded).unwrap_err();
    assert!(matches!(problem(error), TensorProblem::NotFinite { element: 1, .. }));
    assert!(files::read_as(&file, 5, Keep::Stored).is_ok());
}

#[test]
fn decoded_and_stored_tensors_hold_the_same_numbers() {
    let halves: Vec<u8> = [1.5f32, -0.25, 65504.0].iter().flat_map(|&x| half::f16::from_f32(x).to_le_bytes()).collect();
    let brains: Vec<u8> = [1.5f32, -0.25, 3e38].iter().flat_map(|&x| half::bf16::from_f32(x).to_le_bytes()).collect();
    let file = safetensors(&[("h", "F16", &[3], &halves), ("b", "BF16", &[3], &brains)]);
    for (name, want) in [("h", [1.5, -0.25, 65504.0]), ("b", [1.5, -0.25, half::bf16::from_f32(3e38).to_f32()])] {
        let mut decoded = files::read_as(&file, 3, Keep::Decoded).unwrap();
        let mut stored = read(&file, 3).unwrap();
        assert_eq!(decoded.remove(name).unwrap().into_values().unwrap(), want);
        assert_eq!(stored.remove(name).unwrap().into_values().unwrap(), want);
    }
}

#[test]
fn pieces_out_of_order_are_refused() {
    let file = safetensors(&[("a", "F32", &[4], &[0; 16])]);
    let mut tensors = Tensors::new();
    let mut stream = Stream::new("f", file.len() as u64);
    let error = stream
        .push(&file, &mut |listing, mut piece| {
            piece.start = 4;
            tensors.take(listing, &piece, Keep::Stored)
        })
        .unwrap_err();
    assert_eq!(problem(error), TensorProblem::OutOfOrder { start: 4, expected: 0 });
}

#[test]
fn bytes_of_shapes() {
    // Blocks of 32: two bytes of scale and 32 or 16 of codes.
    for (encoding, shape, want) in [
        (Encoding::F32, vec![3, 5], 60),
        (Encoding::Bf16, vec![], 2),
        (Encoding::Q8_0, vec![2, 64], 4 * 34),
        (Encoding::Q4_0, vec![2, 64], 4 * 18),
    ] {
        assert_eq!(encoding.bytes(&shape), Ok(want), "{encoding:?} {shape:?}");
    }
    assert_eq!(Encoding::F32.bytes(&[usize::MAX / 2, 8]), Err(TensorProblem::TooLarge));
    assert_eq!(Encoding::F32.bytes(&[2, 0]), Err(TensorProblem::ZeroDimension(vec![2, 0])));
    let partial = TensorProblem::PartialBlock { columns: 33, encoding: Encoding::Q4_0, block: 32 };
    assert_eq!(Encoding::Q4_0.bytes(&[2, 33]), Err(partial));
}
