//! The lines of the log with metrics. They are written in a process of its own, because the recorder that writes is global.

use crate::metrics::{WORK, figures};
use mfa_enforcer_aws::measure;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_testing::account::{Account, SIGN_IN, send};
use mfa_enforcer_testing::fixtures::{POLICY, user};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;

/// Two invocations of a function, with the real recorder. Run by the test below.
#[tokio::test]
#[ignore = "needs a process of its own"]
async fn two_invocations_in_their_own_process() {
    measure::init("sign-in");
    let account = Account::with(user("bob"));
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    measure::account(&figures());
    measure::work(&WORK, true);
    measure::flush();
    std::io::stdout().write_all(b"second\n").unwrap();
    send(Function::SignIn, "ConsoleLogin/mfa-used-dave", &account).await.unwrap();
    measure::flush();
}

/// A log line with metrics.
#[derive(Debug)]
struct Line {
    dimensions: BTreeMap<String, String>,
    /// Values by the metric's name and unit.
    values: BTreeMap<String, Value>,
}

impl Line {
    fn read(line: &str) -> Self {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let line = line.as_object_mut().unwrap();
        let head = line.remove("_aws").unwrap();
        assert!(head["Timestamp"].is_u64());
        let metrics = only(&head["CloudWatchMetrics"]);
        assert_eq!(metrics["Namespace"], "MfaEnforcer");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let dimensions = list(only(&metrics["Dimensions"])).iter().map(text);
        let dimensions = dimensions.map(|name| (name.clone(), text(&line.remove(&name).unwrap()))).collect();
        let metrics =
            list(&metrics["Metrics"]).iter().map(|metric| (text(&metric["Name"]), text(&metric["Unit"])));
        let values = metrics
            .map(|(name, unit)| {
                let value = line.remove(&name).unwrap();
                (format!("{name} {unit}"), value)
            })
            .collect();
        assert!(line.is_empty(), "unexpected fields in the line: {line:?}");
        Self { dimensions, values }
    }

    /// The lines of a log with metrics. The test's name precedes the first one.
    fn all(log: &str) -> Vec<Self> {
        let lines = log.lines().filter_map(|line| line.find("{\"_aws\"").map(|start| &line[start..]));
        lines.map(Self::read).collect()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn only(value: &Value) -> &Value {
    assert_eq!(list(value).len(), 1, "{value}");
    &value[0]
}

/// The values of the function alone, or of one further dimension.
fn find<'a>(lines: &'a [Line], dimension: Option<(&str, &str)>) -> &'a BTreeMap<String, Value> {
    let wanted = [("Function", "sign-in")].into_iter().chain(dimension);
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let line = lines.iter().find(|line| line.dimensions == wanted);
    &line.ok_or((wanted, lines)).unwrap().values
}

#[test]
fn each_invocation_writes_its_own_emf() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "metric_lines::two_invocations_in_their_own_process"])
        .output()
        .unwrap();
    let output = String::from_utf8(child.stdout).unwrap();
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
    let (first, second) = output.split_once("second\n").unwrap();

    let lines = Line::all(first);
    assert_eq!(lines.len(), 4, "the function, the outcome and two postures: {lines:?}");
    let own = find(&lines, None);
    assert_eq!(own["Quarantines Count"], 1);
    assert_eq!(own["NoticesSent Count"], 2);
    assert_eq!(own["CoveragePercent Percent"], json!([87.5]));
    assert_eq!(own["UsersFailed Count"], json!([0.0]));
    assert!(own["Duration Milliseconds"][0].is_f64());
    assert!(own["DecisionLatency Milliseconds"][0].is_f64());
    assert_eq!(find(&lines, Some(("Outcome", "acted")))["Events Count"], 1);
    assert_eq!(find(&lines, Some(("Posture", "compliant")))["Users Count"], json!([7.0]));

    let lines = Line::all(second);
    assert_eq!(lines.len(), 3, "the second invocation repeats nothing of the first: {lines:?}");
    assert_eq!(find(&lines, None).keys().collect::<Vec<_>>(), ["Duration Milliseconds"]);
    assert_eq!(find(&lines, Some(("Outcome", "ignored")))["Events Count"], 1);
    assert_eq!(find(&lines, Some(("Reason", "mfa-used")))["Ignored Count"], 1);

    for personal in ["bob", "AIDABOB", "example.com", POLICY] {
        assert!(!output.contains(personal), "{personal} is in the metrics:\n{output}");
    }
}
