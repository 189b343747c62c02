//! `settings check`: everything that is wrong with a file is said at once, with its line and what is allowed.

use crate::fixtures::{Ran, root, run};
use rstest::rstest;
use std::fs;
use tempfile::TempDir;

/// What is said of a file with this name and content.
fn checked(name: &str, content: &str, arguments: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    let mut ran = run(&[&["settings", "check", file.to_str().unwrap()], arguments].concat());
    let folder = format!("{}/", folder.path().display());
    ran.out = ran.out.replace(&folder, "");
    ran.error = ran.error.replace(&folder, "");
    ran
}

#[test]
fn example_of_a_samconfig_is_right() {
    let ran = run(&["settings", "check", root().join("samconfig.example.toml").to_str().unwrap()]);
    let says = "Nothing is wrong. 6 values are given, and everything else has its default.\n";
    assert_eq!((ran.status, ran.out.as_str()), (0, says), "{}", ran.error);
}

const SAMCONFIG: &str = r#"version = 0.1

[default.global.parameters]
region = "us-east-1"

[default.deploy.parameters]
stack_name = "corp-mfa"
parameter_overrides = [
  "Mode=notify",
  "GracePeriod=3x",
  "Mode=enforce",
  "grace_period=3d",
  "DailyAt=25:00",
  "ExemptUsers=kim lee",
  "MailRegion=us-gov-east-1 MailFrom=mfa@example.com",
]

[production.deploy.parameters]
parameter_overrides = "Mode=enforce MailFrom=\"MFA Service <mfa@example.com>\" ExemptUsers=\"kim lee\""

[table.deploy.parameters.parameter_overrides]
Mode = "enforce"
EvidenceDays = 20
"#;

#[test]
fn all_faults_are_told_at_once_with_their_lines() {
    let ran = checked("samconfig.toml", SAMCONFIG, &[]);
    let expected = "\
samconfig.toml, line 10: GracePeriod is `3x`, expected a time span from `0s` to `366d`, such as `7d`, `36h` or `30m`
samconfig.toml, line 11: `Mode` is there twice, first in line 9
samconfig.toml, line 12: there is no parameter `grace_period` (did you mean `GracePeriod`?)
samconfig.toml, line 13: DailyAt is `25:00`, expected a quarter of an hour from `00:00` to `23:45`
samconfig.toml, line 14: `lee` is not NAME=VALUE: a value with spaces has to be in quotes, such as ExemptUsers=\"kim lee\"
samconfig.toml, line 15: MailRegion is `us-gov-east-1`, ";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(
        ran.out.ends_with("\n6 things are wrong. 8 values are given, and everything else has its default.\n"),
        "{}",
        ran.out
    );
    assert_eq!(ran.status, 1);
}

#[rstest]
#[case("production", 0, "Nothing is wrong. 3 values are given")]
#[case(
    "table",
    1,
    "line 23: EvidenceDays is `20`, expected a number from `30` to `36500`\n1 thing is wrong. 2 values"
)]
fn environment_is_chosen(#[case] environment: &str, #[case] status: i32, #[case] says: &str) {
    let ran = checked("samconfig.toml", SAMCONFIG, &["--config-env", environment]);
    assert!(ran.out.contains(says), "{}{}", ran.out, ran.error);
    assert_eq!(ran.status, status);
}

