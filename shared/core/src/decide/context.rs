//! Everything that a rule looks at: what happened to which user, the settings, and the time.

use crate::change::Change;
use crate::contact::Contact;
use crate::event::{Occasion, VISIBILITY_LAG};
use crate::facts::{Mailbox, UserFacts};
use crate::notice::{
    Alert, AlertSubject, Background, Channel, Done, Notice, Person, UserAlert, UserMessage, UserNotice,
};
use crate::plan::{Plan, Step};
use crate::posture::{Finding, Posture, exemption_finding, posture};
use crate::reason::Reason;
use crate::settings::{Mode, Settings};
use crate::tags::{self, LastNotice, NoticeKind, QuarantineRecord, UserTag};
use jiff::{SignedDuration, Timestamp};

/// An address that did not work is tried again after this: a day, less what one sweep is earlier than another.
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
        Self {
            occasion,
            user,
            settings,
            now,
            posture: posture(user, settings, now),
            // A record from the future is not ours, and would silence every reminder until then.
            last_notice: user.last_notice().filter(|notice| notice.at <= latest(now)),
            contact,
            findings,
        }
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

    /// The record of the quarantine. A time in the future is not ours, and would make every notice come too early.
    pub(super) fn quarantine_record(&self) -> Option<QuarantineRecord> {
        self.user.quarantine_record().map(|record| QuarantineRecord {
            since: record.since.filter(|since| *since <= latest(self.now)),
            ..record
        })
    }

    /// The quarantine policy is attached, or the user is in the quarantine group.
    pub(super) fn is_contained(&self) -> bool {
        self.settings.quarantine.holds(self.user)
    }

    /// Something of a quarantine is left: the policy, the group, or the record, which is removed last.
    pub(super) fn has_quarantine(&self) -> bool {
        self.is_contained() || self.quarantine_record().is_some()
    }

    /// Quarantined before, and nothing that ends a quarantine for good has happened since.
    pub(super) fn is_bound(&self) -> bool {
        self.quarantine_record().is_some() || self.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN)
    }

    /// This very event has been reported to the end.
    pub(super) fn has_reported_event(&self) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| notice.event == *self.occasion.id())
    }

    /// The administrators were alerted because of this very event.
    fn has_alerted_of_event(&self) -> bool {
        let tag = self.user.tag(UserTag::Alerted);
        tag.is_some_and(|value| tags::has_alerted(value, self.occasion.id()))
    }

    /// The last thing said was one of these, at or after `since`.
    pub(super) fn was_told(&self, kinds: &[NoticeKind], since: Timestamp) -> bool {
        self.last_notice.as_ref().is_some_and(|notice| kinds.contains(&notice.kind) && notice.at >= since)
    }

    /// Something was said at or after `since`.
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
            findings: self.findings.clone(),
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let topic = self.contact.topic(&self.user.id, self.settings);
        let sms = self.contact.phone.clone().map(|phone| Channel::Sms { phone });
        topic.into_iter().chain(sms).collect()
    }

    /// Tells the user. The administrators get a copy, but not from a sweep, whose digest tells them, nor of a thank-you.
    pub(super) fn notify(&self, message: UserMessage, done: Vec<Done>) -> Step {
        let is_thanks = matches!(message, UserMessage::Released { was_contained: false, .. });
        Step::Notify(Box::new(Notice::User(UserNotice {
            message,
            person: self.person(),
            channels: self.channels(),
            copy_to_admins: !self.occasion.is_sweep() && !is_thanks,
            done,
            background: self.background(),
        })))
    }

    pub(super) fn change(&self, change: Change) -> Step {
        Step::Change { user: self.user.name.clone(), change }
    }

    /// Records on the user what was said.
    pub(super) fn record_notice(&self, kind: NoticeKind) -> Step {
        let notice = LastNotice { kind, at: self.now, event: self.occasion.id().clone(), reached: true };
        self.change(Change::SetTag(UserTag::Notified, notice.to_string()))
    }

    /// An alert to the administrators and the record of it; nothing if they had it because of this event. What a sweep
    /// has to report is in its digest.
    pub(super) fn alert(&self, alert: UserAlert) -> Vec<Step> {
        if self.occasion.is_sweep() || self.has_alerted_of_event() {
            return Vec::new();
        }
        let subject = AlertSubject::User(self.person(), alert);
        let notice = Notice::Alert(Alert { subject, background: self.background() });
        let value = tags::alerted_value(self.user.tag(UserTag::Alerted), self.now, self.occasion.id());
        vec![Step::Notify(Box::new(notice)), self.change(Change::SetTag(UserTag::Alerted, value))]
    }

    pub(super) fn nothing(&self, reason: Reason) -> Plan {
        self.plan(reason, Vec::new())
    }

    /// The plan with these steps, as far as `MODE` lets them be done.
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

/// Clocks may differ a little; what is later than this is from the future.
fn latest(now: Timestamp) -> Timestamp {
    now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX)
}
