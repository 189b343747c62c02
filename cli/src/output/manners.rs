//! How commands behave in a terminal, whatever they do.

use clap::{Args, ColorChoice};
use std::sync::OnceLock;

/// What was chosen, once it is read. It holds for the whole process.
static CHOSEN: OnceLock<Manners> = OnceLock::new();

/// How it behaves in a terminal
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Manners {
    /// Say nothing of what is going on
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Print long tables at once, instead of page by page
    #[arg(long, global = true)]
    no_pager: bool,
    /// Whether to use colors
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

impl Manners {
    /// Lets them hold from now on.
    pub(crate) fn apply(self) {
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        // Only the first counts, and there is but one.
        _ = CHOSEN.set(self);
    }

    fn says(of: impl Fn(&Self) -> bool) -> bool {
        CHOSEN.get().is_some_and(of)
    }
}

/// Whether nothing is to be said of what is going on.
pub(crate) fn is_quiet() -> bool {
    Manners::says(|chosen| chosen.quiet)
}

/// Whether long tables are to be shown page by page.
pub(super) fn may_page() -> bool {
    !Manners::says(|chosen| chosen.no_pager)
}
