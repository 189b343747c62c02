//! The tags of a user that the enforcer reads or writes, in words. Addresses are left out.

use super::Clock;
use crate::contact::Contact;
use crate::exemption::{By, ExemptBy, ExemptUntil};
use crate::facts::UserFacts;
use crate::posture::Finding;
use crate::reason::Reason;
use crate::settings::Settings;
use crate::tags::{self, LastNotice, MailNote, MailState, QuarantineRecord, Undone, UserTag};
use jiff::Timestamp;
use serde::Serialize;
use strum::IntoEnumIterator;

/// What is said of a value that the enforcer did not write.
const UNREADABLE: &str = "cannot be read, so it counts for nothing";

/// A tag, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagInWords {
    /// Its key.
    pub key: String,
    /// What it says, in words that may change.
    pub says: String,
}

/// The tags of a user that count, in words.
pub(super) fn tags_in_words(user: &UserFacts, settings: &Settings, clock: &Clock<'_>) -> Vec<TagInWords> {
    let own = UserTag::iter().map(UserTag::key).chain([tags::EXEMPT_UNTIL_KEY, tags::APPROVED_KEY]);
    let of_enforcer = own.filter_map(|key| Some((key, in_words(key, user.tags.get(key)?, clock)?)));
    let mut words: Vec<TagInWords> =
        of_enforcer.map(|(key, says)| TagInWords { key: key.to_owned(), says }).collect();
    words.extend(address(user, settings, clock.now));
    words
}

/// What the value of one of the enforcer's tags says; `None` for any other tag.
pub(super) fn in_words(key: &str, value: &str, clock: &Clock<'_>) -> Option<String> {
    let tag = UserTag::iter().find(|tag| tag.key().eq_ignore_ascii_case(key));
    Some(match tag {
        Some(UserTag::Quarantined) => quarantined(value, clock),
        Some(UserTag::Notified) => notified(value, clock),
        Some(UserTag::Alerted) => alerted(value, clock),
        Some(UserTag::Undone) => undone(value, clock),
        Some(UserTag::ExemptBy) => exempted_by(value, clock),
        Some(UserTag::Mail) => mail(value, clock),
        None if key.eq_ignore_ascii_case(tags::EXEMPT_UNTIL_KEY) => exempt_until(value),
        None if key.eq_ignore_ascii_case(tags::APPROVED_KEY) => {
            "somebody approves the release; it counts if that is not the user".to_owned()
        }
        None => return None,
    })
}

fn quarantined(value: &str, clock: &Clock<'_>) -> String {
    let record = QuarantineRecord::parse(value);
    let since = record.since.map_or_else(|| "at an unknown time".to_owned(), |since| clock.minute(since));
    let cause = record.cause.map_or_else(
        || "for a cause that is not known".to_owned(),
        |cause| format!("because: {}", Reason::Contain(cause)),
    );
    let approved = record.approved.map(|at| format!(", approved {}", clock.minute(at))).unwrap_or_default();
    let end = record.release.map(|at| format!("; what is left of it ends {}{approved}", clock.minute(at)));
    format!("quarantined {since}, {cause}{}", end.unwrap_or_default())
}

fn notified(value: &str, clock: &Clock<'_>) -> String {
    let Some(notice) = LastNotice::parse(value) else { return UNREADABLE.to_owned() };
    let first = notice.first.map(|first| format!("; the first was sent {}", clock.minute(first)));
    let fate = match (notice.claimed, notice.reached, notice.by_text) {
        (true, _, _) => ", which may not have been sent",
        (false, false, _) => ", which is still owed, because it did not arrive",
        (false, true, true) => ", by text message only",
        (false, true, false) => "",
    };
    let at = clock.minute(notice.at);
    format!("the last message was `{}`, {at}{fate}{}", notice.kind.code(), first.unwrap_or_default())
}

fn alerted(value: &str, clock: &Clock<'_>) -> String {
    let at = value.split(' ').next().and_then(|time| time.parse().ok());
    let at = at.map(|at| format!(", the last one {}", clock.minute(at))).unwrap_or_default();
    let alerts = value.split(' ').filter_map(|word| word.strip_prefix("event="));
    let kinds: Vec<&str> = alerts.filter_map(|alert| Some(alert.split_once('/')?.1)).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    format!("the administrators had alerts{at}{kinds}")
}

fn undone(value: &str, clock: &Clock<'_>) -> String {
    match Undone::parse(value, clock.now) {
        None => "of another hour, so it does not count any more".to_owned(),
        Some(Undone { times, .. }) if times >= Undone::GIVEN_UP => {
            "somebody undid the quarantine too often in this hour, so it is left to the sweep".to_owned()
        }
        Some(Undone { times, .. }) => format!("put back or restored in this hour: {times}"),
    }
}

fn exempted_by(value: &str, clock: &Clock<'_>) -> String {
    let Some(act) = ExemptBy::parse(value).last else { return UNREADABLE.to_owned() };
    let at = clock.minute(act.at);
    match &act.by {
        By::Principal(_) => format!("the exemption was last decided {at} by {}", act.by.shown()),
        By::Seen => {
            format!("an exemption was seen {at}, and the event history does not tell yet who decided it")
        }
        By::Unknown => {
            format!("an exemption was seen {at}, and the event history does not tell who decided it")
        }
    }
}

fn mail(value: &str, clock: &Clock<'_>) -> String {
    let Some(note) = MailNote::parse(value) else { return UNREADABLE.to_owned() };
    let what = match note.state {
        MailState::Bounced => "mail to the address bounced",
        MailState::Complained => "a mail was marked as unwanted",
    };
    format!("{what} {}", clock.minute(note.at))
}

fn exempt_until(value: &str) -> String {
    let Some(tag) = ExemptUntil::parse(value) else { return Finding::UnreadableExemption.to_string() };
    let why = tag.why.text().map(|why| format!(": {why}")).unwrap_or_default();
    format!("exempt until the end of {} (UTC){why}", tag.until)
}

/// What the tags with addresses are good for.
fn address(user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<TagInWords> {
    let (contact, findings) = Contact::of(user, settings, now);
    let fault = |of: &[Finding]| findings.iter().find(|found| of.contains(found)).map(ToString::to_string);
    let of_mail = |_| match (&contact.email, &findings) {
        (Some(_), _) => "mail to the user goes to this address".to_owned(),
        (None, findings) => findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    let of_phone = |_| {
        fault(&[Finding::UnusablePhone, Finding::NoTextMessages])
            .unwrap_or_else(|| "text messages to the user go to this number".to_owned())
    };
    let key = settings.contact_tag_key.as_deref();
    let mail = key.and_then(|key| Some((key, user.tags.get(key).map(of_mail)?)));
    let phone = user.tags.get(tags::PHONE_KEY).map(of_phone).map(|says| (tags::PHONE_KEY, says));
    [mail, phone].into_iter().flatten().map(|(key, says)| TagInWords { key: key.to_owned(), says }).collect()
}
