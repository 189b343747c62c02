//! The settings of an organization: what is wrong with a document, and what holds in which account.

use crate::contract::root;
use jiff::Timestamp;
use mfa_enforcer_core::organization::{
    Account, AccountSettings, Document, DocumentCheck, Level, Live, OrganizationalUnit, Resolved,
    settings_of_accounts,
};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{now, settings, settings_with};
use mfa_enforcer_testing::organizations::account;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

pub(crate) const FULL: &str = "
account_tags: [mode, contact]
defaults:
  mode: notify
  grace_period: 7d
  remind_before: [3d, 1d]
  exempt_users:
    - {name: auditor, reason: AUDIT-1}
units:
  Root/Work:
    mode: {value: enforce, reason: SEC-12}
    exempt_users:
      - name: printer
        reason: it has no hands
        until: 2026-12-31
  ou-ab12-tests:
    grace_period: 1d
  Root:
    contact: 'help: desk'
accounts:
  012345678901:
    quarantine_scope: everything
    mode: observe
";

fn document(text: &str) -> Document {
    Document::read(text).unwrap_or_else(|faults| panic!("{faults:?}"))
}

pub(crate) fn tests_account() -> Account {
    account(&["Root", "Work", "Tests"], "staging", "222233334444", "ACTIVE")
}

pub(crate) fn of(text: &str, account: &Account, tags: &[(&str, &str)]) -> Resolved {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    document(text).of_account(account, &tags, &BTreeMap::new(), now())
}

fn value(resolved: &Resolved, setting: &str) -> String {
    resolved.variable(setting).unwrap_or_default()
}

#[test]
fn last_value_holds() {
    let resolved = of(FULL, &tests_account(), &[]);
    let values = ["MODE", "GRACE_PERIOD", "REMIND_BEFORE", "CONTACT", "EXEMPT_USERS", "ACCOUNT_NAME"]
        .map(|setting| value(&resolved, setting));
    assert_eq!(values, ["enforce", "1d", "3d,1d", "help: desk", "auditor printer", "staging"]);
    let from = |setting: &str| {
        let held = resolved.held.iter().find(|held| held.setting == setting).unwrap();
        (held.origin(), held.reason.clone())
    };
    assert_eq!(from("MODE"), ("Root/Work, line 11".to_owned(), Some("SEC-12".to_owned())));
    assert_eq!(from("GRACE_PERIOD"), ("ou-ab12-tests, line 17".to_owned(), None));
}

#[test]
fn account_number_keeps_its_zero() {
    let own = account(&["Root", "Work"], "old", "012345678901", "ACTIVE");
    let resolved = of(FULL, &own, &[("mfa-enforcer:mode", "enforce"), ("mfa-enforcer:contact", "Bob")]);
    let values = ["MODE", "QUARANTINE_SCOPE", "CONTACT"].map(|setting| value(&resolved, setting));
    assert_eq!(values, ["observe", "everything", "Bob"]);
}

#[rstest]
#[case::switched_on(&[("mfa-enforcer:mode", "observe")], "observe", "")]
#[case::another_tag(&[("mode", "observe"), ("mfa-enforcer", "observe")], "enforce", "")]
#[case::switched_off(&[("mfa-enforcer:grace_period", "9d")], "enforce", "`account_tags` does not list `grace_period`")]
#[case::wrong(&[("mfa-enforcer:mode", "off")], "enforce", "is `off`, expected `observe`, `notify` or `enforce`")]
#[case::empty(&[("mfa-enforcer:contact", " ")], "enforce", "the tag mfa-enforcer:contact does nothing: it has no value")]
#[case::unknown(&[("mfa-enforcer:mod", "off")], "enforce", "did you mean `mode`?")]
fn tag_is_above_units(#[case] tags: &[(&str, &str)], #[case] mode: &str, #[case] fault: &str) {
    let resolved = of(FULL, &tests_account(), tags);
    assert_eq!(value(&resolved, "MODE"), mode);
    assert_eq!(resolved.faults.len(), usize::from(!fault.is_empty()));
    assert!(resolved.faults.iter().all(|found| found.contains(fault)), "{:?}", resolved.faults);
}

