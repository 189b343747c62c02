//! How the digest of an organization reads, and when it is due.

use crate::contract::root;
use crate::organization_fixtures::{
    MANAGEMENT, Read, calm, day_before, everything, id, machine, organization_digest, plan_of, swept, texts,
};
use jiff::SignedDuration;
use mfa_enforcer_core::digest::{
    AccountFinding, AlertsSubscribers, ChangeKind, Digest, SweepResult, UserChange,
};
use mfa_enforcer_core::organization::{
    OrganizationDigest, OrganizationMemory, is_organization_digest_due, render_organization,
};
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_core::settings::DigestWhen;
use mfa_enforcer_core::snapshot::{LastUse, RootMfa, RootStatus};
use mfa_enforcer_testing::digests::{
    KEY, PHONE, digest, exempt, overdue, root as root_user, user_change, with_mfa,
};
use mfa_enforcer_testing::fixtures::{now, settings_with};
use mfa_enforcer_testing::organizations::account;
use rstest::rstest;
use serde_json::Value;
use std::fs;

/// One account with this digest of its own.
fn one(of_account: &Digest) -> OrganizationDigest {
    let plan = plan_of(vec![account(&["Root"], "production", &id(1), "ACTIVE")]);
    organization_digest(&plan, vec![swept(&id(1), of_account)], now())
}

/// One account in this state, without a result.
fn without_results(state: &str) -> OrganizationDigest {
    let plan = plan_of(vec![account(&["Root"], "production", &id(1), state)]);
    organization_digest(&plan, Vec::new(), now())
}

/// The management account alone, of which this was read.
fn of_management(read: Vec<Read>) -> OrganizationDigest {
    let plan = plan_of(vec![account(&["Root"], "management", MANAGEMENT, "ACTIVE")]);
    organization_digest(&plan, read, now())
}

#[test]
fn management_account_is_neither_covered_nor_missing() {
    for read in [Vec::new(), vec![swept(MANAGEMENT, &digest(vec![overdue("bob", 3)]))]] {
        let digest = of_management(read);
        assert_eq!(digest.management().map(|account| account.id.as_str()), Some(MANAGEMENT));
        assert_eq!((digest.covered().count(), digest.not_covered().count()), (0, 0));
        assert!(mail_of(&digest).contains("deploy the stack of one account there"));
    }
}

fn mail_of(digest: &OrganizationDigest) -> String {
    texts(&render_organization(digest, None))["email"].as_str().unwrap().to_owned()
}

#[test]
fn texts_match_snapshots() {
    for (name, digest) in [("everything", everything()), ("calm", calm())] {
        let before = day_before(&digest);
        let rendered = render_organization(&digest, Some(&before));
        let texts = texts(&rendered);
        let shown = format!(
            "Subject: {}\n{:?}\n\n{}\n--- text message ---\n{}\n--- any other protocol ---\n{}",
            rendered.subject,
            rendered.attributes,
            texts["email"].as_str().unwrap(),
            rendered.sms,
            texts["default"].as_str().unwrap(),
        );
        insta::assert_snapshot!(format!("organization digest {name}"), shown);
        let machine: Value = machine(&rendered);
        insta::with_settings!({ sort_maps => true }, {
            insta::assert_json_snapshot!(format!("organization digest {name} for programs"), machine);
        });
    }
}

