//! What every message says about those who send it, and in which form it says things.

use super::values::{Form, Setting};
use super::{Problems, Reader, zone};
use crate::device::DeviceKind;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use strum::EnumString;

/// How many characters a name has at most.
const LONGEST_NAME: usize = 30;
/// How many characters of a text are shown when something is wrong with it.
const LONGEST_SHOWN: usize = 64;

/// What the operator wants messages to say about the company, and in which form.
#[derive(Debug, Clone, PartialEq)]
pub struct Letterhead {
    /// `ORGANIZATION_NAME`: who asks; `None` if messages say "your company".
    pub organization: Option<String>,
    /// `CONTACT`: whom users can ask: an e-mail address, a number, or the name of a chat channel.
    pub contact: Option<String>,
    /// `HELP_URL`: the company's own page about MFA.
    pub help_url: Option<String>,
    /// `RUNBOOK_URL`: where the administrators read the runbook; `None` for the file of the repository.
    pub runbook: Option<String>,
    /// `ACCOUNT_NAME`: what people call the account; `None` if its alias stands for it. See [`Letterhead::or_alias`].
    pub account_name: Option<String>,
    /// `TIME_ZONE`: the zone in which messages give times.
    pub zone: TimeZone,
    /// `RECOMMENDED_DEVICE`: the kind of device that messages show first; `None` for the best that the partition has.
    pub recommended: Option<DeviceKind>,
    /// `NOTICE_LINKS`: which links messages have.
    pub links: NoticeLinks,
}

/// Which links messages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum NoticeLinks {
    /// Those to the pages of AWS, to the help page and to the runbook.
    All,
    /// Those to the help page and to the runbook.
    HelpOnly,
    /// None: people are told where to go in words.
    None,
}

impl Letterhead {
    /// The letterhead alone; `variable` looks up an environment variable, as in [`super::Settings::read`].
    ///
    /// # Errors
    /// [`Problems`] lists every variable that is invalid.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut in_force = BTreeMap::new();
        let mut read = Reader { variable: &variable, problems: &mut problems, in_force: &mut in_force };
        Self::read(&mut read).filter(|_| problems.is_empty()).ok_or(Problems(problems))
    }

    /// Reads the variables; `None` if a problem was recorded.
    pub(super) fn read<F: Fn(&str) -> Option<String>>(read: &mut Reader<'_, F>) -> Option<Self> {
        let organization = read.optional(&ORGANIZATION_NAME);
        let account_name = read.optional(&ACCOUNT_NAME);
        let contact = read.optional(&CONTACT);
        let help_url = read.optional(&HELP_URL);
        let runbook = read.one(&RUNBOOK_URL).flatten();
        let name = read.one(&TIME_ZONE);
        let zone = name.and_then(|name| read.known(&TIME_ZONE, zone::of_name(&name)));
        let recommended = read.optional(&RECOMMENDED_DEVICE);
        let links = read.one(&NOTICE_LINKS);
        Some(Self {
            organization,
            contact,
            help_url,
            runbook,
            account_name,
            zone: zone?,
            recommended,
            links: links?,
        })
    }

    /// Who asks, at the beginning of a sentence.
    #[must_use]
    pub fn asker(&self) -> &str {
        self.organization.as_deref().unwrap_or("Your company")
    }

    /// Whom to ask, within a sentence.
    #[must_use]
    pub fn helper(&self) -> &str {
        self.contact.as_deref().unwrap_or("your AWS administrators")
    }

    /// The account as people know it: `Production (1234-5678-9012)`, or its number alone.
    #[must_use]
    pub fn account(&self, number: &str) -> String {
        let number = grouped(number);
        self.account_name.as_ref().map_or_else(|| number.clone(), |name| format!("{name} ({number})"))
    }

    /// The same letterhead, which calls the account by its alias if no name is set and this is one. Nothing else that may
    /// have been answered is shown to anybody.
    #[must_use]
    pub fn or_alias(self, alias: Option<&str>) -> Self {
        let alias = || alias.filter(|alias| is_alias(alias)).map(str::to_owned);
        Self { account_name: self.account_name.or_else(alias), ..self }
    }

    /// A moment with its day: `Tuesday, 24 November 2026, 10:00 CET (09:00 UTC)`.
    #[must_use]
    pub fn moment(&self, time: Timestamp) -> String {
        let here = time.to_zoned_datetime(self.zone.clone());
        let utc = time.to_zoned_datetime(TimeZone::UTC);
        let form = "%A, %-d %B %Y, %H:%M %Z";
        if here.offset().is_zero() && here.strftime("%Z").to_string() == "UTC" {
            return utc.strftime(form).to_string();
        }
        let in_utc = if here.date() == utc.date() { "%H:%M UTC" } else { "%-d %B, %H:%M UTC" };
        format!("{} ({})", here.strftime(form), utc.strftime(in_utc))
    }

    /// A day: `24 November 2026`.
    #[must_use]
    pub fn day(&self, time: Timestamp) -> String {
        time.to_zoned_datetime(self.zone.clone()).strftime("%-d %B %Y").to_string()
    }
}

/// Whether a text is the alias of an account.
///
/// Source: IAM API Reference, `CreateAccountAlias`: 3 to 63 lower-case letters, digits, and single hyphens within.
fn is_alias(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_within = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
    (3..=63).contains(&text.len()) && is_within && text.bytes().all(allowed)
}

/// The number of an account in groups of four, as the console shows it.
pub(crate) fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

