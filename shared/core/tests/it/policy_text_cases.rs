//! The text of the quarantine policies.

use mfa_enforcer_core::policy_text::{Document, OUTPUT, Texts, fingerprint};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::fixtures::{POLICY, settings, settings_with};
use rstest::rstest;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use strum::IntoEnumIterator;

fn stack(output: &str) -> StackState {
    let outputs = [(OUTPUT.to_owned(), output.to_owned())].into_iter().collect();
    StackState { status: "UPDATE_COMPLETE".to_owned(), outputs, ..StackState::default() }
}

/// As IAM returns a document.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

#[test]
fn fingerprint_is_that_of_the_canonical_form() {
    // By sha256sum, of `{"a":["x y",{"c":null,"d":"1"}],"b":true}`.
    let expected = "8076a1c89ac8b818b26e1aef4b8bdf81eb86034d11adff25239542e0163cc7ef";
    assert_eq!(
        fingerprint("{ \"b\": true,\n \"a\": [\"x y\", {\"d\": \"1\", \"c\": null}] }"),
        Some(expected.to_owned())
    );
    assert_eq!(fingerprint(""), None);
    assert_eq!(fingerprint("%7"), None);
}

#[test]
fn order_of_keys_and_white_space_make_no_other_text() {
    let texts = Texts::of(None);
    for document in Document::iter() {
        let value: Value = serde_json::from_str(document.text()).unwrap();
        for same in [document.text().to_owned(), value.to_string(), encoded(document.text())] {
            assert!(texts.is(document, &same), "{document:?}");
        }
        for other in Document::iter().filter(|other| *other != document) {
            assert!(!texts.is(document, other.text()), "{document:?}, {other:?}");
        }
    }
}

#[test]
fn one_changed_word_makes_another_text() {
    let text = Document::Console.text();
    let texts = Texts::of(None);
    for (from, to) in [("\"Deny\"", "\"Allow\""), ("\"false\"", "\"true\""), ("iam:GetUser\"", "iam:*\"")] {
        assert!(text.contains(from) && !texts.is(Document::Console, &text.replacen(from, to, 1)), "{from}");
    }
    assert!(!texts.is(Document::Console, ""));
    assert!(!texts.is(Document::Console, "{}"));
}

#[test]
fn stack_says_what_it_deployed() {
    let newer = fingerprint(r#"{"Version":"2012-10-17","Statement":[]}"#).unwrap();
    let texts =
        Texts::of(Some(&stack(&format!("console={} nonsense strict-console=12", newer.to_uppercase()))));
    assert!(texts.is(Document::Console, r#"{"Statement": [], "Version": "2012-10-17"}"#));
    assert!(!texts.is(Document::Console, Document::Console.text()));
    // What it does not say, or not in a form that can be read, is as compiled in.
    assert!(texts.is(Document::Everything, Document::Everything.text()));
    assert!(texts.is(Document::StrictConsole, Document::StrictConsole.text()));
    assert_eq!(Texts::of(Some(&StackState::default())), Texts::of(None));
}

#[rstest]
#[case("console", Document::Console)]
#[case("everything", Document::Everything)]
#[case("strict-console", Document::StrictConsole)]
#[case("strict-everything", Document::StrictEverything)]
fn name_tells_the_document(#[case] code: &str, #[case] document: Document) {
    for end in ["", "-spare"] {
        let arn = format!("arn:aws:iam::123456789012:policy/team/eu-quarantine-{code}{end}");
        assert_eq!(Document::of(&arn, &settings()), Some(document), "{arn}");
    }
}

#[test]
fn setting_tells_the_document_of_another_name() {
    let arn = |name: &str| format!("arn:aws:iam::123456789012:policy/{name}");
    for (scope, full, strict) in [
        ("console", Document::Console, Document::StrictConsole),
        ("everything", Document::Everything, Document::StrictEverything),
    ] {
        let settings = settings_with(&[
            ("QUARANTINE_SCOPE", scope),
            ("QUARANTINE_POLICY_ARN", &arn("jail")),
            ("CONSOLE_POLICY_ARN", &arn("day-release")),
            ("STRICT_POLICY_ARN", &arn("cell")),
            ("SPARE_POLICY_ARN", &format!("{},{}", arn("jail-spare"), arn("cell-spare"))),
        ]);
        assert_eq!(Document::of(&arn("jail"), &settings), Some(full));
        assert_eq!(Document::of(&arn("jail-spare"), &settings), Some(full));
        assert_eq!(Document::of(&arn("cell"), &settings), Some(strict));
        assert_eq!(Document::of(&arn("cell-spare"), &settings), Some(strict));
        let fallback = (scope == "everything").then_some(Document::Console);
        assert_eq!(Document::of(&arn("day-release"), &settings), fallback);
        assert_eq!(Document::of(&arn("other"), &settings), None);
    }
    assert_eq!(Document::of(POLICY, &settings()), Some(Document::Console));
}

#[test]
fn output_of_the_template_is_the_text_compiled_in() {
    let template = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
    let (_, output) = template.split_once(&format!("\n  {OUTPUT}:")).unwrap();
    for document in Document::iter() {
        let entry = format!(" {}={}", document.code(), fingerprint(document.text()).unwrap());
        assert!(output.contains(&entry), "the output {OUTPUT} lacks{entry}");
    }
}
