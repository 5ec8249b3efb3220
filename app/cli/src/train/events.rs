//! Event files as TensorBoard reads them: records of TensorFlow's `Event` message, each with its length and two checksums.
//!
//! A record is its length (u64), the masked CRC-32C of those eight bytes, the message, and the message's masked CRC-32C, all
//! little-endian; the mask is that of TensorFlow's `lib/hash/crc32c.h`.

use std::io::{self, Write};

use prost::Message;

/// What the first record of a file says.
const FILE_VERSION: &str = "brain.Event:2";

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time_seconds: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Scalar>,
}

#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    value: Option<f32>,
}

/// Writes one event file.
pub(crate) struct EventWriter<W> {
    file: W,
}

impl<W: Write> EventWriter<W> {
    /// Begins a file at `seconds` since 1970.
    pub(crate) fn new(mut file: W, seconds: f64) -> io::Result<Self> {
        let version = Some(FILE_VERSION.to_owned());
        record(&mut file, &Event { wall_time_seconds: seconds, step: 0, file_version: version, summary: None })?;
        Ok(Self { file })
    }

    /// Writes scalars of one step.
    #[allow(clippy::cast_possible_truncation)] // the message holds f32
    pub(crate) fn scalars(&mut self, seconds: f64, step: u64, scalars: &[(String, f64)]) -> io::Result<()> {
        let value = |(tag, value): &(String, f64)| Scalar { tag: tag.clone(), value: Some(*value as f32) };
        let summary = Some(Summary { values: scalars.iter().map(value).collect() });
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        record(&mut self.file, &Event { wall_time_seconds: seconds, step, file_version: None, summary })?;
        self.file.flush()
    }
}

fn record(file: &mut impl Write, event: &Event) -> io::Result<()> {
    let message = event.encode_to_vec();
    let length = (message.len() as u64).to_le_bytes();
    file.write_all(&length)?;
    file.write_all(&checksum(&length).to_le_bytes())?;
    file.write_all(&message)?;
    file.write_all(&checksum(&message).to_le_bytes())
}

fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TensorBoard 2.21.0 read this file: loss 2.5 and rate 0.001 at step 1, loss 2.25 at step 2.
    const READ_BY_TENSORBOARD: &str = "1800000000000000a37f4b22090000000000448f401a0d627261696e2e4576656e743a32aba333452700000000000000bbe1b146090000000000488f4010012a1a0a0b0a046c6f737315000020400a0b0a0472617465156f12833ad1872b531a00000000000000129bd82d090000000000508f4010022a0d0a0b0a046c6f737315000010402db8378b";

    #[test]
    fn a_file_is_the_one_that_tensorboard_read() {
        let mut bytes = Vec::new();
        let mut writer = EventWriter::new(&mut bytes, 1000.5).unwrap();
        let scalar = |tag: &str, value: f64| (tag.to_owned(), value);
        writer.scalars(1001.0, 1, &[scalar("loss", 2.5), scalar("rate", 1e-3)]).unwrap();
        writer.scalars(1002.0, 2, &[scalar("loss", 2.25)]).unwrap();
        let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, READ_BY_TENSORBOARD);
    }
}
