//! AWS partitions, and what differs between them. Everything that depends on the partition reads this table.
//!
//! Sources: the SDKs' endpoint rules; the guides "AWS GovCloud (US)", "Amazon Web Services in China" and "AWS European
//! Sovereign Cloud", each on how IAM and SNS differ there.

use crate::device::DeviceKind;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// An AWS partition, which has its own accounts and its own console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum Partition {
    /// The commercial regions (`aws`).
    Aws,
    /// The regions in China (`aws-cn`).
    China,
    /// AWS GovCloud (US) (`aws-us-gov`).
    GovCloud,
    /// The AWS European Sovereign Cloud (`aws-eusc`).
    EuropeanSovereign,
    /// Any other, such as the isolated ones (`aws-iso`). Its addresses are not known here, and a link to another
    /// cloud's sign-in page would be worse than none.
    Other,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Traits {
    /// The name in ARNs; `None` if there are several.
    pub name: Option<&'static str>,
    /// The sign-in page of an account; `None` if it is not known.
    sign_in: Option<SignInPage>,
    /// The console; `None` if its address is not known.
    console: Option<&'static str>,
    /// The kinds of MFA device that users can have, the best first.
    pub devices: &'static [DeviceKind],
    /// Whether a user can have more than one device.
    pub several_devices: bool,
    /// What root is and can do.
    pub root: RootUser,
    /// Whether SNS sends text messages from the region in which the enforcer runs. Where that is not known, a message is
    /// tried, and the administrators hear if it was refused.
    pub text_messages: bool,
    /// The regions whose SES sends mail; `None` if they are not known.
    pub mail_regions: Option<&'static [&'static str]>,
    /// The region in which the events of IAM arrive; `None` if it is not known.
    pub home_region: Option<&'static str>,
    /// How host names of AWS services end; `None` if it is not known.
    pub dns_suffix: Option<&'static str>,
}

/// The commercial regions from which SES sends mail.
const MAIL_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// How the regions outside the commercial partition begin, and the names of their partitions in ARNs.
const REGIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
];

/// The address of a sign-in page.
#[derive(Debug, Clone, Copy)]
enum SignInPage {
    /// Each account has its own: `https://ACCOUNT.` and this.
    OfAccount(&'static str),
    /// The same for all accounts: it asks for the account.
    Shared(&'static str),
}

/// What root is and can do in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum RootUser {
    /// It can sign in to the console and can have MFA.
    Full,
    /// It cannot sign in to the console and cannot have MFA. It may have access keys.
    NoConsole,
    /// There is no root user.
    NotThere,
}

const ALL: &[DeviceKind] = &[DeviceKind::SecurityKeyOrPasskey, DeviceKind::Virtual, DeviceKind::HardwareTotp];

impl Partition {
    /// The partition that an ARN names.
    #[must_use]
    pub fn of_arn(arn: &str) -> Self {
        match arn.split(':').nth(1) {
            Some("aws") => Self::Aws,
            Some("aws-cn") => Self::China,
            Some("aws-us-gov") => Self::GovCloud,
            Some("aws-eusc") => Self::EuropeanSovereign,
            Some(_) | None => Self::Other,
        }
    }

    /// The name in ARNs of the partition that a region belongs to.
    #[must_use]
    pub fn name_of_region(region: &str) -> &'static str {
        let found = REGIONS.iter().find(|(beginning, _)| region.starts_with(beginning));
        found.map_or("aws", |(_, name)| name)
    }

    /// The name of each partition that has one, with the region of its stack.
    pub fn homes() -> impl Iterator<Item = (&'static str, &'static str)> {
        Self::iter().filter_map(|partition| partition.traits().name.zip(partition.traits().home_region))
    }

