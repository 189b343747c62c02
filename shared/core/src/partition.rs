//! AWS partitions, and the addresses of the console in each.

use std::fmt;

/// An AWS partition, which has its own accounts and its own console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// The commercial regions (`aws`).
    Aws,
    /// The regions in China (`aws-cn`).
    China,
    /// AWS GovCloud (US) (`aws-us-gov`).
    GovCloud,
}

impl Partition {
    /// The partition that an ARN names; the commercial one if it is unknown.
    #[must_use]
    pub fn of_arn(arn: &str) -> Self {
        match arn.split(':').nth(1) {
            Some("aws-cn") => Self::China,
            Some("aws-us-gov") => Self::GovCloud,
            Some(_) | None => Self::Aws,
        }
    }

    /// The name of the partition in ARNs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }

    /// The address at which the users of an account sign in.
    #[must_use]
    pub fn sign_in_url(self, account: &str) -> String {
        match self {
            Self::Aws => format!("https://{account}.signin.aws.amazon.com/console"),
            Self::China => format!("https://{account}.signin.amazonaws.cn/console"),
            Self::GovCloud => format!("https://{account}.signin.amazonaws-us-gov.com/console"),
        }
    }

    /// The page on which a signed-in user manages their MFA devices.
    #[must_use]
    pub fn security_credentials_url(self) -> &'static str {
        match self {
            Self::Aws => "https://console.aws.amazon.com/iam/home#/security_credentials",
            Self::China => "https://console.amazonaws.cn/iam/home#/security_credentials",
            Self::GovCloud => "https://console.amazonaws-us-gov.com/iam/home#/security_credentials",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
