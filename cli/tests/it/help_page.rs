//! `docs/CLI.md` has the help of every command (`make contract`).

use crate::fixtures::{root, run};
use std::{env, fs};

const COMMANDS: [&[&str]; 22] = [
    &[],
    &["plan"],
    &["replay"],
    &["read"],
    &["report"],
    &["user"],
    &["doctor"],
    &["exempt"],
    &["approve"],
    &["release"],
    &["contain"],
    &["redrive"],
    &["notify"],
    &["verify"],
    &["review", "draft"],
    &["review", "check"],
    &["review", "sign"],
    &["org", "import"],
    &["settings", "check"],
    &["schema"],
    &["completions"],
    &["man"],
];

/// The page with the help of each command between its marks.
fn with_help(page: &str) -> String {
    let mut page = page.to_owned();
    for command in COMMANDS {
        let name = command.join(" ");
        let ran = run(&[command, &["--help"]].concat());
        let start = format!("<!-- help {name} -->\n\n```text\n");
        page = with_part(&page, &start, &ran.out);
    }
    page
}

/// The page with this text after `start`.
fn with_part(page: &str, start: &str, text: &str) -> String {
    let (before, rest) = page.split_once(start).unwrap_or_else(|| panic!("no place for `{start}`"));
    let (_, after) = rest.split_once("```\n").unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{before}{start}{}\n```\n{after}", lines.join("\n"))
}

#[test]
fn help_page_is_up_to_date() {
    let path = root().join("docs/CLI.md");
    let page = fs::read_to_string(&path).unwrap();
    let replayed = run(&["replay", root().join("events/ConsoleLogin").to_str().unwrap()]);
    let now = with_part(&with_help(&page), "<!-- replay -->\n\n```text\n", &replayed.out);
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&path, now).unwrap();
    } else {
        assert!(page == now, "run `make contract`, and review what changed");
    }
}
