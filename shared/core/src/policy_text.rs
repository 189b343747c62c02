//! The text of the quarantine policies: what each of them has to say, and whether it does.
//!
//! Two documents are the same if they differ in nothing but white space and the order of keys. They are compared by the
//! SHA-256 of their canonical form, so that the stack can say in an output what it deployed: after an upgrade or its
//! rollback the stack is right, and not what a function was compiled with.

use crate::boundary::decoded;
use crate::settings::{Scope, Settings};
use crate::stack::StackState;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// The output of the stack that has the fingerprint of each document: `console=HEX everything=HEX ...`.
pub const OUTPUT: &str = "QuarantineDocuments";
/// The end of the name of a spare policy, which has the text of the policy that is called the same without it.
const SPARE: &str = "-spare";
/// What stands before the code of a document at the end of a policy's name.
const NAMED: &str = "-quarantine-";
/// What stands before the code of a document in the ARN of a policy in an account of an organization.
const IN_MEMBERS: &str = ":policy/mfa-enforcer/";

/// What comes next in the ARN of a spare there.
const SPARE_IN_MEMBERS: &str = "spare/";

/// A document of a quarantine policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Document {
    /// Stops console sessions without MFA.
    Console,
    /// Stops access keys as well.
    Everything,
    /// Stops console sessions, with MFA too.
    StrictConsole,
    /// Stops all sessions and keys.
    StrictEverything,
}

impl Document {
    /// Stable name, at the end of the names of policies and of files.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The text as it was when this program was compiled.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Console => include_str!("../../../policies/quarantine-console.json"),
            Self::Everything => include_str!("../../../policies/quarantine-everything.json"),
            Self::StrictConsole => include_str!("../../../policies/quarantine-strict-console.json"),
            Self::StrictEverything => include_str!("../../../policies/quarantine-strict-everything.json"),
        }
    }

    /// The document of the policy with this ARN: by the end of its name or, where a deployment has names of its own, by
    /// the setting that names it. `None` for a policy that the settings do not put in force.
    #[must_use]
    pub fn of(arn: &str, settings: &Settings) -> Option<Self> {
        Self::named(arn).or_else(|| Self::by_setting(arn, settings))
    }

    /// The document that the end of a name tells: of a policy, of its ARN, or of a group. In an account of an organization,
    /// the path in the ARN tells it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if let Some((_, path)) = name.split_once(IN_MEMBERS) {
            let path = path.strip_prefix(SPARE_IN_MEMBERS).unwrap_or(path);
            return Self::iter().find(|document| path.split('/').next() == Some(document.code()));
        }
        let name = name.strip_suffix(SPARE).unwrap_or(name);
        Self::iter().find(|document| name.ends_with(&format!("{NAMED}{}", document.code())))
    }

    /// Whether a policy with this name or ARN stands in for the one of its document, by what [`Self::named`] goes by.
    pub(crate) fn is_spare(name: &str) -> bool {
        match name.split_once(IN_MEMBERS) {
            Some((_, path)) => path.starts_with(SPARE_IN_MEMBERS),
            None => name.ends_with(SPARE),
        }
    }

    /// Whether it stops sessions with MFA too.
    pub(crate) fn is_strict(self) -> bool {
        match self {
            Self::StrictConsole | Self::StrictEverything => true,
            Self::Console | Self::Everything => false,
        }
    }

    fn by_setting(arn: &str, settings: &Settings) -> Option<Self> {
        let quarantine = &settings.quarantine;
        let (full, strict) = match settings.scope {
            Scope::Console => (Self::Console, Self::StrictConsole),
            Scope::Everything => (Self::Everything, Self::StrictEverything),
        };
        if quarantine.full.has_policy(arn) {
            Some(full)
        } else if quarantine.fallback.as_ref().is_some_and(|fallback| fallback.has_policy(arn)) {
            Some(Self::Console)
        } else if quarantine.strict.as_ref().is_some_and(|restriction| restriction.has_policy(arn)) {
            Some(strict)
        } else {
            None
        }
    }
}

/// The fingerprints of the documents that are compiled in.
static COMPILED: LazyLock<BTreeMap<Document, String>> = LazyLock::new(|| {
    Document::iter().filter_map(|document| Some((document, fingerprint(document.text())?))).collect()
});

/// The fingerprints of the right texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts(BTreeMap<Document, String>);

impl Texts {
    /// What the stack deployed. What it does not say is as this program was compiled.
    #[must_use]
    pub fn of(stack: Option<&StackState>) -> Self {
        let said = stack.and_then(|stack| stack.outputs.get(OUTPUT)).map_or("", String::as_str);
        let said: BTreeMap<&str, &str> =
            said.split_whitespace().filter_map(|entry| entry.split_once('=')).collect();
        let text = |document: Document| {
            let deployed = said.get(document.code()).filter(|hex| is_fingerprint(hex));
            let compiled = || COMPILED.get(&document).cloned().unwrap_or_default();
            (document, deployed.map_or_else(compiled, |hex| hex.to_lowercase()))
        };
        Self(Document::iter().map(text).collect())
    }

    /// Whether this is the right text of the document. It may be percent-encoded, as IAM returns it.
    #[must_use]
    pub fn is(&self, document: Document, text: &str) -> bool {
        if text == document.text() {
            return self.0.get(&document) == COMPILED.get(&document);
        }
        fingerprint(text).is_some_and(|found| self.0.get(&document) == Some(&found))
    }
}

fn is_fingerprint(hex: &str) -> bool {
    hex.len() == 64 && hex.chars().all(|digit| digit.is_ascii_hexdigit())
}

/// The SHA-256 of the canonical form of a document, in hexadecimal digits; `None` if it is not JSON.
#[must_use]
pub fn fingerprint(document: &str) -> Option<String> {
    let document: Value = serde_json::from_str(&decoded(document)?).ok()?;
    let mut text = String::new();
    write(&document, &mut text);
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        write!(hex, "{byte:02x}").ok()?;
    }
    Some(hex)
}

/// Writes JSON with sorted keys and without white space, whichever features of `serde_json` a dependency enables.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            text.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                write(item, text);
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}
