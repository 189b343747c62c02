//! The parts of a letter as HTML. The template library escapes whatever they hold.

use super::letter::{Item, Part, Span};
use maud::{Markup, html};

/// The style of each kind of element, where there can be no style sheet.
#[derive(Default)]
pub(crate) struct Styles {
    pub(crate) paragraph: Option<&'static str>,
    pub(crate) heading: Option<&'static str>,
    pub(crate) facts: Option<&'static str>,
    pub(crate) name: Option<&'static str>,
    pub(crate) value: Option<&'static str>,
    pub(crate) list: Option<&'static str>,
    pub(crate) item: Option<&'static str>,
    pub(crate) link: Option<&'static str>,
}

/// The parts, one after the other. Headings are of the second rank.
pub(super) fn parts(parts: &[Part], styles: &Styles) -> Markup {
    html! {
        @for part in parts {
            @match part {
                Part::Paragraph(spans) => p style=[styles.paragraph] { (text(spans, styles)) },
                Part::Heading(title) => h2 style=[styles.heading] { (title) },
                Part::Facts(facts) => dl style=[styles.facts] {
                    @for (name, value) in facts {
                        dt style=[styles.name] { (name) }
                        dd style=[styles.value] { (value) }
                    }
                },
                Part::Steps(items) => ol style=[styles.list] {
                    @for item in items { (step(item, styles)) }
                },
                Part::Points(points) => (bulleted(points, styles)),
            }
        }
    }
}

fn step(item: &Item, styles: &Styles) -> Markup {
    html! {
        li style=[styles.item] {
            (text(&item.text, styles))
            @if !item.points.is_empty() { (bulleted(&item.points, styles)) }
        }
    }
}

fn bulleted(points: &[String], styles: &Styles) -> Markup {
    html! {
        ul style=[styles.list] {
            @for point in points { li style=[styles.item] { (point) } }
        }
    }
}

fn text(spans: &[Span], styles: &Styles) -> Markup {
    html! {
        @for span in spans {
            @match span {
                Span::Words(words) => (words),
                Span::Link(address) => a href=(address) style=[styles.link] { (address) },
            }
        }
    }
}
