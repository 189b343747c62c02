//! The sections of the mail, in the order in which an administrator wants to read them.

use super::digest_phrases::{keys, kinds, last_sign_in, minute, status_name};
use super::layout::plain;
use super::section::{ERROR_LIMIT, FINDING_LIMIT, NAME_LIMIT, Section, name};
use super::view::View;
use super::{AccountFinding, ChangeKind, UserChange, UserStatus};
use crate::counted::counted;
use crate::episode::Episode;
use crate::posture::Exemption;
use crate::rights::Rights;
use crate::settings::Mode;
use jiff::Timestamp;

/// All sections that are not empty, with at most `cap` users each.
pub(super) fn all(view: &View, cap: usize) -> Vec<Section> {
    let mut sections = done(view, cap);
    sections.extend(not_done(view, cap));
    sections.extend(without_mfa(view, cap));
    sections.extend(to_improve(view, cap));
    sections.retain(|section| section.count > 0);
    sections
}

fn done(view: &View, cap: usize) -> Vec<Section> {
    let result = |title, what| {
        let head = &["User", "Episode", "Status now"];
        Section::of(title, head, &view.lists.result(what), cap, |change: &UserChange| {
            let now = view.lists.status_of(change);
            let name = now.map_or_else(|| name(&change.name), who);
            vec![name, id(change.episode.as_ref()), now.map_or("deleted", status_name).to_owned()]
        })
    };
    let withheld = match view.digest.mode {
        Mode::Observe => "set MODE to notify to have users told, or to enforce to have all of this done.",
        Mode::Notify => "set MODE to enforce to have this done.",
        Mode::Enforce => "",
    };
    let released = match view.lists.released_by_exemption().len() {
        0 => String::new(),
        count => format!("check those who are exempt now ({count}): below is who exempted whom, and why."),
    };
    vec![
        result("Quarantined by sweeps", ChangeKind::Contained).with_to_do(
            "nothing if you expected this: users are released as soon as they enrol an MFA device. Otherwise, ask \
             them.",
        ),
        result("Due for quarantine, waiting", ChangeKind::Waiting).with_to_do(
            "find out why so many are due at once; a setting may be wrong. If all of it is right, raise \
             MAX_QUARANTINES, or set it to 0 for one sweep. Otherwise they follow within days.",
        ),
        result("Quarantine repaired by this sweep", ChangeKind::Repaired).with_to_do(
            "if somebody lifted the quarantine by hand, exempt the user first (the tag \
             mfa-enforcer:exempt-until, with a date); otherwise it comes back.",
        ),
        result("Released by sweeps", ChangeKind::Released)
            .and_more(view.digest.result.released_unnamed)
            .with_to_do(released),
        result("Sent a notice by this sweep", ChangeKind::Told),
        result("Still quarantined because of MODE", ChangeKind::StaysContained).with_to_do(
            "set MODE to notify or enforce to have them released; in mode observe nothing is changed.",
        ),
        result("Withheld by MODE", ChangeKind::Withheld).with_to_do(withheld),
    ]
}

fn not_done(view: &View, cap: usize) -> Vec<Section> {
    let result = &view.digest.result;
    let alerts: Vec<&str> = view.digest.alerts_subscribers.finding().into_iter().collect();
    let findings: Vec<&AccountFinding> = result.findings.iter().collect();
    let failures: Vec<&str> = result.failures.iter().map(String::as_str).collect();
    let remaining: Vec<&str> = result.remaining.iter().map(String::as_str).collect();
    let look = "search the log for the reference of this sweep; it names the calls that failed. The next sweep \
                tries again.";
    vec![
        Section::of("Alerts topic", &["What is wrong"], &alerts, cap.max(1), |text| vec![text.to_owned()]).with_to_do(
            "subscribe an address or a chat channel to the alerts topic, and confirm it: SNS delivers nothing \
             before. If the subscriptions could not be listed, check the sweep's permission for \
             sns:ListSubscriptionsByTopic.",
        ),
        Section::of("To fix in the account", &["What is wrong"], &findings, cap, |finding| {
            vec![plain(&finding.to_string(), FINDING_LIMIT)]
        })
        .with_to_do("follow the runbook, Findings about the account."),
        Section::of(
            "Failed",
            &["User", "Episode", "Error"],
            &view.lists.result(ChangeKind::Failed),
            cap,
            |change: &UserChange| {
                let error = plain(&change.error, ERROR_LIMIT);
                vec![name(&change.name), id(change.episode.as_ref()), error]
            },
        )
        .with_to_do(look),
        Section::of("Other failures", &["What"], &failures, cap, |text| vec![plain(text, ERROR_LIMIT)])
            .with_to_do(look),
        Section::of("Left for the next run", &["User"], &remaining, cap, |user| vec![name(user)])
            .with_note(format!(
                "The next run continues with {}, in this order.",
                counted(remaining.len(), "user")
            ))
            .with_to_do("nothing, unless this appears every day: then give the sweep function more time."),
    ]
}

