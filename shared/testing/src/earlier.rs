//! What earlier versions left: a file for each version, which its release writes and nothing changes any more.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each version left in this folder, by the version.
///
/// # Panics
/// If there is none, or one cannot be read.
pub fn states<S: DeserializeOwned>(folder: &Path) -> BTreeMap<String, S> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        let version = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (version, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    };
    let states: BTreeMap<String, S> = files.map(read).collect();
    assert!(!states.is_empty());
    states
}

/// Keeps what a version leaves in this folder, once.
///
/// # Panics
/// If it is there already.
pub fn keep<S: Serialize>(folder: &Path, version: &str, state: &S) {
    let path = folder.join(format!("{version}.json"));
    assert!(!path.exists(), "{} is there, and what a version left does not change", path.display());
    fs::write(path, serde_json::to_string_pretty(state).unwrap() + "\n").unwrap();
}
