//! How a user can be reached.

use crate::facts::UserFacts;
use crate::notice::Channel;
use crate::posture::Finding;
use crate::settings::Settings;
use crate::tags::{self, MailNote, MailState, UserTag};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Addresses of a user. Personal data, so it must never be logged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// E-mail address from the contact tag, or the user name if that is an address.
    pub email: Option<String>,
    /// Phone number in E.164 format, from the tag `phone`.
    pub phone: Option<String>,
}

impl Contact {
    /// Finds a user's addresses, and a finding for each that is unusable.
    #[must_use]
    pub fn of(user: &UserFacts, settings: &Settings, now: Timestamp) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let tag = settings.contact_tag_key.as_ref().and_then(|key| user.tags.get(key));
        let tagged = tag.and_then(email);
        if tag.is_some() && tagged.is_none() {
            findings.push(Finding::UnusableEmail);
        }
        let number = user.tags.get(tags::PHONE_KEY);
        let text_messages = settings.partition().traits().text_messages;
        let phone = number.filter(|_| text_messages).and_then(phone);
        if number.is_some() && !text_messages {
            findings.push(Finding::NoTextMessages);
        } else if number.is_some() && phone.is_none() {
            findings.push(Finding::UnusablePhone);
        }
        let email = tagged.or_else(|| email(user.name.as_str()));
        let Some(sender) = &settings.sender else { return (Self { email, phone }, findings) };
        let allowed = email.as_deref().and_then(|email| sender.recipient(email));
        findings.extend((email.is_some() && allowed.is_none()).then_some(Finding::OtherDomain));
        let failure = allowed.as_deref().and_then(|email| mail_failure(user, email, now));
        findings.extend(failure);
        (Self { email: allowed.filter(|_| failure.is_none()), phone }, findings)
    }

    /// Whether this is the user's address, in any case of letters.
    pub(crate) fn has_address(user: &UserFacts, address: &str, settings: &Settings) -> bool {
        let tag = settings.contact_tag_key.as_ref().and_then(|key| user.tags.get(key));
        let own = tag.and_then(email).or_else(|| email(user.name.as_str()));
        own.is_some_and(|own| own.eq_ignore_ascii_case(address))
    }

    /// How mail gets to the user; `None` if there is no address.
    pub(crate) fn mail(&self, user_id: &str, settings: &Settings) -> Option<Channel> {
        let email = self.email.clone()?;
        if settings.sender.is_some() {
            return Some(Channel::Mail { email });
        }
        Some(Channel::Topic { name: format!("{}{user_id}", settings.user_topic_prefix), email })
    }
}

/// That mail to the address does not arrive, if that is on record.
fn mail_failure(user: &UserFacts, email: &str, now: Timestamp) -> Option<Finding> {
    let note = user.tag(UserTag::Mail).and_then(MailNote::parse)?;
    let day = note.at.to_zoned_datetime(TimeZone::UTC).date();
    note.counts(email, now).then_some(match note.state {
        MailState::Bounced => Finding::MailBounced(day),
        MailState::Complained => Finding::MailComplained(day),
    })
}

impl std::fmt::Debug for Contact {
    /// Shows which addresses exist, without the addresses.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact")
            .field("email", &self.email.is_some())
            .field("phone", &self.phone.is_some())
            .finish()
    }
}

/// `value` if it looks like an e-mail address: one `@`, something before it, and a domain with a dot after it.
pub(crate) fn email(value: &str) -> Option<String> {
    let value = value.trim();
    let (local, domain) = value.split_once('@')?;
    // What would be read as more than one address, or as something else, is not allowed.
    let printable = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"@,;:<>()[]\"\\".contains(c))
    };
    let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    // RFC 5321 allows 254 characters.
    (value.len() <= 254 && printable(local) && printable(domain) && dotted).then(|| value.to_owned())
}

/// `value` in E.164 format: a plus sign and 7 to 15 digits. Spaces, dots and dashes are dropped (an IAM tag cannot hold
/// brackets).
fn phone(value: &str) -> Option<String> {
    let digits: String = value.chars().filter(|c| !" .-".contains(*c)).collect();
    let number = digits.strip_prefix('+')?;
    let well_formed = (7..=15).contains(&number.len())
        && number.chars().all(|c| c.is_ascii_digit())
        && !number.starts_with('0');
    well_formed.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::{email, phone};

    #[test]
    fn addresses_are_recognised() {
        for value in ["a@b.example", " alice.smith+aws@mail.example.com "] {
            assert!(email(value).is_some(), "{value}");
        }
        for value in [
            "",
            "alice",
            "@example.com",
            "alice@",
            "alice@host",
            "a b@example.com",
            "a@b@c.example",
            "a@.example",
            "a,b@example.com",
            "a<b>@example.com",
            "\"a\"@example.com",
            "a@example.com,b",
        ] {
            assert!(email(value).is_none(), "{value}");
        }
    }

    #[test]
    fn numbers_are_recognised() {
        assert_eq!(phone("+1 555-010-0123").as_deref(), Some("+15550100123"));
        for value in ["", "555 0100", "+0123456789", "+12", "+1555010012345678", "+1555x100123"] {
            assert!(phone(value).is_none(), "{value}");
        }
    }
}
