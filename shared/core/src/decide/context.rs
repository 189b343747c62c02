//! One event about one user, with everything that the decision looks at.

use super::{VISIBILITY_LAG, is_fresh};
use crate::contact::Contact;
use crate::event::{Event, Trigger};
use crate::facts::{Mailbox, UserFacts};
use crate::notice::{Audience, Channel, Done, Kind, Notice, Person};
use crate::plan::{Plan, Reason, Step};
use crate::posture::{Finding, Posture, exemption_finding, posture};
use crate::settings::{Mode, Settings};
use crate::tags::{self, Containment, LastNotice, NoticeKind};
use jiff::{SignedDuration, Timestamp};

/// Reminders are given once a day.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// An address that did not work is tried again after this: a day, less what one sweep is earlier than another.
const RETRY_AFTER: SignedDuration = SignedDuration::from_hours(20);

pub(super) struct Context<'a> {
    pub(super) event: &'a Event,
    pub(super) user: &'a UserFacts,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) posture: Posture,
    pub(super) last_notice: Option<LastNotice>,
    contact: Contact,
    findings: Vec<Finding>,
}

impl<'a> Context<'a> {
    pub(super) fn new(event: &'a Event, user: &'a UserFacts, settings: &'a Settings, now: Timestamp) -> Self {
        let (contact, mut findings) = Contact::of(user, settings);
        findings.extend(exemption_finding(user, now));
        // A note from the future is not ours, and would silence every reminder until then.
        let latest = now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX);
        Self {
            event,
            user,
            settings,
            now,
            posture: posture(user, settings, now),
            last_notice: user.last_notice().filter(|notice| notice.at <= latest),
            contact,
            findings,
        }
    }

    pub(super) fn is_sweep(&self) -> bool {
        self.event.trigger == Trigger::Sweep
    }

    /// The last message did not reach the user, and now one can.
    pub(super) fn is_owed(&self) -> bool {
        let Some(notice) = self.last_notice.as_ref().filter(|notice| !notice.reached) else { return false };
        // Neither a subscription nor a text message is tried more than once a day.
        let tried_today = notice.at > self.now.checked_sub(RETRY_AFTER).unwrap_or(Timestamp::MIN);
        match (self.user.mailbox, &self.contact.email) {
            (Mailbox::Confirmed, _) => true,
            (Mailbox::NotSubscribed, _) => !tried_today,
            (Mailbox::Unconfirmed, _) | (Mailbox::NotLooked, Some(_)) => false,
            (Mailbox::NotLooked, None) => self.contact.phone.is_some() && !tried_today,
        }
    }

    pub(super) fn is_fresh(&self) -> bool {
        is_fresh(self.event, self.now)
    }

    /// The quarantine tag. A time in the future is not ours, and would make every notice come too early.
    pub(super) fn containment(&self) -> Option<Containment> {
        let latest = self.now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX);
        self.user.containment().map(|containment| Containment {
            since: containment.since.filter(|since| *since <= latest),
            ..containment
        })
    }

    /// The quarantine policy is attached, or the user is in the quarantine group.
    pub(super) fn is_contained(&self) -> bool {
        self.has_policy() || self.in_group().is_some()
    }

    /// Something of a quarantine is left: the policy, the group, or the tag, which is removed last.
    pub(super) fn has_quarantine(&self) -> bool {
        self.is_contained() || self.containment().is_some()
    }

    /// Contained as the present settings want it.
    pub(super) fn is_contained_as_set(&self) -> bool {
        self.in_group().is_some() || self.quarantine_policies().any(|arn| arn == self.settings.policy_arn())
    }

    /// Quarantined before, and nothing that ends a quarantine for good has happened since.
    pub(super) fn is_bound(&self) -> bool {
        self.containment().is_some() || self.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN)
    }

    fn has_policy(&self) -> bool {
        self.quarantine_policies().next().is_some()
    }

    /// The quarantine policies that are attached: of this deployment, and of those before.
    pub(super) fn quarantine_policies(&self) -> impl Iterator<Item = &'a String> {
        let known = &self.settings.policy_arns;
        self.user.attached_policies.iter().filter(|arn| known.contains(arn))
    }

    /// The quarantine group, if the user is in it.
    pub(super) fn in_group(&self) -> Option<&'a String> {
        let group = self.settings.group.as_ref()?;
        // Group names, like user names, are unique without regard to case.
        self.user.groups.iter().any(|own| own.eq_ignore_ascii_case(group)).then_some(group)
    }

    /// This very event has been reported to the end.
    pub(super) fn has_reported_event(&self) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| notice.event == self.event.source.id)
    }

    /// The administrators were alerted because of this very event.
    fn has_alerted_of_event(&self) -> bool {
        let tag = self.user.tags.get(tags::ALERTED_KEY);
        tag.is_some_and(|value| tags::has_alerted(value, &self.event.source.id))
    }

    /// The last thing said was one of these, at or after `since`.
    pub(super) fn was_told(&self, kinds: &[NoticeKind], since: Timestamp) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| kinds.contains(&notice.kind) && notice.at >= since)
    }

    /// The last thing said was one of these, less than a day ago.
    pub(super) fn was_told_today(&self, kinds: &[NoticeKind]) -> bool {
        self.was_told(kinds, self.now.checked_sub(DAY).unwrap_or(Timestamp::MIN))
    }

    fn notice(&self, kind: Kind, audience: Audience, done: Vec<Done>) -> Notice {
        let audience = match audience {
            Audience::User | Audience::UserAndAdmins if self.is_sweep() => Audience::UserThenDigest,
            Audience::User | Audience::UserAndAdmins | Audience::UserThenDigest | Audience::Admins => {
                audience
            }
        };
        let for_user = match audience {
            Audience::User | Audience::UserAndAdmins | Audience::UserThenDigest => true,
            Audience::Admins => false,
        };
        Notice {
            kind,
            event: self.event.clone(),
            user: Some(Person { name: self.user.name.to_string(), id: self.user.id.clone() }),
            partition: self.settings.partition(),
            mode: self.settings.mode,
            scope: self.settings.scope,
            done,
            findings: self.findings.clone(),
            channels: if for_user { self.channels() } else { Vec::new() },
            audience,
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let topic = self.contact.topic(&self.user.id, self.settings);
        let sms = self.contact.phone.clone().map(|phone| Channel::Sms { phone });
        topic.into_iter().chain(sms).collect()
    }

    pub(super) fn notify(&self, kind: Kind, audience: Audience, done: Vec<Done>) -> Step {
        Step::Notify(Box::new(self.notice(kind, audience, done)))
    }

    pub(super) fn mark(&self, kind: NoticeKind) -> Step {
        let notice = LastNotice { kind, at: self.now, event: self.event.source.id.clone(), reached: true };
        Step::MarkUser { user: self.user.name.clone(), key: tags::NOTIFIED_KEY, value: notice.to_string() }
    }

    fn mark_alert(&self) -> Step {
        let before = self.user.tags.get(tags::ALERTED_KEY).map(String::as_str);
        let value = tags::alerted_value(before, self.now, &self.event.source.id);
        Step::MarkUser { user: self.user.name.clone(), key: tags::ALERTED_KEY, value }
    }

    /// An alert to the administrators and the note of it; nothing if they had it because of this event.
    /// What a sweep has to report is in its digest.
    pub(super) fn alert(&self, kind: Kind) -> Vec<Step> {
        if self.is_sweep() || self.has_alerted_of_event() {
            return Vec::new();
        }
        vec![self.notify(kind, Audience::Admins, Vec::new()), self.mark_alert()]
    }

    pub(super) fn nothing(&self, reason: Reason) -> Plan {
        self.plan(reason, Vec::new())
    }

    /// The plan with these steps, as far as `MODE` lets them be done.
    pub(super) fn plan(&self, reason: Reason, steps: Vec<Step>) -> Plan {
        let allowed = |step: &Step| match self.settings.mode {
            Mode::Observe => false,
            Mode::Notify => !step.changes_containment(),
            Mode::Enforce => true,
        };
        let (steps, withheld) = steps.into_iter().partition(allowed);
        Plan {
            posture: Some(self.posture),
            reason,
            steps,
            withheld,
            if_refused: Vec::new(),
            findings: self.findings.clone(),
        }
    }
}
