//! Where a call came from, in words that are safe to put into a mail.
//!
//! The caller chooses the `userAgent`, so none of it is ever quoted: a link in it would reach the user's inbox
//! under our name.

use super::invoked_by::is_agent;
use crate::partition::Partition;
use std::net::IpAddr;
use strum::IntoEnumIterator;

/// Address and client of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `203.0.113.7`, `an AWS service`, or `an unknown address`.
    pub address: String,
    /// `Firefox on Linux`, `the AWS command line`, or `an unknown program`.
    pub client: String,
}

/// Tokens of a `userAgent`, first match wins: Edge and Opera also contain Chrome and Safari.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// First match wins: Android before Linux and iPhone before Mac OS X, because the former contain the latter.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

const PROGRAMS: [(&str, &str); 9] = [
    ("aws-cli/", "the AWS command line"),
    ("Terraform", "Terraform"),
    ("Boto3/", "a Python program"),
    ("Botocore/", "a Python program"),
    ("aws-sdk-go", "a Go program"),
    ("aws-sdk-java", "a Java program"),
    ("aws-sdk-js", "a JavaScript program"),
    ("aws-sdk-rust", "a Rust program"),
    ("console.amazonaws.com", "the AWS console"),
];

impl Origin {
    pub(super) fn new(address: Option<&str>, user_agent: Option<&str>) -> Self {
        Self {
            address: address.map_or_else(|| "an unknown address".to_owned(), describe_address),
            client: user_agent.map_or_else(|| "an unknown program".to_owned(), describe_client),
        }
    }
}

fn describe_address(address: &str) -> String {
    if let Ok(ip) = address.parse::<IpAddr>() {
        ip.to_string()
    } else if is_agent(address) {
        "the AWS MCP Server".to_owned()
    } else if address == "AWS Internal" || is_service(address) {
        "an AWS service".to_owned()
    } else {
        "an unknown address".to_owned()
    }
}

fn describe_client(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(token, _)| agent.contains(token)).map(|(_, name)| *name)
    };
    if let Some(program) = first(&PROGRAMS) {
        return program.to_owned();
    }
    if is_agent(agent) {
        return "an AI agent".to_owned();
    }
    if agent == "AWS Internal" || agent == "signin.amazonaws.com" {
        return "the AWS console".to_owned();
    }
    if is_service(agent) {
        return "an AWS service".to_owned();
    }
    match (first(&BROWSERS), first(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(_) | None) => "an unknown program".to_owned(),
    }
}

/// Whether a name is that of an AWS service, in any partition.
fn is_service(name: &str) -> bool {
    let mut suffixes = Partition::iter().filter_map(|partition| partition.traits().dns_suffix);
    suffixes.any(|suffix| name.strip_suffix(suffix).is_some_and(|host| host.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::Origin;
    use rstest::rstest;

    #[rstest]
    #[case(
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Firefox on Linux"
    )]
    #[case(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0",
        "Edge on Windows"
    )]
    #[case(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "Safari on a Mac"
    )]
    #[case(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 CriOS/131.0 Mobile Safari/604.1",
        "Chrome on an iPhone"
    )]
    #[case("aws-cli/2.17.32 md/awscrt#0.21.2 ua/2.0 os/linux", "the AWS command line")]
    #[case("AWS Internal", "the AWS console")]
    #[case("aws-mcp.amazonaws.com", "an AI agent")]
    #[case("cloudformation.amazonaws.com", "an AWS service")]
    #[case("click http://evil.example/ to keep your account", "an unknown program")]
    fn client_is_named_in_words(#[case] agent: &str, #[case] words: &str) {
        assert_eq!(Origin::new(None, Some(agent)).client, words);
    }

    #[rstest]
    #[case("203.0.113.7", "203.0.113.7")]
    #[case("2001:db8::7", "2001:db8::7")]
    #[case("AWS Internal", "an AWS service")]
    #[case("aws-mcp.amazonaws.com", "the AWS MCP Server")]
    #[case("cloudformation.amazonaws.com", "an AWS service")]
    #[case("cloudformation.amazonaws.com.cn", "an AWS service")]
    #[case("cloudformation.amazonaws.eu", "an AWS service")]
    #[case("http://evil.example", "an unknown address")]
    #[case("evil-amazonaws.com", "an unknown address")]
    fn only_real_addresses_are_shown(#[case] address: &str, #[case] words: &str) {
        assert_eq!(Origin::new(Some(address), None).address, words);
    }
}
