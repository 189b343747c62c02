//! MFA in an account as it is now, for whoever asks outside a sweep: the rows and figures of a record, and no chain.

use super::before::Listing;
use super::controls::{Control, controls};
use super::counts::{Counts, Share};
use super::devices::LookedUp;
use super::record::{Account, Product};
use super::review::{ReviewPeriod, Standing};
use super::row::{Row, Seen};
use crate::digest::{AccountFinding, UserStatus};
use crate::exemption::day;
use crate::settings::Settings;
use crate::snapshot::AccountSnapshot;
use jiff::Timestamp;
use serde::Serialize;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// Who asks about an account.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// ARN of whoever asks.
    pub caller: &'a str,
    /// The account's alias; `None` if it has none.
    pub alias: Option<&'a str>,
    /// When the account was read.
    pub at: Timestamp,
    /// The settings of the deployment, even if there is none yet.
    pub settings: &'a Settings,
}

/// An account as it is now. `docs/report.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// The account.
    pub account: Account,
    /// ARN of whoever asked.
    pub caller: String,
    /// When the account was read.
    pub at: Timestamp,
    /// What is known of root's MFA.
    pub root_mfa: &'static str,
    /// Whether root has access keys.
    pub root_access_keys: bool,
    /// The figures, counted from the rows.
    pub figures: Counts,
    /// How many have MFA, each share with its definition.
    pub coverage: Vec<Share>,
    /// The control map.
    pub controls: Vec<Control>,
    /// Every user.
    pub users: Vec<Row>,
    /// Where the reviews of the records stand; `None` if nobody looked.
    pub reviews: Option<Reviews>,
    /// What could not be read, and why, in words.
    pub unknown: Vec<String>,
}

/// Where the reviews of the records stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reviews {
    /// Whether one is due.
    pub is_open: bool,
    /// The same in words.
    pub says: String,
}

impl Reviews {
    /// As the digest says it, given what is in the bucket.
    fn of(listing: &Listing, period: ReviewPeriod, at: Timestamp) -> Self {
        match period.standing(listing, day(at)) {
            Standing::Signed => {
                Self { is_open: false, says: "the last period that is over was signed".to_owned() }
            }
            Standing::Open(since) => {
                Self { is_open: true, says: AccountFinding::ReviewOpen(since).to_string() }
            }
        }
    }
}

impl Overview {
    /// The account, given the status of each user and the devices that were listed.
    #[must_use]
    pub fn of(
        account: &AccountSnapshot,
        statuses: &[UserStatus],
        looked_up: &LookedUp,
        unknown: Vec<String>,
        asked: Asked<'_>,
    ) -> Self {
        let Asked { settings, at, .. } = asked;
        let row = |(snapshot, status): (_, &UserStatus)| {
            let listed = looked_up.devices(&status.id);
            Row::of(Seen { snapshot, status, live: None, listed, before: None }, settings, at, at)
        };
        let users: Vec<Row> = account.users.iter().zip(statuses).map(row).collect();
        let figures = Counts::of(&users);
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            account: Account::of(settings, asked.alias),
            caller: asked.caller.to_owned(),
            at,
            root_mfa: account.root.mfa.code(),
            root_access_keys: account.root.access_keys,
            coverage: figures.shares(),
            controls: controls(&figures, &account.root),
            figures,
            users,
            reviews: None,
            unknown,
        }
    }

    /// The same with the reviews that are in the evidence bucket.
    #[must_use]
    pub fn with_reviews(mut self, listing: &Listing, settings: &Settings) -> Self {
        match settings.review_period {
            Some(period) => self.reviews = Some(Reviews::of(listing, period, self.at)),
            None => self.unknown.push(
                "whether a review is due: name the period of the deployment with --review-period, or its settings with \
                 --settings"
                    .to_owned(),
            ),
        }
        self
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        super::json(self)
    }
}
