//! An account in any state, made from bytes: a user, the settings, the time.

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use mfa_enforcer_core::decide::OwnStack;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::event::{EventId, Relation};
use mfa_enforcer_core::exemption::{Act, By, ExemptBy, ExemptedBy, Mark};
use mfa_enforcer_core::facts::{
    AccessKeys, Approval, AttachedBy, Attachment, BoundaryText, Mailbox, Removal, RootLedger, Traces,
    UserFacts,
};
use mfa_enforcer_core::policy_text::{Document, OUTPUT};
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion, QuarantineSeen};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::tags::{self, Cause, LastNotice, MailState, NoticeKind, UserTag};
use mfa_enforcer_testing::fixtures::{GROUP, KEY_SERIAL, PHONE_SERIAL, POLICY, overdue, settings_with};
use std::sync::LazyLock;
use strum::IntoEnumIterator;

use crate::oracles::may_be_in_a_tag;

/// ARN of the policy of the narrower scope.
const CONSOLE: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-narrow";

/// ARN of the policy that does not yield to MFA.
const STRICT: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-strict-console";
/// The seconds of the years 1 to 9999. Other years have more than four digits, or a sign.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_207_200;

/// Every combination of what changes a decision most. Reading settings is dear, so it is done once.
static SETTINGS: LazyLock<Vec<Settings>> = LazyLock::new(|| {
    let others: [&[(&str, &str)]; 4] = [
        &[("ADMIN_COPIES", "all"), ("BREAK_GLASS_PATH", "")],
        &[("RELEASE_AFTER", "0s"), ("ENFORCE_FROM", "2026-12-01"), ("MAIL_FROM", "MFA <mfa@example.com>")],
        &[("CONSOLE_POLICY_ARN", CONSOLE), ("QUARANTINE_GROUP_NAME", "")],
        &[("RELEASE", "approval"), ("STRICT_POLICY_ARN", STRICT), ("STRICT_GROUP_NAME", "strict")],
    ];
    let mut all = Vec::new();
    for mode in ["enforce", "notify", "observe"] {
        for scope in ["console", "everything"] {
            for other in others {
                let known = [("MODE", mode), ("QUARANTINE_SCOPE", scope)];
                all.push(settings_with(&[&known, other].concat()));
            }
        }
    }
    all
});

