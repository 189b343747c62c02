//! What is wrong with the settings of an organization, whatever the organization: each fault with its line.

use mfa_enforcer_core::organization::Document;
use mfa_enforcer_core::settings::Fault;
use rstest::rstest;

fn faults(text: &str) -> Vec<Fault> {
    Document::read(text).err().unwrap_or_default()
}

#[rstest]
#[case::empty("", None, "the file is empty")]
#[case::no_yaml("defaults: ]", Some(1), "this is no YAML")]
#[case::cut_off("defaults: {mode: observe", Some(2), "this is no YAML")]
#[case::no_mapping("- a", Some(1), "the document has to be a mapping")]
#[case::two_documents("defaults: {mode: observe}\n---\ndefaults: {}", Some(2), "a second document begins")]
#[case::alias("defaults: &a {mode: observe}\nunits: {Root: *a}", Some(1), "an anchor (`&`) is not allowed")]
#[case::tag("defaults: {mode: !!str observe}", Some(1), "a tag (`!`) is not allowed")]
#[case::deep("defaults: {mode: [[[[[[[[[[[[1]]]]]]]]]]]]}", Some(1), "more than 8 levels")]
#[case::list_as_key("defaults: {mode: observe}\n? [a]\n: b", Some(2), "a key has to be a text")]
#[case::twice(
    "defaults: {mode: observe}\ndefaults: {}",
    Some(2),
    "`defaults` is there twice, first in line 1"
)]
#[case::account_twice(
    "defaults: {mode: observe}\naccounts:\n  '111122223333': {}\n  111122223333: {}",
    Some(4),
    "first in line 3"
)]
#[case::no_mode("units: {}", None, "`defaults` has no `mode`")]
#[case::unknown_key("default: {mode: observe}", Some(1), "did you mean `defaults`?")]
#[case::unknown_setting("defaults: {mode: observe, grace: 3d}", Some(1), "there is no setting `grace`")]
#[case::near_setting("defaults: {mode: observe, grace_perod: 3d}", Some(1), "did you mean `grace_period`?")]
#[case::upper_case("defaults: {mode: observe, GRACE_PERIOD: 3d}", Some(1), "is written `grace_period` here")]
#[case::of_the_hub(
    "defaults: {mode: observe, mail_from: a@b.de}",
    Some(1),
    "is a parameter of the hub's stack"
)]
#[case::value("defaults:\n  mode: on", Some(2), "`mode` is `on`, expected `observe`, `notify` or `enforce`")]
#[case::nothing("defaults:\n  mode:", Some(2), "`mode` has no value: write one")]
#[case::comment(
    "defaults:\n  mode: observe\n  contact: #help\n  time_zone: UTC",
    Some(3),
    "`contact` has no value: write '' for none, and quote a text with #"
)]
#[case::null("defaults: {mode: observe, contact: ~}", Some(1), "`contact` has no value")]
#[case::null_in_full("defaults: {mode: observe, contact: {value: null}}", Some(1), "`contact` has no value")]
#[case::no_list("defaults: {mode: observe, remind_before: }", Some(1), "has no value: write [] for none")]
#[case::no_exemptions("defaults:\n  mode: observe\n  exempt_users:", Some(3), "write [] for none")]
#[case::no_last_day("defaults: {mode: observe, contact: {value: a, until: }}", Some(1), "`until` is empty")]
#[case::no_text(
    "defaults: {mode: observe, exempt_users: [{name: [a, b], reason: x}]}",
    Some(1),
    "`exempt_users`: `name` has to be a text"
)]
#[case::break_glass(
    "defaults: {mode: observe, break_glass_path: /b/}",
    Some(1),
    "`break_glass_path` exempts users, and has no `reason`: write {value: /b/, reason: ...}"
)]
#[case::break_glass_by_tag(
    "account_tags: [break_glass_path]\ndefaults: {mode: observe}",
    Some(1),
    "`break_glass_path` cannot be told by a tag: a tag has no room for a reason"
)]
#[case::end_of_all(
    "defaults: {mode: {value: observe, until: 2030-01-01}}",
    Some(1),
    "`mode` of `defaults` cannot have `until`"
)]
#[case::several_lines(
    "defaults: {mode: \"obs\\nerve\"}",
    Some(1),
    "`mode` is `obs\\nerve`, expected `observe`, `notify` or `enforce`"
)]
#[case::long_text(
    "defaults: {mode: aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaa}",
    Some(1),
    "`mode` is `aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaa…`, expected"
)]
#[case::list("defaults: {mode: [observe]}", Some(1), "`mode` has to be a single value")]
#[case::entry("defaults: {mode: observe, remind_before: [3d, 1h]}", Some(1), "is `1h`, expected")]
#[case::entries_in_one(
    "defaults: {mode: observe, remind_before: ['3d,1d']}",
    Some(1),
    "write each one by itself"
)]
#[case::no_reason("defaults: {mode: observe, exempt_users: [ci]}", Some(1), "an entry without a reason")]
#[case::lacks_reason(
    "defaults: {mode: observe, exempt_users: [{name: ci}]}",
    Some(1),
    "without `reason`: ci"
)]
#[case::empty_reason(
    "defaults: {mode: observe, exempt_users: [{name: ci, reason: ' '}]}",
    Some(1),
    "is empty"
)]
#[case::no_name("defaults: {mode: observe, exempt_users: [{reason: x}]}", Some(1), "an entry without `name`")]
#[case::path(
    "defaults: {mode: observe, exempt_paths: [{path: /, reason: x}]}",
    Some(1),
    "would exempt everyone"
)]
#[case::name_for_path(
    "defaults: {mode: observe, exempt_paths: [{name: /a/, reason: x}]}",
    Some(1),
    "no key `name`"
)]
#[case::exempt_as_text("defaults: {mode: observe, exempt_users: ci}", Some(1), "has to be a list")]
#[case::two_names("defaults: {mode: observe, exempt_users: [{name: a b, reason: x}]}", Some(1), "by itself")]
#[case::until(
    "defaults: {mode: {value: observe, until: soon}}",
    Some(1),
    "`until` is `soon`, expected the last day"
)]
#[case::no_value("defaults: {mode: {reason: x}}", Some(1), "`mode` has no `value`")]
#[case::unseen("defaults: {mode: {value: observe, reason: \"a\\u202Eb\"}}", Some(1), "cannot be seen")]
#[case::account("defaults: {mode: observe}\naccounts: {prod: {}}", Some(2), "`prod` is no account")]
#[case::short_account("defaults: {mode: observe}\naccounts: {123: {}}", Some(2), "expected the 12 digits")]
#[case::shared_name(
    "defaults: {mode: observe, account_name: Prod}",
    Some(1),
    "call several accounts the same"
)]
#[case::tags_as_text("account_tags: mode\ndefaults: {mode: observe}", Some(1), "has to be a list")]
#[case::tag_twice(
    "account_tags: [mode, contact, mode]\ndefaults: {mode: observe}",
    Some(1),
    "`mode` is there twice"
)]
#[case::no_defaults("defaults: mode", None, "`defaults` has no `mode`")]
#[case::list_by_tag("account_tags: [exempt_users]\ndefaults: {mode: observe}", Some(1), "no room for a list")]
#[case::root_mode("mode: off\ndefaults: {mode: observe}", Some(1), "`mode` is `off`")]
fn fault_says_where_and_what(#[case] text: &str, #[case] line: Option<usize>, #[case] said: &str) {
    let faults = faults(text);
    let found = faults.iter().any(|fault| fault.line == line && fault.text.contains(said));
    assert!(found, "{faults:?}");
}

