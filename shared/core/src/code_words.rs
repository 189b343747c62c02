//! Codes, the stable names for programs, as people read them.

/// A code as words. A prefix keeps its hyphen, as in `non-virtual`.
#[must_use]
pub fn words(code: &str) -> String {
    let mut words = String::new();
    for part in code.split_inclusive('-') {
        let word = part.strip_suffix('-').filter(|word| *word != "non");
        words.push_str(word.unwrap_or(part));
        words.push_str(if word.is_some() { " " } else { "" });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn hyphens_become_spaces_but_after_a_prefix() {
        let all = ["non-virtual", "security-key-or-passkey", "in-grace", "unknown", "", "ends-with-", "non"];
        let expected =
            ["non-virtual", "security key or passkey", "in grace", "unknown", "", "ends with ", "non"];
        assert_eq!(all.map(words), expected);
    }
}
