//! What holds in an account, and where it comes from.

use super::value::{Given, OF_ACCOUNTS, key_of, setting_of};
use super::{Document, TAG_PREFIX, Unit};
use crate::organization::{Account, Unplaced};
use crate::settings::{Mode, account_name_of, shortened};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const MODE: &str = "MODE";
const ACCOUNT_NAME: &str = "ACCOUNT_NAME";
const MAX_QUARANTINES: &str = "MAX_QUARANTINES";

/// Where a value was given. A later one wins over an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "level", rename_all = "kebab-case")]
pub enum Level {
    /// In the hub's stack, or by default.
    Hub,
    /// The account's own name, as the organization has it.
    Name,
    /// For all accounts.
    Defaults,
    /// For all accounts below a unit.
    Unit {
        /// How the document names it.
        unit: String,
    },
    /// By a tag of the account.
    Tag,
    /// For this account.
    Account,
    /// For the whole document: the most that is done anywhere.
    Root,
}

/// A value that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Name of the setting: `GRACE_PERIOD`.
    pub setting: &'static str,
    /// The value, or one user or path who is exempt.
    pub value: String,
    /// Where it was given.
    pub from: Level,
    /// The line in the document, from 1; `None` if it was not given there.
    pub line: Option<usize>,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which it holds (UTC); `None` if it has no end.
    pub until: Option<Date>,
}

/// What the document sets for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// What holds. Exemptions are single entries, and a setting may have several of them.
    pub held: Vec<Held>,
    /// What held once, and has ended.
    pub ended: Vec<Held>,
    /// What is wrong with the tags of the account. These tags do nothing.
    pub faults: Vec<String>,
    /// The mode at the root of the document; `None` if there is none, or it has ended.
    most: Option<Held>,
    /// What holds where no unit and no account says anything else: by setting.
    everywhere: BTreeMap<&'static str, String>,
}

impl Resolved {
    /// The value of a variable of the functions; `None` if that of the hub holds.
    #[must_use]
    pub fn variable(&self, setting: &str) -> Option<String> {
        let held: Vec<&str> =
            self.held.iter().filter(|held| held.setting == setting).map(|held| held.value.as_str()).collect();
        // The hub's name would be that of another account.
        (!held.is_empty() || setting == ACCOUNT_NAME).then(|| held.join(" "))
    }

    /// The value of a variable where no unit and no account says anything else; `None` if that of the hub holds.
    #[must_use]
    pub fn everywhere(&self, setting: &str) -> Option<&str> {
        self.everywhere.get(setting).map(String::as_str)
    }

    /// `MAX_QUARANTINES` where no unit and no account says anything else, given that of the hub; `None` for no limit.
    #[must_use]
    pub fn max_quarantines_everywhere(&self, hub: Option<usize>) -> Option<usize> {
        match self.everywhere(MAX_QUARANTINES).map(str::parse::<usize>) {
            Some(Ok(limit)) => Some(limit).filter(|limit| *limit > 0),
            Some(Err(_)) | None => hub,
        }
    }

    /// What holds instead of a value that is chosen elsewhere, which otherwise wins: the mode at the root of the document,
    /// if this is a mode that does more.
    #[must_use]
    pub fn instead_of(&self, setting: &'static str, value: &str) -> Option<String> {
        let most = self.most.as_ref().filter(|_| setting == MODE)?;
        Held::untold(setting, value, Level::Hub).does_more_than(most).then(|| most.value.clone())
    }
}

impl Resolved {
    /// The same where nobody is contained, with the reason in a sentence.
    pub(in crate::organization) fn without_containment(mut self, why: String) -> Self {
        for held in self.held.iter_mut().filter(|held| held.setting == MODE) {
            if held.value.parse::<Mode>() == Ok(Mode::Enforce) {
                Mode::Notify.name().clone_into(&mut held.value);
                held.from = Level::Root;
            }
        }
        self.faults.push(why);
        self
    }
}

