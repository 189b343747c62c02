//! How settings are read: JSON lines in, JSON lines out.
//!
//! Each line of the input is an object with environment variables. Each line of the output is a list of what is wrong
//! with them, empty if a function would start.
//!
//! ```text
//! echo '{"GRACE_PERIOD": "400d"}' | cargo run -p mfa-enforcer-core --example settings
//! ```

use mfa_enforcer_core::settings::Settings;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let variables: HashMap<String, String> = serde_json::from_str(&line?)?;
        writeln!(output, "{}", problems(&variables))?;
    }
    output.flush()
}

fn problems(variables: &HashMap<String, String>) -> Value {
    match Settings::read(|name| variables.get(name).cloned()) {
        Ok(_) => json!([]),
        Err(problems) => {
            let texts = problems.0.iter().map(|problem| format!("{} {}", problem.variable, problem.problem));
            json!(texts.collect::<Vec<_>>())
        }
    }
}
