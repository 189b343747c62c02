//! When a sweep sends a digest.

use crate::snapshot_fixtures::alice_with;
use jiff::Timestamp;
use mfa_enforcer_core::digest::{
    AccountFinding, ChangeKind, Digest, Memory, Released, SweepResult, UserStatus, is_due,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_core::settings::{DigestWhen, Mode};
use mfa_enforcer_core::snapshot::{LastUse, RootMfa, RootStatus};
use mfa_enforcer_core::sweep::status_after;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::digests::{
    KEY, PHONE, after_digest, contained, digest, exempt, overdue, quiet, root, user_change, with_mfa,
};
use mfa_enforcer_testing::fixtures::{self, GROUP, decided, now, settings, with_tag};
use mfa_enforcer_testing::plans::after;
use rstest::rstest;
use strum::IntoEnumIterator;

const MONDAY: &str = "2026-11-23T06:00:00Z";
const TUESDAY: &str = "2026-11-24T06:00:00Z";
const WEEKLY: DigestWhen = DigestWhen::Weekly(jiff::civil::Weekday::Monday);

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// The digest of a sweep at `now` with this result, in an account without changes.
fn swept(now: &str, result: &SweepResult) -> Digest {
    Digest { at: at(now), result: result.clone(), ..quiet() }
}

/// The digest of a sweep on Tuesday that did nothing.
fn tuesday() -> Digest {
    swept(TUESDAY, &SweepResult::default())
}

/// Whether a sweep at `now` with this result sends a digest, if the last one was sent at `last`.
fn due(last: &str, when: DigestWhen, now: &str, result: &SweepResult) -> bool {
    is_due(Some(&after_digest(at(last), &quiet())), when, &swept(now, result))
}

/// Whether Tuesday's digest is due on change, after Monday's.
fn has_changed(monday: &Digest, tuesday: &Digest) -> bool {
    is_due(Some(&after_digest(at(MONDAY), monday)), DigestWhen::OnChange, tuesday)
}

fn result(what: ChangeKind) -> SweepResult {
    SweepResult { users: vec![user_change(&overdue("carol", 1), what)], ..SweepResult::default() }
}

#[rstest]
#[case::daily_on_the_same_day(DigestWhen::Daily, "2026-11-24T00:00:01Z", "2026-11-24T19:59:59Z", false)]
#[case::daily_after_midnight(DigestWhen::Daily, "2026-11-23T23:59:59Z", "2026-11-24T00:00:01Z", false)]
#[case::daily_on_the_next_day(DigestWhen::Daily, MONDAY, TUESDAY, true)]
#[case::daily_twice_on_one_day_of_utc(
    DigestWhen::Daily,
    "2026-03-29T00:30:00Z",
    "2026-03-29T23:30:00Z",
    true
)]
#[case::weekly_on_its_day(WEEKLY, "2026-11-16T06:00:00Z", MONDAY, true)]
#[case::weekly_on_its_day_again(WEEKLY, MONDAY, "2026-11-23T18:00:00Z", false)]
#[case::weekly_on_another_day(WEEKLY, MONDAY, TUESDAY, false)]
#[case::weekly_on_the_eve(WEEKLY, "2026-11-17T06:00:00Z", "2026-11-22T06:00:00Z", false)]
#[case::missed_monday_is_sent_on_tuesday(WEEKLY, "2026-11-16T06:00:00Z", TUESDAY, true)]
#[case::missed_monday_after_extra_digest(WEEKLY, "2026-11-19T06:00:00Z", TUESDAY, true)]
#[case::on_change_without_a_change(DigestWhen::OnChange, "2026-11-02T06:00:00Z", TUESDAY, false)]
#[case::future_digest_is_ignored(DigestWhen::OnChange, "2026-11-24T06:06:00Z", TUESDAY, true)]
#[case::small_clock_difference_is_allowed(DigestWhen::OnChange, "2026-11-24T06:04:00Z", TUESDAY, false)]
fn quiet_sweep_follows_the_schedule(
    #[case] when: DigestWhen,
    #[case] last: &str,
    #[case] now: &str,
    #[case] expected: bool,
) {
    for quiet in [SweepResult::default(), result(ChangeKind::Told), result(ChangeKind::Withheld)] {
        assert_eq!(due(last, when, now, &quiet), expected, "{quiet:?}");
    }
}

