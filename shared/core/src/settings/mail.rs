//! Mail from the company's own address, by SES.

use super::values::{Form, Setting};
use super::{Reader, Stack};
use crate::partition::Partition;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Who sends the mail to users, and to whom. Everything in it fits a header: it is ASCII without line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// `MAIL_FROM` as the header says it.
    pub from: String,
    /// The same address alone.
    pub address: String,
    /// Its domain.
    pub domain: String,
    /// `MAIL_REPLY_TO`: where answers go; `None` for the same address.
    pub reply_to: Option<String>,
    /// `MAIL_DOMAINS`: nobody in another domain gets mail. In lower case.
    pub domains: Vec<String>,
    /// `MAIL_CONFIGURATION_SET`: what reports bounces and complaints; `None` if nothing does.
    pub configuration_set: Option<String>,
    /// `MAIL_REGION`: whose SES sends.
    pub region: String,
    /// `DIGEST_TO`: who gets the digest as mail; `None` if nobody does.
    pub digest_to: Option<String>,
}

/// `MAIL_FROM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct From {
    name: Option<String>,
    address: Address,
}

/// An address of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    whole: String,
    domain: String,
}

impl Sender {
    /// Reads the variables; `None` if SNS sends the mail, or if a problem was recorded. `home` is an ARN of this region.
    pub(super) fn read<F: Fn(&str) -> Option<String>>(
        read: &mut Reader<'_, F>,
        home: Option<&str>,
        stack: Option<&Stack>,
    ) -> Option<Self> {
        let from = read.optional(&MAIL_FROM);
        let reply_to = read.optional(&MAIL_REPLY_TO);
        let mut domains = read.list(&MAIL_DOMAINS);
        let digest_to = read.optional(&DIGEST_TO);
        let set = read.optional(&MAIL_CONFIGURATION_SET);
        let region = read.optional(&MAIL_REGION);
        if from.is_none() && digest_to.is_some() && !read.has_problem(MAIL_FROM.name) {
            read.problem(DIGEST_TO.name, "needs MAIL_FROM, the address from which it comes".to_owned());
        }
        let (from, home) = (from?, home?);
        let configuration_set = match (set.as_deref(), stack) {
            (Some(OF_STACK), Some(stack)) => Some(format!("{}-mail", stack.name)),
            (Some(OF_STACK), None) => {
                let problem = format!("is `{OF_STACK}`, and needs STACK_ID, or the name itself");
                read.problem(MAIL_CONFIGURATION_SET.name, problem);
                None
            }
            _ => set,
        };
        let region = mail_region(read, region, home)?;
        if domains.is_empty() {
            domains.push(from.address.domain.clone());
        }
        Some(Self {
            from: from.header(),
            address: from.address.whole,
            domain: from.address.domain,
            reply_to: reply_to.map(|address| address.whole),
            domains,
            configuration_set,
            region,
            digest_to: digest_to.map(|address| address.whole),
        })
    }

    /// The address as SES gets it; `None` if its domain is not one of [`Sender::domains`]. Roles know the domains in
    /// lower case.
    #[must_use]
    pub fn recipient(&self, email: &str) -> Option<String> {
        let (local, domain) = email.rsplit_once('@')?;
        let domain = domain.to_ascii_lowercase();
        self.domains.contains(&domain).then(|| format!("{local}@{domain}"))
    }
}

impl From {
    /// The name is quoted, or encoded where it is not ASCII.
    fn header(&self) -> String {
        let address = &self.address.whole;
        match &self.name {
            None => address.clone(),
            Some(name) if name.is_ascii() => format!("\"{name}\" <{address}>"),
            Some(name) => format!("{} <{address}>", encoded(name)),
        }
    }
}