#[rstest]
#[case::slash_last("Root/Sandbox/", "write `Root/Sandbox`, or its id")]
#[case::slash_first("/Root/X", "write `Root/X`, or its id")]
#[case::slash_twice("Root//X", "write `Root/X`, or its id")]
#[case::spaces("Root / Production", "write `Root/Production`, or its id")]
#[case::space_last("'Root/X '", "write `Root/X`, or its id")]
#[case::upper_case("OU-AB12-CDEFGH34", "write `ou-ab12-cdefgh34`, or its id")]
#[case::upper_case_root("R-ab12", "write `r-ab12`, or its id")]
#[case::nothing_but_a_slash("/", "a unit has no name")]
#[case::path("Root/R and D", "")]
fn key_that_no_unit_has_is_refused(#[case] key: &str, #[case] said: &str) {
    let faults = faults(&format!("defaults: {{mode: observe}}\nunits:\n  {key}: {{}}"));
    assert_eq!(faults.len(), usize::from(!said.is_empty()), "{faults:?}");
    assert!(faults.iter().all(|fault| fault.line == Some(3) && fault.text.contains(said)), "{faults:?}");
}

#[rstest]
#[case::as_long_as_it_may_be(200, "")]
#[case::too_long(201, "`reason` has 201 characters, expected at most 200")]
fn reason_is_short(#[case] characters: usize, #[case] said: &str) {
    let reason = "\u{e4}".repeat(characters);
    let faults = faults(&format!("defaults: {{mode: {{value: observe, reason: {reason}}}}}"));
    assert_eq!(faults.len(), usize::from(!said.is_empty()), "{faults:?}");
    assert!(faults.iter().all(|fault| fault.text.contains(said)), "{faults:?}");
}

