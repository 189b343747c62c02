//! The parts of a letter as HTML. The template library escapes whatever they hold.

use super::letter::{Item, Part, Span};
use maud::{Markup, html};

/// The parts, one after the other. Headings are of the second rank.
pub(super) fn parts(parts: &[Part]) -> Markup {
    html! {
        @for part in parts {
            @match part {
                Part::Paragraph(spans) => p { (text(spans)) },
                Part::Heading(title) => h2 { (title) },
                Part::Facts(facts) => dl {
                    @for (name, value) in facts { dt { (name) } dd { (value) } }
                },
                Part::Steps(items) => ol {
                    @for item in items { (step(item)) }
                },
                Part::Points(points) => (bulleted(points)),
            }
        }
    }
}

fn step(item: &Item) -> Markup {
    html! {
        li {
            (text(&item.text))
            @if !item.points.is_empty() { (bulleted(&item.points)) }
        }
    }
}

fn bulleted(points: &[String]) -> Markup {
    html! {
        ul {
            @for point in points { li { (point) } }
        }
    }
}

fn text(spans: &[Span]) -> Markup {
    html! {
        @for span in spans {
            @match span {
                Span::Words(words) => (words),
                Span::Link(address) => a href=(address) { (address) },
            }
        }
    }
}
