//! Parameters in one text, as `sam deploy --parameter-overrides` takes them: `GracePeriod=3d ExemptUsers="kim lee"`.
//!
//! SAM takes what it understands and says nothing of the rest, such as the second word of a value without quotes. Here
//! that is a fault.

use mfa_enforcer_core::settings::{Fault, Given};

/// What people write, and what SAM took before.
const LEGACY: (&str, &str) = ("ParameterKey=", ",ParameterValue=");

/// The parameters of a text that starts in this line. Those of several lines are all said to be in the first.
pub(super) fn read(text: &str, line: usize, given: &mut Vec<Given>, faults: &mut Vec<Fault>) {
    let is_legacy = text.contains(LEGACY.0);
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (word, after) = first_word(rest);
        match named(word, is_legacy) {
            Ok((name, value)) => given.push(Given { name, value, line }),
            Err(problem) => {
                let shown: String = word.chars().take(64).collect();
                faults.push(Fault { line: Some(line), text: format!("`{shown}` {problem}") });
            }
        }
        rest = after.trim_start();
    }
}

/// A name and its value.
fn named(word: &str, is_legacy: bool) -> Result<(String, String), &'static str> {
    if word.starts_with("file://") {
        return Err("is another file, which is not read: check it by itself");
    }
    let legacy = || word.strip_prefix(LEGACY.0)?.split_once(LEGACY.1);
    let (name, value) = if is_legacy {
        legacy().ok_or("is not ParameterKey=NAME,ParameterValue=VALUE, as others beside it are")?
    } else {
        word.split_once('=').ok_or(
            "is not NAME=VALUE: a value with spaces has to be in quotes, such as ExemptUsers=\"kim lee\"",
        )?
    };
    if value.is_empty() {
        return Err("has no value: write an empty one as two quotes");
    }
    let is_odd = match quoted(value) {
        Some(inside) => has_bare_quote(inside),
        None => has_bare_quote(value),
    };
    if is_odd {
        return Err(
            "has a quote within its value: quotes have to be around all of it, and \\\" is one within",
        );
    }
    Ok((unquoted(name), unquoted(value)))
}

/// Whether there is a quotation mark that is not escaped.
fn has_bare_quote(text: &str) -> bool {
    text.replace("\\\\", "").replace("\\\"", "").contains('"')
}

/// The text up to the first space that is neither quoted nor escaped, and what follows.
fn first_word(text: &str) -> (&str, &str) {
    let (mut quote, mut is_escaped, mut before) = (None, false, '=');
    for (at, letter) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if letter == '\\' {
            is_escaped = true;
        } else if quote == Some(letter) {
            quote = None;
        } else if quote.is_none() && before == '=' && matches!(letter, '"' | '\'') {
            // An apostrophe that nothing closes is a letter.
            let closes = text.get(at + 1..).is_some_and(|rest| rest.contains(letter));
            quote = (letter == '"' || closes).then_some(letter);
        } else if quote.is_none() && letter == ' ' {
            return text.split_at(at);
        }
        before = letter;
    }
    (text, "")
}

/// What is between the quotes around a text.
fn quoted(text: &str) -> Option<&str> {
    let within = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\''))
}

/// The text as SAM takes it, which knows three escapes.
fn unquoted(text: &str) -> String {
    let text = quoted(text).unwrap_or(text);
    text.replace("\\ ", " ").replace("\\\"", "\"").replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::read;
    use rstest::rstest;

    /// What SAM CLI 1.x makes of the same text.
    #[rstest]
    #[case("Mode=notify GracePeriod=3d", &[("Mode", "notify"), ("GracePeriod", "3d")])]
    #[case("  Mode=notify   GracePeriod=3d ", &[("Mode", "notify"), ("GracePeriod", "3d")])]
    #[case("ExemptUsers=\"kim lee\" Mode=notify", &[("ExemptUsers", "kim lee"), ("Mode", "notify")])]
    #[case("ExemptUsers='kim lee'", &[("ExemptUsers", "kim lee")])]
    #[case("ExemptUsers=kim\\ lee", &[("ExemptUsers", "kim lee")])]
    #[case("Contact=\"say \\\"MFA\\\"\"", &[("Contact", "say \"MFA\"")])]
    #[case("Contact=o'hara", &[("Contact", "o'hara")])]
    #[case("MailFrom=\"MFA <mfa@example.com>\"", &[("MailFrom", "MFA <mfa@example.com>")])]
    #[case("ExemptUsers=a=b@c", &[("ExemptUsers", "a=b@c")])]
    #[case("ParameterKey=Mode,ParameterValue=notify", &[("Mode", "notify")])]
    #[case("ParameterKey=RemindBefore,ParameterValue=7d,3d", &[("RemindBefore", "7d,3d")])]
    #[case("HelpUrl=\"\"", &[("HelpUrl", "")])]
    fn text_is_read_as_sam_reads_it(#[case] text: &str, #[case] expected: &[(&str, &str)]) {
        let (mut given, mut faults) = (Vec::new(), Vec::new());
        read(text, 7, &mut given, &mut faults);
        let pairs: Vec<(&str, &str)> =
            given.iter().map(|each| (each.name.as_str(), each.value.as_str())).collect();
        assert_eq!((pairs.as_slice(), faults.len()), (expected, 0), "{faults:?}");
    }

    #[rstest]
    #[case("ExemptUsers=kim lee", "`lee` is not NAME=VALUE: a value with spaces has to be in quotes")]
    #[case("Mode", "`Mode` is not NAME=VALUE")]
    #[case("HelpUrl= Mode=notify", "`HelpUrl=` has no value")]
    #[case("Contact=\"a\"b\"", "has a quote within its value")]
    #[case("ParameterKey=Mode,ParameterValue=notify GracePeriod=3d", "`GracePeriod=3d` is not ParameterKey=")]
    #[case("Contact=ask\" the \"desk", "has a quote within its value")]
    #[case("Contact=\"ask", "has a quote within its value")]
    #[case("file://other.json", "is another file, which is not read")]
    fn what_sam_would_pass_over_is_a_fault(#[case] text: &str, #[case] says: &str) {
        let (mut given, mut faults) = (Vec::new(), Vec::new());
        read(text, 7, &mut given, &mut faults);
        assert!(faults.iter().any(|fault| fault.line == Some(7) && fault.text.contains(says)), "{faults:?}");
    }
}
