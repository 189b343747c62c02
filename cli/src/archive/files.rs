//! Which files an archive has.

use crate::access::Access;
use crate::store::{Address, Store};
use anyhow::{Context, bail};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs};
use tokio::runtime::{Builder, Runtime};

/// Folders in a trail's bucket that hold no records: signed digests of its files.
const DIGESTS: [&str; 2] = ["CloudTrail-Digest", "CloudTrail-Aggregated-Digest"];

/// Something that holds records.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A file, with its size in bytes.
    File(PathBuf, u64),
    /// An object in a bucket.
    Object { bucket: Arc<Bucket>, key: String, size: u64 },
    /// Standard input.
    Input,
}

impl Source {
    /// Its content.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::File(path, _) => Box::new(File::open(path)?),
            Self::Object { bucket, key, .. } => Box::new(bucket.fetch(key)?),
            Self::Input => Box::new(io::stdin()),
        })
    }

    /// How many bytes it has; 0 if that is not known.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(_, size) | Self::Object { size, .. } => *size,
            Self::Input => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, _) => write!(f, "{}", path.display()),
            Self::Object { bucket, key, .. } => write!(f, "s3://{}/{key}", bucket.address.bucket),
            Self::Input => f.write_str("standard input"),
        }
    }
}

/// A bucket with an archive, for threads that wait for it.
#[derive(Debug)]
pub(crate) struct Bucket {
    runtime: Runtime,
    store: Store,
    address: Address,
}

impl Bucket {
    fn open(address: Address, access: &Access) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let store = runtime.block_on(Store::open(access, &address))?;
        Ok(Self { runtime, store, address })
    }

    /// The objects whose keys begin as the address does.
    fn objects(self) -> anyhow::Result<Vec<Source>> {
        let Address { bucket, prefix } = &self.address;
        let listed = self.runtime.block_on(self.store.list(prefix))?;
        let of_records = listed.into_iter().filter(|(key, _)| !key.split('/').any(is_passed_over));
        let of_records: Vec<_> = of_records.collect();
        if of_records.is_empty() {
            bail!("the bucket `{bucket}` has no object whose key begins with `{prefix}`");
        }
        let bucket = Arc::new(self);
        let object = |(key, size)| Source::Object { bucket: Arc::clone(&bucket), key, size };
        Ok(of_records.into_iter().map(object).collect())
    }

    /// The object in a file without a name, so that no memory grows with it. A connection that ends early is tried again.
    fn fetch(&self, key: &str) -> io::Result<File> {
        self.fetch_once(key).or_else(|_| self.fetch_once(key))
    }

    fn fetch_once(&self, key: &str) -> io::Result<File> {
        let mut file = tempfile::tempfile()?;
        self.runtime.block_on(self.store.fetch(key, &mut file))?;
        file.rewind()?;
        Ok(file)
    }
}

/// Whether a file or folder of this name holds no records.
fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || DIGESTS.contains(&name)
}

/// What these paths name: files themselves, all below a folder in the order of their names, objects in a bucket, or `-`
/// for standard input. Folders that cannot be read are handed to `unreadable`.
///
/// # Errors
/// If a path that was named is not there, or a bucket does not answer.
pub(crate) fn sources(
    paths: &[PathBuf],
    access: &Access,
    mut unreadable: impl FnMut(&Path, &io::Error),
) -> anyhow::Result<Vec<Source>> {
    let mut found = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            found.push(Source::Input);
            continue;
        }
        if let Some(address) = Address::of(path)? {
            found.extend(Bucket::open(address, access)?.objects()?);
            continue;
        }
        let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if metadata.is_dir() {
            below(path, &mut found, &mut unreadable);
        } else {
            found.push(Source::File(path.clone(), metadata.len()));
        }
    }
    Ok(found)
}

/// All files below a folder, in the order of their names. Links to folders are not followed.
fn below(folder: &Path, found: &mut Vec<Source>, unreadable: &mut impl FnMut(&Path, &io::Error)) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unreadable(folder, &error),
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => unreadable(folder, &error),
        }
    }
    paths.sort();
    for path in paths {
        let is_passed_over = path.file_name().is_some_and(|name| is_passed_over(&name.to_string_lossy()));
        match fs::symlink_metadata(&path)
            .and_then(|own| if own.is_symlink() { fs::metadata(&path) } else { Ok(own) })
        {
            Ok(_) if is_passed_over => {}
            Ok(metadata) if metadata.is_dir() => {
                if !path.is_symlink() {
                    below(&path, found, unreadable);
                }
            }
            Ok(metadata) => found.push(Source::File(path, metadata.len())),
            Err(error) => unreadable(&path, &error),
        }
    }
}
