//! Everything a rule can look at: what happened, the user, the settings and the time.

use crate::change::Change;
use crate::contact::Contact;
use crate::event::{Occasion, VISIBILITY_LAG};
use crate::facts::{Mailbox, UserFacts};
use crate::notice::{
    AdminCopy, Alert, AlertSubject, Background, Channel, Done, Notice, Person, UserAlert, UserMessage,
    UserNotice,
};
use crate::plan::{Plan, Step};
use crate::posture::{Finding, Posture, exemption_finding, leaked_key_finding, posture};
use crate::reason::Reason;
use crate::settings::{AdminCopies, Mode, Settings};
use crate::tags::{self, LastNotice, NoticeKind, QuarantineRecord, UserTag};
use jiff::{SignedDuration, Timestamp};

/// How long to wait before trying a failed address again: a day, minus four hours because sweeps do not run at exactly
/// the same time every day.
const RETRY_AFTER: SignedDuration = SignedDuration::from_hours(20);

pub(super) struct Context<'a> {
    pub(super) occasion: &'a Occasion,
    pub(super) user: &'a UserFacts,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) posture: Posture,
    pub(super) last_notice: Option<LastNotice>,
    contact: Contact,
    findings: Vec<Finding>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        occasion: &'a Occasion,
        user: &'a UserFacts,
        settings: &'a Settings,
        now: Timestamp,
    ) -> Self {
        let (contact, mut findings) = Contact::of(user, settings);
        findings.extend(exemption_finding(user, now));
        findings.extend(leaked_key_finding(user));
        Self {
            occasion,
            user,
            settings,
            now,
            posture: posture(user, settings, now),
            // The enforcer never writes a time in the future, and believing one would suppress reminders until then.
            last_notice: user.last_notice().filter(|notice| notice.at <= latest(now)),
            contact,
            findings,
        }
    }

    /// Whether the last message did not reach the user but one could now.
    pub(super) fn is_owed(&self) -> bool {
        let Some(notice) = self.last_notice.as_ref().filter(|notice| !notice.reached) else { return false };
        // Subscribing and text messages are each tried at most once a day.
        let tried_today = notice.at > self.now.checked_sub(RETRY_AFTER).unwrap_or(Timestamp::MIN);
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

    /// Whether the administrators have already been alerted about this event.
    fn has_alerted_of_event(&self) -> bool {
        let tag = self.user.tag(UserTag::Alerted);
        tag.is_some_and(|value| tags::has_alerted(value, &self.occasion.alert_id()))
    }

    /// Whether the last notice is one of these kinds and was sent at or after `since`.
    pub(super) fn was_told(&self, kinds: &[NoticeKind], since: Timestamp) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| kinds.contains(&notice.kind) && notice.at >= since)
    }

    /// Whether any notice was sent at or after `since`.
    pub(super) fn was_told_anything(&self, since: Timestamp) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| notice.at >= since)
    }

    fn person(&self) -> Person {
        Person { name: self.user.name.to_string(), id: self.user.id.clone() }
    }

    fn background(&self) -> Background {
        Background {
            occasion: self.occasion.clone(),
            account: self.settings.deployment.account.clone(),
            partition: self.settings.partition(),
            mode: self.settings.mode,
            scope: self.settings.scope,
            sweep_waits_until: None,
            findings: self.findings.clone(),
        }
    }

    /// How to reach the user. What is repeated only because the mail can arrive now is not repeated by text message.
    fn channels(&self, message: UserMessage) -> Vec<Channel> {
        let topic = self.contact.topic(&self.user.id, self.settings);
        let is_same = |notice: &LastNotice| notice.kind.code() == message.kind().code();
        let owes_mail = self.user.mailbox == Mailbox::Confirmed
            && self.is_owed()
            && self.last_notice.as_ref().is_some_and(is_same);
        let phone = self.contact.phone.clone().filter(|_| !owes_mail);
        let sms = phone.map(|phone| Channel::Sms { phone });
        topic.into_iter().chain(sms).collect()
    }

    /// The step that notifies the user. The administrators get a copy, except of a thank-you and from a sweep, which
    /// reports in the digest. The digest may be a day away, so a containment by an hourly sweep is copied.
    pub(super) fn notify(&self, message: UserMessage, done: Vec<Done>) -> Step {
        let is_thanks = matches!(message, UserMessage::Released { was_contained: false, .. });
        let contains = matches!(message, UserMessage::Quarantined { .. });
        let copied = if contains { self.occasion.is_told_at_once() } else { !self.occasion.is_sweep() };
        let wants_all = self.settings.admin_copies == AdminCopies::All;
        let copy = if !copied || is_thanks {
            AdminCopy::Never
        } else if wants_all || message.is_important() {
            AdminCopy::Always
        } else {
            AdminCopy::IfMissed
        };
        Step::Notify(Box::new(Notice::User(UserNotice {
            message,
            person: self.person(),
            channels: self.channels(message),
            copy,
            done,
            background: self.background(),
        })))
    }

    pub(super) fn change(&self, change: Change) -> Step {
        Step::Change { user: self.user.name.clone(), change }
    }

    /// The step that records a notice on the user.
    pub(super) fn record_notice(&self, kind: NoticeKind) -> Step {
        let notice = LastNotice { kind, at: self.now, event: self.occasion.id().clone(), reached: true };
        self.change(Change::SetTag(UserTag::Notified, notice.to_string()))
    }

    /// The steps that alert the administrators and record the alert; empty if they were already alerted about this
    /// event. Also empty for a daily sweep, which reports in its digest.
    pub(super) fn alert(&self, alert: UserAlert) -> Vec<Step> {
        if !self.occasion.is_told_at_once() || self.has_alerted_of_event() {
            return Vec::new();
        }
        let subject = AlertSubject::User(self.person(), alert);
        let notice = Notice::Alert(Alert { subject, background: self.background() });
        let value = tags::alerted_value(self.user.tag(UserTag::Alerted), self.now, &self.occasion.alert_id());
        vec![Step::Notify(Box::new(notice)), self.change(Change::SetTag(UserTag::Alerted, value))]
    }

    pub(super) fn nothing(&self, reason: Reason) -> Plan {
        self.plan(reason, Vec::new())
    }

    /// The plan for these steps, split into those that `MODE` allows and those it withholds.
    pub(super) fn plan(&self, reason: Reason, steps: Vec<Step>) -> Plan {
        let allowed = |step: &Step| match self.settings.mode {
            Mode::Observe => false,
            Mode::Notify => !step.effect().is_about_quarantine(),
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

/// The latest time that a record can plausibly have: clocks may differ a little.
fn latest(now: Timestamp) -> Timestamp {
    now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX)
}
