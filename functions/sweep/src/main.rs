//! Reviews the whole account once a day, reminds, and repairs what the events missed.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    mfa_enforcer_aws::run_sweep().await
}
