//! Runs the binary, on a copy of a bucket in a folder of its own.

use mfa_enforcer_testing::evidence::{Evidence, people, settings_of_the_month};
use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use tempfile::TempDir;

/// Thirty days of an account.
static MONTH: LazyLock<Evidence> =
    LazyLock::new(|| Evidence::after_a_month(settings_of_the_month(&[]), people()));

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

/// Runs the binary with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, &[])
}

/// Runs the binary with this on its standard input.
pub(crate) fn run_fed(arguments: &[&str], input: &[u8]) -> Ran {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    ran(binary(arguments).stdin(file))
}

/// Runs the binary with these arguments and variables, and none of AWS's own.
pub(crate) fn run_with(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    ran(binary(arguments).envs(variables.iter().copied()))
}

fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-enforcer"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    // No file of whoever runs the tests, and nobody else's credentials.
    command.envs([
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("NO_PROXY", "127.0.0.1"),
    ]);
    command.args(arguments).stdin(Stdio::null());
    command
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A copy of the bucket after a month.
pub(crate) struct Copy {
    folder: TempDir,
}

impl Copy {
    pub(crate) fn of_the_month() -> Self {
        let copy = Self { folder: TempDir::new().unwrap() };
        for (key, bytes) in &MONTH.bucket {
            copy.write(key, bytes);
        }
        copy
    }

    pub(crate) fn path(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    pub(crate) fn file(&self, key: &str) -> PathBuf {
        self.folder.path().join(key)
    }

    pub(crate) fn write(&self, key: &str, bytes: &[u8]) {
        let file = self.file(key);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

/// The hash of the last record.
pub(crate) fn head() -> &'static str {
    &MONTH.head.as_ref().unwrap().sha256
}

/// The first key that ends so, from this position among them on.
pub(crate) fn key(ending: &str, position: usize) -> &'static str {
    MONTH.bucket.keys().filter(|key| key.ends_with(ending)).nth(position).unwrap()
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
