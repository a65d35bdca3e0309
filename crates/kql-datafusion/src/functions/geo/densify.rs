//! `geo_line_densify`, `geo_polygon_densify`: edges that are straight on a map, as edges of the globe.
//!
//! An edge is halved on the map until the globe's is near enough, as S2's tessellator does. Source: measured;
//! that a tolerance is taken by its part is S2's.

use datafusion_common::Result;
use datafusion_expr::{Expr, lit};
use kql_types::dynamic;

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json::write_position,
    plane::{RADIUS, Vector, lines, polygons, write_lines},
};

/// The tolerance in metres unless it is said.
const DEFAULT_TOLERANCE: f64 = 10.0;
/// The least one.
const LEAST_TOLERANCE: f64 = 0.1;
/// Where on an edge the two are compared, and what of the tolerance they may be apart there: between these
/// two places an edge is at most as far from the other as the tolerance.
const COMPARED_AT: f64 = 0.312_156_910_822_483_1;
const SHARE: f64 = 0.838_299_925_698_885_1;

pub(super) const LINE: ScalarFunction = ScalarFunction {
    name: "geo_line_densify",
    summary: "Returns lines that are straight on a map as lines of the globe.",
    source: "https://learn.microsoft.com/kusto/query/geo-line-densify-function",
    examples: &[
        Example::new(
            "array_length(geo_line_densify(dynamic({'type': 'LineString', 'coordinates': [[10, 10], [11, 10]]})).coordinates)",
            "5",
        ),
        Example::new(
            "isnull(geo_line_densify(dynamic({'type': 'LineString', 'coordinates': [[1, 1], [2, 2]]}), 0))",
            "True",
        ),
    ],
    lower: |call| lower(call, &DENSE_LINE),
};

pub(super) const POLYGON: ScalarFunction = ScalarFunction {
    name: "geo_polygon_densify",
    summary: "Returns polygons that are straight on a map as polygons of the globe.",
    source: "https://learn.microsoft.com/kusto/query/geo-polygon-densify-function",
    examples: &[Example::new(
        "array_length(geo_polygon_densify(dynamic({'type': 'Polygon', 'coordinates': [[[10, 10], [11, 10], [11, 11], [10, 11], [10, 10]]]})).coordinates[0])",
        "11",
    )],
    lower: |call| lower(call, &DENSE_POLYGON),
};

/// Whether crossings are kept is refused: what is done otherwise is not known.
fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let tolerance = if call.args.len() > 1 { call.real(1)? } else { lit(DEFAULT_TOLERANCE) };
    (call.args.len() <= 2).then_some(())?;
    Some(kernel.call(vec![call.arg(0)?, tolerance]))
}

pub(super) static DENSE_LINE: Kernel = Kernel {
    name: "kql_geo_line_densify",
    returns: Returns::Text,
    eval: |args| densify(args, write_line),
};

pub(super) static DENSE_POLYGON: Kernel = Kernel {
    name: "kql_geo_polygon_densify",
    returns: Returns::Text,
    eval: |args| densify(args, write_polygon),
};

fn densify(
    args: &Args<'_>,
    write: fn(&str, f64, &mut String) -> Result<Option<()>>,
) -> Result<arrow::array::ArrayRef> {
    let (shapes, tolerances) = (args.text(0)?, args.real(1)?);
    written(args.rows(), |row, out| {
        let tolerance = tolerances.get(row).filter(|it| *it >= LEAST_TOLERANCE);
        match shapes.get(row).zip(tolerance) {
            Some((shape, tolerance)) => write(shape, tolerance, out),
            None => Ok(None),
        }
    })
}

/// A line that goes over the antimeridian is cut there.
#[expect(clippy::unnecessary_wraps, reason = "what `densify` takes")]
fn write_line(json: &str, tolerance: f64, out: &mut String) -> Result<Option<()>> {
    let is_line = lines(json).is_some();
    let Some(coordinates) = dynamic::get(json, "coordinates").filter(|_| is_line) else {
        return Ok(None);
    };
    let is_one = dynamic::get(json, "type").is_some_and(|it| dynamic::unquote(it) == "LineString");
    let chains: Vec<&str> =
        if is_one { vec![coordinates] } else { dynamic::elements(coordinates).collect() };
    let parts: Vec<Vec<Vector>> =
        chains.into_iter().flat_map(|chain| cut(&dense(chain, tolerance))).collect();
    write_lines(&parts, out);
    Ok(Some(()))
}

