//! Finds the records in a stream of JSON, without parsing them.

use crate::masks::{Masks, Within};
use crate::vectors::{BLOCK, Portable, Vectors, Work, fastest};
use std::io::{self, Read};

/// How much is read at once, in bytes.
const CHUNK: usize = 128 * 1024;
/// The longest record, in bytes. AWS's are of 1 MiB at most.
pub const LONGEST: usize = 4 * 1024 * 1024;

/// A part of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A record: an object, from brace to brace.
    Record(&'a [u8]),
    /// A record that nobody can read, and why.
    Unreadable(Fault),
}

/// Why a record cannot be read. Each record is one piece, whatever is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It has more bytes than [`LONGEST`].
    TooLong,
    /// A line ends within a text.
    Torn,
    /// The stream ends before the record does.
    Cut,
}

/// What was in a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many bytes it had.
    pub bytes: u64,
    /// Whether there was anything but white space, and no place for records in it.
    pub is_something_else: bool,
}

/// Where in the structure the bytes looked at end.
#[derive(Debug, Default)]
struct Place {
    within: Within,
    /// Number of objects and arrays that have begun and not ended.
    depth: usize,
    /// The depth at which records begin: 0 alone, 1 in an array, 2 in the list of an archive.
    base: usize,
    record: Record,
    /// Whether the object just begun may turn out to be an archive.
    is_new: bool,
    /// Whether a record or a place for records was there.
    has_records: bool,
    has_text: bool,
}

/// The record that has begun and not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Record {
    #[default]
    None,
    /// It begins at this byte of the buffer.
    At(usize),
    /// It is too long to be kept.
    TooLong,
}