impl Document {
    /// What holds in an account with these tags at a time, where the hub has these settings.
    ///
    /// Of values, the last one counts: the hub's, then for all accounts, then for the units from the root down, then the
    /// account's tag, then the account. Exemptions add up. What has ended counts as not given. Above all, the mode at the root of the
    /// document is the most that is done.
    #[must_use]
    pub fn of_account(
        &self,
        account: &Account,
        tags: &BTreeMap<String, String>,
        hub: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Resolved {
        let today = today(now);
        let mut resolved = Resolved::default();
        let (mut last, mut exemptions) = of_hub(hub);
        if let Some(name) = account_name_of(&account.name) {
            last.insert(ACCOUNT_NAME, Held::untold(ACCOUNT_NAME, &name, Level::Name));
        }
        for (level, given) in self.levels(account) {
            let held = Held::of(given, level);
            if held.has_ended(today) {
                resolved.ended.push(held);
            } else if given.adds_up() {
                exemptions.push(held);
            } else {
                if held.from == Level::Defaults {
                    resolved.everywhere.insert(given.setting, held.value.clone());
                }
                last.insert(given.setting, held);
            }
        }
        let (of_tags, faults) = self.of_tags(tags);
        resolved.faults = faults;
        for tag in of_tags {
            // What is said of the account itself is above its tags.
            if last.get(tag.setting).is_none_or(|held| held.from != Level::Account) {
                last.insert(tag.setting, tag);
            }
        }
        if let Some(most) = &self.most {
            let most = Held::of(most, Level::Root);
            if most.has_ended(today) {
                resolved.ended.push(most);
            } else {
                if last.get(MODE).is_none_or(|held| held.does_more_than(&most)) {
                    last.insert(MODE, most.clone());
                }
                resolved.most = Some(most);
            }
        }
        resolved.held = last.into_values().chain(exemptions).collect();
        resolved
    }

    /// Why it is not known what holds in an account; `None` if it is.
    #[must_use]
    pub fn cannot_place(&self, account: &Account) -> Option<Unplaced> {
        let is_lost = !self.units.is_empty() && account.units.is_empty();
        is_lost.then_some(Unplaced::Moved)
    }

    /// What the document gives and what has ended at a time, wherever it is given.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Vec<String> {
        let of_unit = |unit: &Unit| Level::Unit { unit: unit.key.text().to_owned() };
        let blocks = [(Level::Defaults, &self.defaults)]
            .into_iter()
            .chain(self.units.iter().map(|unit| (of_unit(unit), &unit.block)))
            .chain(self.accounts.values().map(|(_, block)| (Level::Account, block)));
        let given = blocks.flat_map(|(level, block)| block.each().map(move |given| (level.clone(), given)));
        let all = given.chain(self.most.iter().map(|most| (Level::Root, most)));
        let held = all.map(|(level, given)| Held::of(given, level));
        in_words(held.filter(|held| held.has_ended(today(now))).collect::<Vec<_>>().iter())
    }