#[test]
fn message_for_programs_fits_its_schema() {
    let schema = fs::read_to_string(root().join("docs/organization-digest.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let empty = organization_digest(&plan_of(Vec::new()), Vec::new(), now());
    for digest in [everything(), calm(), empty] {
        for before in [None, Some(day_before(&digest))] {
            let message = machine(&render_organization(&digest, before.as_ref()));
            let problems: Vec<String> =
                schema.iter_errors(&message).map(|problem| problem.to_string()).collect();
            assert_eq!(problems, [""; 0]);
        }
    }
    assert!(!schema.is_valid(&Value::Object(serde_json::Map::new())));
}

#[rstest]
#[case::calm(calm(), "info")]
#[case::everything(everything(), "critical")]
#[case::nobody_listens(OrganizationDigest { alerts_subscribers: AlertsSubscribers::Counted(0), ..calm() }, "critical")]
#[case::not_covered(without_results("ACTIVE"), "warning")]
#[case::not_in_use(without_results("CLOSED"), "info")]
#[case::management(of_management(Vec::new()), "info")]
#[case::unknown_who_listens(
    OrganizationDigest { alerts_subscribers: AlertsSubscribers::Unknown, ..calm() },
    "warning"
)]
#[case::overdue(one(&digest(vec![overdue("bob", 3)])), "warning")]
#[case::waiting(one(&after_sweep(vec![user_change(&overdue("bob", 3), ChangeKind::Waiting)])), "warning")]
#[case::released_by_exemption(one(&released_by_exemption()), "warning")]
#[case::root_has_access_keys(one(&Digest { root: with_access_keys(), ..digest(Vec::new()) }), "warning")]
#[case::unasked(organization_digest(&plan_of(vec![]), vec![swept(&id(1), &digest(vec![]))], now()), "warning")]
fn severity_is_that_of_the_worst(#[case] digest: OrganizationDigest, #[case] severity: &str) {
    assert_eq!(machine(&render_organization(&digest, None))["severity"], severity);
}

/// An account without users, where a sweep did this.
fn after_sweep(users: Vec<UserChange>) -> Digest {
    Digest { result: SweepResult { users, ..SweepResult::default() }, ..digest(Vec::new()) }
}

fn released_by_exemption() -> Digest {
    let carol = exempt("carol", Exemption::Name);
    Digest { statuses: vec![carol.clone()], ..after_sweep(vec![user_change(&carol, ChangeKind::Released)]) }
}

fn with_access_keys() -> RootStatus {
    RootStatus { access_keys: true, ..root_user(RootMfa::NonVirtualOnly) }
}

#[test]
fn what_needs_somebody_comes_first() {
    let mail = mail_of(&everything());
    let place = |text: &str| mail.find(text).unwrap_or_else(|| panic!("{text} is missing in {mail}"));
    let order = [
        "ROOT WITHOUT MFA (1)",
        "OVERDUE AND NOT QUARANTINED",
        "ACCOUNTS NOT COVERED (2)",
        "Figure",
        "BY ORGANIZATIONAL UNIT",
        "BY ACCOUNT (3)",
        "ACCOUNTS NOT IN USE (1)",
        "QUARANTINED BY SWEEPS",
        "EXEMPT (",
    ];
    assert!(order.map(place).is_sorted(), "{mail}");
}

/// Accounts with these digests, whose names are in this order.
fn accounts_of(digests: &[Digest]) -> OrganizationDigest {
    let numbers = || 1..=digests.len();
    let plan = numbers().map(|number| account(&["Root"], &format!("a{number}"), &id(number), "ACTIVE"));
    let read = numbers().zip(digests).map(|(number, digest)| swept(&id(number), digest));
    organization_digest(&plan_of(plan.collect()), read.collect(), now())
}

#[test]
fn accounts_that_need_somebody_come_first() {
    let calm = digest(vec![with_mfa("dave", KEY)]);
    let root_missing = Digest { root: root_user(RootMfa::Missing), ..calm.clone() };
    let mail = mail_of(&accounts_of(&[calm, failed(), digest(vec![overdue("bob", 3)]), root_missing]));
    let (_, table) = mail.split_once("BY ACCOUNT (4)").unwrap();
    let place = |number: usize| table.find(&id(number)).unwrap();
    assert!([4, 3, 2, 1].map(place).is_sorted(), "{table}");
}

#[test]
fn critical_findings_come_first() {
    let with = |finding: AccountFinding| {
        let result = SweepResult { findings: vec![finding], ..SweepResult::default() };
        Digest { result, ..digest(Vec::new()) }
    };
    let digest = accounts_of(&[with(AccountFinding::TrailInOneRegion), with(AccountFinding::NoTrail)]);
    let message = machine(&render_organization(&digest, None));
    let listed = message["accountFindings"]["listed"].as_array().unwrap();
    let findings: Vec<&str> = listed.iter().map(|found| found["finding"].as_str().unwrap()).collect();
    assert_eq!(findings, [AccountFinding::NoTrail.code(), AccountFinding::TrailInOneRegion.code()]);
}