    /// The row of this partition.
    #[must_use]
    pub const fn traits(self) -> Traits {
        match self {
            Self::Aws => Traits {
                name: Some("aws"),
                sign_in: Some(SignInPage::OfAccount("signin.aws.amazon.com/console")),
                console: Some("https://console.aws.amazon.com"),
                devices: ALL,
                several_devices: true,
                root: RootUser::Full,
                text_messages: true,
                mail_regions: Some(MAIL_REGIONS),
                home_region: Some("us-east-1"),
                dns_suffix: Some("amazonaws.com"),
            },
            Self::China => Traits {
                name: Some("aws-cn"),
                sign_in: Some(SignInPage::OfAccount("signin.amazonaws.cn/console")),
                console: Some("https://console.amazonaws.cn"),
                devices: &[DeviceKind::Virtual],
                several_devices: true,
                root: RootUser::NotThere,
                text_messages: false,
                mail_regions: Some(&[]),
                home_region: Some("cn-north-1"),
                dns_suffix: Some("amazonaws.com.cn"),
            },
            Self::GovCloud => Traits {
                name: Some("aws-us-gov"),
                sign_in: Some(SignInPage::OfAccount("signin.amazonaws-us-gov.com/console")),
                console: Some("https://console.amazonaws-us-gov.com"),
                devices: ALL,
                several_devices: false,
                root: RootUser::NoConsole,
                // In us-gov-west-1. There are none in us-gov-east-1.
                text_messages: true,
                mail_regions: Some(&["us-gov-east-1", "us-gov-west-1"]),
                home_region: Some("us-gov-west-1"),
                dns_suffix: Some("amazonaws.com"),
            },
            Self::EuropeanSovereign => Traits {
                name: Some("aws-eusc"),
                sign_in: Some(SignInPage::Shared("https://eusc-de-east-1.signin.amazonaws-eusc.eu")),
                console: Some("https://eusc-de-east-1.console.amazonaws-eusc.eu"),
                devices: ALL,
                several_devices: true,
                root: RootUser::Full,
                text_messages: true,
                mail_regions: Some(&["eusc-de-east-1"]),
                home_region: Some("eusc-de-east-1"),
                dns_suffix: Some("amazonaws.eu"),
            },
            Self::Other => Traits {
                name: None,
                sign_in: None,
                console: None,
                devices: ALL,
                several_devices: true,
                root: RootUser::Full,
                text_messages: true,
                mail_regions: None,
                home_region: None,
                dns_suffix: None,
            },
        }
    }

    /// The address at which the users of an account sign in; `None` if it is not known.
    #[must_use]
    pub fn sign_in_url(self, account: &str) -> Option<String> {
        self.traits().sign_in.map(|page| match page {
            SignInPage::OfAccount(host) => format!("https://{account}.{host}"),
            SignInPage::Shared(page) => page.to_owned(),
        })
    }

    /// Whether the sign-in page asks for the account, because all accounts share it.
    #[must_use]
    pub fn asks_for_the_account(self) -> bool {
        matches!(self.traits().sign_in, Some(SignInPage::Shared(_)))
    }

    /// The page on which a signed-in user manages their MFA devices; `None` if its address is not known.
    #[must_use]
    pub fn security_credentials_url(self) -> Option<String> {
        self.traits().console.map(|console| format!("{console}/iam/home#/security_credentials"))
    }

    /// The page of a user in the console, for an administrator; `None` if its address is not known.
    #[must_use]
    pub fn user_url(self, name: &str) -> Option<String> {
        let name = percent_encoded(name);
        let page = |console| format!("{console}/iam/home#/users/details/{name}?section=security_credentials");
        self.traits().console.map(page)
    }

    /// Whether users can have a device that resists phishing. If not, no device they can have is weak.
    #[must_use]
    pub fn has_phishing_resistant_devices(self) -> bool {
        self.traits().devices.iter().any(|kind| kind.is_phishing_resistant())
    }
}

/// A user name may have characters that mean something in an address.
fn percent_encoded(name: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let parts: Vec<String> = name.bytes().map(encode).collect();
    parts.concat()
}

impl RootUser {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}
