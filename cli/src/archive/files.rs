//! Which files an archive has.

use anyhow::Context;
use mfa_enforcer_archive::decompressed;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// Folders in a trail's bucket that hold no records: signed digests of its files.
const DIGESTS: [&str; 2] = ["CloudTrail-Digest", "CloudTrail-Aggregated-Digest"];

/// Something that holds records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file, with its size in bytes.
    File(PathBuf, u64),
    /// Standard input.
    Input,
}

impl Source {
    /// Its content, decompressed.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::File(path, _) => decompressed(File::open(path)?),
            Self::Input => decompressed(io::stdin()),
        }
    }

    /// How many bytes it has; 0 if that is not known.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(_, size) => *size,
            Self::Input => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, _) => write!(f, "{}", path.display()),
            Self::Input => f.write_str("standard input"),
        }
    }
}

/// The files that these paths name: files themselves, all below a folder in the order of their names, or `-` for standard
/// input. Folders that cannot be read are handed to `unreadable`.
///
/// # Errors
/// If a path that was named is not there.
pub(crate) fn sources(
    paths: &[PathBuf],
    mut unreadable: impl FnMut(&Path, &io::Error),
) -> anyhow::Result<Vec<Source>> {
    let mut found = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            found.push(Source::Input);
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
        let name = path.file_name().unwrap_or_default();
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        match fs::symlink_metadata(&path)
            .and_then(|own| if own.is_symlink() { fs::metadata(&path) } else { Ok(own) })
        {
            Ok(_) if is_hidden || DIGESTS.iter().any(|digests| name == *digests) => {}
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
