//! Completions, manual pages, and what every command does in the same way.

use crate::fixtures::{root, run, run_with};
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// What bash offers for the last of these words.
fn completed(words: &[&str]) -> Vec<String> {
    let home = TempDir::new().unwrap();
    let script = home.path().join("completions");
    fs::write(&script, run(&["completions", "bash"]).out).unwrap();
    let ask = r#"source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        call=$(complete -p mfa-enforcer | sed 's/.*-F \([^ ]*\).*/\1/')
        "$call" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\n' "${COMPREPLY[@]}""#;
    let answer = Command::new("bash").args(["-c", ask, "bash"]).arg(script).args(words).output().unwrap();
    String::from_utf8(answer.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    assert_eq!(completed(&["mfa-enforcer", "rep"]), ["replay", "report"]);
    assert_eq!(completed(&["mfa-enforcer", "report", "--form"]), ["--format"]);
    assert_eq!(completed(&["mfa-enforcer", "report", "--format", ""]), ["table", "json", "csv", "html"]);
    assert!(completed(&["mfa-enforcer", "review", ""]).contains(&"draft".to_owned()));
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        assert!(ran.out.contains("grace-period"), "{shell}");
    }
}

#[test]
fn manual_has_a_page_for_each_command() {
    let folder = TempDir::new().unwrap();
    let ran = run(&["man", folder.path().to_str().unwrap()]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.error);
    let page = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("mfa-enforcer.1").contains(".TH mfa-enforcer 1"));
    assert!(page("mfa-enforcer-plan.1").contains(r"\-\-grace\-period"));
    assert!(page("mfa-enforcer-review-draft.1").contains(".SH SYNOPSIS"));
}

#[test]
fn manual_says_where_it_cannot_be_written() {
    let ran = run(&["man", "/dev/null/man1"]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("cannot write the manual into /dev/null/man1"), "{}", ran.error);
}

#[test]
fn colors_are_for_terminals_unless_somebody_wants_them() {
    let events = root().join("events/ConsoleLogin");
    let replay = ["replay", events.to_str().unwrap()];
    let colored = |more: &[&str], variables: &[(&str, &str)]| {
        let ran = run_with(&[replay.as_slice(), more].concat(), variables);
        assert_eq!(ran.status, 0, "{}", ran.error);
        ran.out.contains('\u{1b}')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
}
