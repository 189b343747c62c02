//! The bytes that give JSON its structure, 64 at a time.

use wide::u8x16;

/// How many bytes are looked at at once: as many as a mask has bits.
pub(crate) const BLOCK: usize = 64;

/// Where in a block the bytes that matter are. The lowest bit stands for the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Objects and arrays that begin.
    pub(crate) open: u64,
    /// Objects and arrays that end.
    pub(crate) close: u64,
    /// Ends of lines within a text, where JSON allows none.
    pub(crate) torn: u64,
}

/// Whether the byte after those that were looked at is in a text, and what a backslash before it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Within {
    /// All ones in a text, or zero.
    text: u64,
    /// One if a backslash before it takes its meaning, or zero.
    escaped: u64,
}

impl Within {
    /// Whether it is in a text.
    pub(crate) fn is_text(self) -> bool {
        self.text != 0
    }

    /// Looks at the next block. Most blocks have quotes and nothing else that matters.
    #[inline]
    pub(crate) fn next(&mut self, block: &[u8; BLOCK]) -> Masks {
        let quotes = quotes(block);
        if has_more_than_quotes(block) {
            return self.structure(block, quotes);
        }
        let count = (quotes & !self.escaped).count_ones();
        self.escaped = 0;
        self.text ^= 0_u64.wrapping_sub(u64::from(count & 1));
        Masks { open: 0, close: 0, torn: 0 }
    }

    /// Looks at a block that has more than quotes.
    #[inline]
    fn structure(&mut self, block: &[u8; BLOCK], quotes: u64) -> Masks {
        let (mut backslashes, mut open, mut close, mut ends) = (0, 0, 0, 0);
        let (parts, _) = block.as_chunks::<16>();
        for (index, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            // `[` and `{` differ in this bit alone, and so do `]` and `}`.
            let folded = bytes | u8x16::splat(0x20);
            let at = 16 * index;
            let mask =
                |bytes: u8x16, byte: u8| u64::from(bytes.simd_eq(u8x16::splat(byte)).to_bitmask()) << at;
            backslashes |= mask(bytes, b'\\');
            open |= mask(folded, b'{');
            close |= mask(folded, b'}');
            ends |= mask(bytes, b'\n');
        }
        let escaped = self.escaped_by(backslashes);
        let text = self.texts(quotes & !escaped);
        Masks { open: open & !text, close: close & !text, torn: ends & text }
    }

    /// The bytes that a backslash before them takes their meaning from.
    #[inline]
    fn escaped_by(&mut self, backslashes: u64) -> u64 {
        let mut escaped = self.escaped;
        let mut left = backslashes & !escaped;
        self.escaped = 0;
        while left != 0 {
            let backslash = left & left.wrapping_neg();
            let next = backslash << 1;
            if next == 0 {
                self.escaped = 1;
            }
            escaped |= next;
            // The one after it may be a backslash as well, and is a letter then.
            left &= !(backslash | next);
        }
        escaped
    }

    /// The bytes in texts, with the quotes before them.
    #[inline]
    fn texts(&mut self, quotes: u64) -> u64 {
        // Whether the number of quotes up to and with each byte is odd.
        let mut odd = quotes;
        for distance in [1, 2, 4, 8, 16, 32] {
            odd ^= odd << distance;
        }
        let text = odd ^ self.text;
        self.text = if text >> 63 == 1 { u64::MAX } else { 0 };
        text
    }
}

/// Where the quotes are.
#[inline]
fn quotes(block: &[u8; BLOCK]) -> u64 {
    let (parts, _) = block.as_chunks::<16>();
    parts.iter().enumerate().fold(0, |quotes, (index, part)| {
        quotes | u64::from(u8x16::new(*part).simd_eq(u8x16::splat(b'"')).to_bitmask()) << (16 * index)
    })
}

/// Whether there is a bracket, a brace, a backslash or the end of a line. A bar is taken for one as well.
#[inline]
fn has_more_than_quotes(block: &[u8; BLOCK]) -> bool {
    let (parts, _) = block.as_chunks::<16>();
    let found = parts.iter().fold(u8x16::splat(0), |found, part| {
        let bytes = u8x16::new(*part);
        // With this bit they lie side by side: `{` and `[`, `|` and the backslash, `}` and `]`.
        let distance = (bytes | u8x16::splat(0x20)) - u8x16::splat(b'{');
        found | distance.simd_eq(distance.min(u8x16::splat(2))) | bytes.simd_eq(u8x16::splat(b'\n'))
    });
    found.to_bitmask() != 0
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Masks, Within};
    use proptest::prelude::*;

    /// The same, a byte at a time.
    fn byte_by_byte(bytes: &[u8]) -> Vec<Masks> {
        let (mut is_text, mut is_escaped) = (false, false);
        let mut masks = Vec::new();
        for block in bytes.chunks(BLOCK) {
            let mut found = Masks { open: 0, close: 0, torn: 0 };
            for (index, byte) in block.iter().enumerate() {
                let bit = 1 << index;
                let was_escaped = is_escaped;
                is_escaped = *byte == b'\\' && !was_escaped;
                match byte {
                    b'"' if !was_escaped => is_text = !is_text,
                    b'{' | b'[' if !is_text => found.open |= bit,
                    b'}' | b']' if !is_text => found.close |= bit,
                    b'\n' if is_text => found.torn |= bit,
                    _ => {}
                }
            }
            masks.push(found);
        }
        masks
    }

    proptest! {
        #[test]
        fn blocks_say_what_bytes_say(bytes in prop::collection::vec(prop::sample::select(b"\"\\{}[]\na ".to_vec()), 256)) {
            let mut within = Within::default();
            let (blocks, _) = bytes.as_chunks::<BLOCK>();
            let masks: Vec<Masks> = blocks.iter().map(|block| within.next(block)).collect();
            prop_assert_eq!(masks, byte_by_byte(&bytes));
        }
    }
}