    /// Everything that is given for an account, the last one last, but for its tags.
    fn levels<'a>(&'a self, account: &'a Account) -> impl Iterator<Item = (Level, &'a Given)> {
        let of_unit = |unit: &Unit| Level::Unit { unit: unit.key.text().to_owned() };
        let units = (0..account.units.len()).flat_map(|depth| self.units_at(account, depth));
        let blocks = [(Level::Defaults, &self.defaults)]
            .into_iter()
            .chain(units.map(move |unit| (of_unit(unit), &unit.block)))
            .chain(self.accounts.get(&account.id).map(|(_, block)| (Level::Account, block)));
        blocks.flat_map(|(level, block)| block.each().map(move |given| (level.clone(), given)))
    }

    /// What the document says of the unit at this depth above an account, the root being 0.
    fn units_at<'a>(&'a self, account: &Account, depth: usize) -> impl Iterator<Item = &'a Unit> {
        let path = account.units.get(..=depth).unwrap_or_default().to_vec();
        let id = account.unit_ids.get(depth).cloned().unwrap_or_default();
        self.units.iter().filter(move |unit| unit.key.is_of(&id, &path))
    }

    /// What the tags of an account say, as far as they may; and what is wrong with them.
    fn of_tags(&self, tags: &BTreeMap<String, String>) -> (Vec<Held>, Vec<String>) {
        let (mut held, mut faults) = (Vec::new(), Vec::new());
        for (tag, value) in tags {
            let Some(key) = tag.strip_prefix(TAG_PREFIX).filter(|_| self.asks_tags()) else { continue };
            match self.of_tag(key, value.trim()) {
                Ok(told) => held.push(told),
                Err(why) => faults.push(format!("the tag {} does nothing: {why}", shortened(tag))),
            }
        }
        (held, faults)
    }

    fn of_tag(&self, key: &str, value: &str) -> Result<Held, String> {
        let setting = setting_of(key)?;
        if !self.by_tag.contains(&setting.name) {
            return Err(format!("`account_tags` does not list `{key}`"));
        }
        if value.is_empty() {
            return Err("it has no value".to_owned());
        }
        match setting.problem(value) {
            Some(problem) => Err(format!("`{key}` {problem}")),
            None => Ok(Held::untold(setting.name, value, Level::Tag)),
        }
    }
}

/// The day on which values may end.
fn today(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
}

/// What has ended, once each, by line.
pub(super) fn in_words<'a>(ended: impl Iterator<Item = &'a Held>) -> Vec<String> {
    let line = |held: &Held| {
        let until = held.until.map(|until| until.to_string()).unwrap_or_default();
        (held.line, format!("{} {} ({}): ended after {until}", held.key(), held.value, held.origin()))
    };
    let lines: BTreeSet<(Option<usize>, String)> = ended.map(line).collect();
    lines.into_iter().map(|(_, text)| text).collect()
}

/// What the hub's settings say of accounts: values, and exemptions.
fn of_hub(hub: &BTreeMap<String, String>) -> (BTreeMap<&'static str, Held>, Vec<Held>) {
    let (mut last, mut exemptions) = (BTreeMap::new(), Vec::new());
    for setting in OF_ACCOUNTS {
        let value = hub.get(setting.name).map(String::as_str).unwrap_or_default();
        if setting.adds_up() {
            let each = value.split_whitespace().map(|entry| Held::untold(setting.name, entry, Level::Hub));
            exemptions.extend(each);
        } else if !value.is_empty() && setting.name != ACCOUNT_NAME {
            last.insert(setting.name, Held::untold(setting.name, value, Level::Hub));
        }
    }
    (last, exemptions)
}

impl Held {
    fn of(given: &Given, from: Level) -> Self {
        Self {
            setting: given.setting,
            value: given.value.clone(),
            from,
            line: Some(given.line),
            reason: given.reason.clone(),
            until: given.until,
        }
    }

    /// What the document does not say itself.
    fn untold(setting: &'static str, value: &str, from: Level) -> Self {
        Self { setting, value: value.to_owned(), from, line: None, reason: None, until: None }
    }

    fn has_ended(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Of two modes, whether this one does more.
    fn does_more_than(&self, most: &Self) -> bool {
        let mode = |held: &Self| held.value.parse::<Mode>().ok();
        mode(self) > mode(most)
    }

    /// How the document writes the setting: `grace_period`.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(self.setting)
    }

    /// Where it was given, in words: the place alone.
    #[must_use]
    pub fn place(&self) -> &str {
        match &self.from {
            Level::Hub => "the hub",
            Level::Name => "the account's name",
            Level::Tag => "tag",
            Level::Defaults => "defaults",
            Level::Unit { unit } => unit,
            Level::Account => "account",
            Level::Root => "the whole document",
        }
    }

    /// Where it was given, in words, with the line.
    #[must_use]
    pub fn origin(&self) -> String {
        match self.line {
            Some(line) => format!("{}, line {line}", self.place()),
            None => self.place().to_owned(),
        }
    }
}
