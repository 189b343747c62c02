//! IAM of an account: what a sweep reads of it, and what it changes.

use super::answer::{Answer, escaped, list, tag};
use super::call::Call;
use super::member::Member;
use crate::fixtures::now;
use aws_smithy_types::base64;
use jiff::Timestamp;
use mfa_enforcer_core::facts::{AccessKeys, UserFacts};
use mfa_enforcer_core::policy_text::Document;
use strum::IntoEnumIterator;

/// The access key of a user who has one.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// When the accounts and what member.yaml makes there were made.
const FOUNDED: &str = "2026-01-01T00:00:00Z";
const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,\
                    access_key_1_active,access_key_2_active\n";

impl Member {
    pub(super) fn answer_of_iam(&mut self, call: &Call) -> Answer {
        let operation = call.operation.as_str();
        if let Some(name) = call.parameters.get("UserName") {
            let Some(index) = self.users.iter().position(|user| user.name.as_str() == name) else {
                return Answer::error(404, "NoSuchEntity");
            };
            return match self.about_user(index, call) {
                Some(content) => Answer::result(operation, &content),
                None => Answer::error(404, "NoSuchEntity"),
            };
        }
        match self.about_account(call) {
            Some(content) => Answer::result(operation, &content),
            None => Answer::error(404, "NoSuchEntity"),
        }
    }

    /// `None` if there is nothing of the kind.
    fn about_account(&self, call: &Call) -> Option<String> {
        Some(match call.operation.as_str() {
            "ListPolicies" => list("Policies", self.policies().map(|arn| policy(&arn))),
            "ListGroups" => list("Groups", Document::iter().map(|document| self.group(document))),
            "GetPolicy" => {
                document_of(call.parameter("PolicyArn"))?;
                tag("Policy", &(tag("Arn", call.parameter("PolicyArn")) + &tag("DefaultVersionId", "v1")))
            }
            "GetPolicyVersion" => {
                let text = document_of(call.parameter("PolicyArn"))?.text();
                let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
                tag("PolicyVersion", &(tag("Document", &text.replace('+', "%20")) + &tag("VersionId", "v1")))
            }
            "ListAttachedGroupPolicies" => {
                let name = call.parameter("GroupName");
                let policy = match name.strip_prefix("quarantine-") {
                    Some(code) => {
                        let document = Document::iter().find(|document| document.code() == code).unwrap();
                        self.policy(document, "")
                    }
                    // As template.yaml makes them: named after their policy.
                    None => format!("arn:aws:iam::{}:policy/{name}", self.account),
                };
                list("AttachedPolicies", [tag("PolicyArn", &policy)])
            }
            "GenerateCredentialReport" => tag("State", "COMPLETE"),
            "GetCredentialReport" => {
                let root = "<root_account>,arn,2020-01-01T00:00:00Z,not_supported,no_information,not_supported,\
                            true,false,false\n";
                let rows: String = self.users.iter().map(|user| self.row(user)).collect();
                let report = base64::encode(format!("{HEAD}{root}{rows}"));
                tag("Content", &report)
                    + &tag("ReportFormat", "text/csv")
                    + &tag("GeneratedTime", &now().to_string())
            }
            "GetAccountAuthorizationDetails" => {
                let users = list("UserDetailList", self.users.iter().map(|user| self.detail(user)));
                users + &list("GroupDetailList", []) + &list("Policies", []) + &tag("IsTruncated", "false")
            }
            "ListVirtualMFADevices" => list(
                "VirtualMFADevices",
                self.users.iter().flat_map(|user| {
                    user.devices.iter().map(|device| {
                        let enabled = tag("EnableDate", &device.enabled.to_string());
                        tag("SerialNumber", device.serial.as_str())
                            + &enabled
                            + &tag("User", &self.head(user))
                    })
                }),
            ),
            "GetAccountSummary" => {
                let of_root = [
                    ("AccountMFAEnabled", 1),
                    ("AccountAccessKeysPresent", 0),
                    ("AccountPasswordPresent", 1),
                ];
                let entry = |(key, value): (&str, i32)| {
                    tag("entry", &(tag("key", key) + &tag("value", &value.to_string())))
                };
                tag("SummaryMap", &of_root.map(entry).concat())
            }
            "ListAccountAliases" => list("AccountAliases", []),
            "GetAccessKeyLastUsed" => {
                let fields = [("ServiceName", "s3"), ("Region", "us-east-1"), ("LastUsedDate", FOUNDED)];
                tag("AccessKeyLastUsed", &fields.map(|(name, value)| tag(name, value)).concat())
            }
            other => panic!("IAM does not play {other}"),
        })
    }

