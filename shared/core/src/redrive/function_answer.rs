//! What a function answers when an event is run again.

use super::one_line;
use serde_json::Value;

/// An answer is shown up to here.
const LIMIT: usize = 300;

/// What came of it, in words.
///
/// # Errors
/// Why the event is not done with, in words: it failed, or whatever answered did not do so as a function of the enforcer.
pub fn judge(function_error: Option<&str>, answer: &str) -> Result<String, String> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    if let Some(error) = function_error {
        let kind = text("errorType").unwrap_or(error);
        let said = text("errorMessage").map_or_else(|| kind.to_owned(), |why| format!("{kind}: {why}"));
        return Err(one_line(&said, LIMIT));
    }
    match (text("outcome"), text("why")) {
        (Some(outcome), Some(why)) => Ok(one_line(&format!("{outcome}: {why}"), LIMIT)),
        (Some(outcome), None) => Ok(one_line(outcome, LIMIT)),
        (None, _) => Err("it answered, but not as a function of the enforcer does".to_owned()),
    }
}
