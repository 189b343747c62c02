//! Any document as a user's permissions boundary, and as the text of a quarantine policy.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mfa_enforcer_core::boundary::{Enrolment, enrolment};
use mfa_enforcer_core::policy_text::{Document, Texts, fingerprint};
use mfa_enforcer_core::rights::Grants;
use mfa_enforcer_fuzz::json;
use serde_json::{Value, json};
use std::sync::LazyLock;
use strum::IntoEnumIterator;

const USER: &str = "arn:aws:iam::123456789012:user/staff/alice";

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::of(None));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    json::mutate(data, size, max_size, seed)
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (text, arn) = text.split_once('\0').unwrap_or((text, USER));
    let _ = enrolment(text, arn);
    let verdict = enrolment(text, USER);
    // IAM writes percent signs; the verdict is the same.
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(
        enrolment(&encoded, USER),
        if text.contains('%') { enrolment(&encoded, USER) } else { verdict }
    );
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    check_text(text, &document);
    check_rights(text, &document);
    // A denial of everything never makes more possible, and a grant of everything never less.
    if let Some(denied) = with(&document, &json!({"Effect": "Deny", "Action": "*", "Resource": "*"})) {
        assert!(enrolment(&denied, USER) <= verdict.max(Enrolment::Unclear), "{denied}");
        assert_ne!(enrolment(&denied, USER), Enrolment::Allowed, "{denied}");
    }
    if let Some(allowed) = with(&document, &json!({"Effect": "Allow", "Action": "*", "Resource": "*"})) {
        assert!(enrolment(&allowed, USER) >= verdict, "{allowed}");
    }
});

/// A text is a document's if, and only if, it says the same: white space, percent signs and the order of keys do not
/// matter.
fn check_text(text: &str, document: &Value) {
    let spaced = serde_json::to_string_pretty(document).expect("it was JSON");
    // A number that is too long for a machine is another one once it has been written.
    let is_kept = serde_json::from_str::<Value>(&spaced).is_ok_and(|again| again == *document);
    if is_kept && !text.contains('%') {
        assert_eq!(fingerprint(text), fingerprint(&spaced), "{text}");
    }
    for known in Document::iter() {
        let is_same = serde_json::from_str::<Value>(known.text()).is_ok_and(|known| known == *document);
        assert!(text.contains('%') || TEXTS.is(known, text) == is_same, "{text}");
    }
}

/// The document with one more statement; `None` if it has no list of statements.
fn with(document: &Value, statement: &Value) -> Option<String> {
    let mut document = document.clone();
    document.get_mut("Statement")?.as_array_mut()?.push(statement.clone());
    Some(document.to_string())
}

/// A further grant never makes anybody less of an administrator, and a further denial never more.
fn check_rights(text: &str, document: &Value) {
    let grants = Grants::of(text, USER);
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    if !text.contains('%') {
        assert_eq!(Grants::of(&encoded, USER), grants);
    }
    for action in ["*", "iam:*", "iam:?ttach*", "s3:*"] {
        for effect in ["Allow", "Deny"] {
            let more = json!({"Effect": effect, "Action": action, "Resource": "*"});
            let Some(changed) = with(document, &more) else { return };
            let changed = Grants::of(&changed, USER);
            let (before, after) = (grants.power(), changed.power());
            let is_right = if effect == "Deny" { after <= before } else { after >= before };
            assert!(
                is_right || grants.is_partly_unread != changed.is_partly_unread,
                "{effect} {action}: {text}"
            );
        }
    }
}
