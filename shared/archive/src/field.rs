//! Looks for fields of a record without parsing it.

use memchr::memmem::Finder;

/// A field, and how to find it.
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    finder: Finder<'static>,
}

/// The value of a field, as far as that can be seen without parsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glimpse<'a> {
    /// The field is there once, with this text.
    Text(&'a str),
    /// It is not there, is there several times, or is not a plain text.
    Unclear,
}

impl Field {
    /// A field of this name.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, finder: Finder::new(name) }
    }

    /// Looks for the field anywhere in a record, also in one that is kept as a text within another. A name that is
    /// written with escapes is not found.
    #[must_use]
    pub fn glimpse<'a>(&self, record: &'a [u8]) -> Glimpse<'a> {
        let mut found = None;
        for at in self.finder.find_iter(record) {
            let after = record.get(at + self.name.len()..).unwrap_or_default();
            match value(after) {
                Value::NoField => {}
                Value::Text(_) if found.is_some() => return Glimpse::Unclear,
                Value::Text(text) => found = Some(text),
                Value::Other => return Glimpse::Unclear,
            }
        }
        found.map_or(Glimpse::Unclear, Glimpse::Text)
    }
}

enum Value<'a> {
    /// What was found is not the name of a field.
    NoField,
    Text(&'a str),
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
    match std::str::from_utf8(text) {
        Ok(text) if ends => Value::Text(text),
        Ok(_) | Err(_) => Value::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Glimpse};

    fn glimpse(record: &str) -> Glimpse<'_> {
        Field::new("eventName").glimpse(record.as_bytes())
    }

    #[test]
    fn field_is_found_in_each_form() {
        for record in [
            r#"{"eventName":"CreateUser"}"#,
            "{ \"eventName\" :\n \"CreateUser\" }",
            r#"{"detail":{"eventName":"CreateUser"}}"#,
            r#"{"CloudTrailEvent":"{\"eventName\":\"CreateUser\"}"}"#,
            r#"{"userAgent":"eventName","eventName":"CreateUser"}"#,
            r#"{"myeventName2":1,"eventName":"CreateUser"}"#,
        ] {
            assert_eq!(glimpse(record), Glimpse::Text("CreateUser"), "{record}");
        }
    }

    #[test]
    fn what_is_not_plain_is_unclear() {
        for record in [
            r"{}",
            r#"{"eventName":null}"#,
            r#"{"eventName":"Create\u0055ser"}"#,
            r#"{"eventName":"CreateUser","requestParameters":{"eventName":"ListUsers"}}"#,
            r#"{"eventName":"CreateUser"#,
        ] {
            assert_eq!(glimpse(record), Glimpse::Unclear, "{record}");
        }
    }
}
