//! How the digest reads, and that every text fits its limits.

use jiff::SignedDuration;
use jsonschema::Validator;
use mfa_enforcer_core::digest::{
    AccountFinding, AlertsSubscribers, ChangeKind, Digest, Memory, Reachable, SweepResult, UserStatus, render,
};
use mfa_enforcer_core::evidence::Link;
use mfa_enforcer_core::notice::Rendered;
use mfa_enforcer_core::posture::{Exemption, Finding};
use mfa_enforcer_core::snapshot::{LastUse, RootMfa, RootStatus};
use mfa_enforcer_testing::digests::{
    KEY, after_digest, contained, crowded, digest, exempt, full, observed, overdue, quiet, root, user_change,
    with_mfa, yesterday,
};
use mfa_enforcer_testing::fixtures::{days_ago, now};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use strum::{IntoEnumIterator, VariantNames};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn texts(rendered: &Rendered) -> Value {
    serde_json::from_str(&rendered.message).unwrap()
}

fn mail(rendered: &Rendered) -> String {
    texts(rendered)["email"].as_str().unwrap().to_owned()
}

/// The mail without its line breaks.
fn flowing(rendered: &Rendered) -> String {
    mail(rendered).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn machine(rendered: &Rendered) -> Value {
    serde_json::from_str(texts(rendered)["sqs"].as_str().unwrap()).unwrap()
}

fn every_digest() -> Vec<(&'static str, Digest, Option<Memory>)> {
    vec![
        ("full", full(), Some(yesterday())),
        ("quiet", quiet(), Some(after_digest(days_ago(1), &quiet()))),
        ("empty account", digest(Vec::new()), None),
        ("mode observe", observed(), None),
    ]
}

#[test]
fn digest_texts_match_snapshots() {
    for (name, digest, previous) in every_digest() {
        let rendered = render(&digest, previous.as_ref());
        let message = texts(&rendered);
        let shown = format!(
            "Subject: {}\n{:?}\n\n{}\n--- text message ---\n{}\n--- any other protocol ---\n{}",
            rendered.subject,
            rendered.attributes,
            mail(&rendered),
            message["sms"].as_str().unwrap(),
            message["default"].as_str().unwrap(),
        );
        insta::assert_snapshot!(name.replace(' ', "_"), shown);
    }
}

#[test]
fn digest_json_and_chat_match_snapshots() {
    let rendered = render(&full(), Some(&yesterday()));
    for protocol in ["sqs", "https"] {
        let message: Value = serde_json::from_str(texts(&rendered)[protocol].as_str().unwrap()).unwrap();
        insta::with_settings!({ sort_maps => true }, {
            insta::assert_json_snapshot!(format!("digest_{protocol}"), message);
        });
    }
}

#[test]
fn digest_schema_knows_every_finding() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/digest.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let known = schema.pointer("/$defs/finding/properties/finding/enum").unwrap();
    assert_eq!(*known, json!(Finding::VARIANTS));
    let known = schema.pointer("/$defs/accountFinding/properties/finding/enum").unwrap();
    assert_eq!(*known, json!(AccountFinding::VARIANTS));
}

#[test]
fn alerts_topic_without_subscribers_is_critical() {
    let unheard = render(&Digest { alerts_subscribers: AlertsSubscribers::Counted(0), ..quiet() }, None);
    assert!(unheard.subject.starts_with("[CRITICAL]") && unheard.subject.contains("nobody gets the alerts"));
    assert!(
        mail(&unheard).contains("ALERTS TOPIC (1)")
            && flowing(&unheard).contains("so nobody gets the alerts and the digest")
    );
    assert_eq!(machine(&unheard)["alertsSubscribers"], 0);
}

#[test]
fn unknown_subscribers_are_not_none() {
    let unknown = render(&Digest { alerts_subscribers: AlertsSubscribers::Unknown, ..quiet() }, None);
    assert!(unknown.subject.starts_with("[WARNING]") && !unknown.subject.contains("nobody"));
    assert!(flowing(&unknown).contains("so it is unknown who gets the alerts"));
    assert_eq!(machine(&unknown)["alertsSubscribers"], Value::Null);
    assert!(!mail(&render(&quiet(), None)).contains("ALERTS TOPIC"));
}

