//! Puts back quarantines that somebody undoes, and reports changes to exemptions and to the enforcer itself.

use mfa_enforcer_core::event::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    mfa_enforcer_aws::run(Function::Guard).await
}
