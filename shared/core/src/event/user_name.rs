//! The name of an IAM user.

use std::fmt;

/// An IAM user name: 1 to 64 letters, digits and `_ + = , . @ -`.
///
/// IAM keeps user names unique regardless of case, so equality ignores case.
#[derive(Debug, Clone, Eq)]
pub struct UserName(String);

impl UserName {
    /// `None` if IAM would not allow the name.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        // IAM's limit for a user name is 64 characters.
        ((1..=64).contains(&name.len()) && name.chars().all(allowed)).then(|| Self(name.to_owned()))
    }

    /// A name that IAM returned, taken without a check.
    #[must_use]
    pub fn listed(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for a log line. An e-mail address is personal data, so only its first letter and domain are shown.
    #[must_use]
    pub fn for_log(&self) -> String {
        match self.0.split_once('@') {
            None => self.0.clone(),
            Some((local, domain)) => {
                let first: String = local.chars().take(1).collect();
                format!("{first}***@{domain}")
            }
        }
    }
}

impl PartialEq for UserName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::UserName;

    #[test]
    fn valid_names_are_accepted() {
        for name in ["a", "alice", "alice@example.com", "a+b=c,d.e_f-g", &"x".repeat(64)] {
            assert!(UserName::new(name).is_some(), "{name}");
        }
    }

    #[test]
    fn invalid_names_are_refused() {
        for name in ["", " ", "a b", "a/b", "AWS ROOT USER", "é", "a\nb", &"x".repeat(65)] {
            assert!(UserName::new(name).is_none(), "{name}");
        }
    }

    #[test]
    fn equality_ignores_case() {
        assert_eq!(UserName::new("Alice"), UserName::new("aLICE"));
    }

    #[test]
    fn address_is_masked_in_the_log() {
        let shown = UserName::new("alice.smith@example.com").unwrap().for_log();
        assert_eq!(shown, "a***@example.com");
    }
}