/// Words of a header that are not ASCII (RFC 2047). Each has at most 75 characters, and no character is cut.
fn encoded(text: &str) -> String {
    const BYTES: usize = 42;
    let mut pieces = vec![String::new()];
    for c in text.chars() {
        if pieces.last().is_some_and(|piece| piece.len() + c.len_utf8() > BYTES) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    let words = pieces.iter().map(|piece| format!("=?UTF-8?B?{}?=", STANDARD.encode(piece)));
    words.collect::<Vec<_>>().join(" ")
}

/// The region whose SES sends; `None` if it has none.
fn mail_region<F: Fn(&str) -> Option<String>>(
    read: &mut Reader<'_, F>,
    given: Option<String>,
    home: &str,
) -> Option<String> {
    let regions = Partition::of_arn(home).traits().mail_regions;
    let own = home.split(':').nth(3).unwrap_or_default();
    let region = given.unwrap_or_else(|| own.to_owned());
    // Where the regions are not known, it is tried.
    if regions.is_none_or(|regions| regions.contains(&region.as_str())) {
        return Some(region);
    }
    let instead = if regions.is_some_and(<[_]>::is_empty) {
        "without MAIL_FROM, SNS sends the mail"
    } else {
        "name a region of this partition where it does"
    };
    read.problem(MAIL_REGION.name, format!("is `{region}`, from where SES sends no mail: {instead}"));
    None
}

pub(super) const MAIL_FROM: Setting<From> = Setting {
    name: "MAIL_FROM",
    default: Some(""),
    meaning: "the company's address from which SES sends mail to users, without asking them to confirm anything; \
              without it SNS sends the mail",
    form: Form::Optional,
    expected: "an e-mail address such as `mfa@example.com`, or a name of up to 40 characters before it, as in \
               `MFA Service <mfa@example.com>`",
    parse: |value| {
        let whole = Some(value).filter(|value| value.chars().count() <= 120)?;
        let (name, email) = match whole.strip_suffix('>').and_then(|value| value.split_once('<')) {
            Some((name, email)) => (Some(display_name(name.trim())?), email),
            None => (None, whole),
        };
        Some(From { name, address: address(email)? })
    },
};
pub(super) const MAIL_REPLY_TO: Setting<Address> = Setting {
    name: "MAIL_REPLY_TO",
    default: Some(""),
    meaning: "where answers to that mail go, if not to the address itself",
    form: Form::Optional,
    expected: "an e-mail address such as `help@example.com`",
    parse: |value| address(value).filter(|_| value.len() <= 80),
};
pub(super) const MAIL_DOMAINS: Setting<String> = Setting {
    name: "MAIL_DOMAINS",
    default: Some(""),
    meaning: "the domains to which mail is sent: an address in another one counts as none; by default that of `MAIL_FROM`",
    form: Form::List,
    expected: "a domain in lower case, such as `example.com`",
    parse: domain,
};
pub(super) const MAIL_CONFIGURATION_SET: Setting<String> = Setting {
    name: "MAIL_CONFIGURATION_SET",
    default: Some(""),
    meaning: "the configuration set of SES that reports bounces and complaints; `stack` stands for that of the stack",
    form: Form::Optional,
    expected: "the name of a configuration set, or `stack`",
    parse: |value| super::values::name(value, 64, "-_"),
};
pub(super) const MAIL_REGION: Setting<String> = Setting {
    name: "MAIL_REGION",
    default: Some(""),
    meaning: "the region whose SES sends, if not the enforcer's own",
    form: Form::Optional,
    expected: "a region such as `eu-west-1`",
    parse: |value| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ((5..=20).contains(&value.len()) && value.chars().all(allowed)).then(|| value.to_owned())
    },
};

pub(super) const DIGEST_TO: Setting<Address> = Setting {
    name: "DIGEST_TO",
    default: Some(""),
    meaning: "who gets the digest from `MAIL_FROM`, besides the alerts topic: an address in `MAIL_DOMAINS`",
    form: Form::Optional,
    expected: "an e-mail address such as `security@example.com`",
    parse: |value| address(value).filter(|_| value.len() <= 64),
};

/// Stands for the configuration set of the stack.
const OF_STACK: &str = "stack";

/// A name before an address. What would end the quotes around it is not allowed.
fn display_name(value: &str) -> Option<String> {
    super::letterhead::line(value, 40).filter(|name| !name.contains(['"', '\\', '<', '>', '@']))
}

fn address(value: &str) -> Option<Address> {
    let (local, of) = value.split_once('@')?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let fits = (1..=64).contains(&local.len()) && local.chars().all(allowed);
    let domain = domain(of)?;
    fits.then(|| Address { whole: value.to_owned(), domain })
}

fn domain(value: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (value.len() <= 120 && value.contains('.') && value.split('.').all(label)).then(|| value.to_owned())
}
