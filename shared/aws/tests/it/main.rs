//! Tests of the shell: adapters against mocked AWS, and whole events against a fake that can fail.

mod adapters_iam;
mod adapters_sns;
mod errors;
mod events;
mod fake;
mod faulty;
