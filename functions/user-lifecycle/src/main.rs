//! Welcomes new users, and releases those whose password is gone.

use mfa_enforcer_core::event::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    mfa_enforcer_aws::run(Function::UserLifecycle).await
}