/// Hands every record of a stream to `take`.
pub(crate) fn of_stream(mut from: impl Read, mut take: impl FnMut(Piece<'_>)) -> io::Result<Contents> {
    let mut buffer = vec![0; CHUNK];
    let (mut filled, mut looked_at, mut bytes) = (0, 0, 0);
    let mut place = Place::default();
    loop {
        let read = read_some(&mut from, buffer.get_mut(filled..).unwrap_or_default());
        let count = *read.as_ref().unwrap_or(&0);
        filled += count;
        bytes += count as u64;
        let is_end = count == 0;
        let content = buffer.get(..filled).unwrap_or_default();
        looked_at = fastest(Look { place: &mut place, content, from: looked_at, is_end, take: &mut take });
        if is_end {
            // After an error, the record that has begun is lost with all that follows.
            read?;
            return Ok(place.end(filled, bytes, &mut take));
        }
        let keep = if let Record::At(start) = place.record { start } else { looked_at };
        buffer.copy_within(keep..filled, 0);
        filled -= keep;
        looked_at -= keep;
        if let Record::At(start) = &mut place.record {
            *start = 0;
        }
        if looked_at > LONGEST {
            take(Piece::Unreadable(Fault::TooLong));
            place.record = Record::TooLong;
            buffer.copy_within(looked_at..filled, 0);
            filled -= looked_at;
            looked_at = 0;
            buffer.truncate(CHUNK);
            buffer.shrink_to_fit();
        } else if buffer.len() - filled < CHUNK / 2 {
            buffer.resize(buffer.len() + CHUNK, 0);
        }
    }
}

/// The same for what is in memory.
pub(crate) fn of_whole(content: &[u8], mut take: impl FnMut(Piece<'_>)) -> Contents {
    let mut place = Place::default();
    fastest(Look { place: &mut place, content, from: 0, is_end: true, take: &mut take });
    place.end(content.len(), content.len() as u64, &mut take)
}

fn read_some(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Looks at the bytes from here on, and returns up to where it did: whole blocks, and at the end the rest.
struct Look<'a, T> {
    place: &'a mut Place,
    content: &'a [u8],
    from: usize,
    is_end: bool,
    take: &'a mut T,
}

impl<T: FnMut(Piece<'_>)> Work for Look<'_, T> {
    type Output = usize;

    #[inline(always)]
    fn with(self, vectors: impl Vectors) -> usize {
        let Self { place, content, from, is_end, take } = self;
        let mut at = from;
        // What each block changes is kept here, where it can stay in registers.
        let (mut within, mut depth, mut floor) = (place.within, place.depth, place.floor());
        while let Some((block, _)) = content.get(at..).and_then(|rest| rest.split_first_chunk::<BLOCK>()) {
            let before = within;
            let masks = within.next(vectors, block);
            let closing = masks.close.count_ones() as usize;
            // Nothing but the inside of a record.
            if depth > floor + closing && masks.torn == 0 {
                depth = depth + masks.open.count_ones() as usize - closing;
                at += BLOCK;
            } else {
                (place.within, place.depth) = (within, depth);
                at = place.boundary(before, block, masks, content, at, take);
                (within, depth, floor) = (place.within, place.depth, place.floor());
            }
        }
        (place.within, place.depth) = (within, depth);
        while is_end && at < content.len() {
            let mut block = [b' '; BLOCK];
            let rest = content.get(at..).unwrap_or_default();
            block.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
            let before = place.within;
            let masks = place.within.next(Portable, &block);
            at = place.boundary(before, &block, masks, content, at, take);
        }
        at
    }
}

impl Place {
    /// A block that does not come down to this depth is the inside of a record.
    fn floor(&self) -> usize {
        if self.is_new { usize::MAX - BLOCK } else { self.base }
    }

    /// Looks at a block where a record may begin or end, or a line is torn. Returns where to go on: after it, or after
    /// that line.
    fn boundary(
        &mut self,
        before: Within,
        block: &[u8; BLOCK],
        masks: Masks,
        buffer: &[u8],
        at: usize,
        take: &mut impl FnMut(Piece<'_>),
    ) -> usize {
        if masks.torn != 0 {
            return self.torn(before, block, masks, buffer, at, take);
        }
        if self.depth == 0 && !self.has_text {
            self.has_text = has_text(block);
        }
        self.walk(masks, buffer, at, take);
        at + BLOCK
    }

    /// Looks at what begins and ends, one after the other.
    fn walk(&mut self, masks: Masks, buffer: &[u8], at: usize, take: &mut impl FnMut(Piece<'_>)) {
        let mut left = masks.open | masks.close;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let here = at + bit as usize;
            if masks.open >> bit & 1 == 1 {
                self.begins(buffer, here);
            } else {
                self.ends(buffer, here, take);
            }
        }
    }

    fn begins(&mut self, buffer: &[u8], here: usize) {
        let is_object = buffer.get(here) == Some(&b'{');
        if self.depth == self.base {
            if is_object {
                self.record = Record::At(here);
                self.is_new = self.base == 0;
                self.has_records = true;
            } else if self.depth == 0 {
                self.base = 1;
                self.has_records = true;
            }
        } else if self.is_new {
            self.is_new = false;
            if let Record::At(start) = self.record
                && !is_object
                && is_archive(buffer.get(start..here).unwrap_or_default())
            {
                self.record = Record::None;
                self.base = 2;
            }
        }
        self.depth += 1;
    }

    fn ends(&mut self, buffer: &[u8], here: usize, take: &mut impl FnMut(Piece<'_>)) {
        self.is_new = false;
        self.depth = self.depth.saturating_sub(1);
        if self.depth < self.base {
            self.base = 0;
        } else if self.depth == self.base {
            if let Record::At(start) = self.record {
                let record = buffer.get(start..=here).unwrap_or_default();
                let is_too_long = record.len() > LONGEST;
                take(if is_too_long { Piece::Unreadable(Fault::TooLong) } else { Piece::Record(record) });
            }
            self.record = Record::None;
        }
    }

    #[cold]
    /// Gives up the record in which a line ends within a text, and starts anew with the next line.
    fn torn(
        &mut self,
        before: Within,
        block: &[u8; BLOCK],
        masks: Masks,
        buffer: &[u8],
        at: usize,
        take: &mut impl FnMut(Piece<'_>),
    ) -> usize {
        // What comes before the end of the line still counts.
        let length = masks.torn.trailing_zeros() as usize;
        let mut head = [b' '; BLOCK];
        head.iter_mut().zip(block).take(length).for_each(|(to, byte)| *to = *byte);
        let mut within = before;
        let masks = within.next(Portable, &head);
        self.has_text = true;
        self.walk(masks, buffer, at, take);
        self.gives_up(at + length, Fault::Torn, take);
        *self = Self { has_records: self.has_records, has_text: true, ..Self::default() };
        at + length + 1
    }

    /// The end of the stream, with so many bytes in the buffer and in all.
    fn end(&self, filled: usize, bytes: u64, take: &mut impl FnMut(Piece<'_>)) -> Contents {
        if self.has_records && (self.depth > 0 || self.within.is_text()) {
            self.gives_up(filled, Fault::Cut, take);
        }
        Contents { bytes, is_something_else: self.has_text && !self.has_records }
    }

    /// Says why the record that has begun cannot be read, once.
    fn gives_up(&self, end: usize, fault: Fault, take: &mut impl FnMut(Piece<'_>)) {
        match self.record {
            Record::At(start) if end - start > LONGEST => take(Piece::Unreadable(Fault::TooLong)),
            Record::None | Record::At(_) => take(Piece::Unreadable(fault)),
            Record::TooLong => {}
        }
    }
}

/// Whether there is anything but white space. It is asked rarely, and what is rare must not slow down the rest.
#[cold]
#[inline(never)]
fn has_text(block: &[u8; BLOCK]) -> bool {
    block.iter().any(|byte| !byte.is_ascii_whitespace())
}

/// Whether an object that begins like this is a list of records.
fn is_archive(beginning: &[u8]) -> bool {
    let letters = beginning.iter().filter(|byte| !byte.is_ascii_whitespace());
    let is_it = |form: &[u8]| letters.clone().eq(form);
    is_it(br#"{"Records":"#) || is_it(br#"{"Events":"#)
}
