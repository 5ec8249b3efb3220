//! Zips of samples. Nobody vouches for what is in them.

use std::fmt::Display;
use std::io::Read;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};

use super::Samples;
use super::folder::{is_sample_path, parse_folder};
use crate::BenchError;

/// A file that is larger is no program.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Of all files together, unpacked.
const TOTAL_BYTES_MAX: u64 = 2 << 30;

/// Whether a file that begins so is a zip archive that holds something.
pub fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// Reads the samples of a zip archive; its files are those of [`parse_folder`].
///
/// # Errors
/// Those of [`unzip`] and of [`parse_folder`].
pub fn parse_zip(bytes: &[u8], file: &str) -> Result<Samples, BenchError> {
    let files = unzip(bytes, file, is_sample_path)?;
    parse_folder(files.iter().map(|(path, text)| (path.as_str(), text.as_slice())), file)
}

/// The paths and contents of those files in a zip archive whose paths are wanted.
///
/// # Errors
/// [`BenchError::Format`] naming the file in it that is broken, packed otherwise than by deflate, or larger than 16 MiB,
/// and when all are larger than 2 GiB.
pub(crate) fn unzip(
    bytes: &[u8],
    file: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Vec<u8>)>, BenchError> {
    let failed = |error: &dyn Display| BenchError::format(file, None, error.to_string());
    let archive = ZipArchive::from_slice(bytes).map_err(|error| failed(&error))?;
    let mut entries = archive.entries();
    let (mut files, mut total) = (Vec::<(String, Vec<u8>)>::new(), 0);
    while let Some(entry) = entries.next_entry().map_err(|error| failed(&error))? {
        let name = entry.file_path().try_normalize().map_err(|error| failed(&error))?.as_ref().to_owned();
        if entry.is_dir() || !is_wanted(&name) {
            continue;
        }
        let failed = |error: &dyn Display| failed(&format!("{name}: {error}"));
        let found = archive.get_entry(entry.wayfinder()).map_err(|error| failed(&error))?;
        let mut text = Vec::new();
        // What the archive says of a size may be a lie.
        let most = FILE_BYTES_MAX + 1;
        let read = match entry.compression_method() {
            CompressionMethod::STORE => found.verifying_reader(found.data()).take(most).read_to_end(&mut text),
            CompressionMethod::DEFLATE => {
                found.verifying_reader(DeflateDecoder::new(found.data())).take(most).read_to_end(&mut text)
            }
            other => return Err(failed(&format!("it is packed by {other}, but must be by deflate"))),
        };
        read.map_err(|error| failed(&error))?;
        total += text.len() as u64;
        if text.len() as u64 >= most || total > TOTAL_BYTES_MAX {
            return Err(failed(&"more than 16 MiB in one file, or 2 GiB in all"));
        }
        files.push((name, text));
    }
    Ok(files)
}
