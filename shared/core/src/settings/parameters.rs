//! The parameters of the template, and which setting each one becomes.

use super::letterhead::shortened;
use super::stack_parameters::{OF_STACK, OfStack};
use super::values;
use std::collections::BTreeMap;

/// A parameter of the template.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The setting that it becomes; `None` if it is about the stack alone.
    pub setting: Option<&'static str>,
    /// How many characters its value may have; `None` if there is no limit but the form of the value. All variables of a
    /// function have to fit into 4 kB.
    pub limit: Option<usize>,
    of_stack: Option<&'static OfStack>,
}

/// Settings that do not have the value of the parameter with their name, because there is none.
const MADE: [&str; 13] = [
    QUARANTINE_POLICY_ARN,
    QUARANTINE_GROUP_NAME,
    "CONSOLE_POLICY_ARN",
    "CONSOLE_GROUP_NAME",
    "STRICT_POLICY_ARN",
    "STRICT_GROUP_NAME",
    "SPARE_POLICY_ARN",
    "ENFORCER_ROLES",
    "STACK_ID",
    "ALERTS_TOPIC_ARN",
    "USER_TOPIC_PREFIX",
    MAIL_CONFIGURATION_SET,
    EVIDENCE_BUCKET,
];
const QUARANTINE_POLICY_ARN: &str = "QUARANTINE_POLICY_ARN";
const QUARANTINE_GROUP_NAME: &str = "QUARANTINE_GROUP_NAME";
const MAIL_CONFIGURATION_SET: &str = "MAIL_CONFIGURATION_SET";
const EVIDENCE_BUCKET: &str = "EVIDENCE_BUCKET";

/// Parameters that become a setting of another name, or of another value.
const OTHERS: [(&str, &str); 3] = [
    ("FormerPolicyArns", QUARANTINE_POLICY_ARN),
    ("FormerGroupNames", QUARANTINE_GROUP_NAME),
    ("Evidence", EVIDENCE_BUCKET),
];

/// How long the template lets values be.
const LIMITS: [(&str, usize); 32] = [
    ("OrganizationName", 30),
    ("AccountName", 30),
    ("Contact", 60),
    ("TimeZone", 50),
    ("Evidence", 63),
    ("EvidenceAccount", 12),
    ("EvidenceFrom", 649),
    ("OutputBusArn", 84),
    ("RolePath", 200),
    ("CodeKeyPrefix", 200),
    ("GracePeriod", 10),
    ("EnforceFrom", 25),
    ("ReleaseAfter", 6),
    ("MaxQuarantines", 4),
    ("ContactTagKey", 128),
    ("RemindBefore", 40),
    ("MailFrom", 120),
    ("MailReplyTo", 80),
    ("MailDomains", 120),
    ("DigestTo", 64),
    ("HelpUrl", 120),
    ("RunbookUrl", 120),
    ("BreakGlassPath", 128),
    ("ExemptPaths", 300),
    ("ExemptUsers", 460),
    ("OptInRegions", 200),
    ("EvidenceKeyArn", 200),
    ("PermissionsBoundary", 600),
    ("FormerPolicyArns", 360),
    ("FormerGroupNames", 200),
    ("OrganizationId", 34),
    ("MemberNames", 110),
];

impl Parameter {
    /// What its value may be, as far as the setting that it becomes does not say so; the problem otherwise.
    pub(super) fn problem(&self, value: &str) -> Option<String> {
        let shown = shortened(value);
        if let Some(of_stack) = self.of_stack.filter(|of_stack| !(of_stack.allows)(value)) {
            return Some(format!("is `{shown}`, expected {}", of_stack.expected));
        }
        let length = value.chars().count();
        let limit = self.limit.filter(|limit| length > *limit)?;
        Some(format!("has {length} characters, and the template takes up to {limit}"))
    }
}

/// All parameters of the template.
#[must_use]
pub fn parameters() -> Vec<Parameter> {
    let limit = |name: &str| LIMITS.iter().find(|(limited, _)| *limited == name).map(|(_, limit)| *limit);
    let of_setting = |name: &str, setting| Parameter {
        name: name.to_owned(),
        setting: Some(setting),
        limit: limit(name),
        of_stack: None,
    };
    let plain = values::descriptions().into_iter().filter(|setting| !MADE.contains(&setting.name));
    let plain = plain.map(|setting| of_setting(&camel(setting.name), setting.name));
    let others = OTHERS.iter().map(|(name, setting)| of_setting(name, setting));
    let of_stack = OF_STACK.iter().map(|of_stack| Parameter {
        name: of_stack.name.to_owned(),
        setting: None,
        limit: limit(of_stack.name),
        of_stack: Some(of_stack),
    });
    plain.chain(others).chain(of_stack).collect()
}

/// The variables that a stack of this name gives its functions, as far as these parameters set them.
#[must_use]
pub fn variables(given: &BTreeMap<String, String>, stack: &str) -> BTreeMap<&'static str, String> {
    let mut variables = BTreeMap::new();
    for Parameter { name, setting, .. } in parameters() {
        if let Some((setting, value)) = setting.zip(given.get(&name)) {
            variables.insert(setting, variable(setting, value, stack));
        }
    }
    let value = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
    if given.contains_key("MailFrom") || given.contains_key("MailRegion") {
        let is_sent_here = !value("MailFrom").is_empty() && value("MailRegion").is_empty();
        variables.insert(MAIL_CONFIGURATION_SET, if is_sent_here { "stack" } else { "" }.to_owned());
    }
    variables
}

/// The setting that the parameter with this value becomes.
fn variable(setting: &str, value: &str, stack: &str) -> String {
    match (setting, value) {
        (QUARANTINE_POLICY_ARN | QUARANTINE_GROUP_NAME, "") => "stack".to_owned(),
        (QUARANTINE_POLICY_ARN, former) => format!("stack,{former}"),
        (QUARANTINE_GROUP_NAME, former) => format!("stack {former}"),
        (EVIDENCE_BUCKET, "none") => String::new(),
        // `CloudFormation` ends the name with letters of its own.
        (EVIDENCE_BUCKET, "create") => format!("{}-evidencebucket", stack.to_lowercase()),
        _ => value.to_owned(),
    }
}

/// `GRACE_PERIOD` as the template spells it: `GracePeriod`.
pub(super) fn camel(setting: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        first.chain(letters.map(|letter| letter.to_ascii_lowercase())).collect::<String>()
    };
    setting.split('_').map(word).collect()
}
