//! The error for an event that cannot be parsed.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A payload that cannot be parsed: which field, and what is wrong with it.
///
/// Retrying cannot help; the whole event goes to the dead-letter queue for a person to look at.
/// The message never quotes a value from the payload: it is logged, and payloads hold personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed event: `{path}` {problem}")]
pub struct Malformed {
    /// Path of the field from the payload's root, such as `detail.userIdentity.type`.
    pub path: String,
    /// What is wrong, and what was expected.
    pub problem: String,
}

impl Malformed {
    pub(crate) fn new(path: &str, problem: &str) -> Self {
        Self { path: path.to_owned(), problem: problem.to_owned() }
    }

    pub(crate) fn missing(path: &str) -> Self {
        Self::new(path, "is missing or null")
    }

    pub(super) fn not_a_time(path: &str) -> Self {
        Self::new(path, "is not a timestamp, expected one like `2026-11-24T09:00:00Z`")
    }
}

/// Deserializes an object into a `T`; the path in an error starts with `root`.
pub(super) fn typed<T: DeserializeOwned>(root: &str, value: Value) -> Result<T, Malformed> {
    // serde would also fill a struct from an array, field by field.
    if !value.is_object() {
        return Err(Malformed::new(root, "is not an object"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let text = error.inner().to_string();
        // For a missing field, serde's path stops at the parent; the field's name is only in the message.
        let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        if let (Some(field), ".") = (missing, error.path().to_string().as_str()) {
            let path = if root.is_empty() { field.to_owned() } else { format!("{root}.{field}") };
            return Malformed::missing(&path);
        }
        let below = error.path().to_string();
        let path = match (root.is_empty(), below.as_str()) {
            (true, _) => below,
            (false, ".") => root.to_owned(),
            (false, _) => format!("{root}.{below}"),
        };
        Malformed { path, problem: without_values(error.inner()) }
    })
}

/// Serde's error message without the value it quotes.
///
/// `invalid type: string "alice", expected a map` becomes `invalid type: string, expected a map`.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let Some((found, expected)) = text.rsplit_once(", expected ") else {
        // Messages that quote no value, such as "missing field `source`".
        return text.chars().take(200).collect();
    };
    let mut words = found.splitn(2, ": ");
    let what = words.next().unwrap_or_default();
    let kind: String = words
        .next()
        .unwrap_or_default()
        .chars()
        .take_while(|c| c.is_ascii_alphabetic() || *c == ' ')
        .collect();
    let kind = kind.trim();
    if kind.is_empty() {
        format!("has an {what}, expected {expected}")
    } else {
        format!("has an {what}: {kind}, expected {expected}")
    }
}