#[test]
fn changed_figure_is_due_on_change() {
    let changed = |status| has_changed(&quiet(), &Digest { statuses: with(status), ..tuesday() });
    assert!(changed(with_mfa("carol", KEY)));
    assert!(!has_changed(&quiet(), &tuesday()));
    let [fewer, more] =
        [PHONE, KEY].map(|factors| Digest { at: at(TUESDAY), ..digest(vec![with_mfa("alice", factors)]) });
    assert!(!has_changed(&fewer, &more), "the known kinds depend on how much a sweep looks up");
}

/// The users of the quiet account, and one more.
fn with(status: UserStatus) -> Vec<UserStatus> {
    quiet().statuses.into_iter().chain([status]).collect()
}

#[test]
fn ending_exemption_is_due_on_change() {
    let until = |date: &str| exempt("carol", Exemption::Until(date.parse().unwrap()));
    let changed = |date| {
        let [monday, tuesday] =
            [MONDAY, TUESDAY].map(|time| Digest { at: at(time), statuses: with(until(date)), ..quiet() });
        has_changed(&monday, &tuesday)
    };
    assert!(changed("2026-12-01"), "in 8 days, then in 7");
    assert!(!changed("2026-12-02"));
    assert!(!changed("2026-11-30"));
}

fn with_root(mfa: RootMfa, access_keys: bool) -> Digest {
    Digest { root: RootStatus { access_keys, ..root(mfa) }, ..tuesday() }
}

#[test]
fn changed_root_is_due_on_change() {
    let known: Vec<Digest> = RootMfa::iter()
        .filter(|mfa| *mfa != RootMfa::Unknown)
        .flat_map(|mfa| [with_root(mfa, false), with_root(mfa, true)])
        .collect();
    for (before, monday) in known.iter().enumerate() {
        for (after, tuesday) in known.iter().enumerate() {
            let changed = has_changed(monday, tuesday);
            assert_eq!(changed, before != after, "{:?} {:?}", monday.root, tuesday.root);
        }
    }
}

#[test]
fn unknown_root_is_not_a_change() {
    let [key, phone] = [RootMfa::NonVirtualOnly, RootMfa::VirtualPresent].map(|mfa| with_root(mfa, true));
    let unknown = with_root(RootMfa::Unknown, false);
    assert!(!has_changed(&key, &unknown));
    // Once root is known again, it is compared with what was known before.
    let monday = after_digest(at(MONDAY), &key);
    let between = Memory::after_digest(&Digest { at: at(TUESDAY), ..unknown.clone() }, Some(&monday));
    let due = |digest| is_due(Some(&between), DigestWhen::OnChange, &digest);
    assert!(!due(unknown.clone()) && !due(key.clone()) && due(phone));
    assert!(has_changed(&unknown, &key), "the last digest did not know root");
}

#[rstest]
#[case::never(LastUse::Never, false)]
#[case::unknown(LastUse::Unknown, false)]
#[case::long_ago(LastUse::At(at("2026-11-23T01:59:00Z")), false)]
#[case::in_the_gap_of_the_last_report(LastUse::At(at("2026-11-23T02:01:00Z")), true)]
#[case::since_then(LastUse::At(at("2026-11-24T01:00:00Z")), true)]
#[case::in_the_gap_of_this_report(LastUse::At(at("2026-11-24T03:00:00Z")), true)]
fn root_use_is_due_on_change(#[case] last_used: LastUse, #[case] expected: bool) {
    let used = Digest { root: RootStatus { last_used, ..quiet().root }, ..tuesday() };
    assert_eq!(has_changed(&quiet(), &used), expected);
    // It is reported once, even if there are more sweeps that day.
    let memory = Memory::after_digest(&used, None);
    for now in [TUESDAY, "2026-11-24T06:01:00Z", "2026-11-24T23:00:00Z"] {
        assert!(!is_due(Some(&memory), DigestWhen::OnChange, &Digest { at: at(now), ..used.clone() }));
    }
}

