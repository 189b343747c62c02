//! Everything a rule can look at: what happened, the user, the settings and the time.

use super::approval;
use super::exempt;
use super::hold::Hold;
use super::kept;
use crate::contact::Contact;
use crate::episode::Episode;
use crate::event::{Event, Occasion, VISIBILITY_LAG};
use crate::exemption;
use crate::facts::{Mailbox, UserFacts};
use crate::plan::{Plan, Step};
use crate::posture::{Finding, Posture, deadline, exemption_findings, leaked_key_finding, posture};
use crate::reason::Reason;
use crate::settings::Settings;
use crate::tags::{LastNotice, NoticeKind, QuarantineRecord, UserTag};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long to wait before trying a failed address again: a day, minus four hours because sweeps do not run at exactly
/// the same time every day.
const RETRY_AFTER: SignedDuration = SignedDuration::from_hours(20);
/// How long after the first notice a sweep may contain a user because of the deadline.
const NOTICE_PERIOD: SignedDuration = SignedDuration::from_hours(24);

pub(super) struct Context<'a> {
    pub(super) occasion: &'a Occasion,
    pub(super) user: &'a UserFacts,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) posture: Posture,
    pub(super) last_notice: Option<LastNotice>,
    pub(super) hold: Hold,
    /// The episode under way, or the one that would begin now.
    pub(super) episode: Episode,
    /// The notice that an earlier run was about to send when it was cut short.
    claimed: Option<LastNotice>,
    pub(super) contact: Contact,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        occasion: &'a Occasion,
        user: &'a UserFacts,
        settings: &'a Settings,
        now: Timestamp,
    ) -> Self {
        let event_time = (!occasion.is_sweep()).then(|| occasion.time());
        let hold = Hold::of(user, event_time, settings, now);
        let (contact, mut findings) = findings(user, hold, settings, now);
        // An event that exempts the user proves it, and others do not ask.
        findings.retain(|finding| occasion.is_sweep() || *finding != Finding::UnprovenExemption);
        // The enforcer never writes a time in the future, and believing one would suppress reminders until then.
        let last_notice = user.last_notice().filter(|notice| notice.at <= latest(now));
        Self {
            occasion,
            user,
            settings,
            now,
            posture: posture(user, settings, now),
            last_notice: last_notice.clone().filter(|notice| !notice.claimed),
            claimed: last_notice.filter(|notice| notice.claimed),
            hold,
            episode: Episode::of(&kept::without_foreign_words(user, occasion), now),
            contact,
            findings,
        }
    }

    /// Whether IAM has no room for this tag, so that setting it is not even tried.
    pub(super) fn cannot_record(&self, tag: UserTag) -> bool {
        cannot_record(self.user, tag)
    }

    /// When the user was first told to set up MFA, in this episode: with this password, and not released since.
    pub(super) fn first_told(&self) -> Option<Timestamp> {
        let since = self.user.login_profile_created.unwrap_or(Timestamp::MIN);
        if let Some(claimed) = &self.claimed {
            return claimed.first.filter(|first| *first >= since);
        }
        let notice = self.last_notice.as_ref()?;
        (notice.kind.asks_for_mfa() && notice.at >= since).then(|| notice.first.unwrap_or(notice.at))
    }

    /// Whether an earlier run was cut short before it confirmed that the user has MFA.
    pub(super) fn owes_thanks(&self) -> bool {
        self.claimed.as_ref().is_some_and(|notice| notice.kind == NoticeKind::Released)
    }

    /// From when a sweep may contain the user because of this deadline: nobody is contained within a day of the first
    /// notice. For a user on whom no notice can be recorded, the day begins with the deadline.
    pub(super) fn sweep_contains_from(&self, deadline: Timestamp) -> Timestamp {
        let told = match self.first_told() {
            Some(first) => first,
            None if self.cannot_record(UserTag::Notified) => deadline,
            None => self.now,
        };
        deadline.max(told.checked_add(NOTICE_PERIOD).unwrap_or(Timestamp::MAX))
    }

    /// When a user who is exempt until the end of this day may be contained without MFA.
    pub(super) fn deadline_after(&self, until: Date) -> Timestamp {
        let created = self.user.login_profile_created.unwrap_or(Timestamp::MIN);
        exemption::end(until).max(deadline(created, self.settings))
    }

    /// Whether this is the one daily sweep of the week that tells a user something although it cannot be recorded.
    pub(super) fn is_their_day(&self) -> bool {
        let Occasion::Sweep(request) = self.occasion else { return false };
        // FNV-1a, so that the users spread over the week and each keeps their day.
        let hash = self
            .user
            .id
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let today = request.time.to_zoned_datetime(TimeZone::UTC).weekday().to_monday_zero_offset();
        !request.is_hourly() && i64::from(hash % 7) == i64::from(today)
    }

    /// Whether the last message did not reach the user but one could now.
    pub(super) fn is_owed(&self) -> bool {
        let Some(notice) = self.last_notice.as_ref().filter(|notice| !notice.reached) else { return false };
        // Subscribing, mail by SES and text messages are each tried at most once a day.
        let tried_today = notice.at > self.now.checked_sub(RETRY_AFTER).unwrap_or(Timestamp::MIN);
        // SES asks nobody to confirm anything.
        if self.settings.sender.is_some() {
            return !tried_today && (self.contact.email.is_some() || self.contact.phone.is_some());
        }
        match (self.user.mailbox, &self.contact.email) {
            (Mailbox::Confirmed, _) => true,
            (Mailbox::NotSubscribed, _) => !tried_today,
            (Mailbox::Unconfirmed, _) | (Mailbox::NotLooked, Some(_)) => false,
            (Mailbox::NotLooked, None) => self.contact.phone.is_some() && !tried_today,
        }
    }

    /// The quarantine record, without a time in the future: the enforcer never writes one, and believing it would make
    /// every notice come too early.
    pub(super) fn quarantine_record(&self) -> Option<QuarantineRecord> {
        self.user.quarantine_record().map(|record| QuarantineRecord {
            since: record.since.filter(|since| *since <= latest(self.now)),
            ..record
        })
    }

    /// Whether the user was contained so recently that IAM may still list the device whose removal led to it. A device
    /// that was enabled since is another one.
    pub(super) fn was_contained_just_now(&self) -> bool {
        let Some(since) = self.quarantine_record().and_then(|record| record.since) else { return false };
        let is_older = self.user.devices.iter().all(|device| device.enabled < since);
        is_older && self.now.duration_since(since).abs() < VISIBILITY_LAG
    }

    /// Whether what happens to the user belongs to an episode, even if nothing is to be done.
    fn is_in_episode(&self) -> bool {
        let needs_mfa = matches!(self.posture, Posture::InGrace { .. } | Posture::Overdue { .. });
        needs_mfa || self.is_contained() || Episode::is_under_way(self.user, self.now)
    }

    /// Whether the user's path is that of break-glass users.
    pub(super) fn is_break_glass(&self) -> bool {
        let path = self.settings.break_glass_path.as_ref();
        path.is_some_and(|path| self.user.path.starts_with(path.as_str()))
    }

    /// Whether the event happened before the user got the password that they have now.
    pub(super) fn is_of_an_earlier_password(&self, event: &Event) -> bool {
        self.user.login_profile_created.is_some_and(|created| event.source.time < created)
    }

    /// Whether a quarantine policy is attached or the user is in the quarantine group.
    pub(super) fn is_contained(&self) -> bool {
        self.settings.quarantine.holds(self.user)
    }

    /// Whether anything is left of a quarantine: a policy, the group, or the record, which is removed last.
    pub(super) fn has_quarantine(&self) -> bool {
        self.is_contained() || self.quarantine_record().is_some()
    }

    /// Whether the user gets no new grace period: the quarantine record is still there, or the quarantine ended only
    /// because the password was removed.
    pub(super) fn is_bound(&self) -> bool {
        self.quarantine_record().is_some() || self.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN)
    }

    /// Whether the notice for this event has already been sent and recorded.
    pub(super) fn has_reported_event(&self) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| notice.event == *self.occasion.id())
    }

    /// Whether the last notice is one of these kinds and was sent at or after `since`.
    pub(super) fn was_told(&self, kinds: &[NoticeKind], since: Timestamp) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| kinds.contains(&notice.kind) && notice.at >= since)
    }

    /// Whether any notice was sent at or after `since`.
    pub(super) fn was_told_anything(&self, since: Timestamp) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| notice.at >= since)
    }

    pub(super) fn nothing(&self, reason: Reason) -> Plan {
        self.plan(reason, Vec::new())
    }

    /// The plan for these steps, split into those that `MODE` allows and those it withholds.
    pub(super) fn plan(&self, reason: Reason, steps: Vec<Step>) -> Plan {
        let allowed = |step: &Step| self.settings.mode.allows(step.effect());
        let is_in_episode = !steps.is_empty() || self.is_in_episode();
        let (steps, withheld) = steps.into_iter().partition(allowed);
        Plan {
            posture: Some(self.posture),
            episode: is_in_episode.then(|| self.episode.clone()),
            reason,
            steps,
            withheld,
            if_refused: Vec::new(),
            no_room: None,
            at_once: false,
            findings: self.findings.clone(),
        }
    }
}

