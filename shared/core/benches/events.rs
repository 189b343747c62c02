//! How long the core takes for an event, and what it allocates: `make bench-core`.

#![expect(clippy::unwrap_used, reason = "a benchmark panics on errors")]

use divan::{AllocProfiler, Bencher, black_box};
use mfa_enforcer_testing::handling::{Handling, render};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const IGNORED: &str = "sign-in with MFA";
const HANDLED: [&str; 5] =
    ["sign-in in grace", "overdue sign-in", "sign-in of root", "new password", "enrolment"];

fn main() {
    divan::main();
}

fn handling(name: &str) -> Handling {
    Handling::all().into_iter().find(|handling| handling.name == name).unwrap()
}

#[divan::bench(args = [IGNORED].into_iter().chain(HANDLED))]
fn read(bencher: Bencher<'_, '_>, name: &str) {
    let handling = handling(name);
    bencher.bench(|| black_box(&handling).read());
}

#[divan::bench(args = HANDLED)]
fn decide(bencher: Bencher<'_, '_>, name: &str) {
    let handling = handling(name);
    let event = handling.read().unwrap();
    bencher.bench(|| handling.decide(black_box(&event)));
}

#[divan::bench(name = "render", args = HANDLED)]
fn render_all(bencher: Bencher<'_, '_>, name: &str) {
    let handling = handling(name);
    let event = handling.read().unwrap();
    let plan = handling.decide(&event);
    bencher.bench(|| render(black_box(&plan)));
}
