//! Reads files that may be compressed.

use crate::split::{Contents, Piece, of_stream, of_whole};
use flate2::bufread::MultiGzDecoder;
use libdeflater::Decompressor;
use memchr::memmem;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// How much of a file is read at once, in bytes.
const CHUNK: usize = 64 * 1024;
/// How what gzip wrote begins: two bytes that are always the same, and the method.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
/// Up to so many bytes of a compressed file are decompressed at once.
const PACKED_AT_ONCE: usize = 4 << 20;
/// And no more come out of them.
const AT_ONCE: usize = 16 << 20;

/// Reads one file after the other, and keeps the memory that it needs for that: 20 MiB at most.
pub struct Reader {
    decompressor: Decompressor,
    packed: Vec<u8>,
    content: Vec<u8>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { decompressor: Decompressor::new(), packed: Vec::new(), content: Vec::new() }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// Hands every record of a file to `take`, in order, decompressed if gzip wrote the file, whatever its name. Several
    /// files that were put one after the other are one. Records are objects that stand alone, one after the other, in an
    /// array, or in the list `Records` or `Events` of an object. Memory does not grow with the file.
    ///
    /// Files of a few megabytes, as AWS writes them, are decompressed at once, which is faster. What is larger, damaged,
    /// or several files in one is decompressed as a stream, so that whatever can be read of it is read.
    ///
    /// # Errors
    /// What reading says. What came before has been handed over.
    pub fn records(&mut self, from: impl Read, take: impl FnMut(Piece<'_>)) -> io::Result<Contents> {
        let mut from = BufReader::with_capacity(CHUNK, from);
        let Self { decompressor, packed, content } = self;
        if !from.fill_buf()?.starts_with(&GZIP) {
            return of_stream(from, take);
        }
        packed.clear();
        let failed = from.by_ref().take(PACKED_AT_ONCE as u64).read_to_end(packed).err();
        let is_whole = failed.is_none() && packed.len() < PACKED_AT_ONCE;
        if is_whole && decompress(decompressor, packed, content).is_some() {
            return Ok(of_whole(content, take));
        }
        of_stream(MultiGzDecoder::new(packed.as_slice().chain(Rest { failed, from })), take)
    }
}

/// What comes after the bytes that were read: an error, or the rest of the file.
struct Rest<R> {
    failed: Option<io::Error>,
    from: R,
}

impl<R: BufRead> Read for Rest<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.failed.take().map_or_else(|| self.from.read(into), Err)
    }
}

impl<R: BufRead> BufRead for Rest<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.failed.take().map_or_else(|| self.from.fill_buf(), Err)
    }

    fn consume(&mut self, count: usize) {
        self.from.consume(count);
    }
}

/// Decompresses a file at once, if it is a single whole one that is not too long.
fn decompress(decompressor: &mut Decompressor, packed: &[u8], content: &mut Vec<u8>) -> Option<()> {
    // Where these bytes are there by chance, it costs a little time.
    if memmem::find(packed.get(1..)?, &GZIP).is_some() {
        return None;
    }
    // The end says how long it is, modulo 4 GiB.
    let length = u32::from_le_bytes(*packed.last_chunk()?) as usize;
    if length > AT_ONCE {
        return None;
    }
    content.resize(length, 0);
    let written = decompressor.gzip_decompress(packed, content).ok()?;
    // If not, the end belongs to something else that comes after the file.
    (written == length).then_some(())
}
