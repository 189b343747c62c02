//! Coverage over time, as a drawing and as a table.

use super::super::record::Point;
use super::{day, wide};
use crate::counted::counted;
use crate::digest::Coverage;
use jiff::Timestamp;
use maud::{Markup, html};

const WIDTH: i64 = 720;
const HEIGHT: i64 = 220;
/// Room for the labels of the axes.
const LEFT: i64 = 44;
const BOTTOM: i64 = 24;
const TOP: i64 = 10;

/// The share of users with MFA in each record.
pub(super) fn over_time(trend: &[Point]) -> Markup {
    let (Some(first), Some(last)) = (trend.first(), trend.last()) else { return html! {} };
    let (records, from, to) = (counted(trend.len(), "record"), day(first.at), day(last.at));
    let all = |point: &Point| Coverage::of(point.with_mfa, point.console);
    let some = |point: &Point| Coverage::of(point.not_exempt_with_mfa, point.not_exempt);
    let now = |share: Option<Coverage>| share.map_or_else(|| "nobody".to_owned(), |share| share.to_string());
    let about = format!(
        "From {from} to {to}, {records}. All console users: from {} to {}. Without those who are exempt: from {} to \
         {}.",
        now(all(first)),
        now(all(last)),
        now(some(first)),
        now(some(last))
    );
    let drawing = html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) height=(HEIGHT) role="img" aria-label=(about) {
            @for percent in [0, 25, 50, 75, 100] {
                line class="grid" x1=(LEFT) x2=(WIDTH) y1=(y(percent * 10)) y2=(y(percent * 10)) {}
                text x="0" y=(y(percent * 10) + 4) { (percent) "%" }
            }
            text x=(LEFT) y=(HEIGHT - 6) { (from) }
            text x=(WIDTH) y=(HEIGHT - 6) text-anchor="end" { (to) }
            polyline class="all" points=(points(trend, first.at, last.at, all)) {}
            polyline class="some" points=(points(trend, first.at, last.at, some)) {}
        }
    };
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Record" } th scope="col" { "Console users" } th scope="col" { "with MFA" }
                th scope="col" { "Not exempt" } th scope="col" { "with MFA" } th scope="col" { "In quarantine" }
            } }
            tbody {
                @for point in trend.iter().rev() {
                    tr {
                        td { (day(point.at)) } td { (point.console) } td { (point.with_mfa) }
                        td { (point.not_exempt) } td { (point.not_exempt_with_mfa) } td { (point.contained) }
                    }
                }
            }
        }
    };
    html! {
        h2 { "Coverage over time" }
        (drawing)
        p { "Solid line: all console users. Dashed line: without those who are exempt." }
        details { summary { "The figures of " (records) } (wide("Figures of each record", &table)) }
    }
}

fn points(
    trend: &[Point],
    first: Timestamp,
    last: Timestamp,
    share: impl Fn(&Point) -> Option<Coverage>,
) -> String {
    let span = (last.as_second() - first.as_second()).max(1);
    let x = |at: Timestamp| LEFT + (at.as_second() - first.as_second()) * (WIDTH - LEFT) / span;
    let points = trend.iter().filter_map(|point| Some((x(point.at), y(i64::from(share(point)?.tenths())))));
    let mut points: Vec<String> = points.map(|(x, y)| format!("{x},{y}")).collect();
    if points.len() == 1 {
        // One record is a line from edge to edge.
        points.extend(
            points.first().and_then(|point| point.split_once(',')).map(|(_, y)| format!("{WIDTH},{y}")),
        );
    }
    points.join(" ")
}

/// Where so many tenths of a percent are.
fn y(tenths: i64) -> i64 {
    TOP + (HEIGHT - TOP - BOTTOM) * (1000 - tenths) / 1000
}
