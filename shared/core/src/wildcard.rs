//! The wildcards of IAM's policies: `*` stands for any text, and `?` for any character.

/// Whether a text matches a pattern. Takes no longer than both are long, multiplied, and no memory.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // After the last `*`, and how far its text goes so far. An earlier one never has to stand for more.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, read));
            }
            Some(expected) if *expected == b'?' || text.get(read) == Some(expected) => {
                at += 1;
                read += 1;
            }
            Some(_) | None => {
                let Some((after, end)) = &mut star else { return false };
                *end += 1;
                (at, read) = (*after, *end);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;
    use proptest::prelude::*;

    /// The definition, as short as it can be.
    fn defined(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), None) => defined(rest, text),
            (Some((b'*', rest)), Some((_, more))) => defined(rest, text) || defined(pattern, more),
            (Some((expected, rest)), Some((found, more))) => {
                (*expected == b'?' || expected == found) && defined(rest, more)
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    #[test]
    fn long_pattern_takes_no_time() {
        let pattern = "*a".repeat(5_000);
        assert!(!matches(&pattern, &"a".repeat(4_999)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn wildcards_stand_for_what_they_are_defined_to(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &text), defined(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
