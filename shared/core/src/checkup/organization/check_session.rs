//! What a check of an organization may do in each of its sessions in other accounts.
//!
//! The names of a hub are found one after the other: the stack has that which the operator gave, it lists functions and
//! queues, and a function's settings name the bucket and the members. So there is a session for each of these steps, and
//! none has a pattern for names that it does not know.

use super::rules::dead_letters_of;
use crate::operation::Operation;
use crate::organization::{Kept, Place, Unfit, narrowed};
use crate::organization::{bucket, function, log_group, queue, stack};

/// All that a check has to be allowed, in an organization whose stacks are called as the templates are.
const CHECKS: &str = include_str!("../../../../../policies/doctor-organization.json");
/// What test events take besides.
const TEST_EVENTS: &str = include_str!("../../../../../policies/doctor-organization-live.json");

/// What a session is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckSession<'a> {
    /// The stack of the hub with this name: how it is, and what it lists.
    Stack(&'a str),
    /// The functions and queues of the hub, among these resources: the type of each, and what the stack lists it by.
    Parts(Vec<(&'a str, &'a str)>),
    /// The settings of the organization, and what sweeps left, in this bucket.
    Bucket(&'a str),
    /// What an account has of stacks with these names; and in the management account a stack of its own.
    Account {
        /// The names of members.
        members: &'a [String],
        /// The name of the stack of its own, if there should be one.
        own_stack: Option<&'a str>,
    },
    /// This log group of the hub.
    Log(&'a str),
    /// A test event on the bus of an account.
    TestEvent,
}

impl CheckSession<'_> {
    /// What the session may do at most, whatever the role may: a policy as JSON without white space.
    ///
    /// # Errors
    /// If a name is none, or there are too many of them.
    pub fn policy(&self, place: Place<'_>) -> Result<String, Unfit> {
        match self {
            Self::Stack(name) => narrowed(CHECKS, vec![Kept::about("Stack", vec![stack_of(place, name)?])]),
            Self::Parts(listed) => {
                let of_kind = |kind: &'static str| {
                    // One that could not be made has no name.
                    let is_of = move |(each, name): &&(&str, &str)| *each == kind && !name.is_empty();
                    listed.iter().filter(is_of).map(|(_, name)| *name)
                };
                let functions = of_kind("AWS::Lambda::Function")
                    .map(|name| place.arn("lambda", &format!("function:{}", function(name)?)))
                    .collect::<Result<_, _>>()?;
                // Queues are listed by their addresses, which end with the name.
                let queues = of_kind("AWS::SQS::Queue")
                    .map(|url| place.arn("sqs", queue(url.rsplit('/').next().unwrap_or(url))?))
                    .collect::<Result<_, _>>()?;
                let functions = Kept::about("FunctionsOfTheHub", functions);
                let queues = Kept::about("Queues", queues).only(&[Operation::GetQueueAttributes]);
                narrowed(CHECKS, vec![functions, queues])
            }
            Self::Bucket(name) => {
                let name = bucket(name)?;
                let (whole, within) =
                    (place.arn_of_bucket(name)?, place.arn_of_bucket(&format!("{name}/organization/*"))?);
                let read = Kept::about("SettingsTreeAndRunsOfTheHub", vec![within]);
                narrowed(CHECKS, vec![read, Kept::about("WhichOfThemAreThere", vec![whole])])
            }
            Self::Account { members, own_stack } => {
                let own_stack =
                    own_stack.iter().map(|name| stack_of(place, name)).collect::<Result<_, _>>()?;
                let regions = place.arn_of_account("account", "account")?;
                let queues = members
                    .iter()
                    .map(|member| place.arn_anywhere("sqs", queue(&dead_letters_of(member))?))
                    .collect::<Result<_, _>>()?;
                let kept = vec![
                    Kept::about("Stack", own_stack).only(&[Operation::DescribeStacks]),
                    Kept::whole("RolesPoliciesAndGroups"),
                    Kept::about("EnabledRegions", vec![regions]),
                    Kept::whole("Rules"),
                    Kept::about("Queues", queues),
                ];
                narrowed(CHECKS, kept)
            }
            Self::Log(name) => {
                // IAM writes the ARN of a log group with its streams.
                let group = place.arn("logs", &format!("log-group:{}:*", log_group(name)?))?;
                narrowed(TEST_EVENTS, vec![Kept::about("LogOfTests", vec![group])])
            }
            Self::TestEvent => {
                let bus = place.arn("events", "event-bus/default")?;
                narrowed(TEST_EVENTS, vec![Kept::about("TestEvents", vec![bus])])
            }
        }
    }
}

/// The ARN of a stack ends with an id, which nobody knows before.
fn stack_of(place: Place<'_>, name: &str) -> Result<String, Unfit> {
    place.arn("cloudformation", &format!("stack/{}/*", stack(name)?))
}
