//! The decisions of mfa-enforcer.
//!
//! ```
//! use mfa_enforcer_core::decide::{Ask, ask};
//! use mfa_enforcer_core::event::{Function, Reading, read};
//! use mfa_enforcer_core::facts::UserFacts;
//! use mfa_enforcer_core::settings::Settings;
//!
//! let settings = Settings::read(|name| match name {
//!     "MODE" => Some("enforce".to_owned()),
//!     "QUARANTINE_POLICY_ARN" => Some("arn:aws:iam::123456789012:policy/quarantine".to_owned()),
//!     "ALERTS_TOPIC_ARN" => Some("arn:aws:sns:us-east-1:123456789012:alerts".to_owned()),
//!     "USER_TOPIC_PREFIX" | "ENFORCER_ROLES" => Some("mfa-enforcer-".to_owned()),
//!     _ => None, // the default
//! })?;
//!
//! // Bob signs in without MFA, with a password that is older than the grace period of seven days.
//! let payload = include_str!("../../../events/ConsoleLogin/bob-overdue-without-mfa.json");
//! let Reading::Event(event) = read(payload, Function::SignIn, &settings.deployment)? else { panic!() };
//! let Ask::User(question) = ask(&event) else { panic!() };
//! let since = "2026-01-02T03:04:05Z".parse()?;
//! let bob = UserFacts {
//!     tags: [("email".to_owned(), "bob@example.com".to_owned())].into_iter().collect(),
//!     login_profile_created: Some(since),
//!     ..UserFacts::bare(question.name().clone(), "AIDAEADJ4SBWQEEXAMPLE".to_owned(), since)
//! };
//! let plan = question.answer(Some(&bob), &settings, "2026-11-24T09:05:00Z".parse()?);
//!
//! assert_eq!(plan.reason.to_string(), "signed in without MFA after the deadline");
//! let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
//! assert_eq!(
//!     steps,
//!     ["set-tag mfa-enforcer:quarantined", "attach-policy", "notify quarantined", "set-tag mfa-enforcer:notified"]
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`event::read`] parses an event, [`decide::ask`] says what has to be looked up for it, the answer makes a
//! [`plan::Plan`], and [`progress::Progress`] carries it out step by step. Nothing here reads a clock, the environment,
//! the disk or the network: the same input gives the same plan, which makes it easy to test.

/// The version of the enforcer, for the log and for what AWS records of its calls.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub mod access_keys;
pub mod boundary;
pub mod bus;
pub mod change;
mod chat_steps;
pub mod checkup;
pub mod code_words;
pub mod contact;
pub mod counted;
pub mod decide;
pub mod device;
pub mod digest;
pub mod effect;
pub mod episode;
pub mod event;
pub mod evidence;
pub mod exemption;
pub mod facts;
pub mod forecast;
pub mod former_texts;
pub mod history;
pub mod inspection;
pub mod mail_event;
pub mod metric;
pub mod notice;
pub mod operation;
pub mod organization;
pub mod outcome;
pub mod partition;
pub mod plan;
pub mod policy_text;
pub mod posture;
pub mod progress;
pub mod quarantine;
pub mod quarantine_look;
pub mod quotas;
mod read_back;
pub mod reason;
mod reason_words;
pub mod redrive;
pub mod repair;
pub mod replay;
pub mod rights;
pub mod sender;
pub mod settings;
pub mod snapshot;
pub mod stack;
pub mod subscription;
pub mod sweep;
pub mod tags;
pub mod trail;
mod wildcard;