/// What an administrator should fix about a user, outside of any event.
#[must_use]
pub fn findings_of(user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<Finding> {
    findings(user, Hold::of(user, None, settings, now), settings, now).1
}

fn findings(user: &UserFacts, hold: Hold, settings: &Settings, now: Timestamp) -> (Contact, Vec<Finding>) {
    let (contact, mut findings) = Contact::of(user, settings, now);
    findings.extend(exemption_findings(user, settings, now));
    findings.extend(leaked_key_finding(user));
    findings.extend(exempt::is_unproven(user, hold, settings, now).then_some(Finding::UnprovenExemption));
    findings.extend(hold.finding());
    let is_ours = matches!(hold, Hold::Ours | Hold::Free);
    let awaits = is_ours && approval::is_awaited(user, settings, now);
    findings.extend(awaits.then_some(Finding::AwaitsApproval));
    findings.extend(user.tags.is_full().then_some(Finding::TagsFull));
    (contact, findings)
}

/// Whether IAM has no room for this tag of a user.
pub(super) fn cannot_record(user: &UserFacts, tag: UserTag) -> bool {
    user.is_unrecordable || (user.tags.is_full() && user.tag(tag).is_none())
}

/// The latest time that a record can plausibly have: clocks may differ a little.
pub(super) fn latest(now: Timestamp) -> Timestamp {
    now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX)
}