#[rstest]
#[case(r#"[{"ParameterKey": "Mode", "ParameterValue": "notify"},
 {"ParameterKey": "GracePeriod", "ParameterValue": "400d"},
 {"ParameterKey": "Contact", "UsePreviousValue": true},
 {"ParameterKey": "Digest"}, 7]"#, &[
    "line 2: GracePeriod is `400d`, expected",
    "line 4: `Digest` has no text as its value",
    "line 4: expected {\"ParameterKey\": .., \"ParameterValue\": ..}",
])]
#[case("{\"Mode\": \"notify\",\n\"Mode\": \"enforce\", \"MaxQuarantines\": 5001}", &[
    "line 2: `Mode` is there twice, first in line 1",
    "line 2: MaxQuarantines is `5001`, expected a number from `0` to `5000`",
])]
#[case("{\"Tags\": {},\n\"Parameters\": {\"Mod\": \"notify\",\n\"FormerPolicyArns\": \"old\"}}", &[
    "line 2: there is no parameter `Mod` (did you mean `Mode`?)",
    "line 3: FormerPolicyArns becomes QUARANTINE_POLICY_ARN, which is `stack,old`, expected the ARN",
])]
#[case("[\"ExemptUsers=kim lee\",\n\"Mode=on\"]", &["line 2: Mode is `on`, expected"])]
fn json_is_read_in_every_form(#[case] content: &str, #[case] says: &[&str]) {
    let ran = checked("parameters.json", content, &[]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.status, lines.len()), (1, says.len() + 1), "{}{}", ran.out, ran.error);
    for (line, expected) in lines.iter().zip(says) {
        assert!(line.starts_with(&format!("parameters.json, {expected}")), "{line}");
    }
}

#[test]
fn lines_have_the_names_of_settings() {
    let content =
        "# ours\nMODE=\"notify\"\nGracePeriod=3d\nMODE\nDIGEST_TO=security@example.com\nRELEASE=approval\n";
    let ran = checked("production.env", content, &[]);
    let expected = "\
production.env, line 3: there is no setting `GracePeriod` (did you mean `GRACE_PERIOD`?)
production.env, line 4: expected NAME=VALUE, or # and a comment
production.env, line 5: DIGEST_TO ";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert_eq!((ran.status, ran.out.lines().count()), (1, 4));
}

#[test]
fn value_that_is_too_long_for_the_template_is_told() {
    let names: Vec<String> = (0..90).map(|number| format!("user{number:02}")).collect();
    let ran = checked("parameters.json", &format!("{{\"ExemptUsers\": \"{}\"}}", names.join(" ")), &[]);
    assert!(
        ran.out.contains("ExemptUsers has 629 characters, and the template takes up to 460"),
        "{}",
        ran.out
    );
}

#[rstest]
#[case("arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/security", 0)]
#[case("arn:aws-gov:events:us-gov-west-1:123456789012:event-bus/security", 1)]
fn any_partition_will_do(#[case] bus: &str, #[case] status: i32) {
    assert_eq!(checked("x.env", &format!("OUTPUT_BUS_ARN={bus}"), &[]).status, status);
}

#[rstest]
#[case("x.toml", "mode = \n", &[], "x.toml: line 1: ")]
#[case("x.toml", SAMCONFIG, &["--config-env", "test"], "there is no environment `test`, only default, production, table")]
#[case("x.env", "MODE=notify", &["--config-env", "test"], "--config-env names a part of a samconfig.toml")]
#[case("x.json", "{\"Mode\": ", &[], "x.json: this is not JSON: EOF while parsing")]
#[case("x.json", "7", &[], "expected an object or a list with parameters")]
#[case("x.yaml", "Mode: notify", &[], "x.yaml is YAML, expected NAME=VALUE lines, a samconfig.toml, or")]
fn file_that_cannot_be_read_is_status_2(
    #[case] name: &str,
    #[case] content: &str,
    #[case] arguments: &[&str],
    #[case] says: &str,
) {
    let ran = checked(name, content, arguments);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[test]
fn missing_file_is_named() {
    let ran = run(&["settings", "check", "/nowhere/samconfig.toml"]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("cannot read /nowhere/samconfig.toml: No such file"), "{}", ran.error);
}

#[rstest]
#[case("plan")]
#[case("report")]
fn commands_read_the_same_files(#[case] command: &str) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("samconfig.toml");
    fs::write(&file, SAMCONFIG).unwrap();
    let ran = run(&[command, "--settings", file.to_str().unwrap()]);
    assert!(ran.error.contains("line 10: GracePeriod is `3x`, expected"), "{}", ran.error);
    assert!(ran.error.contains("line 11: `Mode` is there twice"), "{}", ran.error);
    assert_eq!(ran.status, 2);
}
