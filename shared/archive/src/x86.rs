//! The vectors of newer x86-64 processors, with which it costs less to look at every byte than to guess.

use crate::vectors::{BLOCK, FOLD, Others, Vectors};
use core::arch::x86_64::{__m256i, __m512i};
use pulp::cast;
use pulp::x86::{V3, V4};

/// AVX2: two vectors of 32 bytes.
impl Vectors for V3 {
    #[inline(always)]
    fn quotes(self, block: &[u8; BLOCK]) -> u64 {
        equal(self, cast(*block), b'"')
    }

    #[inline(always)]
    fn others(self, block: &[u8; BLOCK]) -> Option<Others> {
        let bytes @ [low, high]: [__m256i; 2] = cast(*block);
        let fold = self.avx._mm256_set1_epi8(FOLD.cast_signed());
        let folded = [self.avx2._mm256_or_si256(low, fold), self.avx2._mm256_or_si256(high, fold)];
        Some(Others {
            backslashes: equal(self, bytes, b'\\'),
            open: equal(self, folded, b'{'),
            close: equal(self, folded, b'}'),
            ends: equal(self, bytes, b'\n'),
        })
    }
}

/// Where the bytes are this one.
#[inline(always)]
fn equal(vectors: V3, [low, high]: [__m256i; 2], byte: u8) -> u64 {
    let byte = vectors.avx._mm256_set1_epi8(byte.cast_signed());
    let low = vectors.avx2._mm256_movemask_epi8(vectors.avx2._mm256_cmpeq_epi8(low, byte));
    let high = vectors.avx2._mm256_movemask_epi8(vectors.avx2._mm256_cmpeq_epi8(high, byte));
    u64::from(low.cast_unsigned()) | u64::from(high.cast_unsigned()) << 32
}

/// AVX-512: one vector is a block.
impl Vectors for V4 {
    #[inline(always)]
    fn quotes(self, block: &[u8; BLOCK]) -> u64 {
        equal_at_once(self, cast(*block), b'"')
    }

    #[inline(always)]
    fn others(self, block: &[u8; BLOCK]) -> Option<Others> {
        let bytes: __m512i = cast(*block);
        let folded = self.avx512f._mm512_or_si512(bytes, self.avx512f._mm512_set1_epi8(FOLD.cast_signed()));
        Some(Others {
            backslashes: equal_at_once(self, bytes, b'\\'),
            open: equal_at_once(self, folded, b'{'),
            close: equal_at_once(self, folded, b'}'),
            ends: equal_at_once(self, bytes, b'\n'),
        })
    }
}

/// Where the bytes are this one.
#[inline(always)]
fn equal_at_once(vectors: V4, bytes: __m512i, byte: u8) -> u64 {
    vectors.avx512bw._mm512_cmpeq_epi8_mask(bytes, vectors.avx512f._mm512_set1_epi8(byte.cast_signed()))
}
