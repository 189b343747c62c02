//! Looks for fields of a record without parsing it.

use memchr::memmem::Finder;

/// A field, and how to find it.
#[derive(Debug)]
struct Field {
    name: &'static str,
    finder: Finder<'static>,
}

/// The service and the name of a call: `eventSource` and `eventName`.
#[derive(Debug)]
pub struct Call {
    source: Field,
    name: Field,
}

impl Default for Call {
    fn default() -> Self {
        Self { source: Field::new("eventSource"), name: Field::new("eventName") }
    }
}

impl Call {
    /// The service and the name that a record gives, anywhere in it; `None` if that takes parsing. Whether they are text
    /// is not looked at.
    #[must_use]
    pub fn glimpse<'a>(&self, record: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (at, name) = self.name.only(record)?;
        let before = record.get(..at).unwrap_or_default();
        let source = source_before(before).or_else(|| self.source.only(record).map(|(_, source)| source))?;
        Some((source, name))
    }
}

/// The service that AWS writes right before the name of a call: `"eventSource":"...","`.
fn source_before(name: &[u8]) -> Option<&[u8]> {
    let rest = name.strip_suffix(b"\",\"")?;
    let length = rest.iter().rev().take(LONGEST_SOURCE).position(|byte| *byte == b'"')?;
    let (field, source) = rest.split_at(rest.len() - length);
    field.ends_with(b"\"eventSource\":\"").then_some(source)
}

/// No name of a service is longer, in bytes.
const LONGEST_SOURCE: usize = 128;

impl Field {
    /// A field of this name.
    fn new(name: &'static str) -> Self {
        Self { name, finder: Finder::new(name) }
    }

    /// Looks for the field anywhere in a record, also in one that is kept as a text within another: where it is, and its
    /// text. `None` if it is not there, is there several times, or is not a plain text. A name that is written with
    /// escapes is not found.
    fn only<'a>(&self, record: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let mut found = None;
        for at in self.finder.find_iter(record) {
            let after = record.get(at + self.name.len()..).unwrap_or_default();
            match value(after) {
                Value::NoField => {}
                Value::Text(_) if found.is_some() => return None,
                Value::Text(text) => found = Some((at, text)),
                Value::Other => return None,
            }
        }
        found
    }
}

enum Value<'a> {
    /// What was found is not the name of a field.
    NoField,
    Text(&'a [u8]),
    /// No text, or one with escapes.
    Other,
}

/// What follows the name of a field. In a record that is a text itself, each quote has a backslash before it.
fn value(after: &[u8]) -> Value<'_> {
    let Some(rest) = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"\\\"")) else {
        return Value::NoField;
    };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b":") else { return Value::NoField };
    let rest = rest.trim_ascii_start();
    let (is_within, rest) = match (rest.strip_prefix(b"\""), rest.strip_prefix(b"\\\"")) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Value::Other,
    };
    let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else { return Value::Other };
    let (text, end) = rest.split_at(length);
    let ends = if is_within { end.starts_with(b"\\\"") } else { end.starts_with(b"\"") };
    if ends { Value::Text(text) } else { Value::Other }
}

#[cfg(test)]
mod tests {
    use super::Call;

    fn glimpse(record: &str) -> Option<(&str, &str)> {
        let (source, name) = Call::default().glimpse(record.as_bytes())?;
        Some((std::str::from_utf8(source).unwrap(), std::str::from_utf8(name).unwrap()))
    }

    #[test]
    fn call_is_found_in_each_form() {
        for record in [
            r#"{"eventSource":"iam","eventName":"CreateUser"}"#,
            r#"{"eventName":"CreateUser","eventSource":"iam"}"#,
            "{ \"eventName\" :\n \"CreateUser\", \"eventSource\": \"iam\" }",
            r#"{"detail":{"eventSource":"iam","eventName":"CreateUser"}}"#,
            r#"{"CloudTrailEvent":"{\"eventSource\":\"iam\",\"eventName\":\"CreateUser\"}"}"#,
            r#"{"userAgent":"eventName","eventSource":"iam","eventName":"CreateUser"}"#,
            r#"{"myeventName2":1,"eventSource":"iam","eventName":"CreateUser"}"#,
        ] {
            assert_eq!(glimpse(record), Some(("iam", "CreateUser")), "{record}");
        }
    }

    #[test]
    fn what_is_not_plain_takes_parsing() {
        for record in [
            r"{}",
            r#"{"eventSource":"iam","eventName":null}"#,
            r#"{"eventSource":"iam","eventName":"Create\u0055ser"}"#,
            r#"{"eventSource":"iam","eventName":"CreateUser","requestParameters":{"eventName":"ListUsers"}}"#,
            r#"{"eventSource":"iam","eventName":"CreateUser"#,
            r#"{"eventName":"CreateUser"}"#,
            r#"{"eventSource":{"a":"iam"},"eventName":"CreateUser"}"#,
        ] {
            assert_eq!(glimpse(record), None, "{record}");
        }
    }
}