fn without_mfa(view: &View, cap: usize) -> Vec<Section> {
    let lists = &view.lists;
    let overdue = match view.digest.mode {
        Mode::Observe => {
            "ask these users to enrol a device. In mode observe they are neither told nor quarantined."
        }
        Mode::Notify => "ask these users to enrol a device. In mode notify nobody is quarantined.",
        Mode::Enforce => "see above why this sweep could not quarantine them; the next one tries again.",
    };
    let signed_in = |status: &UserStatus| vec![who(status), last_sign_in(status)];
    let deadline = |status: &UserStatus| {
        let deadline = status.deadline().map(minute).unwrap_or_default();
        let also = if status.contained { ", quarantined" } else { "" };
        vec![who(status), id(status.episode.as_ref()), format!("{deadline}{also}")]
    };
    let status = |status: &UserStatus| vec![who(status), status_name(status).to_owned()];
    vec![
        Section::of("Waiting for an approval", &["User", "Episode", "Devices"], &lists.awaiting, cap, |status| {
            vec![who(status), id(status.episode.as_ref()), kinds(status.factors)]
        })
        .with_to_do(
            "ask each, in person or by phone, whether the device is theirs. If so, somebody else sets the tag \
             mfa-enforcer:approved on the user (any value); the runbook says what else to check.",
        ),
        Section::of(
            "Overdue and not quarantined",
            &["User", "Episode", "Deadline was (UTC)"],
            &lists.overdue_and_free(),
            cap,
            deadline,
        )
        .with_to_do(overdue),
        Section::of(
            "Quarantined",
            &["User", "Episode", "Last sign-in", "Active keys"],
            &lists.contained,
            cap,
            |status| {
                vec![who(status), id(status.episode.as_ref()), last_sign_in(status), keys(status, view.digest.at)]
            },
        )
        .with_to_do(
            "ask those who stay here for long to enrol a device, which releases them. Users who do not need the \
             console do not need a password either.",
        ),
        Section::of("In grace", &["User", "Episode", "Deadline (UTC)"], &lists.in_grace, cap, deadline),
        Section::of("No address known", &["User", "Status"], &lists.unreachable, cap, status).with_to_do(
            format!("add {} for each. Until then, tell them yourself.", addresses(view)),
        ),
        Section::of(
            "Not reached by the last message",
            &["User", "Status"],
            &lists.unconfirmed,
            cap,
            status,
        )
        .with_to_do(
            "ask each to confirm the mail from AWS Notifications, or correct the address. Until then, tell \
             them yourself, even where a text message was handed over to SNS.",
        ),
        Section::of("Text messages only", &["User", "Status"], &lists.text_only, cap, status).with_to_do(
            "add an e-mail address (the contact tag) for each. Text messages are handed over to SNS, which does \
             not say whether they arrive.",
        ),
        Section::of(
            "Dormant: no MFA, no sign-in for 90 days",
            &["User", "Last sign-in", "Status"],
            &lists.dormant,
            cap,
            |status| [signed_in(status), vec![status_name(status).to_owned()]].concat(),
        )
        .with_to_do("remove the console passwords of users who do not need them."),
    ]
}

fn to_improve(view: &View, cap: usize) -> Vec<Section> {
    let lists = &view.lists;
    let ending = if view.figures.exempt_ending > 0 {
        "ask those whose exemption ends soon to enrol a device now, or set a later date."
    } else {
        ""
    };
    vec![
        Section::of("Exempt", &["User", "MFA", "By", "Until", "Set by", "Why"], &lists.exempt, cap, |status| {
            let [by, until] = exemption(status, view.digest.at);
            let [set_by, why] = decision(status, view);
            let mfa = if status.has_mfa() { "yes" } else { "no" };
            vec![who(status), mfa.to_owned(), by, until, set_by, why]
        })
        .with_to_do(ending),
        Section::of("Weak factor only", &["User", "Devices"], &lists.weak, cap, |status| {
            vec![who(status), kinds(status.factors)]
        })
        .with_to_do("ask them to add a passkey or security key, the only kind that resists phishing."),
        Section::of("Unknown", &["User"], &lists.unknown, cap, |status| vec![who(status)]).with_to_do(
            "nothing now; the next sweep checks again. If the same user is listed then, look at the log.",
        ),
        Section::of("To fix", &["User", "What is wrong"], &lists.findings, cap, |(status, finding)| {
            vec![who(status), finding.to_string()]
        })
        .with_to_do("correct or remove tags that are wrong. Deactivate a key that leaked; the runbook says what else."),
    ]
}

/// The name of a user, and what rights they have.
fn who(status: &UserStatus) -> String {
    let mark = status.rights.and_then(Rights::mark).map(|mark| format!(" ({mark})"));
    format!("{}{}", name(&status.name), mark.unwrap_or_default())
}

/// The id of an episode, as tables show it.
fn id(episode: Option<&Episode>) -> String {
    episode.map(ToString::to_string).unwrap_or_default()
}

/// The ways to reach a user that an administrator can add.
fn addresses(view: &View) -> &'static str {
    if view.digest.partition.traits().text_messages {
        "an e-mail address (the contact tag) or a phone number (the tag phone)"
    } else {
        "an e-mail address (the contact tag)"
    }
}

/// Who exempted the user, and why.
fn decision(status: &UserStatus, view: &View) -> [String; 2] {
    let Some(decision) = &status.exempted else { return [String::new(), String::new()] };
    let who = decision.by.words(&view.digest.statuses);
    [plain(&who, NAME_LIMIT), plain(decision.why.as_deref().unwrap_or_default(), FINDING_LIMIT)]
}

/// What exempts the user, and until when.
fn exemption(status: &UserStatus, at: Timestamp) -> [String; 2] {
    match status.exemption() {
        Some(Exemption::Name) => ["name", "no end"].map(str::to_owned),
        Some(Exemption::Path) => ["path", "no end"].map(str::to_owned),
        Some(Exemption::BreakGlass) => ["break-glass", "no end"].map(str::to_owned),
        Some(Exemption::Until(date)) => {
            let soon = if status.is_exemption_ending(at) { ", ends soon" } else { "" };
            ["tag".to_owned(), format!("{date}{soon}")]
        }
        None => [String::new(), String::new()],
    }
}
