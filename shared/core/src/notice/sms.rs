//! The text message: a single SMS of at most 160 ASCII characters.

use super::phrases::{ascii, reference};
use super::{Alert, Background, Done, ReleasedBy, UserMessage, UserNotice};
use crate::settings::{Mode, grouped};
use crate::tags::Cause;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A single SMS holds 160 characters of the GSM 7-bit alphabet.
pub(super) const LIMIT: usize = 160;

/// Longest name of a company in a text message.
const COMPANY: usize = 20;

/// The text for the user: the company first, and no link, which people are told not to follow. Long names are truncated.
pub(super) fn to_user(notice: &UserNotice) -> String {
    let Background { account, letterhead, .. } = &notice.background;
    let account = grouped(account);
    let name = short(&notice.person.name);
    let company = letterhead.organization.as_deref().and_then(company).unwrap_or_else(|| "AWS".to_owned());
    let day =
        |time: Timestamp| time.to_zoned_datetime(letterhead.zone.clone()).strftime("%-d %b").to_string();
    let ask = |what: &str| {
        format!("{company}: {name}, AWS account {account}: {what}: sign in, then Security credentials.")
    };
    let text = match notice.message {
        UserMessage::Welcome { deadline } | UserMessage::Deadline { deadline, last: false } => {
            ask(&format!("set up MFA by {}", day(deadline)))
        }
        // In the other modes nothing follows.
        UserMessage::Deadline { deadline, last: true } if notice.background.mode != Mode::Enforce => {
            ask(&format!("final notice, set up MFA by {}", day(deadline)))
        }
        UserMessage::Deadline { deadline, last: true } => {
            ask(&format!("access limited from {} unless MFA is set up", day(deadline)))
        }
        UserMessage::Reminder { cause, deadline } => {
            let what = match cause {
                Cause::SignIn => "signed in without MFA",
                Cause::PasswordCreated | Cause::DeadlinePassed => "no MFA yet",
                Cause::MfaRemoved => "MFA was removed",
                Cause::Operator => "limited by an administrator",
            };
            if notice.done.contains(&Done::WithheldByMode) {
                ask(&format!("{what}, set it up now"))
            } else {
                ask(&format!("{what}, set it up by {}", day(deadline)))
            }
        }
        UserMessage::Quarantined { .. } | UserMessage::QuarantineReminder
            if notice.background.needs_approval =>
        {
            ask("access limited, set up MFA, then somebody approves it")
        }
        UserMessage::Quarantined { .. } | UserMessage::QuarantineReminder => {
            ask("access limited until you set up MFA")
        }
        UserMessage::ExemptionEnding { deadline, .. } => {
            ask(&format!("your exemption ends, set up MFA by {}", day(deadline)))
        }
        UserMessage::QuarantinedByHand => ask("limited by your administrators, set up MFA and ask them"),
        UserMessage::Released { by: ReleasedBy::PasswordRemoval, .. } => {
            format!("{company}: {name}, your password for AWS account {account} was removed.")
        }
        UserMessage::AwaitingApproval => format!(
            "{company}: {name}, AWS account {account}: MFA is on. Your access comes back once somebody else has approved \
             your device."
        ),
        UserMessage::Released {
            by: ReleasedBy::Mfa | ReleasedBy::Approval, rest_until: Some(until), ..
        } => format!(
            "{company}: {name}, AWS account {account}: MFA is on. Sign in again with it. Other sessions stay limited until \
             {}.",
            minute(until, &letterhead.zone)
        ),
        UserMessage::Released { was_contained: true, .. } => {
            format!("{company}: {name}, your access to AWS account {account} is back. Thank you.")
        }
        UserMessage::Released { was_contained: false, .. } => {
            format!("{company}: {name}, MFA is on for AWS account {account}. Thank you.")
        }
    };
    with_reference(&text.chars().take(LIMIT).collect::<String>(), &notice.background)
}

/// The text with the reference, if there is room for it.
fn with_reference(text: &str, background: &Background) -> String {
    let longer = format!("{text} Ref. {}.", reference(background));
    if background.episode.is_some() && longer.chars().count() <= LIMIT { longer } else { text.to_owned() }
}

/// The text of an alert for the administrators.
pub(super) fn of_alert(alert: &Alert) -> String {
    let (subject, background) = (&alert.subject, &alert.background);
    let text = format!(
        "AWS account {}: {}, {}, event {}",
        background.account,
        subject.severity().code(),
        subject.kind().code(),
        background.occasion.id()
    );
    text.chars().take(LIMIT).collect()
}

/// The company's name in ASCII, as far as it fits: whole words if there are such. `None` if no letter of it is left.
fn company(name: &str) -> Option<String> {
    let plain: String = name.chars().map(|c| latin(c).map_or_else(|| c.to_string(), str::to_owned)).collect();
    // A name that is partly in another script would be another name.
    if !plain.is_ascii() || !plain.contains(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    if plain.len() <= COMPANY {
        return Some(plain);
    }
    let fits = plain.get(..COMPANY)?;
    let cut =
        if plain.get(COMPANY..).is_some_and(|rest| rest.starts_with(' ')) { None } else { fits.rfind(' ') };
    let words = cut.and_then(|cut| fits.get(..cut)).unwrap_or(fits);
    Some(words.trim_end_matches([' ', ',', '-', '&']).to_owned())
}

/// The letters of Latin-1 Supplement and Latin Extended-A, which are those from U+00C0 to U+017F, in ASCII.
///
/// Source: the Unicode Standard, code charts.
const LATIN: &str = "\
    A A A A Ae Aa Ae C E E E E I I I I D N O O O O Oe x Oe U U U Ue Y Th ss \
    a a a a ae aa ae c e e e e i i i i d n o o o o oe / oe u u u ue y th y \
    A a A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g G g G g H h H h I i I i I i I i I i IJ ij J j \
    K k k L l L l L l L l L l N n N n N n n NG ng O o O o O o Oe oe R r R r R r S s S s S s S s T t T t T t \
    U u U u U u U u U u U u W w Y y Y Z z Z z Z z s";

/// A letter of a European alphabet in ASCII, as people write it who lack the key, and a character of ASCII that counts
/// twice or not at all in the GSM alphabet; `None` for every other character.
///
/// Source: 3GPP TS 23.038, the GSM 7 bit default alphabet and its extension table.
fn latin(c: char) -> Option<&'static str> {
    if ('\u{C0}'..='\u{17F}').contains(&c) {
        return LATIN.split_whitespace().nth(c as usize - 0xC0);
    }
    Some(match c {
        // With a comma below, as Romanian has them.
        'Ș' => "S",
        'ș' => "s",
        'Ț' => "T",
        'ț' => "t",
        'ẞ' => "SS",
        '`' | '\u{B4}' | '\u{2018}' | '\u{2019}' => "'",
        '\u{201C}' | '\u{201D}' => "\"",
        '\u{2013}' | '\u{2014}' | '~' => "-",
        '\\' | '|' => "/",
        '[' | '{' => "(",
        ']' | '}' => ")",
        '^' => "",
        '\u{A0}' => " ",
        _ => return None,
    })
}

fn minute(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned_datetime(zone.clone()).strftime("%-d %b %H:%M %Z").to_string()
}

fn short(name: &str) -> String {
    let name = ascii(name);
    if name.len() <= 15 { name } else { name.chars().take(12).chain("...".chars()).collect() }
}
