//! Policies of AWS that are known by their names, so that nobody has to read them.

/// The policies of AWS that let their holders give themselves every right, or have nearly every right already.
///
/// Source: "AWS managed policies", AWS Managed Policy Reference. `PowerUserAccess` leaves out IAM.
const POLICIES: [&str; 3] = ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"];

/// Those of these policies, by their ARNs, that give the rights of an administrator by their name.
#[must_use]
pub fn by_name(arns: &[String]) -> Vec<&'static str> {
    let is_attached = |name: &&str| arns.iter().any(|arn| is_of_aws(arn, name));
    POLICIES.into_iter().filter(is_attached).collect()
}

/// Whether it is the ARN of AWS's policy with this name, in any partition. A policy of the account may have the same name.
fn is_of_aws(arn: &str, name: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let (begins, partition) = (parts.next() == Some("arn"), parts.next());
    let is_iam = parts.next() == Some("iam") && parts.next() == Some("") && parts.next() == Some("aws");
    let is_named = parts.next().and_then(|resource| resource.strip_prefix("policy/")) == Some(name);
    begins && partition.is_some_and(|partition| partition.starts_with("aws")) && is_iam && is_named
}

/// Those of these groups that are called after administrators, which says nothing of their policies: a hint.
#[must_use]
pub fn groups_by_name(groups: &[String]) -> Vec<&str> {
    let is_called = |name: &&String| {
        let name = name.to_ascii_lowercase();
        let begins = |(at, _): (usize, _)| {
            !name
                .as_bytes()
                .get(..at)
                .is_some_and(|before| before.last().is_some_and(u8::is_ascii_alphabetic))
        };
        name.match_indices("admin").any(begins)
    };
    groups.iter().filter(is_called).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::{by_name, groups_by_name};

    #[test]
    fn groups_are_known_by_their_names() {
        let groups =
            ["Admins", "aws-administrators", "badminton", "developers", "", "x_ADMIN"].map(str::to_owned);
        assert_eq!(groups_by_name(&groups), ["Admins", "aws-administrators", "x_ADMIN"]);
    }

    #[test]
    fn policies_of_aws_count_in_every_partition() {
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso"] {
            let arn = |name: &str| format!("arn:{partition}:iam::aws:policy/{name}");
            assert_eq!(by_name(&[arn("ReadOnlyAccess")]), Vec::<&str>::new());
            let both = [arn("IAMFullAccess"), arn("ReadOnlyAccess"), arn("AdministratorAccess")];
            assert_eq!(by_name(&both), ["AdministratorAccess", "IAMFullAccess"]);
        }
    }

    #[test]
    fn other_policies_of_that_name_do_not_count() {
        for arn in [
            "arn:aws:iam::123456789012:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/service-role/AdministratorAccess",
            "arn:aws:iam::aws:policy/AdministratorAccess-Amplify",
            "AdministratorAccess",
            "",
        ] {
            assert_eq!(by_name(&[arn.to_owned()]), Vec::<&str>::new(), "{arn}");
        }
    }
}
