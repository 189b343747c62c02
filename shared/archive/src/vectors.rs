//! What a processor does with many bytes at once.
//!
//! The program is built for every processor of its kind, and picks when it runs what this one has. Whatever is inlined
//! into the work that it does then is compiled for it, and nothing else.

use wide::u8x16;

/// How many bytes are looked at at once: as many as a mask has bits.
pub(crate) const BLOCK: usize = 64;

/// Where in a block the bytes are that matter beside quotes, in a text or not. The lowest bit is the first byte.
pub(crate) struct Others {
    pub(crate) backslashes: u64,
    /// Brackets and braces that open.
    pub(crate) open: u64,
    /// Brackets and braces that close.
    pub(crate) close: u64,
    /// Ends of lines.
    pub(crate) ends: u64,
}

/// Looks at the bytes of a block all at once.
pub(crate) trait Vectors: Copy {
    /// Where the quotes are.
    fn quotes(self, block: &[u8; BLOCK]) -> u64;

    /// Where the others are. `None` if there are none and it takes less to see that first.
    fn others(self, block: &[u8; BLOCK]) -> Option<Others>;
}

/// What is done with vectors, whatever they are.
pub(crate) trait Work {
    /// What comes out of it.
    type Output;

    /// Does it. What this calls often has to be inlined.
    fn with(self, vectors: impl Vectors) -> Self::Output;
}

/// Does it with the largest vectors that this processor has.
pub(crate) fn fastest<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(vectors) = pulp::x86::V4::try_new() {
            return vectors.vectorize(
                #[inline(always)]
                || work.with(vectors),
            );
        }
        if let Some(vectors) = pulp::x86::V3::try_new() {
            return vectors.vectorize(
                #[inline(always)]
                || work.with(vectors),
            );
        }
    }
    work.with(Portable)
}

/// Vectors of 16 bytes, which are everywhere. Most blocks have quotes and nothing else that matters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

impl Vectors for Portable {
    #[inline(always)]
    fn quotes(self, block: &[u8; BLOCK]) -> u64 {
        let (parts, _) = block.as_chunks::<16>();
        parts.iter().enumerate().fold(0, |quotes, (index, part)| {
            quotes | u64::from(u8x16::new(*part).simd_eq(u8x16::splat(b'"')).to_bitmask()) << (16 * index)
        })
    }

    #[inline(always)]
    fn others(self, block: &[u8; BLOCK]) -> Option<Others> {
        if !has_more_than_quotes(block) {
            return None;
        }
        let mut found = Others { backslashes: 0, open: 0, close: 0, ends: 0 };
        let (parts, _) = block.as_chunks::<16>();
        for (index, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let folded = bytes | u8x16::splat(FOLD);
            let at = 16 * index;
            let mask =
                |bytes: u8x16, byte: u8| u64::from(bytes.simd_eq(u8x16::splat(byte)).to_bitmask()) << at;
            found.backslashes |= mask(bytes, b'\\');
            found.open |= mask(folded, b'{');
            found.close |= mask(folded, b'}');
            found.ends |= mask(bytes, b'\n');
        }
        Some(found)
    }
}

/// `[` and `{` differ in this bit alone, and so do `]` and `}`.
pub(crate) const FOLD: u8 = 0x20;

/// Whether there is a bracket, a brace, a backslash or the end of a line. A bar is taken for one as well.
#[inline(always)]
fn has_more_than_quotes(block: &[u8; BLOCK]) -> bool {
    let (parts, _) = block.as_chunks::<16>();
    let found = parts.iter().fold(u8x16::splat(0), |found, part| {
        let bytes = u8x16::new(*part);
        // Folded they lie side by side: `{` and `[`, `|` and the backslash, `}` and `]`.
        let distance = (bytes | u8x16::splat(FOLD)) - u8x16::splat(b'{');
        found | distance.simd_eq(distance.min(u8x16::splat(2))) | bytes.simd_eq(u8x16::splat(b'\n'))
    });
    found.to_bitmask() != 0
}
