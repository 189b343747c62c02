//! How parameters of the template are read: JSON lines in, JSON lines out.
//!
//! Each line of the input is an object with parameters. Each line of the output has the variables that they set, and what
//! is wrong with them.
//!
//! ```text
//! echo '{"GracePeriod": "3d"}' | cargo run -p mfa-enforcer-core --example parameters
//! ```

use mfa_enforcer_core::settings::{Contents, Given, Naming, variables};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let parameters: BTreeMap<String, String> = serde_json::from_str(&line?)?;
        let given = parameters.iter().map(|(name, value)| Given {
            name: name.clone(),
            value: value.clone(),
            line: 1,
        });
        let contents = Contents::of(&given.collect::<Vec<_>>(), Naming::Parameters, "mfa-enforcer");
        let faults: Vec<&str> = contents.faults_besides(&[]).map(|fault| fault.text.as_str()).collect();
        let variables = variables(&parameters, "mfa-enforcer");
        writeln!(output, "{}", json!({"variables": variables, "faults": faults}))?;
    }
    output.flush()
}
