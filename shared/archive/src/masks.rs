//! The bytes that give JSON its structure, 64 at a time.

use crate::vectors::{BLOCK, Others, Vectors};

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

    /// Looks at the next block.
    #[inline(always)]
    pub(crate) fn next(&mut self, vectors: impl Vectors, block: &[u8; BLOCK]) -> Masks {
        let quotes = vectors.quotes(block);
        if let Some(others) = vectors.others(block) {
            return self.structure(quotes, &others);
        }
        let count = (quotes & !self.escaped).count_ones();
        self.escaped = 0;
        self.text ^= 0_u64.wrapping_sub(u64::from(count & 1));
        Masks { open: 0, close: 0, torn: 0 }
    }

    /// Looks at a block that has more than quotes, or may have.
    #[inline(always)]
    fn structure(&mut self, quotes: u64, others: &Others) -> Masks {
        let escaped = self.escaped_by(others.backslashes);
        let text = self.texts(quotes & !escaped);
        Masks { open: others.open & !text, close: others.close & !text, torn: others.ends & text }
    }

    /// The bytes that a backslash before them takes their meaning from.
    #[inline(always)]
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
    #[inline(always)]
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

#[cfg(test)]
mod tests {
    use super::{BLOCK, Masks, Within};
    use crate::vectors::{Portable, Vectors, Work, fastest};
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

    fn block_by_block(vectors: impl Vectors, bytes: &[u8]) -> Vec<Masks> {
        let mut within = Within::default();
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        blocks.iter().map(|block| within.next(vectors, block)).collect()
    }

    struct Blocks<'a>(&'a [u8]);

    impl Work for Blocks<'_> {
        type Output = Vec<Masks>;

        fn with(self, vectors: impl Vectors) -> Vec<Masks> {
            block_by_block(vectors, self.0)
        }
    }

    proptest! {
        #[test]
        fn blocks_say_what_bytes_say(bytes in prop::collection::vec(prop::sample::select(b"\"\\{}[]\na |*\xdb\xdd\xfb\xfd".to_vec()), 256)) {
            let expected = byte_by_byte(&bytes);
            prop_assert_eq!(&fastest(Blocks(&bytes)), &expected);
            prop_assert_eq!(&block_by_block(Portable, &bytes), &expected);
            // Whatever else this processor has.
            #[cfg(target_arch = "x86_64")]
            {
                if let Some(vectors) = pulp::x86::V3::try_new() {
                    prop_assert_eq!(&block_by_block(vectors, &bytes), &expected);
                }
                if let Some(vectors) = pulp::x86::V4::try_new() {
                    prop_assert_eq!(&block_by_block(vectors, &bytes), &expected);
                }
            }
        }
    }
}
