//! What can be set for accounts.

use crate::settings::{is_unseen, nearest, problem_of, shortened};
use jiff::civil::Date;

/// How many characters a reason may have.
const LONGEST_REASON: usize = 200;

/// A value of a setting, as the document gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// Name of the setting: `GRACE_PERIOD`.
    pub(super) setting: &'static str,
    /// The value.
    pub(super) value: String,
    /// The line, from 1.
    pub(super) line: usize,
    /// Why.
    pub(super) reason: Option<String>,
    /// The last day on which it holds (UTC).
    pub(super) until: Option<Date>,
}

/// A setting that accounts may differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OfAccounts {
    pub(super) name: &'static str,
    pub(super) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A single value.
    One,
    /// A single value that exempts users, and so has to have a reason.
    Exemption,
    /// A list, of which the last one given holds.
    List,
    /// A list of exemptions, each under this key. They add up.
    Exemptions(&'static str),
}

const fn one(name: &'static str) -> OfAccounts {
    OfAccounts { name, form: Form::One }
}

/// The mode, which can be limited for all accounts.
pub(super) const MODE_OF_ALL: OfAccounts = one("MODE");

/// Every setting that accounts may differ in. The others belong to the hub, which is there once.
pub(super) const OF_ACCOUNTS: [OfAccounts; 21] = [
    MODE_OF_ALL,
    one("GRACE_PERIOD"),
    one("ENFORCE_FROM"),
    OfAccounts { name: "REMIND_BEFORE", form: Form::List },
    one("QUARANTINE_SCOPE"),
    one("RELEASE"),
    one("RELEASE_AFTER"),
    one("MAX_QUARANTINES"),
    one("ADMIN_COPIES"),
    one("CONTACT_TAG_KEY"),
    one("ORGANIZATION_NAME"),
    one("ACCOUNT_NAME"),
    one("CONTACT"),
    one("HELP_URL"),
    one("RUNBOOK_URL"),
    one("TIME_ZONE"),
    one("RECOMMENDED_DEVICE"),
    one("NOTICE_LINKS"),
    OfAccounts { name: "EXEMPT_USERS", form: Form::Exemptions("name") },
    OfAccounts { name: "EXEMPT_PATHS", form: Form::Exemptions("path") },
    OfAccounts { name: "BREAK_GLASS_PATH", form: Form::Exemption },
];

/// The names of all settings that accounts may differ in, as the functions know them.
pub fn settings_of_accounts() -> impl Iterator<Item = &'static str> {
    OF_ACCOUNTS.iter().map(|setting| setting.name)
}

/// How a setting is written in the document: `grace_period`.
pub(super) fn key_of(setting: &str) -> String {
    setting.to_lowercase()
}

/// The setting with this key, or what is wrong with the key.
pub(super) fn setting_of(key: &str) -> Result<OfAccounts, String> {
    if let Some(setting) = OF_ACCOUNTS.iter().find(|setting| key_of(setting.name) == key) {
        return Ok(*setting);
    }
    if OF_ACCOUNTS.iter().any(|setting| setting.name == key) {
        return Err(format!("`{key}` is written `{}` here", key_of(key)));
    }
    if crate::settings::is_setting(&key.to_uppercase()) {
        return Err(format!("`{key}` cannot differ between accounts: it is a parameter of the hub's stack"));
    }
    let keys: Vec<String> = OF_ACCOUNTS.iter().map(|setting| key_of(setting.name)).collect();
    Err(unknown("setting", key, keys.iter().map(String::as_str)))
}

/// What to say of a key that does not exist.
pub(super) fn unknown<'a>(kind: &str, key: &str, keys: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = nearest(key, keys.clone()).map_or_else(
        || format!("expected one of {}", keys.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    format!("there is no {kind} `{}`: {hint}", shortened(key))
}

/// Whether a setting of this name says who is exempt.
pub(super) fn exempts(name: &str) -> bool {
    OF_ACCOUNTS.iter().any(|setting| setting.name == name && setting.exempts())
}

impl Given {
    /// Whether it counts beside others of the same setting.
    pub(super) fn adds_up(&self) -> bool {
        OF_ACCOUNTS.iter().any(|setting| setting.name == self.setting && setting.adds_up())
    }
}

impl OfAccounts {
    /// Whether all that is given of it holds, and not only the last.
    pub(super) fn adds_up(self) -> bool {
        matches!(self.form, Form::Exemptions(_))
    }

    /// Whether it says who is exempt.
    pub(super) fn exempts(self) -> bool {
        matches!(self.form, Form::Exemptions(_) | Form::Exemption)
    }

    /// Why a tag of the account cannot tell it; `None` if it can.
    pub(super) fn lacks_room_in_tag(self) -> Option<&'static str> {
        match self.form {
            Form::One => None,
            Form::List | Form::Exemptions(_) => Some("a tag has no room for a list"),
            Form::Exemption => Some("a tag has no room for a reason"),
        }
    }

    /// What is wrong with a value, or with an entry of the list.
    pub(super) fn problem(self, value: &str) -> Option<String> {
        let is_list = matches!(self.form, Form::List | Form::Exemptions(_));
        if is_list && value.chars().any(|c| c == ',' && self.form == Form::List || c.is_whitespace()) {
            return Some(format!("has the entry `{}`: write each one by itself", shortened(value)));
        }
        if is_list && value.is_empty() {
            return Some("has an empty entry: leave it out".to_owned());
        }
        problem_of(self.name, value)
    }

    /// What is wrong with no value at all.
    pub(super) fn no_value(self) -> &'static str {
        match self.form {
            Form::List | Form::Exemptions(_) => "has no value: write [] for none",
            Form::One | Form::Exemption if self.problem("").is_none() => {
                "has no value: write '' for none, and quote a text with #"
            }
            Form::One | Form::Exemption => "has no value: write one",
        }
    }
}

/// A reason, or what is wrong with it.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let length = text.chars().count();
    if text.is_empty() {
        return Err("`reason` is empty: say why, or name a ticket".to_owned());
    }
    if length > LONGEST_REASON {
        return Err(format!("`reason` has {length} characters, expected at most {LONGEST_REASON}"));
    }
    if text.chars().any(|c| c.is_control() || is_unseen(c)) {
        return Err("`reason` has characters that cannot be seen, or several lines".to_owned());
    }
    Ok(text.to_owned())
}

/// A day, or what is wrong with it.
pub(super) fn until(text: &str) -> Result<Date, String> {
    if text.is_empty() {
        return Err(
            "`until` is empty, expected the last day on which it holds, such as 2027-01-31".to_owned()
        );
    }
    let day = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    day.ok_or_else(|| {
        format!(
            "`until` is `{}`, expected the last day on which it holds, such as 2027-01-31",
            shortened(text)
        )
    })
}
