//! Which names in a record are those of the enforcer's own resources.

use serde_json::Value;

/// `CloudFormation` shortens the names that it makes for functions and queues. This much of a stack's name it keeps.
const KEPT: usize = 24;
/// Length of the id at the end of the name of a stack of a stack set.
const UUID: usize = 36;
/// The path of the policies of the quarantine in a member.
const PATH: &str = "mfa-enforcer/";
/// What the names of the groups of the quarantine in a member have in them, in lower case.
const GROUP: &str = "quarantinegroup";

/// What in the account is the enforcer's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnResources {
    /// Name of the stack, with which the names of its resources begin; `None` if there is no stack.
    pub stack: Option<String>,
    /// What the names of the parts of `member.yaml` and `member-region.yaml` begin with, in an account of an organization.
    pub members: Vec<String>,
    /// ARN of the administrators' topic. The topics of users are not meant: a sweep sets them up again.
    pub alerts_topic: String,
    /// Name of the bucket with the evidence; `None` if there is none.
    pub bucket: Option<String>,
}

impl OwnResources {
    /// What is the enforcer's own with a stack of this name.
    #[must_use]
    pub fn new(stack: Option<&str>, alerts_topic: &str, bucket: Option<&str>) -> Self {
        Self {
            stack: stack.map(str::to_owned),
            members: Vec::new(),
            alerts_topic: alerts_topic.to_owned(),
            bucket: bucket.map(str::to_owned),
        }
    }

    /// The name of a resource of the stack, or of a part of a member, in a name, ARN, URL or path.
    pub(super) fn of_stack<'a>(&self, text: &'a str) -> Option<&'a str> {
        let stack = self.stack.as_deref();
        text.split(['/', ':']).find(|part| {
            stack.is_some_and(|stack| begins_like_ours(part, stack)) || self.is_part_of_member(part)
        })
    }

    /// The name of a role of the stack or of a member, by its name. IAM takes it in any case.
    pub(super) fn role<'a>(&self, name: &'a str) -> Option<&'a str> {
        let stack = self.stack.as_deref();
        let is_of_stack = stack
            .is_some_and(|stack| begins_like_ours(&name.to_ascii_lowercase(), &stack.to_ascii_lowercase()));
        (is_of_stack || self.is_part_of_member(name)).then_some(name)
    }

    /// Whether a name is that of a role, rule or queue of a member. No two names of them differ in their case alone.
    pub(super) fn is_part_of_member(&self, name: &str) -> bool {
        let begins = |member: &String| {
            let (begin, rest) = name.split_at_checked(member.len()).unwrap_or_default();
            begin.eq_ignore_ascii_case(member) && rest.starts_with('-')
        };
        self.members.iter().any(begins)
    }

    /// The name of the stack of a member, in a name or an ARN. A stack set calls its stacks `StackSet-NAME-UUID`, and what
    /// its own name is, nobody here knows. Only the rule there lets through the very stack.
    pub(super) fn member_stack<'a>(&self, text: &'a str) -> Option<&'a str> {
        let is_of_set = |name: &str| {
            name.strip_prefix("StackSet-").is_some_and(|rest| {
                rest.char_indices().rev().nth(UUID).is_some_and(|(at, dash)| dash == '-' && at > 0)
            })
        };
        let is_one = |name: &&str| {
            is_of_set(name) || self.is_part_of_member(name) || self.members.iter().any(|own| own == name)
        };
        text.split(['/', ':']).find(is_one).filter(|_| !self.members.is_empty())
    }

    /// The path and name of a policy of the quarantine in a member, by its ARN.
    pub(super) fn member_policy<'a>(&self, arn: &'a str) -> Option<&'a str> {
        let (_, name) = arn.split_once(":policy/").filter(|_| !self.members.is_empty())?;
        name.starts_with(PATH).then_some(name)
    }

    /// The name of a group of the quarantine in a member. `CloudFormation` makes it of the name that the template gives.
    pub(super) fn member_group<'a>(&self, name: &'a str) -> Option<&'a str> {
        let is_one = name.to_ascii_lowercase().contains(GROUP);
        (is_one && !self.members.is_empty()).then_some(name)
    }

    /// The name of the stack, in a name or an ARN.
    pub(super) fn stack<'a>(&self, text: &'a str) -> Option<&'a str> {
        let stack = self.stack.as_deref()?;
        text.split(['/', ':']).find(|part| *part == stack)
    }

    /// The name of a stack by which another region forwards, in a name or an ARN.
    pub(super) fn forwarding_stack<'a>(&self, text: &'a str) -> Option<&'a str> {
        let prefix = format!("StackSet-{}-forward-", self.stack.as_deref()?);
        text.split(['/', ':']).find(|part| part.starts_with(&prefix))
    }

    /// The administrators' topic, in its ARN or that of one of its subscriptions.
    pub(super) fn topic<'a>(&self, text: &'a str) -> Option<&'a str> {
        let rest = text.strip_prefix(&self.alerts_topic)?;
        let name = self.alerts_topic.rsplit(':').next()?;
        (rest.is_empty() || rest.starts_with(':')).then(|| text.split(':').find(|part| *part == name))?
    }

    /// The bucket with the evidence, by its name or ARN.
    pub(super) fn bucket<'a>(&self, text: &'a str) -> Option<&'a str> {
        let bucket = self.bucket.as_deref()?;
        text.rsplit(':').next().filter(|name| *name == bucket)
    }

    /// The id of a key, in its ARN or alone. Keys have no names that tell whose they are, so the rule alone lets only
    /// the key of the administrators' topic through.
    pub(super) fn key(text: &str) -> Option<&str> {
        text.rsplit('/').next().filter(|id| !id.is_empty())
    }

    /// The name of a policy of the stack, by its ARN.
    pub(super) fn policy<'a>(&self, arn: &'a str) -> Option<&'a str> {
        let account = self.alerts_topic.split(':').nth(4)?;
        let (owner, name) = arn.split_once(":policy/")?;
        let is_ours =
            owner.ends_with(&format!("::{account}")) && begins_like_ours(name, self.stack.as_deref()?);
        (is_ours && !name.contains('/')).then_some(name)
    }
}