#[test]
fn tags_do_nothing_unless_switched_on() {
    let text = "defaults: {mode: enforce}";
    let resolved = of(text, &tests_account(), &[("mfa-enforcer:mode", "observe"), ("mfa-enforcer:x", "")]);
    assert_eq!((value(&resolved, "MODE"), resolved.faults), ("enforce".to_owned(), Vec::new()));
}

#[rstest]
#[case::less("mode: observe", "enforce", "observe")]
#[case::more("mode: enforce", "notify", "notify")]
#[case::same("mode: notify", "notify", "notify")]
#[case::last_day("mode: {value: observe, until: 2026-11-24}", "enforce", "observe")]
#[case::ended("mode: {value: observe, until: 2026-11-23}", "enforce", "enforce")]
fn mode_at_the_root_is_the_most(#[case] root: &str, #[case] of_account: &str, #[case] mode: &str) {
    assert_eq!(now().to_string().get(..10), Some("2026-11-24"));
    let text =
        format!("{root}\ndefaults: {{mode: observe}}\naccounts: {{'222233334444': {{mode: {of_account}}}}}");
    let resolved = of(&text, &tests_account(), &[]);
    assert_eq!(value(&resolved, "MODE"), mode);
}

#[rstest]
#[case::more("MODE", "enforce", Some("notify"))]
#[case::same("MODE", "notify", None)]
#[case::less("MODE", "observe", None)]
#[case::no_mode("MODE", "on", None)]
#[case::another_setting("GRACE_PERIOD", "3d", None)]
fn mode_at_the_root_is_above_what_is_chosen_elsewhere(
    #[case] setting: &'static str,
    #[case] value: &str,
    #[case] most: Option<&str>,
) {
    let text = "mode: notify\ndefaults: {mode: observe}";
    let resolved = of(text, &tests_account(), &[]);
    assert_eq!(resolved.instead_of(setting, value).as_deref(), most);
    let ended = text.replace("notify", "{value: notify, until: 2026-11-23}");
    assert_eq!(of(&ended, &tests_account(), &[]).instead_of(setting, value), None);
}

#[rstest]
#[case::day_before("2026-12-30T23:59:59Z", true)]
#[case::last_second("2026-12-31T23:59:59Z", true)]
#[case::day_after("2027-01-01T00:00:00Z", false)]
fn exemption_ends_after_its_last_day(#[case] at: Timestamp, #[case] holds: bool) {
    let resolved = document(FULL).of_account(&tests_account(), &BTreeMap::new(), &BTreeMap::new(), at);
    let exempt = resolved.variable("EXEMPT_USERS").unwrap();
    assert_eq!(exempt, if holds { "auditor printer" } else { "auditor" });
    assert_eq!(resolved.ended.len(), usize::from(!holds));
}

#[test]
fn hub_holds_where_nothing_is_said() {
    let hub = BTreeMap::from([
        ("GRACE_PERIOD".to_owned(), "3d".to_owned()),
        ("RELEASE".to_owned(), "approval".to_owned()),
        ("EXEMPT_USERS".to_owned(), "root-mail ci".to_owned()),
        ("CONTACT".to_owned(), String::new()),
        ("ACCOUNT_NAME".to_owned(), "hub".to_owned()),
    ]);
    let resolved = document(FULL).of_account(&tests_account(), &BTreeMap::new(), &hub, now());
    let values = ["GRACE_PERIOD", "RELEASE", "EXEMPT_USERS", "CONTACT", "ACCOUNT_NAME"];
    let values = values.map(|setting| value(&resolved, setting));
    assert_eq!(values, ["1d", "approval", "root-mail ci auditor printer", "help: desk", "staging"]);
}