fn write_polygon(json: &str, tolerance: f64, out: &mut String) -> Result<Option<()>> {
    let is_polygon = polygons(json).is_some();
    let Some(coordinates) = dynamic::get(json, "coordinates").filter(|_| is_polygon) else {
        return Ok(None);
    };
    out.push_str("{\"type\":");
    out.push_str(dynamic::get(json, "type").unwrap_or_default());
    out.push_str(",\"coordinates\":");
    write_rings(coordinates, tolerance, out)?;
    out.push('}');
    Ok(Some(()))
}

/// Writes rings, in lists of whatever depth.
fn write_rings(json: &str, tolerance: f64, out: &mut String) -> Result<()> {
    let is_ring = dynamic::index(json, 0)
        .and_then(|first| dynamic::index(first, 0))
        .is_some_and(|it| dynamic::kind(it) != dynamic::Kind::Array);
    out.push('[');
    if is_ring {
        let places = dense(json, tolerance);
        if cut(&places).len() > 1 {
            return datafusion_common::exec_err!(
                "a polygon across the antimeridian: how it is made dense is not known"
            );
        }
        for (number, place) in places.into_iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            let (longitude, latitude) = place.degrees();
            write_position(longitude, latitude, out);
        }
    } else {
        for (number, part) in dynamic::elements(json).enumerate() {
            if number > 0 {
                out.push(',');
            }
            write_rings(part, tolerance, out)?;
        }
    }
    out.push(']');
    Ok(())
}

/// Returns a chain with places between those that are there.
fn dense(json: &str, tolerance: f64) -> Vec<Vector> {
    let places: Vec<(f64, f64)> = dynamic::elements(json).filter_map(degrees).collect();
    let mut dense = Vec::new();
    dense.extend(places.first().copied());
    for (from, to) in places.iter().zip(places.iter().skip(1)) {
        halve(*from, *to, tolerance, 0, &mut dense);
    }
    dense.into_iter().map(|(longitude, latitude)| Vector::of_degrees(longitude, latitude)).collect()
}

/// How far from the antimeridian the parts of a line end, in degrees. Source: measured.
const BESIDE: f64 = 1e-12;

/// Cuts a line where it goes over the antimeridian.
fn cut(places: &[Vector]) -> Vec<Vec<Vector>> {
    let mut parts: Vec<Vec<Vector>> = vec![Vec::new()];
    let mut before: Option<Vector> = None;
    for place in places {
        if let Some(from) = before
            && (from.y < 0.0) != (place.y < 0.0)
            && from.x.min(place.x) < 0.0
        {
            // Where the edge meets the plane of the meridians of 0 and 180 degrees.
            let over = from.times(place.y.abs()).plus(place.times(from.y.abs())).unit();
            if over.x < 0.0 {
                let latitude = over.degrees().1;
                let beside =
                    |side: f64| Vector::of_degrees((180.0 - BESIDE).copysign(side), latitude);
                if let Some(part) = parts.last_mut() {
                    part.push(beside(from.y));
                }
                parts.push(vec![beside(place.y)]);
            }
        }
        if let Some(part) = parts.last_mut() {
            part.push(*place);
        }
        before = Some(*place);
    }
    parts
}

fn degrees(json: &str) -> Option<(f64, f64)> {
    let number = |at| dynamic::index(json, at)?.trim_ascii().parse::<f64>().ok();
    Some((number(0)?, number(1)?))
}

/// Adds the places after `from` up to `to`.
fn halve(
    from: (f64, f64),
    to: (f64, f64),
    tolerance: f64,
    depth: u32,
    dense: &mut Vec<(f64, f64)>,
) {
    let between = |part: f64| (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
    let on_map = |part: f64| {
        let (longitude, latitude) = between(part);
        Vector::of_degrees(longitude, latitude)
    };
    let (start, end) = (on_map(0.0), on_map(1.0));
    let apart = |part: f64| {
        let angle = start.angle(end) * part;
        let direction = start.normal(end).cross(start).unit();
        let on_globe = start.times(angle.cos()).plus(direction.times(angle.sin())).unit();
        on_globe.angle(on_map(part)) * RADIUS
    };
    let is_far = start.dot(end) < -1e-14
        || apart(COMPARED_AT).max(apart(1.0 - COMPARED_AT)) > tolerance * SHARE;
    if is_far && depth < 32 {
        let middle = between(0.5);
        halve(from, middle, tolerance, depth.saturating_add(1), dense);
        halve(middle, to, tolerance, depth.saturating_add(1), dense);
    } else {
        dense.push(to);
    }
}