#[test]
fn every_chat_digest_fits() {
    let roots = RootMfa::iter().map(|mfa| Digest { root: root(mfa), ..full() });
    let unheard = Digest { alerts_subscribers: AlertsSubscribers::Counted(0), ..full() };
    for digest in
        every_digest().into_iter().map(|(_, digest, _)| digest).chain(roots).chain([crowded(), unheard])
    {
        let rendered = render(&digest, Some(&yesterday()));
        let chat: Value = serde_json::from_str(texts(&rendered)["https"].as_str().unwrap()).unwrap();
        let length = |part: &Value| part.as_str().unwrap().chars().count();
        let content = &chat["content"];
        assert!(length(&content["title"]) < 100 && length(&content["description"]) <= 3000);
        let steps = content["nextSteps"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.iter().all(|step| (1..=350).contains(&length(step))), "{steps:?}");
    }
}

/// A digest of a sweep that wrote a record, with all that can be wrong about evidence.
fn with_evidence() -> Digest {
    let head =
        Link { key: "evidence/123456789012/2026/11/24/x/record.json".to_owned(), sha256: "ab".repeat(32) };
    let findings = vec![
        AccountFinding::EvidenceUnwritten("s3:PutObject failed".to_owned()),
        AccountFinding::EvidenceChanged,
        AccountFinding::ReviewOpen(None),
        AccountFinding::ReviewOpen(Some("2026-06-30".parse().unwrap())),
    ];
    let result = SweepResult { findings, ..SweepResult::default() };
    Digest { evidence: Some(head), result, ..quiet() }
}

#[test]
fn digest_has_the_hash_of_the_record() {
    let rendered = render(&with_evidence(), None);
    let hash = "ab".repeat(32);
    assert!(mail(&rendered).contains(&format!("SHA-256 {hash}")));
    assert_eq!(machine(&rendered)["evidence"]["sha256"], hash);
    assert!(flowing(&rendered).contains("no review of the records was signed since 2026-06-30"));
    assert_eq!(machine(&render(&quiet(), None))["evidence"], Value::Null);
    assert!(rendered.subject.starts_with("[CRITICAL]"));
}