#[rstest]
#[case::short("Payments", "Payments")]
#[case::as_long_as_it_may_be("Abcdefghi Abcdefghi Abcdefghij", "Abcdefghi Abcdefghi Abcdefghij")]
#[case::word_too_many("Data Platform of the Company, Production", "Data Platform of the Company,")]
#[case::word_that_leaves_no_room_for_a_space("Abcdefghi Abcdefghi Abcdefghijk", "Abcdefghi Abcdefghi")]
#[case::one_word("abcdefghijabcdefghijabcdefghijabcdefghij", "abcdefghijabcdefghijabcdefghij")]
#[case::unseen("Pay\u{202E}ments\n\u{200B} EU \u{1F600}", "Payments EU")]
#[case::nothing_left("\u{1F600}\u{200B} \n", "")]
#[case::nothing("", "")]
fn account_is_called_what_fits_of_its_name(#[case] name: &str, #[case] called: &str) {
    let own = account(&["Root"], name, "222233334444", "ACTIVE");
    let hub = BTreeMap::from([("ACCOUNT_NAME".to_owned(), "hub".to_owned())]);
    let resolved = document(FULL).of_account(&own, &BTreeMap::new(), &hub, now());
    // The variable is there in any case: the hub's name would hold otherwise.
    assert_eq!(resolved.variable("ACCOUNT_NAME"), Some(called.to_owned()));
    assert_eq!(resolved.held.iter().any(|held| held.setting == "ACCOUNT_NAME"), !called.is_empty());
}

#[rstest]
#[case::with_units("defaults: {mode: enforce}\nunits: {Root: {mode: observe}}", true)]
#[case::without_units("defaults: {mode: enforce}", false)]
fn account_that_moves_has_no_settings_of_units(#[case] text: &str, #[case] is_unknown: bool) {
    let moved = account(&[], "new", "222233334444", "ACTIVE");
    assert_eq!(document(text).cannot_place(&moved).is_some(), is_unknown);
    assert_eq!(document(text).cannot_place(&tests_account()), None);
    let check = check_of(text, &settings(), &[(moved, BTreeMap::new())]);
    let faults = check.faults_in_accounts();
    assert_eq!(faults.len(), usize::from(is_unknown), "{faults:?}");
    let said = "222233334444 new: the account was moved while the organization was read: run it again";
    assert!(faults.iter().all(|fault| fault == said), "{faults:?}");
    assert_eq!(check.accounts[0].values.is_empty(), is_unknown);
}

#[rstest]
#[case::text("contact: ''", "CONTACT")]
#[case::in_full("contact: {value: \"\", reason: nobody answers}", "CONTACT")]
#[case::list("remind_before: []", "REMIND_BEFORE")]
#[case::break_glass("break_glass_path: ''", "BREAK_GLASS_PATH")]
fn none_can_be_said(#[case] own: &str, #[case] setting: &str) {
    let hub = BTreeMap::from([(setting.to_owned(), "of the hub".to_owned())]);
    let text = format!("defaults: {{mode: observe, {own}}}");
    let resolved = document(&text).of_account(&tests_account(), &BTreeMap::new(), &hub, now());
    assert_eq!(resolved.variable(setting), Some(String::new()));
}

#[test]
fn break_glass_path_counts_as_an_exemption() {
    let path = "break_glass_path: {value: /break-glass/, reason: SEC-3, until: 2027-01-01}";
    let text = format!("defaults: {{mode: observe}}\nunits: {{Root/Work: {{{path}}}}}");
    let check = check_with(&text, &settings_with(&[("BREAK_GLASS_PATH", "")]));
    let exemptions = |id: &str| check.accounts.iter().find(|account| account.id == id).unwrap().exemptions();
    assert_eq!(exemptions("222233334444"), exemptions("012345678901") + 1);
    let held = of(&text, &tests_account(), &[]).held;
    let path = held.iter().find(|held| held.setting == "BREAK_GLASS_PATH").unwrap();
    assert_eq!((path.value.as_str(), path.reason.as_deref()), ("/break-glass/", Some("SEC-3")));
}

#[rstest]
#[case::windows("# settings\r\ndefaults:\r\n  mode: observe\r\n")]
#[case::byte_order_mark("\u{FEFF}defaults: {mode: observe}\n")]
#[case::json(r#"{"defaults": {"mode": "observe"}}"#)]
#[case::blocks("defaults:\n  mode: >-\n    observe\n...\n")]
fn every_way_to_write_it_is_read(#[case] text: &str) {
    assert_eq!(value(&of(text, &tests_account(), &[]), "MODE"), "observe");
}

