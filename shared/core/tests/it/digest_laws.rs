//! Laws of the figures and of the memory, checked on random users.

use crate::law_settings::cases;
use jiff::SignedDuration;
use mfa_enforcer_core::digest::{
    Coverage, Digest, Figures, Memory, Reachable, Remembered, UserStatus, is_due, render,
};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::posture::{Exemption, Finding, Posture};
use mfa_enforcer_core::settings::DigestWhen;
use mfa_enforcer_core::snapshot::{Factors, LastUse, RootMfa, RootStatus};
use mfa_enforcer_testing::digests::{after_digest, days_ahead, digest, full};
use mfa_enforcer_testing::fixtures::{days_ago, now};
use proptest::prelude::*;
use strum::IntoEnumIterator;

fn any_posture() -> impl Strategy<Value = Option<Posture>> {
    prop_oneof![
        Just(None),
        Just(Some(Posture::NotApplicable)),
        any::<bool>().prop_map(|weak| Some(Posture::Compliant { weak })),
        (0_i64..30).prop_map(|days| Some(Posture::InGrace { deadline: days_ahead(days) })),
        (0_i64..30).prop_map(|days| Some(Posture::Overdue { deadline: days_ago(days) })),
        Just(Some(Posture::Exempt(Exemption::Name))),
        Just(Some(Posture::Exempt(Exemption::Path))),
        Just(Some(Posture::Exempt(Exemption::Until("2026-11-30".parse().unwrap())))),
    ]
}

fn any_factors() -> impl Strategy<Value = Factors> {
    prop_oneof![
        Just(Factors::None),
        Just(Factors::VirtualAtLeast),
        Just(Factors::NotVirtual),
        any::<(bool, bool, bool)>().prop_map(|(virtual_app, security_key, hardware_token)| {
            Factors::Known { virtual_app, security_key, hardware_token }
        }),
    ]
}

fn any_root() -> impl Strategy<Value = RootStatus> {
    let last_used = prop_oneof![
        Just(LastUse::Never),
        Just(LastUse::Unknown),
        (0_i64..50).prop_map(|hours| LastUse::At(now() - SignedDuration::from_hours(hours))),
    ];
    (prop::sample::select(RootMfa::iter().collect::<Vec<_>>()), any::<bool>(), last_used)
        .prop_map(|(mfa, access_keys, last_used)| RootStatus { mfa, access_keys, last_used, devices: None })
}

prop_compose! {
    fn any_status()(
        name in "[a-zA-Z0-9+=,.@_-]{1,64}",
        posture in any_posture(),
        factors in any_factors(),
        console: bool,
        contained: bool,
        contained_by_sweep in prop::option::of((0_i64..200).prop_map(days_ago)),
        reachable in prop::sample::select(vec![Reachable::Yes, Reachable::ByText, Reachable::NotYet, Reachable::NoAddress]),
        last_sign_in in prop_oneof![
            Just(LastUse::Never),
            Just(LastUse::Unknown),
            (0_i64..200).prop_map(|days| LastUse::At(days_ago(days))),
        ],
        password_set in prop::option::of((0_i64..200).prop_map(days_ago)),
        findings in prop::collection::vec(prop::sample::select(vec![
            Finding::UnusableEmail, Finding::UnusablePhone, Finding::UnreadableExemption,
        ]), 0..3),
    ) -> UserStatus {
        let id = format!("AIDA{name}");
        UserStatus {
            name, id, posture, console, factors, contained, contained_by_sweep, reachable, last_sign_in,
            password_set, findings, devices: None, episode: None, last_episode: None, exempted: None, rights: None, active_keys: Vec::new(), partition: Partition::Aws,
        }
    }
}

