//! Users as a plan saw them, with whom a replay can begin.

use super::member::{self, Gaps, PasswordGap};
use crate::device::{MfaDevice, Serial};
use crate::event::UserName;
use crate::evidence::Row;
use crate::facts::UserFacts;
use crate::settings::{Settings, grace_period};
use crate::snapshot::{UNLISTED_SERIAL, UserSnapshot};
use crate::tags::EXEMPT_UNTIL_KEY;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The address of a user of whom a plan says only that mail arrives.
const ADDRESS: &str = "somebody@example.com";

/// What `plan --format json` wrote, as far as a replay begins with it: nobody is in quarantine, and nobody was told
/// anything.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    account: Account,
    from: Timestamp,
    settings: BTreeMap<String, String>,
    users: Vec<Person>,
}

#[derive(Debug, Deserialize)]
struct Account {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Person {
    user: Row,
    reachable: String,
}

impl Snapshot {
    /// Reads what a plan wrote.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json)
            .map_err(|error| format!("is not what `plan --format json` writes: {error}"))
    }

    /// Number of the account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account.id
    }

    /// When the account was read.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.from
    }

    /// The users, with what is not known of each.
    pub(super) fn users(&self, settings: &Settings) -> Vec<(UserSnapshot, Gaps)> {
        let grace = self.settings.get("GRACE_PERIOD").and_then(|period| grace_period(period));
        self.users.iter().filter_map(|person| person.user(grace.unwrap_or_default(), settings)).collect()
    }
}

impl Person {
    fn user(&self, grace: SignedDuration, settings: &Settings) -> Option<(UserSnapshot, Gaps)> {
        let row = &self.user;
        let mut user = UserFacts::bare(UserName::new(&row.name)?, row.id.clone(), row.created);
        // `arn:aws:iam::123456789012:user/path/name`
        let path = row.arn.split_once(":user").and_then(|(_, path)| path.strip_suffix(row.name.as_str()));
        path.unwrap_or("/").clone_into(&mut user.path);
        let password = match row.password.set {
            Some(false) => PasswordGap::None,
            Some(true) => {
                // The deadline tells when the password was created, which the report does not.
                let by_deadline = row.deadline.and_then(|deadline| deadline.checked_sub(grace).ok());
                user.login_profile_created = by_deadline.or(row.password.changed).or(Some(row.created));
                PasswordGap::None
            }
            None => {
                user.login_profile_created = Some(row.created);
                PasswordGap::All
            }
        };
        let device = |enrolled: Option<Timestamp>| MfaDevice {
            serial: Serial::listed(UNLISTED_SERIAL),
            enabled: enrolled.unwrap_or(row.created),
        };
        user.devices = row.mfa.devices.iter().map(|known| device(known.enrolled)).collect();
        if row.mfa.has == Some(true) && user.devices.is_empty() {
            user.devices.push(device(None));
        }
        if let Some(exempt) = row.exemption.as_ref().filter(|exempt| exempt.kind == "tag")
            && let Some(until) = exempt.until
        {
            let reason = exempt.reason.as_deref().unwrap_or_default();
            user.tags.insert(EXEMPT_UNTIL_KEY.to_owned(), format!("{until} {reason}").trim_end().to_owned());
        }
        if self.reachable != "no-address" {
            let key = settings.contact_tag_key.as_deref().unwrap_or("email");
            user.tags.insert(key.to_owned(), ADDRESS.to_owned());
        }
        let gaps = Gaps { password, devices: row.mfa.has.is_none(), rest: false };
        Some((member::snapshot(user), gaps))
    }
}