/// Any of the settings.
pub fn any_settings(bytes: &mut Unstructured<'_>) -> Result<&'static Settings> {
    bytes.choose(&SETTINGS)
}

/// A time: mostly within some months of the events, sometimes any.
pub fn any_time(bytes: &mut Unstructured<'_>) -> Result<Timestamp> {
    let base: Timestamp = "2026-11-24T09:05:00Z".parse().expect("a time");
    Ok(match bytes.int_in_range(0..=7)? {
        0 => base,
        1 => Timestamp::from_second(bytes.int_in_range(FIRST..=LAST)?).expect("in range"),
        2 | 3 => base + SignedDuration::from_secs(bytes.int_in_range(-200..=200)?),
        _ => base + SignedDuration::from_mins(bytes.int_in_range(-200_000..=200_000)?),
    })
}

/// A user in any state that IAM allows, and whatever else was looked up about them.
pub fn any_user(bytes: &mut Unstructured<'_>) -> Result<UserFacts> {
    let mut user = overdue();
    user.path = (*bytes.choose(&["/", "/staff/", "/robots/", "/break-glass/x/"])?).to_owned();
    if bool::arbitrary(bytes)? {
        user.created = any_time(bytes)?;
    }
    user.login_profile_created = if bool::arbitrary(bytes)? { Some(any_time(bytes)?) } else { None };
    user.password_used = if bool::arbitrary(bytes)? { Some(any_time(bytes)?) } else { None };
    for serial in [PHONE_SERIAL, KEY_SERIAL, "GAKT12345678"] {
        if bytes.ratio(1, 4)? {
            user.devices.push(MfaDevice { serial: Serial::listed(serial), enabled: any_time(bytes)? });
        }
    }
    for policy in [POLICY, CONSOLE, STRICT, "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"] {
        if bytes.ratio(1, 3)? {
            user.attached_policies.push(policy.to_owned());
        }
    }
    let others = *bytes.choose(&[0, 0, 0, 9, 10])?;
    user.attached_policies.extend((0..others).map(|index| format!("arn:aws:iam::aws:policy/Other{index}")));
    if bytes.ratio(1, 3)? {
        user.groups.push(GROUP.to_uppercase());
    }
    let others = *bytes.choose(&[0, 0, 0, 9, 10])?;
    user.groups.extend((0..others).map(|index| format!("team{index}")));
    user.mailbox = *bytes.choose(&[
        Mailbox::NotLooked,
        Mailbox::NotSubscribed,
        Mailbox::Unconfirmed,
        Mailbox::Confirmed,
    ])?;
    user.attached_by = match bytes.int_in_range(0..=4)? {
        0 => AttachedBy::Unknown,
        1 => AttachedBy::Us(any_time(bytes)?),
        2 => AttachedBy::CutOff(any_time(bytes)?),
        3 => AttachedBy::SomebodyElse,
        _ => AttachedBy::NotFound,
    };
    user.keys = *bytes.choose(&[AccessKeys::NotLooked, AccessKeys::Active, AccessKeys::NoneActive])?;
    user.is_unrecordable = bytes.ratio(1, 8)?;
    user.traces = if bytes.ratio(1, 2)? { Some(any_traces(bytes)?) } else { None };
    user.approval = any_approval(bytes)?;
    user.boundary = any_boundary(bytes)?;
    if bytes.ratio(1, 4)? {
        let (event, time) = (any_id(bytes)?, any_time(bytes)?);
        user.removal = Some(Removal { event, time, before_deployment: bool::arbitrary(bytes)? });
    }
    for tag in UserTag::iter() {
        if bytes.ratio(1, 3)? {
            user.tags.insert(tag.key().to_owned(), any_note(tag, bytes)?);
        }
    }
    for key in [tags::EXEMPT_UNTIL_KEY, tags::APPROVED_KEY, "email", "phone"] {
        if bytes.ratio(1, 4)? {
            let known = ["2026-12-31", "2026-11-24", "alice@example.com", "+15550100123"];
            let value =
                if bool::arbitrary(bytes)? { (*bytes.choose(&known)?).to_owned() } else { any_value(bytes)? };
            user.tags.insert(key.to_owned(), value);
        }
    }
    let others = *bytes.choose(&[0, 0, 0, 50])?;
    user.tags = user
        .tags
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .chain((0..others).map(|index| (format!("tag{index}"), String::new())))
        .take(50)
        .collect();
    // The last, since what exempts is known by the tags.
    if bytes.ratio(1, 4)? {
        user.exempted_by = any_exempted_by(&user, bytes)?;
    }
    Ok(user)
}

/// What the event history tells of a quarantine.
fn any_traces(bytes: &mut Unstructured<'_>) -> Result<Traces> {
    let mut traces = Traces { is_complete: bool::arbitrary(bytes)?, ..Traces::default() };
    for _ in 0..bytes.int_in_range(0..=2)? {
        let what = (*bytes.choose(&[POLICY, CONSOLE, STRICT, GROUP])?).to_owned();
        traces.attachments.push(Attachment { at: any_time(bytes)?, what, by_us: bool::arbitrary(bytes)? });
    }
    for _ in 0..bytes.int_in_range(0..=2)? {
        traces.records.push((any_time(bytes)?, any_note(UserTag::Quarantined, bytes)?));
    }
    traces.attachments.sort_by_key(|one| std::cmp::Reverse(one.at));
    traces.records.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(traces)
}

fn any_approval(bytes: &mut Unstructured<'_>) -> Result<Approval> {
    let by = *bytes.choose(&[Relation::Oneself, Relation::SomebodyElse, Relation::Unknown])?;
    Ok(match bytes.int_in_range(0..=3)? {
        0 => Approval::NotFound,
        1 => Approval::Set { by, at: any_time(bytes)?, event: any_id(bytes)? },
        _ => Approval::NotLooked,
    })
}

fn any_boundary(bytes: &mut Unstructured<'_>) -> Result<BoundaryText> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 => BoundaryText::Unreadable,
        1 => BoundaryText::Document(any_document(bytes)?),
        _ => BoundaryText::NotLooked,
    })
}

/// A policy document: one of the quarantine's, or any text.
fn any_document(bytes: &mut Unstructured<'_>) -> Result<String> {
    let known: Vec<Document> = Document::iter().collect();
    Ok(if bool::arbitrary(bytes)? {
        bytes.choose(&known)?.text().to_owned()
    } else {
        String::arbitrary(bytes)?
    })
}

