//! The functions of a stack, by the ARNs under which a dead letter may name them.

use crate::event::Function;

/// The functions that a stack lists, and whether it is a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFunctions {
    /// What the ARN of each begins with.
    prefix: String,
    functions: Vec<(Function, String)>,
    is_of_hub: bool,
}

impl OwnFunctions {
    /// The functions of a stack in this account and region, which lists them by what the template calls them, each with its
    /// name. `caller` is an ARN of the same partition.
    pub fn of<'a>(
        caller: &str,
        region: &str,
        account: &str,
        listed: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let partition = caller.split(':').nth(1).unwrap_or_default();
        let functions = listed.filter_map(|(logical, name)| {
            let function = Function::all().find(|function| function.logical() == logical)?;
            Some((function, name.to_owned()))
        });
        Self {
            prefix: format!("arn:{partition}:lambda:{region}:{account}:function:"),
            functions: functions.collect(),
            is_of_hub: false,
        }
    }

    /// The same of the hub of an organization.
    #[must_use]
    pub fn of_hub(self) -> Self {
        Self { is_of_hub: true, ..self }
    }

    /// Whether they are those of a hub, which handles the events of all accounts.
    pub(super) fn is_of_hub(&self) -> bool {
        self.is_of_hub
    }

    /// The function with this ARN, and its name. A version or an alias after it makes no difference.
    pub(super) fn named(&self, arn: &str) -> Option<(Function, &str)> {
        let name = arn.strip_prefix(&self.prefix)?.split(':').next()?;
        let found = self.functions.iter().find(|(_, own)| own == name);
        found.map(|(function, name)| (*function, name.as_str()))
    }
}
