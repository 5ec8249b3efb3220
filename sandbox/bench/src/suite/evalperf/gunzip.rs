//! Gzip (RFC 1952) without a stream: compressed bytes are handed in as they come, and plain ones handed on.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// First bytes of a member.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Plain bytes handed on at once.
const PIECE_BYTES: usize = 1 << 16;
/// A longer header is refused: names and comments that fill a page are no names.
const HEADER_BYTES_MAX: usize = 1 << 16;

/// Unpacks members, one after the other.
pub(super) struct Gunzip {
    state: State,
    piece: Vec<u8>,
    members: u64,
}

enum State {
    /// What of a header was read.
    Header(Vec<u8>),
    Body(Box<Decompress>, Crc),
    /// What of checksum and length was read.
    Trailer(Vec<u8>, Crc),
}

impl Gunzip {
    pub(super) fn new() -> Self {
        Self { state: State::Header(Vec::new()), piece: vec![0; PIECE_BYTES], members: 0 }
    }

    /// Takes the next compressed bytes. Whatever they hold is handed to `take` in pieces of bounded size.
    pub(super) fn push(
        &mut self,
        mut input: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        while !input.is_empty() {
            let used = match &mut self.state {
                State::Header(header) => {
                    header.push(input[0]);
                    if header_is_complete(header)? {
                        self.state = State::Body(Box::new(Decompress::new(false)), Crc::new());
                    }
                    1
                }
                State::Body(inflate, crc) => {
                    let (read, written) = (inflate.total_in(), inflate.total_out());
                    let status = inflate.decompress(input, &mut self.piece, FlushDecompress::None);
                    let status = status.map_err(|error| format!("it cannot be unpacked: {error}"))?;
                    let length = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
                    let (used, made) = (length(inflate.total_in(), read), length(inflate.total_out(), written));
                    let plain = &self.piece[..made];
                    crc.update(plain);
                    take(plain)?;
                    if status == Status::StreamEnd {
                        let crc = std::mem::replace(crc, Crc::new());
                        self.state = State::Trailer(Vec::with_capacity(8), crc);
                    } else if used == 0 && made == 0 {
                        return Err("it cannot be unpacked: the compressed data make no progress".to_owned());
                    }
                    used
                }
                State::Trailer(trailer, crc) => {
                    trailer.push(input[0]);
                    if trailer.len() == 8 {
                        if trailer[..4] != crc.sum().to_le_bytes() || trailer[4..] != crc.amount().to_le_bytes() {
                            return Err("it cannot be unpacked: checksum or length is wrong".to_owned());
                        }
                        self.members += 1;
                        self.state = State::Header(Vec::new());
                    }
                    1
                }
            };
            input = &input[used..];
        }
        Ok(())
    }

    /// Says whether the last member is whole.
    pub(super) fn finish(&self) -> Result<(), String> {
        match &self.state {
            State::Header(header) if header.is_empty() && self.members > 0 => Ok(()),
            _ => Err("it cannot be unpacked: the compressed data end too early".to_owned()),
        }
    }
}

/// Whether the bytes are a whole member header; fails as soon as they cannot become one.
fn header_is_complete(header: &[u8]) -> Result<bool, String> {
    const EXTRA: u8 = 4;
    let known = header.len().min(MAGIC.len());
    if header[..known] != MAGIC[..known] || header.get(2).is_some_and(|method| *method != 8) {
        return Err("it cannot be unpacked: no gzip member begins here".to_owned());
    }
    if header.len() > HEADER_BYTES_MAX {
        return Err(format!("it cannot be unpacked: the header has more than {HEADER_BYTES_MAX} bytes"));
    }
    let Some((fixed, mut rest)) = header.split_at_checked(10) else { return Ok(false) };
    let flags = fixed[3];
    if flags & EXTRA != 0 {
        let Some((length, after)) = rest.split_at_checked(2) else { return Ok(false) };
        let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
        let Some(after) = after.get(length..) else { return Ok(false) };
        rest = after;
    }
    for text_flag in [8, 16] {
        if flags & text_flag != 0 {
            let Some(end) = rest.iter().position(|byte| *byte == 0) else { return Ok(false) };
            rest = &rest[end + 1..];
        }
    }
    Ok(rest.len() >= if flags & 2 != 0 { 2 } else { 0 })
}
