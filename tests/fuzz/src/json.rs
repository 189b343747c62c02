//! Mutations that keep JSON valid.

use libfuzzer_sys::fuzzer_mutate;
use mfa_enforcer_testing::fixtures::event_names;
use serde_json::{Map, Value, json};

/// Words on which decisions depend.
const WORDS: &[&str] = &[
    "",
    "null",
    "Yes",
    "No",
    "YES",
    "true",
    "false",
    "Success",
    "Failure",
    "Root",
    "IAMUser",
    "AssumedRole",
    "Role",
    "SAMLUser",
    "FederatedUser",
    "AWSService",
    "AwsServiceEvent",
    "AWS ROOT USER",
    "HIDDEN_DUE_TO_SECURITY_REASONS",
    "alice",
    "ALICE",
    "bob",
    "123456789012",
    "iam.amazonaws.com",
    "signin.amazonaws.com",
    "aws-mcp.amazonaws.com",
    "arn:aws:iam::123456789012:root",
    "arn:aws:iam::123456789012:user/a/b/alice",
    "arn:aws:iam::123456789012:mfa/phone",
    "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweep/x",
    "AIDAEXAMPLEALICE",
    "AKIAEXAMPLE",
    "UpdateUser",
    "2026-11-24T09:05:00Z",
    "2026-11-24 09:05:00",
    "-009999-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "CheckMfa",
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "Scheduled Event",
    "hourly",
    "daily",
    "userName",
    "newUserName",
    "serialNumber",
    "policyArn",
    "groupName",
    "eventName",
    "eventID",
    "eventTime",
    "errorCode",
    "eventType",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "policyArn",
    "groupName",
    "versionId",
    "setAsDefault",
    "tags",
    "tagKeys",
    "key",
    "value",
    "permissionsBoundary",
    "newPath",
    "/robots/",
    "robot",
    "mfa-enforcer:exempt-until",
    "MFA-enforcer:approved",
    "mfa-enforcer:quarantined",
    "2026-12-31 ticket",
    "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-console",
    "invokedBy",
    "sessionContext",
    "accountId",
    "recipientAccountId",
    "Records",
    "body",
    "sweep",
    "scheduledTime",
    "Allow",
    "Deny",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Principal",
    "Statement",
    "Version",
    "2012-10-17",
    "2008-10-17",
    "iam:*",
    "iam:EnableMFADevice",
    "iam:CreateVirtualMFADevice",
    "*",
    "?",
    "${aws:username}",
    "${",
    "Bool",
    "BoolIfExists",
    "aws:MultiFactorAuthPresent",
    "arn:aws:iam::*:mfa/*",
];

/// Whole values in place of a part.
fn values() -> [Value; 12] {
    [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1e300),
        json!([]),
        json!({}),
        json!([[]]),
        json!([{}]),
        json!("x".repeat(300)),
        json!("\u{0}\n\u{202e}é\u{1f511}"),
    ]
}

/// Mutates the first `size` bytes of `data`: the JSON before the first NUL, what follows it, or any byte. Returns the new
/// size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15);
    let end = data[..size].iter().position(|byte| *byte == 0).unwrap_or(size);
    let new = match dice.below(8) {
        0 => None,
        1 | 2 => new_tail(&data[..size], end, &mut dice),
        _ => new_json(&data[..size], end, &mut dice),
    };
    match new {
        Some(new) if new.len() <= max_size => {
            data[..new.len()].copy_from_slice(&new);
            new.len()
        }
        Some(_) | None => fuzzer_mutate(data, size, max_size),
    }
}

fn new_tail(data: &[u8], end: usize, dice: &mut Dice) -> Option<Vec<u8>> {
    let mut tail = data.get(end + 1..).unwrap_or_default().to_vec();
    let len = tail.len();
    tail.resize(len + 16, 0);
    let len = if len == 0 {
        tail.iter_mut().for_each(|byte| *byte = dice.byte());
        16
    } else {
        fuzzer_mutate(&mut tail, len, len + 16)
    };
    tail.truncate(len);
    Some([&data[..end], &[0], &tail].concat())
}

fn new_json(data: &[u8], end: usize, dice: &mut Dice) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(&data[..end]).ok()?;
    for _ in 0..=dice.below(3) {
        let donor = nth(&mut value, dice.index()).clone();
        edit(nth(&mut value, dice.index()), donor, dice);
    }
    Some([value.to_string().as_bytes(), &data[end..]].concat())
}

/// One of the parts of a value, itself included.
fn nth(value: &mut Value, index: usize) -> &mut Value {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    fn walk<'v>(parts: impl Iterator<Item = &'v mut Value>, mut left: usize) -> Option<&'v mut Value> {
        for part in parts {
            let size = count(part);
            if left < size {
                return Some(nth(part, left));
            }
            left -= size;
        }
        None
    }
    let index = index % count(value);
    if index == 0 {
        return value;
    }
    match value {
        Value::Array(items) => walk(items.iter_mut(), index - 1),
        Value::Object(fields) => walk(fields.values_mut(), index - 1),
        _ => None,
    }
    .expect("the index is below the count")
}

fn edit(part: &mut Value, donor: Value, dice: &mut Dice) {
    match (dice.below(6), part) {
        (0, part) => *part = donor,
        (1, part) => *part = dice.pick(&values()).clone(),
        (2, Value::Object(fields)) => drop(remove_one(fields, dice)),
        (3, Value::Object(fields)) => {
            let (_, value) = remove_one(fields, dice).unwrap_or_default();
            fields.insert(word(dice), value);
        }
        (_, Value::Object(fields)) => drop(fields.insert(word(dice), donor)),
        (2, Value::Array(items)) => drop(items.pop()),
        (_, Value::Array(items)) => items.push(donor),
        (2 | 3, Value::String(text)) => edit_text(text, dice),
        (_, part) => *part = Value::String(word(dice)),
    }
}

fn remove_one(fields: &mut Map<String, Value>, dice: &mut Dice) -> Option<(String, Value)> {
    let keys: Vec<String> = fields.keys().cloned().collect();
    if keys.is_empty() { None } else { fields.remove_entry(dice.pick(&keys).as_str()) }
}

fn edit_text(text: &mut String, dice: &mut Dice) {
    let mut chars: Vec<char> = text.chars().collect();
    let at = dice.index() % (chars.len() + 1);
    match dice.below(4) {
        0 => chars.truncate(at),
        1 => drop(chars.drain(..at)),
        2 => chars.splice(at..at, word(dice).chars().collect::<Vec<_>>()).for_each(drop),
        _ => chars
            .insert(at, *dice.pick(&['\0', '\n', ' ', '"', '/', ':', '@', '%', '*', '=', 'é', '\u{1f511}'])),
    }
    *text = chars.into_iter().collect();
}

fn word(dice: &mut Dice) -> String {
    let names = event_names();
    let index = dice.index() % (WORDS.len() + names.len());
    WORDS.get(index).or_else(|| names.get(index - WORDS.len())).copied().unwrap_or_default().to_owned()
}

/// Numbers from a seed, so that a mutation can be repeated (xorshift).
struct Dice(u64);

impl Dice {
    fn index(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit")
    }

    fn below(&mut self, limit: usize) -> usize {
        self.index() % limit
    }

    fn byte(&mut self) -> u8 {
        self.index().to_le_bytes()[0]
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.index() % of.len()]
    }
}
