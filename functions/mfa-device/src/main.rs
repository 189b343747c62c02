//! Contains users who lose their last MFA device, and releases those who enrol one.

use mfa_enforcer_core::event::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    mfa_enforcer_aws::run(Function::MfaDevice).await
}