fn units() -> Vec<OrganizationalUnit> {
    let unit = |id: &str, path: &[&str]| OrganizationalUnit {
        id: id.to_owned(),
        path: path.iter().map(|name| (*name).to_owned()).collect(),
    };
    vec![
        unit("r-ab12", &["Root"]),
        unit("ou-ab12-work", &["Root", "Work"]),
        unit("ou-ab12-tests", &["Root", "Work", "Tests"]),
        unit("ou-ab12-double1", &["Root", "A/B"]),
        unit("ou-ab12-double2", &["Root", "A", "B"]),
    ]
}

pub(crate) fn check_with(text: &str, hub: &Settings) -> DocumentCheck {
    let tags = BTreeMap::from([("mfa-enforcer:mode".to_owned(), "x".to_owned())]);
    let accounts = [
        (tests_account(), tags),
        (account(&["Root"], "management", "012345678901", "ACTIVE"), BTreeMap::new()),
    ];
    check_of(text, hub, &accounts)
}

fn check_of(text: &str, hub: &Settings, accounts: &[(Account, BTreeMap<String, String>)]) -> DocumentCheck {
    document(text).check(Live {
        organization: "o-exampleorgid",
        caller: "arn:aws:iam::012345678901:user/carol",
        at: now(),
        units: &units(),
        accounts,
        hub,
    })
}

#[rstest]
#[case::by_path("Root/Work", "")]
#[case::by_id("ou-ab12-work", "")]
#[case::root("r-ab12", "")]
#[case::gone("ou-ab12-gone", "there is no unit `ou-ab12-gone`: it may have been deleted")]
#[case::misspelt("Root/Wrok", "did you mean `Root/Work`?")]
#[case::without_root("Work", "did you mean `Root/Work`?")]
#[case::far("Elsewhere", "expected its path from the root down")]
#[case::ambiguous(
    "Root/A/B",
    "2 units are called `Root/A/B`: write the id, such as ou-ab12-double1 or ou-ab12-double2"
)]
fn unit_is_one_of_the_organization(#[case] unit: &str, #[case] said: &str) {
    let check = check_with(&format!("defaults: {{mode: observe}}\nunits:\n  {unit}: {{}}"), &settings());
    let texts: Vec<&str> = check.faults.iter().map(|fault| fault.text.as_str()).collect();
    assert_eq!(check.has_faults(), !texts.is_empty());
    assert_eq!(texts.len(), usize::from(!said.is_empty()), "{texts:?}");
    assert!(check.faults.iter().all(|fault| fault.line == Some(3) && fault.text.contains(said)), "{texts:?}");
}

#[test]
fn unit_and_account_are_there_once() {
    let text = "defaults: {mode: observe}\nunits:\n  Root: {}\n  r-ab12: {}\naccounts:\n  '999999999999': {}";
    let check = check_with(text, &settings());
    let faults: Vec<_> = check.faults.iter().map(|fault| (fault.line, fault.text.as_str())).collect();
    let expected = [
        (Some(4), "`r-ab12` is the same unit as in line 3"),
        (Some(6), "999999999999 is not in this organization"),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn values_that_do_not_go_together_are_told() {
    let text = "account_tags: [mode]\ndefaults: {mode: observe}\nunits: {Root/Work: {release: approval}}";
    let mut hub = settings();
    hub.in_force.insert("STRICT_POLICY_ARN".to_owned(), String::new());
    let check = check_with(text, &hub);
    assert!(check.has_faults());
    let told = check.faults_in_accounts();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.starts_with("222233334444 staging: ")));
    assert!(told.iter().any(|line| line.contains("the tag mfa-enforcer:mode does nothing")));
    assert!(told.iter().any(|line| line.contains("RELEASE=approval")));
}

#[test]
fn what_ended_is_told_once() {
    let check =
        check_with("defaults:\n  mode: observe\n  contact: {value: Bob, until: 2026-01-31}", &settings());
    assert_eq!(check.ended(), ["contact Bob (defaults, line 3): ended after 2026-01-31"]);
    assert!(!check.has_faults());
}