    /// `None` if there is nothing of the kind.
    fn about_user(&mut self, index: usize, call: &Call) -> Option<String> {
        let head = self.head(&self.users[index]);
        let (account, user) = (&self.account, &mut self.users[index]);
        Some(match call.operation.as_str() {
            "GetUser" => tag("User", &(head + &tags(user))),
            "GetLoginProfile" => {
                let created = user.login_profile_created?.to_string();
                tag("LoginProfile", &(tag("UserName", user.name.as_str()) + &tag("CreateDate", &created)))
            }
            "ListMFADevices" => list(
                "MFADevices",
                user.devices.iter().map(|device| {
                    let serial = tag("SerialNumber", device.serial.as_str());
                    tag("UserName", user.name.as_str())
                        + &serial
                        + &tag("EnableDate", &device.enabled.to_string())
                }),
            ),
            "ListAttachedUserPolicies" => {
                list("AttachedPolicies", user.attached_policies.iter().map(|arn| tag("PolicyArn", arn)))
            }
            "ListGroupsForUser" => list(
                "Groups",
                user.groups.iter().map(|name| {
                    let arn = format!("arn:aws:iam::{account}:group/{name}");
                    let fields = [("Path", "/"), ("GroupName", name), ("GroupId", name), ("Arn", &arn)];
                    fields.map(|(name, value)| tag(name, value)).concat() + &tag("CreateDate", FOUNDED)
                }),
            ),
            "ListAccessKeys" => {
                let fields = [("AccessKeyId", KEY), ("Status", "Active"), ("CreateDate", FOUNDED)];
                let key = fields.map(|(name, value)| tag(name, value)).concat();
                list("AccessKeyMetadata", (user.keys == AccessKeys::Active).then_some(key))
            }
            "AttachUserPolicy" => {
                user.attached_policies.push(call.parameter("PolicyArn").to_owned());
                String::new()
            }
            "DetachUserPolicy" => {
                user.attached_policies.retain(|arn| arn != call.parameter("PolicyArn"));
                String::new()
            }
            "AddUserToGroup" => {
                user.groups.push(call.parameter("GroupName").to_owned());
                String::new()
            }
            "RemoveUserFromGroup" => {
                user.groups.retain(|name| name != call.parameter("GroupName"));
                String::new()
            }
            "UntagUser" => {
                user.tags.remove(call.parameter("TagKeys.member.1"));
                String::new()
            }
            "TagUser" => {
                let (key, value) =
                    (call.parameter("Tags.member.1.Key"), call.parameter("Tags.member.1.Value"));
                user.tags.insert(key.to_owned(), value.to_owned());
                String::new()
            }
            other => panic!("IAM does not play {other}"),
        })
    }

    fn policy(&self, document: Document, spare: &str) -> String {
        format!("arn:aws:iam::{}:policy/mfa-enforcer/{spare}{}/part", self.account, document.code())
    }

    fn policies(&self) -> impl Iterator<Item = String> {
        Document::iter().flat_map(|document| ["", "spare/"].map(|spare| self.policy(document, spare)))
    }

    fn group(&self, document: Document) -> String {
        let path = format!("/mfa-enforcer/{}/", document.code());
        let name = format!("quarantine-{}", document.code());
        let arn = format!("arn:aws:iam::{}:group{path}{name}", self.account);
        let fields = [
            ("Path", &*path),
            ("GroupName", &*name),
            ("GroupId", &*name),
            ("Arn", &*arn),
            ("CreateDate", FOUNDED),
        ];
        fields.map(|(name, value)| tag(name, value)).concat()
    }

    fn arn(&self, user: &UserFacts) -> String {
        format!("arn:aws:iam::{}:user{}{}", self.account, user.path, user.name)
    }

    fn head(&self, user: &UserFacts) -> String {
        let (arn, created) = (self.arn(user), user.created.to_string());
        let fields = [
            ("Path", &*user.path),
            ("UserName", user.name.as_str()),
            ("UserId", &*user.id),
            ("Arn", &*arn),
            ("CreateDate", &*created),
        ];
        fields.map(|(name, value)| tag(name, value)).concat()
    }

    fn detail(&self, user: &UserFacts) -> String {
        let attached = user.attached_policies.iter().map(|arn| tag("PolicyArn", arn));
        self.head(user) + &tags(user) + &list("AttachedManagedPolicies", attached) + &list("GroupList", [])
    }

    fn row(&self, user: &UserFacts) -> String {
        let set = user.login_profile_created.as_ref().map_or("N/A".to_owned(), Timestamp::to_string);
        let (enabled, mfa) = (user.login_profile_created.is_some(), !user.devices.is_empty());
        let (name, arn, created) = (&user.name, self.arn(user), user.created);
        format!("{name},{arn},{created},{enabled},no_information,{set},{mfa},false,false\n")
    }
}

fn policy(arn: &str) -> String {
    let (_, path) = arn.split_once(":policy").unwrap();
    let path = path.trim_end_matches("part");
    tag("Arn", arn) + &tag("Path", path) + &tag("CreateDate", FOUNDED)
}

/// By the path of a policy in a member, or by the end of its name.
fn document_of(arn: &str) -> Option<Document> {
    let arn = arn.trim_end_matches("-spare");
    let is_of = |document: &Document| {
        let code = document.code();
        arn.contains(&format!("/{code}/")) || arn.ends_with(&format!("-quarantine-{code}"))
    };
    Document::iter().find(is_of)
}

fn tags(user: &UserFacts) -> String {
    list(
        "Tags",
        user.tags.iter().map(|(key, value)| tag("Key", &escaped(key)) + &tag("Value", &escaped(value))),
    )
}