/// The result of an account has the names of the first hundred.
#[test]
fn everybody_for_whom_a_step_failed_is_counted() {
    let what = |number: usize| if number < 90 { ChangeKind::Failed } else { ChangeKind::Refused };
    let change = |number: usize| user_change(&with_mfa(&format!("user{number}"), KEY), what(number));
    let digest = one(&after_sweep((0..150).map(change).collect()));
    assert_eq!(machine(&render_organization(&digest, None))["did"]["failed"]["count"], 150);
    assert!(mail_of(&digest).contains("FAILED (150)"));
}

#[test]
fn chat_message_says_what_to_do() {
    let result = SweepResult { remaining: vec!["heidi".to_owned()], ..SweepResult::default() };
    let root = root_user(RootMfa::Missing);
    let rendered = render_organization(&one(&Digest { result, root, ..digest(Vec::new()) }), None);
    let chat: Value = serde_json::from_str(texts(&rendered)["https"].as_str().unwrap()).unwrap();
    let content = &chat["content"];
    assert_eq!(content["title"], rendered.subject);
    let lists = "Root without MFA: 1\nUsers left for the next run: 1";
    assert!(content["description"].as_str().unwrap().contains(lists), "{content}");
    // Nothing is to be done about those who are left.
    let steps = content["nextSteps"].as_array().unwrap();
    assert_eq!(steps.len(), 1, "{content}");
    assert!(steps[0].as_str().unwrap().starts_with("Root without MFA: today, enrol"), "{content}");
}

#[test]
fn accounts_are_in_the_order_of_their_units_and_names() {
    let plan = plan_of(vec![
        account(&["Root", "Work"], "payments", &id(1), "ACTIVE"),
        account(&["Root"], "web", &id(2), "ACTIVE"),
        account(&["Root"], "audit", &id(3), "ACTIVE"),
        account(&["Root"], "web", &id(4), "ACTIVE"),
    ]);
    let digest = organization_digest(&plan, Vec::new(), now());
    let order: Vec<&str> = digest.accounts.iter().map(|account| account.account.id.as_str()).collect();
    assert_eq!(order, [id(3), id(2), id(4), id(1)]);
}

#[test]
fn result_of_an_account_that_was_not_asked_is_not_in_the_digest() {
    let plan = plan_of(vec![account(&["Root"], "closed", &id(2), "CLOSED")]);
    let digest = organization_digest(&plan, vec![swept(&id(1), &digest(vec![with_mfa("a", KEY)]))], now());
    assert_eq!((digest.figures().users, digest.unasked.clone()), (0, vec![id(1)]));
}

/// What a reader sees of a page, without white space and in lower case.
fn seen(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let pieces = body.split('<').filter_map(|piece| piece.split_once('>'));
    let text: String = pieces.map(|(_, text)| text).collect();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.split_whitespace().collect::<String>().to_lowercase()
}

#[test]
fn both_forms_of_the_mail_say_the_same_and_tables_are_named() {
    let sender = settings_with(&[("MAIL_FROM", "MFA Service <mfa@example.com>")]).sender;
    let digest = OrganizationDigest { sender, ..everything() };
    let mail = render_organization(&digest, Some(&day_before(&digest))).mail.unwrap();
    let seen = seen(&mail.html);
    let words =
        mail.text.split_whitespace().map(|word| word.trim_end_matches([':', ';', '-']).to_lowercase());
    let missing: Vec<String> = words.filter(|word| !seen.contains(word)).collect();
    assert_eq!(missing, Vec::<String>::new(), "{}", mail.html);
    // The first table is the sheet itself.
    assert_eq!(mail.html.matches("aria-label").count() + 1, mail.html.matches("<table").count());
    assert!(mail.html.contains("scope=\"col\"") && mail.html.contains("scope=\"row\""));
}

