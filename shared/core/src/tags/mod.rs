//! The state that is kept: tags on IAM users and on the alerts topic, where an administrator can see them.
//!
//! Tag values hold at most 256 letters, digits, spaces and `_ . : / = + - @`. An administrator may write anything into
//! a tag. A value that cannot be parsed is ignored, which at worst repeats a notice.

mod last_notice;
mod mail_note;
mod quarantine_record;
mod told;
mod undone;

pub use last_notice::{LastNotice, by_text, claimed, unreached};
pub use mail_note::{MailNote, MailState};
pub use quarantine_record::QuarantineRecord;
pub use told::{alerted_value, has_alerted, parse_root_events, root_events_value};
pub use undone::Undone;
pub(crate) use undone::hour;

use jiff::Timestamp;
use strum::{EnumIter, IntoStaticStr};

/// The user tags that the enforcer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum UserTag {
    /// The quarantine: since when, why, and after which event. See [`QuarantineRecord`].
    Quarantined,
    /// The last message to the user. See [`LastNotice`].
    Notified,
    /// The last events that the administrators were alerted about.
    Alerted,
    /// How often somebody undid the quarantine within an hour.
    Undone,
    /// Who exempted the user, and when. See [`crate::exemption::ExemptBy`].
    ExemptBy,
    /// That mail to the user's address does not arrive. See [`MailNote`].
    Mail,
}

impl UserTag {
    /// The tag's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Quarantined => "mfa-enforcer:quarantined",
            Self::Notified => "mfa-enforcer:notified",
            Self::Alerted => "mfa-enforcer:alerted",
            Self::Undone => "mfa-enforcer:undone",
            Self::ExemptBy => "mfa-enforcer:exempt-by",
            Self::Mail => "mfa-enforcer:mail",
        }
    }
}

/// Key of the tag that exempts a user until the end of a day (UTC), set by an administrator: `2026-12-31 TICKET-123`.
pub const EXEMPT_UNTIL_KEY: &str = "mfa-enforcer:exempt-until";
/// Key of the tag by which a person who is not the user approves the release: any value.
pub const APPROVED_KEY: &str = "mfa-enforcer:approved";
/// What the keys of the enforcer's tags begin with, in any case.
pub const PREFIX: &str = "mfa-enforcer:";
/// Key of the alerts topic's tag that holds the ids of the last reported events about root.
pub const ROOT_NOTIFIED_KEY: &str = "mfa-enforcer:root-notified";
/// Key of the tag that holds a user's phone number, for text messages.
pub const PHONE_KEY: &str = "phone";

/// IAM and SNS allow 256 characters in a tag value.
const TAG_VALUE_LIMIT: usize = 256;

/// Why a user is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Cause {
    /// Signed in without MFA after the deadline.
    SignIn,
    /// Got a password when the deadline had already passed.
    PasswordCreated,
    /// The last MFA device was removed.
    MfaRemoved,
    /// A sweep found that the deadline had passed.
    DeadlinePassed,
    /// An administrator decided it, with the command line.
    Operator,
}

/// Kind of notice, as far as later decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum NoticeKind {
    /// A welcome that names the deadline.
    Welcome,
    /// A reminder before the user is contained.
    Reminder,
    /// The last reminder before the user is contained.
    FinalNotice,
    /// The user has been contained, and how to get access back.
    Quarantined,
    /// A reminder while the user is contained.
    QuarantineReminder,
    /// The user has enrolled MFA, and somebody else has to approve the release.
    AwaitingApproval,
    /// The user's exemption ends within a week.
    ExemptionEnding,
    /// The user has been released, or is thanked for enrolling in time.
    Released,
    /// The user has been released because the password was removed. The next password gets no grace period: otherwise
    /// anyone who can remove and create passwords could have grace without end.
    PasswordRemoved,
}

impl Cause {
    /// Whether whoever has the password may be a thief: then, with `RELEASE=approval`, somebody else approves the release.
    #[must_use]
    pub fn may_be_a_takeover(self) -> bool {
        match self {
            // Why, only the administrator knows.
            Self::SignIn | Self::MfaRemoved | Self::Operator => true,
            Self::PasswordCreated | Self::DeadlinePassed => false,
        }
    }

    /// Stable name for tags, logs and messages to programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl NoticeKind {
    /// Whether the notice asks the user to set up MFA.
    #[must_use]
    pub fn asks_for_mfa(self) -> bool {
        match self {
            Self::Welcome
            | Self::Reminder
            | Self::FinalNotice
            | Self::Quarantined
            | Self::QuarantineReminder
            | Self::ExemptionEnding => true,
            Self::AwaitingApproval | Self::Released | Self::PasswordRemoved => false,
        }
    }

    /// Whether only who is contained gets the notice.
    #[must_use]
    pub fn tells_of_quarantine(self) -> bool {
        match self {
            Self::Quarantined | Self::QuarantineReminder | Self::AwaitingApproval => true,
            Self::Welcome
            | Self::Reminder
            | Self::FinalNotice
            | Self::ExemptionEnding
            | Self::Released
            | Self::PasswordRemoved => false,
        }
    }

    /// Stable name for tags.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// A time in RFC 3339 format, to the second, which is precise enough for tags and messages.
#[must_use]
pub fn second(time: Timestamp) -> String {
    // With a sign and six digits where a year has not four, so that it can be read again.
    format!("{time:.0}")
}

#[cfg(test)]
mod tests {
    use super::second;
    use jiff::Timestamp;

    #[test]
    fn any_time_can_be_read_again() {
        for time in ["2026-11-24T09:00:00Z", "-002026-11-13T06:00:00Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(second(time.parse().unwrap()), time);
        }
        for time in [Timestamp::MIN, Timestamp::MAX, "2026-11-24T09:00:00.999Z".parse().unwrap()] {
            let again: Timestamp = second(time).parse().unwrap();
            assert_eq!(again.as_second(), time.as_second());
        }
    }
}