#[rstest]
#[case::as_long_as_it_may_be(4_194_304, "")]
#[case::too_long(4_194_305, "the file has 4194305 bytes, expected at most 4194304")]
fn file_has_at_most_four_mebibytes(#[case] bytes: usize, #[case] said: &str) {
    let text = "defaults: {mode: observe}\n#";
    let faults = faults(&format!("{text}{}", "x".repeat(bytes - text.len())));
    let texts: Vec<&str> = faults.iter().map(|fault| fault.text.as_str()).collect();
    assert_eq!(texts.join("\n"), said);
}

#[rstest]
#[case::eighth_level("[[[[[{a: 1, a: 2}]]]]]", "`a` is there twice")]
#[case::ninth_level("[[[[[[{a: 1, a: 2}]]]]]]", "this is more than 8 levels deep")]
fn what_is_too_deep_is_not_read(#[case] value: &str, #[case] said: &str) {
    let faults = faults(&format!("defaults: {{mode: {value}}}"));
    let [first, last] = &faults[..] else { panic!("{faults:?}") };
    assert!(first.text.starts_with(said), "{faults:?}");
    assert_eq!(last.text, "`mode` has to be a single value");
}

#[test]
fn every_fault_is_told_at_once() {
    let faults = faults("defaults: {mode: x, gras: 1, contact: [a]}\nunits: {Root: {grace_period: 9}}\nx: y");
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [Some(1), Some(1), Some(1), Some(2), Some(3)]);
}

#[test]
fn reading_goes_on_after_what_is_not_allowed() {
    let text = "defaults: &a {mode: !!str x}\ndefaults: {mode: y}\n? [a]\n: b\nunits: *a\n\
                accounts:\n  prod: *a\n  111122223333: [[[[[[[[[1]]]]], [[[[[[[1]]]]]]]]]]]\nx: y";
    let told: Vec<_> =
        faults(text).into_iter().map(|Fault { line, text }| format!("{line:?} {text}")).collect();
    insta::assert_snapshot!(told.join("\n").replace("Some", ""), @r"
    (1) an anchor (`&`) is not allowed here: write out what it stands for
    (1) a tag (`!`) is not allowed here: write out what it stands for
    (1) `mode` is `x`, expected `observe`, `notify` or `enforce`
    (2) `defaults` is there twice, first in line 1
    (2) `mode` is `y`, expected `observe`, `notify` or `enforce`
    (3) a key has to be a text
    (5) an alias (`*`) is not allowed here: write out what it stands for
    (7) an alias (`*`) is not allowed here: write out what it stands for
    (7) `prod` is no account: expected the 12 digits of an account
    (8) this is more than 8 levels deep
    (8) this is more than 8 levels deep
    (8) account 111122223333 has to be a mapping (`name: value`)
    (9) there is no key `x`: expected one of `mode`, `account_tags`, `defaults`, `units`, `accounts`
    ");
}
