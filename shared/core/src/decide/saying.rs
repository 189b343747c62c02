//! What a rule says, to the user and to the administrators, and how that is recorded.

use super::approval;
use super::context::Context;
use crate::change::Change;
use crate::effect::Effect;
use crate::event::{Event, EventId};
use crate::exemption::Exemption;
use crate::facts::{Mailbox, UserFacts};
use crate::notice::{
    AdminCopy, Alert, AlertSubject, Background, Channel, Done, Known, Notice, Person, UserAlert, UserMessage,
    UserNotice,
};
use crate::plan::Step;
use crate::posture::{Finding, Posture};
use crate::rights;
use crate::settings::AdminCopies;
use crate::tags::{self, LastNotice, NoticeKind, UserTag};
use std::cmp::Reverse;

/// Stands for the kind of an alert in the record of a report, which says all at once.
const REPORT: &str = "report";

impl Context<'_> {
    /// Whether the administrators have already had the report about this event.
    pub(super) fn has_reported(user: &UserFacts, event: &Event) -> bool {
        let tag = user.tag(UserTag::Alerted);
        tag.is_some_and(|value| tags::has_alerted(value, &event.source.id, REPORT))
    }

    /// Whether the administrators have already had an alert of this kind about this event.
    fn has_alerted(&self, kind: &str) -> bool {
        self.has_alerted_of(&self.occasion.alert_id(), kind)
    }

    fn has_alerted_of(&self, event: &EventId, kind: &str) -> bool {
        let tag = self.user.tag(UserTag::Alerted);
        tag.is_some_and(|value| tags::has_alerted(value, event, kind))
    }

    fn person(&self) -> Person {
        Person { name: self.user.name.to_string(), id: self.user.id.clone() }
    }

    /// What the administrators read of the user besides.
    fn known(&self) -> Known {
        let before = self.last_notice.clone().filter(|notice| notice.event != *self.occasion.id());
        let groups = rights::groups_by_name(&self.user.groups).into_iter().map(str::to_owned).collect();
        let administrator = rights::by_name(&self.user.attached_policies);
        Known { before, administrator, groups, rights: self.user.rights }
    }

    fn background(&self) -> Background {
        Background {
            needs_approval: approval::strict(self.user, self.settings, None).is_some(),
            sweep_waits_until: match self.posture {
                Posture::InGrace { deadline } | Posture::Overdue { deadline } => {
                    Some(self.sweep_contains_from(deadline)).filter(|from| *from > deadline)
                }
                Posture::Exempt(Exemption::Until(until)) => {
                    let deadline = self.deadline_after(until);
                    Some(self.sweep_contains_from(deadline)).filter(|from| *from > deadline)
                }
                Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. } => None,
            },
            findings: self.findings.clone(),
            episode: Some(self.episode.clone()),
            known: Some(self.known()),
            ..Background::of(self.occasion, self.settings)
        }
    }

    /// How to reach the user. What is repeated only because the mail can arrive now is not repeated by text message.
    fn channels(&self, message: UserMessage) -> Vec<Channel> {
        let mail = self.contact.mail(&self.user.id, self.settings);
        let is_same = |notice: &LastNotice| notice.kind.code() == message.kind().code();
        let can_arrive =
            self.user.mailbox == Mailbox::Confirmed || matches!(mail, Some(Channel::Mail { .. }));
        let owes_mail = can_arrive && self.is_owed() && self.last_notice.as_ref().is_some_and(is_same);
        let phone = self.contact.phone.clone().filter(|_| !owes_mail);
        let sms = phone.map(|phone| Channel::Sms { phone });
        mail.into_iter().chain(sms).collect()
    }

    /// The step that notifies the user. The administrators get a copy, except of a thank-you and from a sweep, which
    /// reports in the digest. The digest may be a day away, so a containment by an hourly sweep is copied.
    pub(super) fn notify(&self, message: UserMessage, done: Vec<Done>) -> Step {
        let is_thanks = matches!(message, UserMessage::Released { was_contained: false, .. });
        let contains = matches!(message, UserMessage::Quarantined { .. });
        let is_awaited = matches!(message, UserMessage::AwaitingApproval);
        let copied =
            if contains || is_awaited { self.occasion.is_told_at_once() } else { !self.occasion.is_sweep() };
        let wants_all = self.settings.admin_copies == AdminCopies::All;
        let copy = if !copied || is_thanks {
            AdminCopy::Never
        } else if wants_all || message.is_important() {
            AdminCopy::Always
        } else {
            AdminCopy::IfMissed
        };
        let mut background = self.background();
        if let UserMessage::Quarantined { cause } = message {
            background.needs_approval = approval::strict(self.user, self.settings, Some(cause)).is_some();
        }
        // The message itself says it.
        background.findings.retain(|finding| !is_awaited || *finding != Finding::AwaitsApproval);
        let mut devices = self.user.devices.clone();
        devices.sort_by_key(|device| Reverse(device.enabled));
        // The newest one released the user; all of them have to be approved.
        let named = if is_awaited {
            devices.len()
        } else if let UserMessage::Released { by, .. } = message
            && by.has_mfa()
        {
            1
        } else {
            0
        };
        devices.truncate(named);
        let exempt_until =
            if let Posture::Exempt(Exemption::Until(until)) = self.posture { Some(until) } else { None };
        Step::Notify(Box::new(Notice::User(UserNotice {
            message,
            person: self.person(),
            channels: self.channels(message),
            copy,
            done,
            devices,
            exempt_until,
            background,
        })))
    }

    /// The step that sets a tag to this value, if there is one to set and room for it.
    pub(super) fn set_tag(&self, tag: UserTag, value: Option<String>) -> Option<Step> {
        let value = value.filter(|_| !self.cannot_record(tag))?;
        Some(self.change(Change::SetTag(tag, value)))
    }

    pub(super) fn change(&self, change: Change) -> Step {
        Step::Change { user: self.user.name.clone(), change }
    }

    /// The steps that send a notice and record it.
    ///
    /// A sweep sends what is not on record, day after day. So it first sees whether it can be recorded, but for one day
    /// of the week: then the user is told all the same.
    pub(super) fn notify_and_record(
        &self,
        message: UserMessage,
        kind: NoticeKind,
        done: Vec<Done>,
    ) -> Vec<Step> {
        let value = self.notice_value(kind);
        if self.occasion.is_sweep() && !self.is_their_day() {
            if self.cannot_record(UserTag::Notified) {
                return Vec::new();
            }
            let claim = self.change(Change::ClaimNotice(tags::claimed(&value)));
            return [claim, self.notify(message, done)].into_iter().chain(self.record_notice(kind)).collect();
        }
        [self.notify(message, done)].into_iter().chain(self.record_notice(kind)).collect()
    }

    /// The same for a confirmation. If access changes with it, that happens once, and so the user hears of it whether
    /// or not that can be recorded.
    pub(super) fn confirm(&self, message: UserMessage, kind: NoticeKind, done: Vec<Done>) -> Vec<Step> {
        if done.is_empty() {
            return self.notify_and_record(message, kind, done);
        }
        [self.notify(message, done)].into_iter().chain(self.record_notice(kind)).collect()
    }

    /// The step that records a notice on the user; `None` if IAM has no room for it.
    pub(super) fn record_notice(&self, kind: NoticeKind) -> Option<Step> {
        let record = Change::SetTag(UserTag::Notified, self.notice_value(kind));
        (!self.cannot_record(UserTag::Notified)).then(|| self.change(record))
    }

    fn notice_value(&self, kind: NoticeKind) -> String {
        let first = self.first_told().filter(|_| kind.asks_for_mfa());
        let event = self.occasion.id().clone();
        let episode = Some(self.episode.clone());
        LastNotice {
            kind,
            at: self.now,
            event,
            first,
            episode,
            by_text: false,
            reached: true,
            claimed: false,
        }
        .to_string()
    }

    /// The steps that alert the administrators and record the alert; empty if they have already had it about this event.
    /// Also empty for a daily sweep, which reports in its digest.
    pub(super) fn alert(&self, alert: UserAlert) -> Vec<Step> {
        if !self.occasion.is_told_at_once() || self.has_alerted(alert.kind().code()) {
            return Vec::new();
        }
        self.recorded(&[], vec![self.alert_of(alert, Vec::new())])
    }

    /// The same for a sweep of either kind, about an event that is known from the history only.
    pub(super) fn alert_about(&self, alert: UserAlert, event: &EventId) -> Vec<Step> {
        let kind = alert.kind().code();
        let is_told = [kind, REPORT].iter().any(|kind| self.has_alerted_of(event, kind));
        if is_told {
            return Vec::new();
        }
        let value = tags::alerted_value(self.user.tag(UserTag::Alerted), self.now, event, &[kind]);
        let record = self.change(Change::SetTag(UserTag::Alerted, value));
        let record = (!self.cannot_record(UserTag::Alerted)).then_some(record);
        [self.alert_of(alert, Vec::new())].into_iter().chain(record).collect()
    }

    /// The steps that tell the administrators, in one message, what somebody did by this event and what was done about
    /// it; empty if there is nothing to tell, or if they were told.
    pub(super) fn report(&self, mut alerts: Vec<UserAlert>) -> Vec<Step> {
        alerts.sort_by_key(|alert| Reverse(alert.severity()));
        if alerts.is_empty() || self.has_alerted(REPORT) {
            return Vec::new();
        }
        let also = alerts.split_off(1);
        let notices = alerts.into_iter().map(|alert| self.alert_of(alert, also.clone()));
        let report = |value| Change::RecordReport(UserTag::Alerted, value);
        notices.chain(self.record_alerts(&[REPORT], report)).collect()
    }

    fn alert_of(&self, alert: UserAlert, also: Vec<UserAlert>) -> Step {
        let background = Background { to_attach: self.policy_to_attach(&alert), ..self.background() };
        let subject = AlertSubject::User(self.person(), alert);
        Step::Notify(Box::new(Notice::Alert(Alert { subject, also, background })))
    }

    /// The policy that somebody has to attach by hand, where nothing else limits the user.
    fn policy_to_attach(&self, alert: &UserAlert) -> Option<String> {
        let of_cause = |cause| approval::restriction(self.user, self.settings, cause);
        let is_undone = matches!(
            alert,
            UserAlert::QuarantineUndone { put_back: false }
                | UserAlert::KeepsBeingUndone { contained: false }
        );
        let restriction = if let UserAlert::ContainmentFailed { cause } = alert {
            of_cause(Some(*cause))
        } else if is_undone {
            of_cause(None)
        } else if *alert == UserAlert::FallbackFailed {
            self.settings.quarantine.remainder()
        } else {
            return None;
        };
        Some(restriction.policy.clone())
    }

    /// These steps with one record of their alerts, after all of them: if one is not sent, none is recorded. Steps that were
    /// carried out `before` may have recorded alerts of their own, which are kept.
    pub(super) fn recorded(&self, before: &[Step], mut steps: Vec<Step>) -> Vec<Step> {
        steps.retain(|step| step.effect() != Effect::RecordAlert);
        steps.sort_by_key(Step::effect);
        let alerts = steps.partition_point(|step| step.effect() == Effect::Alert);
        let kinds: Vec<&str> = before.iter().chain(&steps).filter_map(alert_kind).collect();
        let record = self.record_alerts(&kinds, |value| Change::SetTag(UserTag::Alerted, value));
        if let Some(record) = record.filter(|_| alerts > 0) {
            steps.insert(alerts, record);
        }
        steps
    }

    /// The step that records alerts, by the change that `record` makes of the tag's value; `None` if IAM has no room.
    fn record_alerts(&self, kinds: &[&str], record: impl Fn(String) -> Change) -> Option<Step> {
        let told = self.user.tag(UserTag::Alerted);
        let value = tags::alerted_value(told, self.now, &self.occasion.alert_id(), kinds);
        (!self.cannot_record(UserTag::Alerted)).then(|| self.change(record(value)))
    }
}

/// The kind of an alert that is recorded on its user.
fn alert_kind(step: &Step) -> Option<&'static str> {
    match step {
        Step::Notify(notice) if step.effect() == Effect::Alert => Some(notice.kind().code()),
        Step::Notify(_)
        | Step::Change { .. }
        | Step::RecordRootAlert(_)
        | Step::Repair(_)
        | Step::OrderSweep { .. } => None,
    }
}
