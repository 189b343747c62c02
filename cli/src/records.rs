//! A copy of an evidence bucket in a folder.

use anyhow::{Context, bail};
use mfa_enforcer_core::evidence::{Act, Objects, PREFIX, Place};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The objects of one account, as files.
#[derive(Debug, Default)]
pub(crate) struct Records {
    files: BTreeMap<String, PathBuf>,
    /// What could not be read, the first time.
    unread: RefCell<Option<(PathBuf, std::io::Error)>>,
}

impl Records {
    /// The accounts of a copy, each with its objects.
    pub(crate) fn of_accounts(folder: &Path) -> anyhow::Result<BTreeMap<String, Self>> {
        let root = fs::canonicalize(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut accounts: BTreeMap<String, Self> = BTreeMap::new();
        for file in files_below(&root)? {
            if let Some((account, key)) = key_of(&file) {
                accounts.entry(account).or_default().files.insert(key, file);
            }
        }
        if accounts.is_empty() {
            bail!(
                "{} has no file below {PREFIX}ACCOUNT: copy the bucket with its folders (aws s3 sync s3://BUCKET DIR)",
                folder.display()
            );
        }
        Ok(accounts)
    }

    /// The objects of the account, or of the only one there is.
    pub(crate) fn of_account(folder: &Path, account: Option<&str>) -> anyhow::Result<(String, Self)> {
        let mut accounts = Self::of_accounts(folder)?;
        if let Some(account) = account {
            let found = accounts.remove_entry(account);
            return found.with_context(|| format!("{} has nothing of account {account}", folder.display()));
        }
        if accounts.len() > 1 {
            let names: Vec<&str> = accounts.keys().map(String::as_str).collect();
            bail!(
                "{} has several accounts: choose one with --account: {}",
                folder.display(),
                names.join(", ")
            );
        }
        accounts.pop_first().context("there is no account")
    }

    /// The content of an object that has to be there.
    pub(crate) fn content(&self, key: &str) -> anyhow::Result<Vec<u8>> {
        let file = self.files.get(key).with_context(|| format!("{key} is not in the copy"))?;
        fs::read(file).with_context(|| format!("cannot read {}", file.display()))
    }

    /// Every act, and the keys of those that cannot be read as one.
    pub(crate) fn acts(&self) -> anyhow::Result<(Vec<Act>, Vec<&str>)> {
        let (mut acts, mut unreadable) = (Vec::new(), Vec::new());
        let is_act = |key: &&str| matches!(Place::of(key), Some(Place::Act { .. }));
        for key in self.keys().into_iter().filter(is_act) {
            match serde_json::from_slice(&self.content(key)?) {
                Ok(act) => acts.push(act),
                Err(_) => unreadable.push(key),
            }
        }
        Ok((acts, unreadable))
    }

    /// Fails if a file could not be read: what was found is not to be believed then.
    pub(crate) fn are_read(&self) -> anyhow::Result<()> {
        match self.unread.take() {
            None => Ok(()),
            Some((file, error)) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }
}

impl Objects for Records {
    fn keys(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    fn read(&self, key: &str) -> Option<Cow<'_, [u8]>> {
        let file = self.files.get(key)?;
        match fs::read(file) {
            Ok(bytes) => Some(Cow::Owned(bytes)),
            Err(error) => {
                self.unread.borrow_mut().get_or_insert((file.clone(), error));
                None
            }
        }
    }
}

/// The account and the key of a file: what of its path begins with `evidence/ACCOUNT/`. `None` if it has no such part.
pub(crate) fn key_of(file: &Path) -> Option<(String, String)> {
    let parts: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
    let folder = PREFIX.trim_end_matches('/');
    let starts = |pair: &[&str]| matches!(pair, [first, account] if *first == folder && is_account(account));
    let at = parts.windows(2).position(starts)?;
    let key = parts.get(at..)?;
    Some(((*key.get(1)?).to_owned(), key.join("/")))
}

/// Whether this is the number of an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

/// All files below a folder. Links to other folders are not followed.
fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        if entry.file_type().with_context(unreadable)?.is_dir() {
            files.extend(files_below(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}
