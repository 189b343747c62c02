//! Opens what may be compressed.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// How much of a file is read at once, in bytes.
const CHUNK: usize = 64 * 1024;
/// The first two bytes of what gzip wrote.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a stream holds, decompressed if gzip wrote it, whatever its name. Several that were put one after the other are one.
///
/// # Errors
/// What reading says.
pub fn decompressed(from: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut from = BufReader::with_capacity(CHUNK, from);
    let is_gzip = from.fill_buf()?.starts_with(&GZIP);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(from)) } else { Box::new(from) })
}
