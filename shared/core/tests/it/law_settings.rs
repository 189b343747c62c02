//! How the laws are tried: with how many random users and accounts.

use proptest::test_runner::Config;

/// So many random cases, unless `PROPTEST_CASES` says otherwise.
pub(crate) fn cases(usual: u32) -> Config {
    let default = Config::default();
    let told = std::env::var_os("PROPTEST_CASES").is_some();
    Config {
        cases: if told { default.cases } else { usual },
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..default
    }
}