/// Whether a name is one that the stack gives, or that `CloudFormation` makes for it.
fn begins_like_ours(name: &str, stack: &str) -> bool {
    let shortened = || stack.len() > KEPT && stack.get(..KEPT).is_some_and(|kept| name.starts_with(kept));
    name.strip_prefix(stack).is_some_and(|rest| rest.starts_with('-')) || shortened()
}

/// All strings in a value, at any depth, in their order.
pub(super) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::OwnResources;
    use rstest::rstest;

    fn own(stack: &str) -> OwnResources {
        let topic = "arn:aws:sns:us-east-1:123456789012:mfa-AlertsTopic-1A";
        OwnResources::new(Some(stack), topic, Some("mfa-evidence"))
    }

    #[rstest]
    #[case("mfa-SignInFunction-1A", Some("mfa-SignInFunction-1A"))]
    #[case(
        "arn:aws:lambda:us-east-1:123456789012:function:mfa-SignInFunction-1A:7",
        Some("mfa-SignInFunction-1A")
    )]
    #[case("123456789012:function:mfa-SignInFunction-1A", Some("mfa-SignInFunction-1A"))]
    #[case("https://sqs.us-east-1.amazonaws.com/123456789012/mfa-DeadLetters-1A", Some("mfa-DeadLetters-1A"))]
    #[case("arn:aws:logs:us-east-1:123456789012:log-group:mfa-SignInLogs-1A:*", Some("mfa-SignInLogs-1A"))]
    #[case("mfa", None)]
    #[case("mfa2-SignInFunction-1A", None)]
    #[case("my-mfa-function", None)]
    fn resource_is_found_in_every_form_of_its_name(#[case] text: &str, #[case] name: Option<&str>) {
        assert_eq!(own("mfa").of_stack(text), name);
    }

    #[test]
    fn role_is_ours_in_any_case() {
        for name in ["mfa-GuardRole-1A", "MFA-guardrole-1a"] {
            assert_eq!(own("mfa").role(name), Some(name));
        }
        assert_eq!(own("mfa").role("mfa2-GuardRole-1A"), None);
    }

    #[test]
    fn shortened_name_of_a_long_stack_is_ours() {
        let own = own("security-baseline-of-the-payments-organisation");
        assert!(own.of_stack("security-baseline-of-the-UserLifecycleFunction-1A").is_some());
        assert!(own.of_stack("security-baseline-of-UserLifecycleFunction-1A").is_none());
    }

    #[test]
    fn short_name_of_a_stack_is_followed_by_a_hyphen() {
        let own = own("security-of-the-payments");
        assert!(own.of_stack("security-of-the-payments-SignInFunction-1A").is_some());
        assert!(own.of_stack("security-of-the-payments2-SignInFunction-1A").is_none());
    }

    #[test]
    fn stack_is_known_by_its_name_and_its_arn() {
        let own = own("mfa");
        assert_eq!(own.stack("mfa"), Some("mfa"));
        assert_eq!(own.stack("arn:aws:cloudformation:us-east-1:123456789012:stack/mfa/1234-ab"), Some("mfa"));
        assert_eq!(own.stack("mfa-2"), None);
        assert_eq!(own.forwarding_stack("StackSet-mfa-forward-1234"), Some("StackSet-mfa-forward-1234"));
        assert_eq!(own.forwarding_stack("StackSet-mfa-2-forward-1234"), None);
    }

    #[test]
    fn topic_is_known_by_its_arn_and_its_subscriptions() {
        let own = own("mfa");
        let topic = "arn:aws:sns:us-east-1:123456789012:mfa-AlertsTopic-1A";
        assert_eq!(own.topic(topic), Some("mfa-AlertsTopic-1A"));
        assert_eq!(own.topic(&format!("{topic}:0a1b")), Some("mfa-AlertsTopic-1A"));
        assert_eq!(own.topic(&format!("{topic}B")), None);
        assert_eq!(own.topic("arn:aws:sns:us-east-1:123456789012:mfa-user-AIDA"), None);
    }

    #[rstest]
    #[case("arn:aws:iam::123456789012:policy/mfa-ContainPolicy-1A", true)]
    #[case("arn:aws:iam::123456789012:policy/x/mfa-ContainPolicy-1A", false)]
    #[case("arn:aws:iam::210987654321:policy/mfa-ContainPolicy-1A", false)]
    #[case("mfa-ContainPolicy-1A", false)]
    fn policy_is_known_by_its_account_and_name(#[case] arn: &str, #[case] is_ours: bool) {
        assert_eq!(own("mfa").policy(arn).is_some(), is_ours);
    }

    #[test]
    fn bucket_is_known_by_its_name_and_its_arn() {
        for text in ["mfa-evidence", "arn:aws:s3:::mfa-evidence"] {
            assert_eq!(own("mfa").bucket(text), Some("mfa-evidence"));
        }
        assert_eq!(own("mfa").bucket("mfa-evidence2"), None);
        assert_eq!(OwnResources::default().bucket(""), None);
    }

    fn of_member() -> OwnResources {
        OwnResources { members: vec!["member".to_owned(), "second".to_owned()], ..OwnResources::default() }
    }

    #[rstest]
    #[case("member-watch", true)]
    #[case("second-contain", true)]
    #[case("https://sqs.eu-north-1.amazonaws.com/123456789012/member-dead-letters", true)]
    #[case("arn:aws:events:eu-north-1:123456789012:rule/member-sign-ins", true)]
    #[case("member", false)]
    #[case("members-watch", false)]
    #[case("my-member-watch", false)]
    #[case("mémber-watch", false)]
    fn part_of_a_member_begins_with_its_name(#[case] text: &str, #[case] is_ours: bool) {
        assert_eq!(of_member().of_stack(text).is_some(), is_ours);
        assert_eq!(own("mfa").of_stack(text), None);
        assert_eq!(of_member().role(&text.to_uppercase()).is_some(), is_ours && !text.contains(':'));
    }

    #[rstest]
    #[case("StackSet-member-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", true)]
    #[case("StackSet-any-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", true)]
    #[case("member", true)]
    #[case("second-eu", true)]
    #[case("StackSet-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", false)]
    #[case("StackSet--0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", false)]
    #[case("StackSet-member0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", false)]
    #[case("StackSet-member", false)]
    #[case("payments", false)]
    fn stack_of_a_member_is_that_of_a_stack_set_or_called_like_it(#[case] name: &str, #[case] is_ours: bool) {
        let arn = format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/1234-ab");
        for text in [name, &arn] {
            assert_eq!(of_member().member_stack(text), is_ours.then_some(name), "{text}");
            assert_eq!(own("mfa").member_stack(text), None);
        }
    }

    #[rstest]
    #[case("arn:aws:iam::123456789012:policy/mfa-enforcer/console/x", Some("mfa-enforcer/console/x"))]
    #[case("arn:aws:iam::123456789012:policy/x/mfa-enforcer/console/x", None)]
    #[case("arn:aws:iam::123456789012:policy/mfa-enforcer-x", None)]
    fn policy_of_a_member_is_known_by_its_path(#[case] arn: &str, #[case] name: Option<&str>) {
        assert_eq!(of_member().member_policy(arn), name);
        assert_eq!(own("mfa").member_policy(arn), None);
    }

    #[rstest]
    #[case("StackSet-member-0a1b-QuarantineGroup-1A", true)]
    #[case("stackset-member-0a1b-strictconsolequarantinegroup-1a", true)]
    #[case("engineers", false)]
    fn group_of_a_member_is_known_by_the_name_in_the_template(#[case] name: &str, #[case] is_ours: bool) {
        assert_eq!(of_member().member_group(name).is_some(), is_ours);
        assert_eq!(own("mfa").member_group(name), None);
    }

    #[test]
    fn nothing_is_ours_without_a_stack() {
        let own = OwnResources::default();
        assert_eq!((own.of_stack("-x"), own.stack(""), own.topic("-x")), (None, None, None));
    }
}
