//! The records of accounts: in the evidence bucket, or in a copy of it in a folder.

use crate::access::Access;
use crate::store::{Address, Store};
use anyhow::{Context, bail};
use futures_util::stream::{self, StreamExt, TryStream, TryStreamExt};
use mfa_enforcer_core::evidence::{Act, Objects, PREFIX, Place, account_prefix};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How many objects are fetched at the same time.
const AT_ONCE: usize = 16;

/// The objects of one account.
#[derive(Debug, Default)]
pub(crate) struct Records {
    contents: BTreeMap<String, Content>,
    /// The bucket, if it is none in a folder.
    store: Option<Store>,
    /// What could not be read, the first time.
    unread: RefCell<Option<(String, io::Error)>>,
}

/// Where the content of an object is.
#[derive(Debug)]
enum Content {
    /// In a file.
    File(PathBuf),
    /// In the bucket, under this key.
    Object(String),
    /// In a part of a file with all that was fetched. It has no name, and is gone once nobody has it open.
    Fetched { spool: Rc<File>, offset: u64, size: usize },
}

impl Content {
    fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::File(file) => fs::read(file),
            Self::Object(object) => Err(io::Error::other(format!("{object} was not fetched"))),
            Self::Fetched { spool, offset, size } => {
                let mut spool: &File = spool;
                spool.seek(SeekFrom::Start(*offset))?;
                let mut bytes = vec![0; *size];
                spool.read_exact(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

impl Records {
    /// The accounts that a bucket or a copy has, each with its objects.
    pub(crate) async fn of_accounts(place: &Path, access: &Access) -> anyhow::Result<BTreeMap<String, Self>> {
        Self::below(place, "", access).await
    }

    /// The objects of the account, or of the only one there is.
    pub(crate) async fn of_account(
        place: &Path,
        account: Option<&str>,
        access: &Access,
    ) -> anyhow::Result<(String, Self)> {
        let folder = account.map(|account| format!("{account}/")).unwrap_or_default();
        let mut accounts = Self::below(place, &folder, access).await?;
        if let Some(account) = account {
            let found = accounts.remove_entry(account);
            return found.with_context(|| format!("{} has nothing of account {account}", place.display()));
        }
        if accounts.len() > 1 {
            let names: Vec<&str> = accounts.keys().map(String::as_str).collect();
            bail!(
                "{} has several accounts: choose one with --account: {}",
                place.display(),
                names.join(", ")
            );
        }
        accounts.pop_first().context("there is no account")
    }

    /// All accounts of a place, or the one that is meant. `is_one` if there may be but one.
    pub(crate) async fn of_chosen(
        place: &Path,
        account: Option<&str>,
        is_one: bool,
        access: &Access,
    ) -> anyhow::Result<BTreeMap<String, Self>> {
        if is_one || account.is_some() {
            return Ok([Self::of_account(place, account, access).await?].into());
        }
        Self::of_accounts(place, access).await
    }

    /// What a bucket has of an account, which may be nothing.
    pub(crate) async fn in_bucket(store: &Store, account: &str) -> anyhow::Result<Self> {
        let listed = store.list(&account_prefix(account)).await?;
        let contents = listed.into_iter().map(|(key, _)| (key.clone(), Content::Object(key)));
        Ok(Self { contents: contents.collect(), store: Some(store.clone()), ..Self::default() })
    }

    async fn below(place: &Path, folder: &str, access: &Access) -> anyhow::Result<BTreeMap<String, Self>> {
        if let Some(address) = Address::of(place)? {
            return listed(&address, folder, access).await;
        }
        let root = fs::canonicalize(place).with_context(|| format!("cannot read {}", place.display()))?;
        let mut accounts: BTreeMap<String, Self> = BTreeMap::new();
        for file in files_below(&root)? {
            let Some((account, key)) = key_of(&file) else { continue };
            let contents = &mut accounts.entry(account).or_default().contents;
            if let Some(Content::File(other)) = contents.insert(key, Content::File(file.clone())) {
                let (file, other) = (file.display(), other.display());
                bail!("{file} and {other} are both in the place of one object: name a folder with one copy");
            }
        }
        if accounts.is_empty() {
            bail!(
                "{} has no file below {PREFIX}ACCOUNT: copy the bucket with its folders (aws s3 sync s3://BUCKET DIR)",
                place.display()
            );
        }
        Ok(accounts)
    }

    /// The content of an object that has to be there.
    pub(crate) async fn content(&self, key: &str) -> anyhow::Result<Vec<u8>> {
        let content = self.contents.get(key).with_context(|| format!("{key} is not there"))?;
        let read = match (content, &self.store) {
            (Content::Object(object), Some(store)) => {
                let mut bytes = Vec::new();
                store.fetch(object, &mut bytes).await.map(|()| bytes)
            }
            (Content::Object(_) | Content::File(_) | Content::Fetched { .. }, _) => content.read(),
        };
        read.with_context(|| format!("cannot read {key}"))
    }

    /// Fetches what is not here, for whoever reads all of it.
    pub(crate) async fn fetch(&mut self) -> anyhow::Result<()> {
        if self.store.is_none() {
            return Ok(());
        }
        let spool = Rc::new(tempfile::tempfile().context("cannot write a temporary file")?);
        let (mut offset, mut fetched) = (0, BTreeMap::new());
        let mut fetching = self.each(self.contents.keys());
        while let Some((key, bytes)) = fetching.try_next().await? {
            let mut to: &File = &spool;
            to.write_all(&bytes).context("cannot write a temporary file")?;
            let content = Content::Fetched { spool: Rc::clone(&spool), offset, size: bytes.len() };
            fetched.insert(key.to_owned(), content);
            offset += bytes.len() as u64;
        }
        drop(fetching);
        self.contents = fetched;
        Ok(())
    }

    /// The contents of these objects, in this order.
    fn each<'a>(
        &'a self,
        keys: impl IntoIterator<Item = &'a String>,
    ) -> impl TryStream<Ok = (&'a str, Vec<u8>), Error = anyhow::Error> + Unpin {
        let contents =
            keys.into_iter().map(move |key| async move { Ok((key.as_str(), self.content(key).await?)) });
        Box::pin(stream::iter(contents.collect::<Vec<_>>()).buffered(AT_ONCE))
    }

    /// Every act, and the keys of those that cannot be read as one.
    pub(crate) async fn acts(&self) -> anyhow::Result<(Vec<Act>, Vec<&str>)> {
        let (mut acts, mut unreadable) = (Vec::new(), Vec::new());
        let is_act = |key: &&String| matches!(Place::of(key), Some(Place::Act { .. }));
        let mut contents = self.each(self.contents.keys().filter(is_act));
        while let Some((key, bytes)) = contents.try_next().await? {
            match serde_json::from_slice(&bytes) {
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
            Some((key, error)) => Err(error).with_context(|| format!("cannot read {key}")),
        }
    }
}

impl Objects for Records {
    fn keys(&self) -> Vec<&str> {
        self.contents.keys().map(String::as_str).collect()
    }

    fn read(&self, key: &str) -> Option<Cow<'_, [u8]>> {
        match self.contents.get(key)?.read() {
            Ok(bytes) => Some(Cow::Owned(bytes)),
            Err(error) => {
                self.unread.borrow_mut().get_or_insert((key.to_owned(), error));
                None
            }
        }
    }
}

/// What a bucket has of the accounts, or of the one with this folder.
async fn listed(
    address: &Address,
    folder: &str,
    access: &Access,
) -> anyhow::Result<BTreeMap<String, Records>> {
    let store = Store::open(access, address).await?;
    // A bucket may have more than evidence. A prefix is taken as it is.
    let prefix = match address.prefix.as_str() {
        "" => format!("{PREFIX}{folder}"),
        prefix => prefix.to_owned(),
    };
    let mut accounts: BTreeMap<String, Records> = BTreeMap::new();
    for (object, _) in store.list(&prefix).await? {
        let found = key_of(Path::new(&object));
        // In a whole bucket, a key that only contains such a place may stand in for a record that was changed.
        let found = found.filter(|(_, key)| !address.prefix.is_empty() || *key == object);
        if let Some((account, key)) = found {
            let records = accounts.entry(account).or_default();
            records.store.get_or_insert_with(|| store.clone());
            if let Some(Content::Object(other)) =
                records.contents.insert(key, Content::Object(object.clone()))
            {
                bail!("{object} and {other} are both in the place of one object: name a longer prefix");
            }
        }
    }
    if accounts.is_empty() {
        bail!("the bucket `{}` has nothing below {prefix}, so there are no records", address.bucket);
    }
    Ok(accounts)
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
