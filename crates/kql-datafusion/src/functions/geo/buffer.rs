//! `geo_point_buffer`: what is within a radius, as a polygon.
//!
//! The corners of the circle are at the radius, and as many that no side is nearer to the middle than the
//! tolerance allows. They begin in the direction that S2's buffer operation begins in. Source: measured on three
//! circles, to the last digits.
//!
//! `geo_polygon_buffer` and `geo_line_buffer` are not here: the steps of the arcs at their corners are not known to
//! the last digits.

use std::f64::consts::{PI, TAU};

use datafusion_expr::lit;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json::write_polygon,
    plane::{RADIUS, Vector},
    shapes::place,
};

/// The tolerance in metres unless it is said.
const DEFAULT_TOLERANCE: f64 = 10.0;
/// The least one.
const LEAST_TOLERANCE: f64 = 0.1;
/// The most corners that are made.
const MOST_CORNERS: f64 = 100_000.0;

pub(super) const POINT: ScalarFunction = ScalarFunction {
    name: "geo_point_buffer",
    summary: "Returns the polygon around a place with a radius in metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-point-buffer-function",
    examples: &[
        Example::new("array_length(geo_point_buffer(-115.17, 36.14, 20000).coordinates[0])", "101"),
        Example::new("isnull(geo_point_buffer(10, 10, -1))", "True"),
    ],
    lower: |call| {
        let tolerance = if call.args.len() > 3 { call.real(3)? } else { lit(DEFAULT_TOLERANCE) };
        Some(CIRCLE.call(vec![call.real(0)?, call.real(1)?, call.real(2)?, tolerance]))
    },
};

pub(super) static CIRCLE: Kernel = Kernel {
    name: "kql_geo_circle",
    returns: Returns::Text,
    eval: |args| {
        let (longitudes, latitudes) = (args.real(0)?, args.real(1)?);
        let (radii, tolerances) = (args.real(2)?, args.real(3)?);
        written(args.rows(), |row, out| {
            let middle = place(longitudes.get(row), latitudes.get(row));
            let radius =
                radii.get(row).filter(|radius| *radius > 0.0 && *radius < PI / 2.0 * RADIUS);
            let tolerance = tolerances.get(row).filter(|it| *it >= LEAST_TOLERANCE);
            let circle =
                middle.zip(radius.zip(tolerance)).and_then(|(middle, (radius, tolerance))| {
                    circle(middle, radius / RADIUS, tolerance / radius)
                });
            Ok(circle.map(|circle| {
                let ring: Vec<(f64, f64)> = circle.into_iter().map(Vector::degrees).collect();
                write_polygon(&ring, out);
            }))
        })
    },
};

/// Returns half of the greatest turn from one corner to the next: the middle of the side between them is nearer
/// by a part of the radius.
fn half_step(radius: f64, error: f64) -> f64 {
    ((radius * (1.0 - error.min(1.0))).tan() / radius.tan()).acos()
}

/// Returns the corners of a circle; `None` if there are too many.
fn circle(middle: Vector, radius: f64, error: f64) -> Option<Vec<Vector>> {
    let corners = (PI / half_step(radius, error)).ceil().max(3.0);
    (corners <= MOST_CORNERS).then_some(())?;
    let first = middle.across();
    let second = middle.cross(first);
    let (along, away) = (radius.cos(), radius.sin());
    let numbers = std::iter::successors(Some(0.0), |at| Some(at + 1.0));
    let places = numbers.take_while(|at| *at < corners).map(|at: f64| {
        let turn = at / corners * TAU;
        let direction = first.times(turn.cos()).plus(second.times(turn.sin()));
        middle.times(along).plus(direction.times(away)).unit()
    });
    Some(places.collect())
}