/// What exempts or exempted the user, or somebody of that name.
fn any_mark(user: &UserFacts, bytes: &mut Unstructured<'_>) -> Result<Mark> {
    let value = user.tags.get(tags::EXEMPT_UNTIL_KEY).unwrap_or("2026-12-31");
    Ok(match bytes.int_in_range(0..=5)? {
        0 => Mark::of_name(user.name.as_str()),
        1 => Mark::of_path(&user.path),
        2 => Mark::no_tag(),
        3 => Mark::no_path(),
        _ => Mark::of_tag(value),
    })
}

/// An act that exempts the user.
pub fn any_act(user: &UserFacts, bytes: &mut Unstructured<'_>) -> Result<Act> {
    let by = match bytes.int_in_range(0..=4)? {
        0 => By::principal(&user.id),
        1 => By::principal(&String::arbitrary(bytes)?),
        2 => By::Seen,
        3 => By::Unknown,
        _ => By::principal("AIDAEXAMPLECAROL"),
    };
    let event = if bool::arbitrary(bytes)? { Some(any_id(bytes)?) } else { None };
    Ok(Act { at: any_time(bytes)?, by, event, of: any_mark(user, bytes)? })
}

fn any_exempted_by(user: &UserFacts, bytes: &mut Unstructured<'_>) -> Result<ExemptedBy> {
    let read = if bytes.ratio(3, 4)? { Some(any_time(bytes)?) } else { None };
    let acts = (0..bytes.int_in_range(0..=3)?).map(|_| any_act(user, bytes)).collect::<Result<_>>()?;
    let note = user.tag(UserTag::ExemptBy).map(str::to_owned);
    let (our_note, forged_note) = match bytes.int_in_range(0..=2)? {
        0 => (note, None),
        1 => (None, note),
        _ => (None, None),
    };
    Ok(ExemptedBy { read, is_complete: bool::arbitrary(bytes)?, acts, our_note, forged_note })
}

/// What a look at these policies and groups of the quarantine shows.
pub fn any_quarantine(
    policies: &[String],
    groups: &[String],
    bytes: &mut Unstructured<'_>,
) -> Result<QuarantineSeen> {
    let mut seen = QuarantineSeen { stack: any_own_stack(bytes)?.state, ..QuarantineSeen::default() };
    for arn in policies {
        let policy = match bytes.int_in_range(0..=5)? {
            0 => PolicySeen::Gone,
            1 => PolicySeen::Unknown("iam:GetPolicy: AccessDenied".to_owned()),
            _ => {
                let count = bytes.int_in_range(0..=4)?;
                let versions = (0..=count).map(|_| any_version(bytes)).collect::<Result<Vec<_>>>()?;
                PolicySeen::There { in_force: bytes.choose(&versions)?.clone(), versions }
            }
        };
        seen.policies.push((arn.clone(), policy));
    }
    for name in groups {
        let group = match bytes.int_in_range(0..=5)? {
            0 => GroupSeen::Gone,
            1 => GroupSeen::Unknown("iam:ListAttachedGroupPolicies: Throttling".to_owned()),
            2 => GroupSeen::Policies(Vec::new()),
            _ => GroupSeen::Policies(policies.to_vec()),
        };
        seen.groups.push((name.clone(), group));
    }
    Ok(seen)
}

fn any_version(bytes: &mut Unstructured<'_>) -> Result<PolicyVersion> {
    let id = format!("v{}", bytes.int_in_range(1..=12)?);
    Ok(PolicyVersion { id, document: any_document(bytes)? })
}

/// What the enforcer could have written into this tag, or what anybody may.
fn any_note(tag: UserTag, bytes: &mut Unstructured<'_>) -> Result<String> {
    if bytes.ratio(1, 3)? {
        return any_value(bytes);
    }
    let (at, event) = (any_time(bytes)?, any_id(bytes)?);
    let causes: Vec<Cause> = Cause::iter().collect();
    Ok(match tag {
        UserTag::Quarantined => {
            let episode = any_episode(bytes)?;
            let value = tags::QuarantineRecord::value(at, *bytes.choose(&causes)?, &event, &episode);
            if bytes.ratio(1, 3)? {
                let approved = if bool::arbitrary(bytes)? { Some(any_time(bytes)?) } else { None };
                tags::QuarantineRecord::with_release(&value, &episode, any_time(bytes)?, approved)
            } else {
                value
            }
        }
        UserTag::Notified => any_last_notice(bytes)?.to_string(),
        UserTag::Alerted => tags::alerted_value(None, at, &event, &["enrolment-alert"]),
        UserTag::Undone => tags::Undone::value(at, bytes.int_in_range(0..=tags::Undone::GIVEN_UP)?, &event),
        UserTag::Mail => {
            let states: Vec<MailState> = MailState::iter().collect();
            tags::MailNote::of(*bytes.choose(&states)?, at, "alice@example.com").to_string()
        }
        UserTag::ExemptBy => {
            let user = overdue();
            let (earlier, later) = (any_act(&user, bytes)?, any_act(&user, bytes)?);
            let live = [earlier.of.clone(), later.of.clone()];
            ExemptBy::default().with(earlier, &user.id, &live).with(later, &user.id, &live).to_string()
        }
    })
}