#[test]
fn what_ended_is_told_wherever_it_is() {
    let ended = "{value: observe, until: 2026-11-23}";
    let text = format!(
        "mode: {ended}\ndefaults:\n  mode: observe\n  contact: {{value: Bob, until: 2026-11-24}}\n\
         units:\n  Root/X:\n    mode: {ended}\naccounts:\n  111122223333:\n    \
         exempt_users: [{{name: ci, reason: x, until: 2026-01-31}}]"
    );
    let told = [
        "mode observe (the whole document, line 1): ended after 2026-11-23",
        "mode observe (Root/X, line 7): ended after 2026-11-23",
        "exempt_users ci (account, line 10): ended after 2026-01-31",
    ];
    assert_eq!(document(&text).ended(now()), told);
}

#[test]
fn unit_is_called_as_in_the_document() {
    let check = check_with("defaults: {mode: observe}", &settings());
    let units: Vec<String> = check.accounts.iter().map(AccountSettings::unit).collect();
    assert_eq!(units, ["Root", "Root/Work/Tests"]);
}

#[test]
fn check_fits_its_schema() {
    let schema = fs::read_to_string(root().join("docs/organization-settings.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let text = format!("{FULL}\nmode: {{value: notify, until: 2027-01-01}}");
    let check: Value = serde_json::from_slice(&check_with(&text, &settings()).json()).unwrap();
    let problems: Vec<String> = schema.iter_errors(&check).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, [""; 0]);
    assert_eq!(check["accounts"][0]["values"][0]["from"]["level"], "name");
}

/// A block of the document, with values that can be used.
fn blocks() -> impl Strategy<Value = String> {
    let mode = prop_oneof!["observe", "notify", "enforce"].prop_map(|mode| format!("mode: {mode}"));
    let grace = (0..300_u16).prop_map(|days| format!("grace_period: {days}d"));
    let exempt = "[a-z]{1,8}".prop_map(|name| format!("exempt_users: [{{name: {name}, reason: x}}]"));
    (proptest::option::of(mode), proptest::option::of(grace), proptest::option::of(exempt)).prop_map(
        |(mode, grace, exempt)| [mode, grace, exempt].into_iter().flatten().collect::<Vec<_>>().join(", "),
    )
}

proptest! {
    /// Whatever is read can be used: no account ends up with a value that the functions refuse.
    #[test]
    fn accepted_document_can_be_used(root in blocks(), work in blocks(), own in blocks()) {
        let text = format!(
            "defaults: {{mode: observe, contact: Bob}}\nunits: {{Root: {{{root}}}, Root/Work: {{{work}}}}}\n\
             accounts: {{'222233334444': {{{own}}}}}"
        );
        let check = check_with(&text, &settings());
        prop_assert!(!check.has_faults(), "{:?}", check.faults_in_accounts());
        let account = &check.accounts.iter().find(|account| account.id == "222233334444").unwrap();
        for (setting, key) in [("MODE", "mode"), ("GRACE_PERIOD", "grace_period")] {
            let held = account.values_of(setting).next().unwrap();
            let last = [(&own, Level::Account), (&work, unit("Root/Work")), (&root, unit("Root"))]
                .into_iter()
                .find(|(block, _)| block.contains(key))
                .map_or(if key == "mode" { Level::Defaults } else { Level::Hub }, |(_, level)| level);
            prop_assert_eq!(&held.from, &last);
        }
        let given = [&root, &work, &own].into_iter().filter(|block| block.contains("name: ")).count();
        prop_assert_eq!(account.values_of("EXEMPT_USERS").filter(|held| held.from != Level::Hub).count(), given);
    }

    /// No text makes the reader fail otherwise than by saying what is wrong.
    #[test]
    fn any_text_is_answered(text in "([-a-z:{}\\[\\],'\"&*!|>#%@ \n]|mode|defaults|units|accounts){0,60}") {
        if let Err(faults) = Document::read(&text) {
            prop_assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.text.is_empty()));
        }
    }
}

fn unit(name: &str) -> Level {
    Level::Unit { unit: name.to_owned() }
}

#[test]
fn every_setting_of_accounts_is_one() {
    let known: Vec<&str> = Settings::descriptions().iter().map(|setting| setting.name).collect();
    assert!(settings_of_accounts().all(|setting| known.contains(&setting)));
}