#[test]
fn root_use_after_digest_is_due_that_day() {
    let used = RootStatus { last_used: LastUse::At(at("2026-11-24T06:01:00Z")), ..quiet().root };
    let evening = Digest { root: used, ..swept("2026-11-24T18:00:00Z", &SweepResult::default()) };
    assert!(is_due(Some(&after_digest(at(TUESDAY), &quiet())), DigestWhen::OnChange, &evening));
}

#[rstest]
#[case::by_a_sweep_without_digest("2026-11-24T05:59:00Z", true)]
#[case::one_second_after_last_digest("2026-11-23T06:00:01Z", true)]
#[case::same_second_as_last_digest(MONDAY, false)]
#[case::later_in_the_same_second("2026-11-23T06:00:00.9Z", false)]
#[case::before_the_last_digest("2026-11-22T06:00:00Z", false)]
#[case::right_now(TUESDAY, true)]
#[case::in_the_future("2026-11-24T06:00:01Z", false)]
fn unreported_containment_is_due(#[case] since: &str, #[case] expected: bool) {
    let carol = UserStatus { contained_by_sweep: Some(at(since)), ..contained(overdue("carol", 1)) };
    let digest = Digest { statuses: with(carol), ..tuesday() };
    // Tags hold whole seconds, so the second of the digest counts as before it.
    let monday = Digest { at: at("2026-11-23T06:00:00.1Z"), ..digest.clone() };
    for mode in [Mode::Observe, Mode::Notify, Mode::Enforce] {
        for when in [WEEKLY, DigestWhen::OnChange] {
            let memory = Memory::after_digest(&monday, None);
            assert_eq!(is_due(Some(&memory), when, &Digest { mode, ..digest.clone() }), expected);
        }
    }
    // Once reported, it is not due again, unless its time was still in the future.
    let reported = Memory::after_digest(&digest, None);
    let wednesday = Digest { at: at("2026-11-25T06:00:00Z"), ..digest };
    assert_eq!(is_due(Some(&reported), WEEKLY, &wednesday), at(since) > at(TUESDAY));
}

#[test]
fn only_unreported_containments_are_told_later() {
    let monday = after_digest(at(MONDAY), &quiet());
    let by_sweep = |name: &str, since: &str| UserStatus {
        contained_by_sweep: Some(at(since)),
        ..contained(overdue(name, 1))
    };
    let statuses = [
        overdue("alice", 1),
        contained(overdue("bob", 1)),
        by_sweep("carol", "2026-11-23T07:00:00Z"),
        by_sweep("dave", "2026-11-22T07:00:00Z"),
        by_sweep("erin", MONDAY),
    ];
    let told = |result: SweepResult| -> Vec<(String, ChangeKind)> {
        let result = result.and_earlier(&statuses, Some(&monday), &Released::default(), at(TUESDAY));
        result.users.into_iter().map(|change| (change.name, change.what)).collect()
    };
    let carol = vec![("carol".to_owned(), ChangeKind::Contained)];
    assert_eq!(told(SweepResult::default()), carol);
    // What this sweep did itself is not told twice.
    assert_eq!(told(result(ChangeKind::Contained)), carol);
    // A message or a failure says nothing of the quarantine.
    for other in [ChangeKind::Told, ChangeKind::Failed] {
        assert_eq!(told(result(other)), [vec![("carol".to_owned(), other)], carol.clone()].concat());
    }
}