/// Any record of a notice.
pub fn any_last_notice(bytes: &mut Unstructured<'_>) -> Result<LastNotice> {
    let kinds: Vec<NoticeKind> = NoticeKind::iter().collect();
    Ok(LastNotice {
        kind: *bytes.choose(&kinds)?,
        at: any_time(bytes)?,
        event: any_id(bytes)?,
        first: if bool::arbitrary(bytes)? { Some(any_time(bytes)?) } else { None },
        episode: if bool::arbitrary(bytes)? { Some(any_episode(bytes)?) } else { None },
        by_text: bool::arbitrary(bytes)?,
        reached: bool::arbitrary(bytes)?,
        claimed: bytes.ratio(1, 4)?,
    })
}

/// The id of any episode.
pub fn any_episode(bytes: &mut Unstructured<'_>) -> Result<Episode> {
    Ok(Episode::beginning("AIDAEXAMPLE", any_time(bytes)?))
}

/// The id of an event, a sweep, or anything that is one.
pub fn any_id(bytes: &mut Unstructured<'_>) -> Result<EventId> {
    let known = ["0d1f2a3b-0000-4000-8000-00000000d001", "sweep-20261124T090000Z", "earlier"];
    let id = if bool::arbitrary(bytes)? { (*bytes.choose(&known)?).to_owned() } else { any_value(bytes)? };
    Ok(EventId::new(&id).unwrap_or_else(|| EventId::new("earlier").expect("an id")))
}

/// A value that IAM allows in a tag.
pub fn any_value(bytes: &mut Unstructured<'_>) -> Result<String> {
    Ok(String::arbitrary(bytes)?.chars().filter(|char| may_be_in_a_tag(*char)).take(256).collect())
}

/// The own stack in any state.
pub fn any_own_stack(bytes: &mut Unstructured<'_>) -> Result<OwnStack> {
    const STATUS: [&str; 3] = ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "DELETE_IN_PROGRESS"];
    let status = (*bytes.choose(&STATUS)?).to_owned();
    let changed = if bytes.ratio(1, 4)? { None } else { Some(any_time(bytes)?) };
    let ended = if bytes.ratio(1, 2)? { None } else { Some(any_time(bytes)?) };
    let mut state = StackState { status, changed, ..StackState::default() };
    if bytes.ratio(1, 2)? {
        let queue = "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo";
        state.outputs.insert("SweepQueueUrl".to_owned(), queue.to_owned());
    }
    if bytes.ratio(1, 8)? {
        state.outputs.insert(OUTPUT.to_owned(), String::arbitrary(bytes)?);
    }
    Ok(OwnStack { state: (!bytes.ratio(1, 8)?).then_some(state), ended })
}

/// What was reported about root.
pub fn any_ledger(bytes: &mut Unstructured<'_>) -> Result<RootLedger> {
    let ids = bytes.int_in_range(0..=7)?;
    if bytes.ratio(1, 4)? {
        return Ok(RootLedger::Unreadable);
    }
    Ok(RootLedger::Told((0..ids).map(|_| any_id(bytes)).collect::<Result<_>>()?))
}

/// What IAM says about root; `None` if it does not answer.
pub fn any_summary(bytes: &mut Unstructured<'_>) -> Result<Option<AccountSummary>> {
    if bytes.ratio(1, 4)? {
        return Ok(None);
    }
    Ok(Some(AccountSummary {
        root_mfa: bool::arbitrary(bytes)?,
        root_access_keys: bool::arbitrary(bytes)?,
        root_password: Option::<bool>::arbitrary(bytes)?,
        devices_in_use: Option::<u16>::arbitrary(bytes)?.map(usize::from),
    }))
}
