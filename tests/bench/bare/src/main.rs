//! A function that does nothing: what the runtime for Rust takes by itself. The benchmarks measure the others beside it.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let ignore =
        async |_: LambdaEvent<Value>| -> Result<Value, Error> { Ok(json!({ "outcome": "ignored" })) };
    lambda_runtime::run(service_fn(ignore)).await
}
