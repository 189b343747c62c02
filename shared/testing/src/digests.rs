//! The status of users, and digests made of them.

use crate::fixtures::{days_ago, now};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::{
    AccountFinding, AlertsSubscribers, ChangeKind, DecidedBy, Decision, Digest, Memory, Reachable,
    SweepResult, UserChange, UserStatus,
};
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::posture::{Exemption, Finding, Posture};
use mfa_enforcer_core::rights::{Power, Rights};
use mfa_enforcer_core::settings::Mode;
use mfa_enforcer_core::snapshot::{Factors, LastUse, ReportedKey, RootMfa, RootStatus};

/// An authenticator app.
pub const PHONE: Factors = Factors::Known { virtual_app: true, security_key: false, hardware_token: false };
/// A security key or passkey.
pub const KEY: Factors = Factors::Known { virtual_app: false, security_key: true, hardware_token: false };
/// Both.
pub const PHONE_AND_KEY: Factors =
    Factors::Known { virtual_app: true, security_key: true, hardware_token: false };
/// A hardware token.
pub const TOKEN: Factors = Factors::Known { virtual_app: false, security_key: false, hardware_token: true };

/// This many days from now.
pub fn days_ahead(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

/// A console user with an address who signed in yesterday.
fn console_user(name: &str, posture: Option<Posture>, factors: Factors) -> UserStatus {
    UserStatus {
        name: name.to_owned(),
        id: format!("AIDAEXAMPLE{}", name.to_uppercase().replace(['.', '@'], "")),
        episode: None,
        last_episode: None,
        posture,
        console: true,
        factors,
        devices: None,
        partition: Partition::Aws,
        contained: false,
        contained_by_sweep: None,
        reachable: Reachable::Yes,
        last_sign_in: LastUse::At(days_ago(1)),
        password_set: Some(days_ago(300)),
        rights: None,
        active_keys: Vec::new(),
        exempted: None,
        findings: Vec::new(),
    }
}

/// A user with these kinds of device.
pub fn with_mfa(name: &str, factors: Factors) -> UserStatus {
    console_user(name, Some(Posture::Compliant { weak: factors == PHONE }), factors)
}

/// A user whose deadline was so many days ago.
pub fn overdue(name: &str, days: i64) -> UserStatus {
    in_episode(console_user(name, Some(Posture::Overdue { deadline: days_ago(days) }), Factors::None))
}

/// A user whose deadline is in so many days.
pub fn in_grace(name: &str, days: i64) -> UserStatus {
    in_episode(console_user(name, Some(Posture::InGrace { deadline: days_ahead(days) }), Factors::None))
}

/// A user who is exempt by the settings.
pub fn exempt(name: &str, exemption: Exemption) -> UserStatus {
    let exempted = Some(Decision { by: DecidedBy::Settings, why: None });
    UserStatus { exempted, ..console_user(name, Some(Posture::Exempt(exemption)), Factors::None) }
}

fn decided_by(id: &str, why: Option<&str>) -> Decision {
    let by = DecidedBy::Principal { id: id.to_owned(), at: days_ago(4) };
    Decision { by, why: why.map(str::to_owned) }
}

/// A user who could not be read.
pub fn not_known(name: &str) -> UserStatus {
    console_user(name, None, Factors::None)
}

/// A user without a console password.
pub fn without_password(name: &str) -> UserStatus {
    UserStatus {
        console: false,
        last_sign_in: LastUse::Unknown,
        password_set: None,
        ..console_user(name, Some(Posture::NotApplicable), Factors::None)
    }
}

/// The same user in quarantine.
pub fn contained(status: UserStatus) -> UserStatus {
    in_episode(UserStatus { contained: true, ..status })
}

fn in_episode(status: UserStatus) -> UserStatus {
    let episode = Some(Episode::beginning(&status.id, days_ago(9)));
    UserStatus { last_episode: episode.clone(), episode, ..status }
}

/// What a sweep did to the user.
pub fn user_change(status: &UserStatus, what: ChangeKind) -> UserChange {
    let error = if what == ChangeKind::Failed { "iam:AttachUserPolicy: AccessDenied" } else { "" };
    let episode = Some(Episode::beginning(&status.id, days_ago(9)));
    let (name, id, error) = (status.name.clone(), status.id.clone(), error.to_owned());
    UserChange { name, id, episode, what, reason: None, error }
}

/// Root, used a month ago.
pub fn root(mfa: RootMfa) -> RootStatus {
    RootStatus { mfa, access_keys: false, last_used: LastUse::At(days_ago(30)), devices: None }
}

/// A sweep in mode `enforce` that did nothing.
pub fn digest(statuses: Vec<UserStatus>) -> Digest {
    Digest {
        account: "123456789012".to_owned(),
        account_name: None,
        partition: Partition::Aws,
        mode: Mode::Enforce,
        sweep: EventId::new("0d1f2a3b-0000-4000-8000-0000000000aa").unwrap(),
        at: now(),
        statuses,
        root: root(RootMfa::NonVirtualOnly),
        alerts_subscribers: AlertsSubscribers::Counted(2),
        result: SweepResult::default(),
        evidence: None,
        sender: None,
    }
}

/// Everybody has MFA, and there was nothing to do.
pub fn quiet() -> Digest {
    digest(vec![with_mfa("alice", KEY), with_mfa("bob", PHONE_AND_KEY), without_password("build-server")])
}

/// What is remembered of this digest, as if it was the first one and sent at this time.
pub fn after_digest(at: Timestamp, digest: &Digest) -> Memory {
    Memory::after_digest(&Digest { at, ..digest.clone() }, None)
}

/// What is remembered of a digest of yesterday, with fewer users.
pub fn yesterday() -> Memory {
    let before = vec![
        with_mfa("alice", KEY),
        with_mfa("bob", PHONE),
        overdue("carol", 1),
        overdue("dave", 1),
        in_grace("erin", 1),
    ];
    after_digest(days_ago(1), &digest(before))
}

/// Rights under a boundary. Ordinary ones are not known in full.
fn rights(power: Power) -> Rights {
    Rights { power, is_partly_unread: power == Power::Ordinary, has_boundary: true }
}

/// A digest in which no section is empty.
pub fn full() -> Digest {
    let mut carol = contained(overdue("carol", 9));
    let key = |number, rotated, used| ReportedKey { number, active: true, rotated, used };
    carol.active_keys = vec![
        key(1, Some(days_ago(420)), LastUse::At(days_ago(2))),
        key(2, Some(days_ago(3)), LastUse::Never),
    ];
    let mut dave = contained(overdue("dave", 3));
    dave.rights = Some(rights(Power::NearlyEverything));
    dave.reachable = Reachable::NotYet;
    let mut erin = overdue("erin", 2);
    erin.reachable = Reachable::NoAddress;
    erin.findings = vec![Finding::UnusableEmail, Finding::ExpiredExemption("2026-11-20".parse().unwrap())];
    let mut frank = in_grace("frank", 6);
    frank.last_sign_in = LastUse::Never;
    frank.password_set = Some(days_ago(1));
    let grace = UserStatus { reachable: Reachable::ByText, ..in_grace("grace", 2) };
    let mut heidi = overdue("heidi", 200);
    heidi.last_sign_in = LastUse::Never;
    let mut ivan = overdue("ivan", 30);
    ivan.rights = Some(rights(Power::Everything));
    ivan.findings = vec![Finding::AdministratorWithoutMfa { has_boundary: true }];
    ivan.last_sign_in = LastUse::At(days_ago(120));
    let mut soon = exempt("judy", Exemption::Until("2026-12-01".parse().unwrap()));
    soon.exempted = Some(decided_by("AIDAEXAMPLEALICE", Some("TICKET-7 until the token has arrived")));
    let mut late = exempt("ken", Exemption::Until("2029-12-31".parse().unwrap()));
    late.findings =
        vec![Finding::LongExemption("2029-12-31".parse().unwrap()), Finding::ExemptionWithoutReason];
    late.exempted = Some(Decision { by: DecidedBy::Unknown, why: None });
    let mut moved = exempt("builder", Exemption::Path);
    moved.exempted = Some(decided_by("AROAEXAMPLE:dan,dee@example.com", None));
    let mut own = overdue("eve", 4);
    own.rights = Some(rights(Power::Ordinary));
    own.findings = vec![Finding::SelfGrantedExemption, Finding::RightsUnknown];
    let mut covered = exempt("break-glass", Exemption::Path);
    covered.factors = KEY;
    let mut topics = with_mfa("niaj.with.a.rather.long.name@example.com", PHONE);
    topics.findings = vec![Finding::UnusablePhone];
    let unreadable = UserStatus {
        findings: vec![Finding::UnreadableExemption],
        ..with_mfa("olivia", Factors::NotVirtual)
    };
    let released = with_mfa("mallory", Factors::VirtualAtLeast);
    let result = SweepResult {
        users: vec![
            user_change(&carol, ChangeKind::Contained),
            user_change(&dave, ChangeKind::Repaired),
            user_change(&released, ChangeKind::Released),
            user_change(&soon, ChangeKind::Released),
            user_change(&frank, ChangeKind::Told),
            user_change(&grace, ChangeKind::Told),
            user_change(&erin, ChangeKind::Failed),
        ],
        released_unnamed: 3,
        topics_deleted: 2,
        findings: vec![AccountFinding::HistoryUnreadable("cloudtrail:LookupEvents failed".to_owned())],
        failures: vec!["sns:ListTopics: Throttled".to_owned()],
        remaining: vec!["heidi".to_owned(), "ivan".to_owned()],
    };
    let statuses = vec![
        with_mfa("alice", KEY),
        with_mfa("bob", PHONE_AND_KEY),
        carol,
        dave,
        erin,
        frank,
        grace,
        heidi,
        ivan,
        soon,
        late,
        covered,
        moved,
        own,
        exempt("robot", Exemption::Name),
        released,
        with_mfa("trent", TOKEN),
        topics,
        unreadable,
        not_known("peggy"),
        without_password("build-server"),
    ];
    Digest {
        result,
        root: RootStatus {
            devices: None,
            mfa: RootMfa::VirtualPresent,
            access_keys: true,
            last_used: LastUse::At(now() - SignedDuration::from_hours(5)),
        },
        ..digest(statuses)
    }
}

/// A digest in mode `observe`.
pub fn observed() -> Digest {
    let users = [overdue("carol", 9), overdue("dave", 3), in_grace("frank", 6)];
    let users_of = users.iter().map(|status| user_change(status, ChangeKind::Withheld)).collect();
    Digest {
        mode: Mode::Observe,
        root: root(RootMfa::Missing),
        result: SweepResult { users: users_of, ..SweepResult::default() },
        ..digest(users.into_iter().chain([with_mfa("alice", Factors::VirtualAtLeast)]).collect())
    }
}

/// As many users as IAM allows, with the longest names, on every list at once.
pub fn crowded() -> Digest {
    let user = |number: usize| {
        let name = format!("{:x<60}{number:04}", "");
        let posture = match number % 5 {
            0 => Posture::Compliant { weak: true },
            1 => Posture::InGrace { deadline: days_ahead(3) },
            2 => Posture::Exempt(Exemption::Until("2026-12-01".parse().unwrap())),
            _ => Posture::Overdue { deadline: days_ago(3) },
        };
        let factors = if number.is_multiple_of(5) { PHONE } else { Factors::None };
        UserStatus {
            id: format!("AIDA{number:0>124}"),
            contained: number % 5 == 3,
            reachable: if number.is_multiple_of(2) { Reachable::NoAddress } else { Reachable::NotYet },
            last_sign_in: LastUse::At(days_ago(400)),
            findings: vec![Finding::UnusableEmail, Finding::UnusablePhone, Finding::UnreadableExemption],
            ..console_user(&name, Some(posture), factors)
        }
    };
    let statuses: Vec<UserStatus> = (0..5000).map(user).collect();
    let kinds = [
        ChangeKind::Failed,
        ChangeKind::Contained,
        ChangeKind::Repaired,
        ChangeKind::Released,
        ChangeKind::Told,
        ChangeKind::Withheld,
    ];
    let every = |what| {
        let long = |status| UserChange { error: "\"\\".repeat(300), ..user_change(status, what) };
        statuses.iter().map(long).collect::<Vec<_>>()
    };
    let result = SweepResult {
        users: kinds.into_iter().flat_map(every).collect(),
        released_unnamed: 5000,
        topics_deleted: 5000,
        findings: vec![AccountFinding::HistoryUnreadable("\u{1F512}\n".repeat(300)); 5000],
        failures: vec!["\u{1F512}\n".repeat(300); 5000],
        remaining: statuses.iter().map(|status| status.name.clone()).collect(),
    };
    Digest { result, root: root(RootMfa::Missing), ..digest(statuses) }
}
