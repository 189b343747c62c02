//! What Amazon Q Developer in chat applications takes: next steps of a certain length, and names without markup.

/// Amazon Q Developer takes up to 350 characters in a step.
const LIMIT: usize = 350;
/// Show at most this many: a chat message should be short.
const SHOWN: usize = 8;

/// The first steps that fit into one message. A longer step is divided between its sentences, or between words if a
/// sentence alone is too long. Steps are shown whole or not at all.
pub(crate) fn steps(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    for text in texts {
        let parts = divided(&text);
        if shown.len() + parts.len() > SHOWN {
            break;
        }
        shown.extend(parts);
    }
    shown
}

/// The text without what chat programs take for a link or a mention. The names in it are other people's words.
pub(crate) fn unmarked(text: &str) -> String {
    text.replace('<', "\u{2039}").replace('>', "\u{203a}")
}

fn divided(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    for piece in sentences(text).flat_map(short_enough) {
        let joined = if part.is_empty() { piece.clone() } else { format!("{part} {piece}") };
        if length(&joined) > LIMIT {
            parts.push(std::mem::replace(&mut part, piece));
        } else {
            part = joined;
        }
    }
    parts.extend((!part.is_empty()).then_some(part));
    parts
}

/// The sentences of a text, each with its full stop. White space at its ends and line breaks are dropped.
fn sentences(text: &str) -> impl Iterator<Item = String> {
    let mut sentences = Vec::new();
    let mut sentence: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        sentence.push(word);
        if word.ends_with(['.', '?', '!']) {
            sentences.push(std::mem::take(&mut sentence).join(" "));
        }
    }
    sentences.push(sentence.join(" "));
    sentences.into_iter().filter(|sentence| !sentence.is_empty())
}

/// A sentence, or its words in groups that fit. A word that is too long by itself is cut.
fn short_enough(sentence: String) -> Vec<String> {
    if length(&sentence) <= LIMIT {
        return vec![sentence];
    }
    let mut groups = vec![String::new()];
    for word in sentence.split(' ') {
        let word: String = word.chars().take(LIMIT).collect();
        match groups.last_mut() {
            Some(group) if group.is_empty() => *group = word,
            Some(group) if length(group) + 1 + length(&word) <= LIMIT => {
                group.push(' ');
                group.push_str(&word);
            }
            Some(_) | None => groups.push(word),
        }
    }
    groups
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, SHOWN, steps};
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn long_step_is_divided_without_loss(text in "([a-zA-Zä,:]{1,30}[.?!]?[ \n]{1,2}){0,200}") {
            let divided = steps([text.clone()]);
            prop_assert!(divided.iter().all(|step| (1..=LIMIT).contains(&step.chars().count())));
            let joined = divided.join(" ");
            if divided.is_empty() {
                prop_assert!(text.trim().is_empty() || text.chars().count() > SHOWN * LIMIT / 2);
            } else {
                prop_assert_eq!(words(&joined), words(&text));
            }
        }

        #[test]
        fn short_steps_stay_as_they_are(texts in prop::collection::vec("[a-z]{1,9}( [a-z]{1,9}){0,30}[.]", 0..=SHOWN)) {
            prop_assert_eq!(steps(texts.clone()), texts);
        }
    }

    #[test]
    fn sentences_stay_whole_where_they_fit() {
        let sentence = format!("{}.", "word ".repeat(40).trim());
        let text = [sentence.as_str(); 4].join(" ");
        assert_eq!(steps([text]), vec![sentence; 4]);
    }

    /// The long sentence starts a step of its own instead of filling up the one before.
    #[test]
    fn sentence_that_is_too_long_is_divided_between_words() {
        let words = |count: usize| vec!["x".repeat(12); count].join(" ");
        for (first, rest) in [(words(27), "x"), (words(26), "thirteen-long")] {
            assert_eq!(
                steps([format!("A short sentence. {first} {rest}")]),
                ["A short sentence.", &first, rest]
            );
        }
    }

    #[test]
    fn step_that_does_not_fit_is_left_out_whole() {
        let long = format!("{}.", "word ".repeat(200).trim());
        let shown = steps([vec!["short.".to_owned(); SHOWN - 1], vec![long, "last.".to_owned()]].concat());
        assert_eq!(shown, vec!["short.".to_owned(); SHOWN - 1]);
    }

    #[test]
    fn word_without_end_is_cut() {
        assert_eq!(steps(["x".repeat(1000)]), ["x".repeat(LIMIT)]);
    }
}