#[test]
fn tag_tells_containment_by_sweep() {
    let stands =
        |user: &UserFacts| status_after(user, &alice_with(&[]), &settings(), now()).contained_by_sweep;
    let user = fixtures::warned();
    let by_sweep = after(&user, &decided("Sweep", &user).steps);
    assert_eq!(stands(&by_sweep), Some(now()));
    assert_eq!(stands(&after(&user, &decided("ConsoleLogin", &user).steps)), None);
    let undone = UserFacts { attached_policies: Vec::new(), groups: Vec::new(), ..by_sweep.clone() };
    assert_eq!(stands(&undone), None, "the tag alone does not contain");
    let in_group = UserFacts { groups: vec![GROUP.to_owned()], ..undone };
    assert_eq!(stands(&in_group), Some(now()));
    for value in ["", "by hand", "event=sweep-1", "soon event=sweep-1", "2026-11-24T06:00:00Z reason=sweep-1"]
    {
        assert_eq!(stands(&with_tag(by_sweep.clone(), UserTag::Quarantined.key(), value)), None, "{value}");
    }
    let mut untagged = by_sweep;
    untagged.tags.clear();
    assert_eq!(stands(&untagged), None);
}

#[test]
fn unsent_digest_stays_due() {
    for when in [DigestWhen::Daily, WEEKLY, DigestWhen::OnChange] {
        let before = after_digest(at(MONDAY), &quiet());
        let owed = Memory::digest_owed(at(TUESDAY), Some(&before));
        let later = swept("2026-11-24T06:01:00Z", &SweepResult::default());
        assert!(is_due(Some(&owed), when, &later), "{when:?}");
        assert!(is_due(Some(&Memory::digest_owed(at(TUESDAY), Some(&owed))), when, &later), "{when:?}");
        assert!(!is_due(Some(&Memory::after_digest(&later, Some(&owed))), when, &later), "{when:?}");
        assert_eq!(
            (owed.digest, owed.figures),
            (before.digest, before.figures),
            "the comparison stays the same"
        );
    }
}

#[test]
fn changes_by_sweep_are_always_due() {
    for what in [ChangeKind::Contained, ChangeKind::Repaired, ChangeKind::Released] {
        assert!(due(TUESDAY, DigestWhen::OnChange, TUESDAY, &result(what)), "{what:?}");
    }
    let unnamed = SweepResult { released_unnamed: 1, ..SweepResult::default() };
    assert!(due(TUESDAY, DigestWhen::OnChange, TUESDAY, &unnamed), "released by hourly sweeps");
}

#[test]
fn failures_are_due_once_a_day() {
    let failures =
        SweepResult { failures: vec!["sns:ListTopics: Throttled".to_owned()], ..SweepResult::default() };
    let remaining = SweepResult { remaining: vec!["carol".to_owned()], ..SweepResult::default() };
    for left in [result(ChangeKind::Failed), failures, remaining] {
        for when in [DigestWhen::Daily, WEEKLY, DigestWhen::OnChange] {
            assert!(due(MONDAY, when, TUESDAY, &left), "{left:?}");
            assert!(!due(TUESDAY, when, TUESDAY, &left), "{left:?}");
        }
    }
}

#[rstest]
#[case(AccountFinding::ExemptsNobody { setting: "EXEMPT_USERS", entry: "robot".to_owned() }, false)]
#[case(AccountFinding::StackInProgress(fixtures::POLICY.to_owned()), false)]
#[case(AccountFinding::ReviewOpen(None), false)]
#[case(AccountFinding::NoTrail, true)]
#[case(AccountFinding::HistoryCutOff, true)]
fn finding_that_can_wait_is_not_due(#[case] finding: AccountFinding, #[case] expected: bool) {
    let found = SweepResult { findings: vec![finding], ..SweepResult::default() };
    assert_eq!(due(MONDAY, DigestWhen::OnChange, TUESDAY, &found), expected);
}

#[test]
fn first_digest_is_due() {
    let before = Memory::after_sweep(at(MONDAY), None);
    for memory in [None, Some(&before)] {
        for when in [DigestWhen::Daily, WEEKLY, DigestWhen::OnChange] {
            assert!(is_due(memory, when, &tuesday()));
        }
    }
}

#[test]
fn idle_repeated_sweep_is_never_due() {
    for when in [DigestWhen::Daily, WEEKLY, DigestWhen::OnChange] {
        assert!(!due(TUESDAY, when, TUESDAY, &SweepResult::default()));
    }
}