fn everybody() -> impl Strategy<Value = Vec<UserStatus>> {
    prop::collection::vec(any_status(), 0..30)
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_user_has_one_posture(statuses in everybody()) {
        let figures = Figures::of(&statuses, now());
        let postures = figures.compliant + figures.in_grace + figures.overdue + figures.exempt
            + figures.not_applicable + figures.unknown;
        prop_assert_eq!(postures, figures.users);
        prop_assert_eq!(figures.users, statuses.len());
        prop_assert!(figures.overdue_and_free <= figures.overdue);
        prop_assert!(figures.unreachable + figures.unconfirmed + figures.with_mfa <= figures.console);
        prop_assert!(figures.dormant + figures.with_mfa <= figures.console);
        prop_assert!(figures.protected <= figures.need_mfa && figures.need_mfa <= figures.console);
        prop_assert!(figures.weak <= figures.virtual_app + figures.hardware_token);
    }

    #[test]
    fn full_coverage_means_all_have_mfa(statuses in everybody()) {
        let all = statuses.iter().filter(|status| status.console).all(UserStatus::has_mfa);
        match Figures::of(&statuses, now()).coverage() {
            None => prop_assert!(statuses.iter().all(|status| !status.console)),
            Some(coverage) => prop_assert_eq!(coverage.to_string() == "100.0%", all),
        }
    }

    #[test]
    fn full_protection_means_no_password_is_enough(statuses in everybody()) {
        let mut needy = statuses.iter().filter(|status| status.needs_mfa());
        let all = needy.all(UserStatus::is_protected);
        if let Some(protection) = Figures::of(&statuses, now()).protection() {
            prop_assert_eq!(protection.to_string() == "100.0%", all);
        }
    }

    #[test]
    fn coverage_never_rounds_up(part in 0_usize..5000, more in 0_usize..5000) {
        prop_assume!(part + more > 0);
        let whole = part + more;
        let tenths = usize::from(Coverage::of(part, whole).unwrap().tenths());
        prop_assert!(tenths * whole <= part * 1000 && part * 1000 < (tenths + 1) * whole);
    }

    #[test]
    fn memory_round_trips(statuses in everybody(), root in any_root(), days in 0_i64..1000) {
        let digest = after_digest(days_ago(days), &Digest { root, ..digest(statuses) });
        let [sweep, owed] = [Memory::after_sweep, Memory::digest_owed].map(|after| after(now(), Some(&digest)));
        let [first, first_owed] = [Memory::after_sweep, Memory::digest_owed].map(|after| after(now(), None));
        for memory in [digest, sweep, owed, first, first_owed] {
            prop_assert_eq!(Memory::parse(&memory.to_string()), Some(memory));
        }
    }

    #[test]
    fn memory_fits_into_a_tag(count: usize, root in any_root()) {
        let figures = Figures {
            users: count, console: count, with_mfa: count, in_grace: count, overdue: count, contained: count,
            overdue_and_free: count, exempt: count, exempt_ending: count, unknown: count, unreachable: count, unconfirmed: count,
            dormant: count, ..Figures::default()
        };
        let memory = Memory {
            figures: Remembered::of(&figures),
            ..Memory::digest_owed(now(), Some(&after_digest(now(), &Digest { root, ..digest(Vec::new()) })))
        };
        let value = memory.to_string();
        prop_assert_eq!(Memory::parse(&value), Some(memory), "{}", value);
        prop_assert!(value.len() <= 256, "{}", value);
        prop_assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)), "{}", value);
    }

    #[test]
    fn parsing_memory_never_panics(value: String, word in "[a-z]{1,9}=[0-9A-Z:-]{0,30}") {
        let _ = Memory::parse(&value);
        let read = Memory::parse(&format!("2026-11-24T06:00:00Z {word} {value}")).unwrap();
        let _ = is_due(Some(&read), DigestWhen::OnChange, &digest(Vec::new()));
        let _ = render(&digest(Vec::new()), Some(&read));
    }

    #[test]
    fn unchanged_account_is_not_due_again(
        statuses in everybody(),
        root in any_root(),
        before in any_root(),
    ) {
        let digest = Digest { root, ..digest(statuses) };
        let before = after_digest(days_ago(1), &Digest { root: before, ..digest.clone() });
        for before in [None, Some(&before)] {
            let memory = Memory::parse(&Memory::after_digest(&digest, before).to_string()).unwrap();
            for when in [DigestWhen::Daily, DigestWhen::OnChange] {
                prop_assert!(!is_due(Some(&memory), when, &digest));
            }
        }
    }

    #[test]
    fn every_mail_fits_its_width(statuses in everybody()) {
        let rendered = render(&digest(statuses), None);
        let message: serde_json::Value = serde_json::from_str(&rendered.message).unwrap();
        let mail = message["email"].as_str().unwrap();
        prop_assert!(mail.lines().all(|line| line.len() <= 78 && line.is_ascii() && line.trim_end() == line), "{}", mail);
    }
}

#[test]
fn memory_tag_matches_snapshot() {
    let sent = after_digest(now(), &full());
    let owed = Memory::digest_owed(now() + SignedDuration::from_hours(24), Some(&sent));
    insta::assert_snapshot!(format!("{sent}\n{owed}"));
}

#[test]
fn unreadable_memory_fields_are_skipped() {
    let memory = Memory::parse("2026-11-24T06:00:00Z digest=soon users=12 colour=7 console=many").unwrap();
    assert_eq!(memory.digest, None);
    assert_eq!(memory.to_string(), "2026-11-24T06:00:00Z users=12");
    let text = "2026-11-24T06:00:00Z digest=2026-11-23T06:00:00Z owed=perhaps root=somebody+keys users=3";
    assert_eq!(
        Memory::parse(text).unwrap().to_string(),
        "2026-11-24T06:00:00Z digest=2026-11-23T06:00:00Z users=3"
    );
    assert_eq!(Memory::parse("2026-11-24T06:00:00Z root=unknown").unwrap().root, None);
    assert_eq!(Memory::parse("by hand"), None);
    assert_eq!(Memory::parse(""), None);
}
