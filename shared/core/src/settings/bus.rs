//! The event bus that machines listen to.

use super::Reader;
use super::values::{Form, Setting};

/// `OUTPUT_BUS_ARN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Output {
    /// The account's default bus in the enforcer's region.
    Default,
    /// Nothing is put.
    None,
    /// The bus with this ARN.
    Bus(String),
}

/// The ARN of the bus; `None` if nothing is put, or if a problem was recorded. `home` is an ARN of this region.
pub(super) fn read<F: Fn(&str) -> Option<String>>(
    read: &mut Reader<'_, F>,
    home: Option<&str>,
) -> Option<String> {
    let output = read.one(&OUTPUT_BUS_ARN)?;
    let mut home = home?.split(':');
    let partition = home.nth(1).unwrap_or_default();
    let (region, account) = (home.nth(1).unwrap_or_default(), home.next().unwrap_or_default());
    match output {
        Output::None => None,
        Output::Default => Some(format!("arn:{partition}:events:{region}:{account}:event-bus/default")),
        Output::Bus(arn) if arn.split(':').nth(1) == Some(partition) => Some(arn),
        Output::Bus(arn) => {
            let problem =
                format!("is `{arn}`, which is in another partition than the enforcer, `{partition}`");
            read.problem(OUTPUT_BUS_ARN.name, problem);
            None
        }
    }
}

pub(super) const OUTPUT_BUS_ARN: Setting<Output> = Setting {
    name: "OUTPUT_BUS_ARN",
    default: Some("default"),
    meaning: "the event bus on which every act and finding is put, for machines",
    form: Form::One,
    expected: "`default` for the account's default bus in the enforcer's region, `none`, or the ARN of a bus, of up to \
               84 characters, such as `arn:aws:events:us-east-1:123456789012:event-bus/security`",
    parse: |value| match value {
        "default" => Some(Output::Default),
        "none" => Some(Output::None),
        arn => is_bus(arn).then(|| Output::Bus(arn.to_owned())),
    },
};

/// Whether this is the ARN of a bus on which an account may put something. A partner's bus is not.
fn is_bus(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "events", region, account, bus] = parts.as_slice() else { return false };
    let word = |text: &str| {
        (1..=20).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = bus.strip_prefix("event-bus/").unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(allowed);
    // All variables of a function together have to fit into 4 kB.
    arn.len() <= 84
        && partition.starts_with("aws")
        && word(partition)
        && word(region)
        && is_account
        && is_name
}
