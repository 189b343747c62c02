//! Contains or reminds users who sign in to the console without MFA.

use mfa_enforcer_core::event::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    mfa_enforcer_aws::run(Function::SignIn).await
}