#[test]
fn digest_json_fits_its_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/digest.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let schema: Validator = jsonschema::validator_for(&schema).unwrap();
    let roots = RootMfa::iter().map(|mfa| ("root", Digest { root: root(mfa), ..quiet() }, None));
    let heard = |alerts_subscribers| ("heard", Digest { alerts_subscribers, ..quiet() }, None);
    let more = [
        ("crowded", crowded(), Some(yesterday())),
        heard(AlertsSubscribers::Unknown),
        heard(AlertsSubscribers::Counted(0)),
        ("evidence", with_evidence(), None),
    ]
    .into_iter()
    .chain(roots);
    for (name, digest, previous) in every_digest().into_iter().chain(more) {
        let rendered = render(&digest, previous.as_ref());
        for protocol in ["sqs", "lambda", "http"] {
            let message: Value = serde_json::from_str(texts(&rendered)[protocol].as_str().unwrap()).unwrap();
            let errors: Vec<String> = schema.iter_errors(&message).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    let mut message = machine(&render(&full(), None));
    message["lists"]["overdue"]["users"][0]["email"] = json!("carol@example.com");
    assert!(!schema.is_valid(&message), "the schema allows unknown fields");
    assert!(!schema.is_valid(&json!({"schemaVersion": "1.0"})), "the schema requires no fields");
}

#[test]
fn every_digest_text_fits_its_limit() {
    let crowd = [("crowded", crowded(), Some(yesterday()))];
    for (name, digest, previous) in every_digest().into_iter().chain(crowd) {
        let rendered = render(&digest, previous.as_ref());
        assert!(rendered.subject.is_ascii() && rendered.subject.len() < 100, "{name}: {}", rendered.subject);
        assert!(rendered.sms.is_ascii() && rendered.sms.len() <= 160, "{name}: {}", rendered.sms);
        assert!(rendered.message.len() < 250_000, "{name}: {}", rendered.message.len());
        let mail = mail(&rendered);
        assert!(!mail.contains(|c: char| c.is_control() && c != '\n'), "{name}");
        let long: Vec<&str> = mail.lines().filter(|line| line.chars().count() > 78).collect();
        assert!(long.is_empty(), "{name}: lines too long for a mail: {long:?}");
    }
}

#[test]
fn long_list_says_how_many_more() {
    let users: Vec<UserStatus> = (0..352).map(|number| overdue(&format!("user{number:03}"), 1)).collect();
    let rendered = render(&digest(users), None);
    let mail = mail(&rendered);
    assert!(
        mail.contains("OVERDUE AND NOT QUARANTINED (352)") && mail.contains("  and 312 more\n"),
        "{mail}"
    );
    assert!(mail.contains("user039") && !mail.contains("user040"));
    let overdue = &machine(&rendered)["lists"]["overdue"];
    assert_eq!((&overdue["count"], overdue["users"].as_array().unwrap().len()), (&json!(352), 200));
}

#[test]
fn shortened_list_has_the_full_count() {
    let message = machine(&render(&crowded(), None));
    let overdue = &message["lists"]["overdue"];
    assert_eq!(overdue["count"], json!(2000));
    let listed = overdue["users"].as_array().unwrap().len();
    assert!((1..200).contains(&listed), "{listed}");
    assert_eq!(message["remaining"]["count"], json!(5000));
}

/// A change to a quiet digest that may need attention.
type Change = fn(&mut Digest);

#[test]
fn severity_follows_what_needs_attention() {
    let cases: [(&str, &str, Change); 14] = [
        ("all is well", "info", |_| {}),
        ("told", "info", |digest| {
            digest.result.users.push(user_change(&with_mfa("alice", KEY), ChangeKind::Told));
        }),
        ("quarantined", "info", |digest| digest.statuses.push(contained(overdue("carol", 1)))),
        ("quarantined and not reached", "warning", |digest| {
            digest
                .statuses
                .push(UserStatus { reachable: Reachable::NotYet, ..contained(overdue("carol", 1)) });
        }),
        ("overdue", "warning", |digest| digest.statuses.push(overdue("carol", 1))),
        ("released by MFA", "info", |digest| {
            digest.result.users.push(user_change(&with_mfa("alice", KEY), ChangeKind::Released));
        }),
        ("exempt", "info", |digest| digest.statuses.push(exempt("judy", Exemption::Name))),
        ("released by an exemption", "warning", |digest| {
            let judy = exempt("judy", Exemption::Until("2026-12-31".parse().unwrap()));
            digest.result.users.push(user_change(&judy, ChangeKind::Released));
            digest.statuses.push(judy);
        }),
        ("failed", "warning", |digest| {
            digest.result.users.push(user_change(&with_mfa("alice", KEY), ChangeKind::Failed));
        }),
        ("failed for nobody", "warning", |digest| digest.result.failures.push("Throttled".to_owned())),
        ("remains", "warning", |digest| digest.result.remaining.push("alice".to_owned())),
        ("root has access keys", "warning", |digest| digest.root.access_keys = true),
        ("root could not be looked up", "info", |digest| digest.root = root(RootMfa::Unknown)),
        ("root has no MFA", "critical", |digest| digest.root = root(RootMfa::Missing)),
    ];
    for (name, expected, change) in cases {
        let mut digest = quiet();
        change(&mut digest);
        let rendered = render(&digest, None);
        let head = format!("[{}] 123456789012 MFA digest: ", expected.to_uppercase());
        assert_eq!(rendered.attributes[1], ("severity", expected.to_owned()), "{name}");
        assert!(rendered.subject.starts_with(&head), "{name}: {}", rendered.subject);
    }
}

#[test]
fn release_by_exemption_asks_for_a_check() {
    let judy = exempt("judy", Exemption::Until("2026-12-31".parse().unwrap()));
    let alice = with_mfa("alice", KEY);
    let released = |statuses: &[&UserStatus]| {
        let users = statuses.iter().map(|status| user_change(status, ChangeKind::Released)).collect();
        let result = SweepResult { users, ..SweepResult::default() };
        let mail = mail(&render(&Digest { result, ..digest(vec![alice.clone(), judy.clone()]) }, None));
        let after = mail.split("RELEASED BY SWEEPS").nth(1).unwrap().to_owned();
        after.split("\n\n").next().unwrap().to_owned()
    };
    let head = "User   Episode       Status now";
    assert_eq!(released(&[&alice]), format!(" (1)\n  {head}\n  alice  195ac148adea  has MFA"));
    let both = released(&[&alice, &judy]);
    let (list, to_do) = both.split_once("\n  To do: ").unwrap();
    assert_eq!(
        list,
        format!(" (2)\n  {head}\n  alice  195ac148adea  has MFA\n  judy   f586340e7bea  exempt")
    );
    assert!(to_do.starts_with("check those who are exempt now (1): "), "{to_do}");
}

#[test]
fn posture_rows_add_up_to_users() {
    let mail = mail(&render(&full(), Some(&yesterday())));
    let figure = |label: &str| {
        let row = mail.lines().find_map(|line| line.trim_start().strip_prefix(label));
        row.unwrap().split_whitespace().next().unwrap().parse::<usize>().unwrap()
    };
    let postures =
        ["Compliant ", "In grace ", "Overdue ", "Exempt ", "Without a console password ", "Unknown "];
    assert!(postures.into_iter().all(|posture| figure(posture) > 0), "{mail}");
    assert_eq!(postures.map(figure).iter().sum::<usize>(), figure("Users "), "{mail}");
}

#[test]
fn every_root_state_has_its_own_advice() {
    let part = |mfa| {
        let mail = mail(&render(&Digest { root: root(mfa), ..quiet() }, None));
        let after = mail.split("ROOT\n").nth(1).unwrap().to_owned();
        after.split("\n\n").next().unwrap().to_owned()
    };
    insta::assert_snapshot!(RootMfa::iter().map(part).collect::<Vec<_>>().join("\n\n"));
}

#[rstest]
#[case::after_the_last_sweep(LastUse::At(now() - SignedDuration::from_hours(1)), json!(true))]
#[case::in_the_gap_of_the_last_report(LastUse::At(days_ago(1) - SignedDuration::from_hours(3)), json!(true))]
#[case::just_in_the_last_report(LastUse::At(days_ago(1) - SignedDuration::from_hours(4)), json!(false))]
#[case::long_before(LastUse::At(days_ago(2)), json!(false))]
#[case::never(LastUse::Never, json!(false))]
#[case::unknown(LastUse::Unknown, json!(null))]
fn recent_root_use_is_reported(#[case] last_used: LastUse, #[case] expected: Value) {
    let root = RootStatus { last_used, ..root(RootMfa::NonVirtualOnly) };
    let rendered = render(&Digest { root, ..quiet() }, Some(&yesterday()));
    assert_eq!(machine(&rendered)["root"]["usedSinceLastDigest"], expected);
    assert_eq!(mail(&rendered).contains("ask who used root"), expected == json!(true));
}

#[test]
fn root_use_is_unknown_without_last_sweep() {
    assert_eq!(machine(&render(&quiet(), None))["root"]["usedSinceLastDigest"], json!(null));
}

#[test]
fn future_memory_is_not_compared() {
    let tomorrow = after_digest(now() + DAY, &digest(Vec::new()));
    assert_eq!(render(&quiet(), Some(&tomorrow)), render(&quiet(), None));
    // The sweep is in the past, and only its digest is in the future.
    let swept = Memory { swept: days_ago(1), ..after_digest(now() + DAY, &full()) };
    let without_digest = Memory::after_sweep(days_ago(1), None);
    assert_eq!(render(&quiet(), Some(&swept)), render(&quiet(), Some(&without_digest)));
}

#[test]
fn coverage_change_has_its_sign() {
    let half = digest(vec![with_mfa("alice", KEY), overdue("carol", 1)]);
    let line = |before: &Digest, now: &Digest| {
        let mail = mail(&render(now, Some(&after_digest(days_ago(1), before))));
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        mail.lines()
            .map(words)
            .filter(|line| line.contains('%') && !line.contains("of the"))
            .collect::<String>()
    };
    assert_eq!(line(&half, &quiet()), "Coverage 100.0% +50.0");
    assert_eq!(line(&quiet(), &half), "Coverage 50.0% -50.0");
    assert_eq!(line(&half, &half), "Coverage 50.0% 0");
}

#[test]
fn exempt_user_is_not_listed_as_unreachable() {
    let missed = |status| {
        let status = UserStatus { reachable: Reachable::NoAddress, ..status };
        machine(&render(&digest(vec![status]), None))["lists"]["unreachable"]["count"].clone()
    };
    assert_eq!(missed(overdue("carol", 1)), json!(1));
    assert_eq!(missed(exempt("carol", Exemption::Name)), json!(0));
}

#[test]
fn account_has_its_name_beside_the_number() {
    let named = |name: &str| Digest { account_name: Some(name.to_owned()), ..quiet() };
    let rendered = render(&named("Production"), None);
    assert!(
        rendered.subject.starts_with("[INFO] 123456789012 (Production) MFA digest:"),
        "{}",
        rendered.subject
    );
    assert!(mail(&rendered).contains("\nAccount:  123456789012 (Production)\n"));
    // A digest is ASCII, and a name is no link.
    assert!(render(&named("Tür & Tor"), None).subject.starts_with("[INFO] 123456789012 MFA digest:"));
    let chat = texts(&render(&named("<https://x|y>"), None))["https"].as_str().unwrap().to_owned();
    assert!(!chat.contains(['<', '>']), "{chat}");
}