pub(super) const ORGANIZATION_NAME: Setting<String> = Setting {
    name: "ORGANIZATION_NAME",
    default: Some(""),
    meaning: "who asks users for MFA, in every message",
    form: Form::Optional,
    expected: "a name of up to 30 characters",
    parse: |value| line(value, LONGEST_NAME),
};
pub(super) const ACCOUNT_NAME: Setting<String> = Setting {
    name: "ACCOUNT_NAME",
    default: Some(""),
    meaning: "what people call the account; without it, messages take the account's alias, if it has one. They give its \
              number as well",
    form: Form::Optional,
    expected: "a name of up to 30 characters",
    parse: |value| line(value, LONGEST_NAME),
};
pub(super) const CONTACT: Setting<String> = Setting {
    name: "CONTACT",
    default: Some(""),
    meaning: "whom users can ask, such as an e-mail address, a telephone number, or a chat channel",
    form: Form::Optional,
    expected: "a text of up to 60 characters",
    parse: |value| line(value, 60),
};
pub(super) const HELP_URL: Setting<String> = Setting {
    name: "HELP_URL",
    default: Some(""),
    meaning: "your own page about MFA, to which messages to users point",
    form: Form::Optional,
    expected: "an address of up to 120 characters that begins with `https://`",
    parse: address,
};
pub(super) const RUNBOOK_URL: Setting<Option<String>> = Setting {
    name: "RUNBOOK_URL",
    default: Some("docs/RUNBOOK.md"),
    meaning: "where your administrators read the runbook, to whose sections messages to them point",
    form: Form::One,
    expected: "an address of up to 120 characters that begins with `https://`, or `docs/RUNBOOK.md`",
    parse: |value| {
        if value == "docs/RUNBOOK.md" { Some(None) } else { address(value).map(Some) }
    },
};
pub(super) const TIME_ZONE: Setting<String> = Setting {
    name: "TIME_ZONE",
    default: Some("UTC"),
    meaning: "the time zone of the times in messages, which give UTC as well",
    form: Form::One,
    expected: "the name of a time zone in the IANA database, such as `Europe/Berlin`",
    parse: |value| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+-/".contains(c);
        let is_name = value.starts_with(|c: char| c.is_ascii_uppercase()) && value.chars().all(allowed);
        (is_name && value.len() <= 50).then(|| value.to_owned())
    },
};
pub(super) const RECOMMENDED_DEVICE: Setting<DeviceKind> = Setting {
    name: "RECOMMENDED_DEVICE",
    default: Some(""),
    meaning: "the kind of device that messages show first; where the partition does not have it, or none is given, the \
              safest that it has",
    form: Form::Optional,
    expected: "`passkey`, `authenticator-app` or `hardware-token`",
    parse: |value| match value {
        "passkey" => Some(DeviceKind::SecurityKeyOrPasskey),
        "authenticator-app" => Some(DeviceKind::Virtual),
        "hardware-token" => Some(DeviceKind::HardwareTotp),
        _ => None,
    },
};
pub(super) const NOTICE_LINKS: Setting<NoticeLinks> = Setting {
    name: "NOTICE_LINKS",
    default: Some("all"),
    meaning: "which links messages have: to the pages of AWS and to your own (`all`), to your help page and your runbook \
              (`help-only`), or `none`",
    form: Form::One,
    expected: "`all`, `help-only` or `none`",
    parse: |value| value.parse().ok(),
};

/// The address of a page.
fn address(value: &str) -> Option<String> {
    let rest = value.strip_prefix("https://")?;
    let allowed = |c: char| c.is_ascii_graphic() && !"\"\\()<>".contains(c);
    (value.len() <= 120 && !rest.is_empty() && rest.chars().all(allowed)).then(|| value.to_owned())
}

/// Whether this character takes no place, or turns the direction of others, so that a text could hide what it says.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A text that was given, as far as it is shown: in one line, with nothing that cannot be seen.
pub(crate) fn shortened(text: &str) -> String {
    let seen = |c: char| {
        if c.is_control() || is_unseen(c) { c.escape_default().to_string() } else { c.to_string() }
    };
    if text.chars().count() <= LONGEST_SHOWN {
        return text.chars().map(seen).collect();
    }
    text.chars().take(LONGEST_SHOWN - 1).map(seen).chain(["…".to_owned()]).collect()
}

/// A line of text that people read. Characters that are not seen, or that turn the direction of others, are not allowed.
pub(super) fn line(value: &str, limit: usize) -> Option<String> {
    ((1..=limit).contains(&value.chars().count()) && value.chars().all(fits_a_line)).then(|| value.to_owned())
}

fn fits_a_line(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{A0}'..='\u{D7FF}') && !is_unseen(c)
}

/// As much of a name from elsewhere as `ACCOUNT_NAME` takes, up to the end of a word if there is one; `None` if that is
/// nothing.
pub(crate) fn account_name_of(name: &str) -> Option<String> {
    let words: Vec<String> =
        name.split_whitespace().map(|word| word.chars().filter(|c| fits_a_line(*c)).collect()).collect();
    let mut fitting = String::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        let space = usize::from(!fitting.is_empty());
        let room = LONGEST_NAME.saturating_sub(fitting.chars().count() + space);
        if word.chars().count() > room && !fitting.is_empty() {
            break;
        }
        if !fitting.is_empty() {
            fitting.push(' ');
        }
        fitting.extend(word.chars().take(room));
    }
    (!fitting.is_empty()).then_some(fitting)
}