#[test]
fn nothing_from_elsewhere_is_markup() {
    const MARKUP: &str = "<img src=x onerror=y>";
    let user = with_mfa(MARKUP, KEY);
    let failed = UserChange { error: MARKUP.to_owned(), ..user_change(&user, ChangeKind::Failed) };
    let result =
        SweepResult { users: vec![failed], failures: vec![MARKUP.to_owned()], ..SweepResult::default() };
    let plan = plan_of(vec![account(&[MARKUP], MARKUP, &id(1), "ACTIVE")]);
    let read = vec![swept(&id(1), &Digest { result, ..digest(vec![user]) })];
    let sender = settings_with(&[("MAIL_FROM", "mfa@example.com")]).sender;
    let digest = OrganizationDigest { sender, ..organization_digest(&plan, read, now()) };
    let rendered = render_organization(&digest, None);
    let html = &rendered.mail.as_ref().unwrap().html;
    assert!(!html.contains("<img") && html.matches("&lt;img src=x").count() >= 4, "{html}");
    let chat = texts(&rendered)["https"].as_str().unwrap().to_owned();
    assert!(!chat.contains("<img"), "{chat}");
}

#[rstest]
#[case::never_sent(None, DigestWhen::OnChange, true)]
#[case::daily(Some(24), DigestWhen::Daily, true)]
#[case::same_day(Some(2), DigestWhen::Daily, false)]
#[case::nothing_changed(Some(24), DigestWhen::OnChange, false)]
#[case::from_the_future(Some(-24), DigestWhen::OnChange, true)]
fn calm_digest_is_due_as_the_setting_says(
    #[case] hours: Option<i64>,
    #[case] when: DigestWhen,
    #[case] is_due: bool,
) {
    let before = hours.map(|hours| {
        let at = now() - SignedDuration::from_hours(hours);
        OrganizationMemory { at, ..day_before(&calm()) }
    });
    assert_eq!(is_organization_digest_due(before.as_ref(), when, &calm()), is_due);
}

#[rstest]
#[case::figure(digest(vec![with_mfa("dave", KEY), with_mfa("erin", KEY)]), true)]
#[case::kinds_of_device_do_not_count(digest(vec![with_mfa("dave", PHONE)]), false)]
#[case::root_changed(Digest { root: root_user(RootMfa::NoCredentials), ..digest(vec![with_mfa("dave", KEY)]) }, true)]
#[case::root_not_known(Digest { root: root_user(RootMfa::Unknown), ..digest(vec![with_mfa("dave", KEY)]) }, false)]
#[case::root_used(used_now(), true)]
#[case::something_was_done(repaired(), true)]
#[case::something_failed(failed(), true)]
fn change_is_told(#[case] of_account: Digest, #[case] is_due: bool) {
    let before = day_before(&calm());
    assert_eq!(is_organization_digest_due(Some(&before), DigestWhen::OnChange, &one(&of_account)), is_due);
}

fn used_now() -> Digest {
    let mut digest = digest(vec![with_mfa("dave", KEY)]);
    digest.root.last_used = LastUse::At(now() - SignedDuration::from_hours(1));
    digest
}

fn failed() -> Digest {
    let result = SweepResult { failures: vec!["sns:ListTopics".to_owned()], ..SweepResult::default() };
    Digest { result, ..digest(vec![with_mfa("dave", KEY)]) }
}

fn repaired() -> Digest {
    let dave = with_mfa("dave", KEY);
    let users = vec![user_change(&dave, ChangeKind::Repaired)];
    Digest { result: SweepResult { users, ..SweepResult::default() }, ..digest(vec![dave]) }
}

#[test]
fn digest_of_the_same_run_is_not_sent_again() {
    let digest = one(&repaired());
    let sent = OrganizationMemory::of(&digest, None);
    assert!(!is_organization_digest_due(Some(&sent), DigestWhen::Daily, &digest));
}

#[test]
fn account_that_is_not_covered_keeps_what_was_known_of_root() {
    let before = day_before(&calm());
    let after = OrganizationMemory::of(&without_results("ACTIVE"), Some(&before));
    assert_eq!(after.roots, before.roots);
    assert!(!after.roots.is_empty());
    assert_eq!(OrganizationMemory::read(&after.json()), Some(after));
    assert_eq!(OrganizationMemory::read(b"{"), None);
}
