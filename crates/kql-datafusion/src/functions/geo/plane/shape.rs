//! `GeoJSON` read and written.

use kql_types::dynamic::{self, Kind};

use super::{super::json::write_position, chain::Chain, ring::Polygon, vector::Vector};

/// A `LineString` or a `MultiLineString`.
pub(in super::super) type Lines = Vec<Chain>;
/// A `Polygon` or a `MultiPolygon`.
pub(in super::super) type Polygons = Vec<Polygon>;

/// Reads lines; `None` if it is nothing of that kind, or a line without an edge.
pub(in super::super) fn lines(json: &str) -> Option<Lines> {
    let coordinates = dynamic::get(json, "coordinates")?;
    let lines: Option<Lines> = match &*dynamic::unquote(dynamic::get(json, "type")?) {
        "LineString" => Some(vec![Chain::new(places(coordinates)?)?]),
        "MultiLineString" => {
            dynamic::elements(coordinates).map(|line| Chain::new(places(line)?)).collect()
        }
        _ => None,
    };
    lines.filter(|lines| !lines.is_empty())
}

/// Reads polygons; `None` if it is nothing of that kind, or one that bounds no area.
pub(in super::super) fn polygons(json: &str) -> Option<Polygons> {
    let coordinates = dynamic::get(json, "coordinates")?;
    let polygons: Option<Polygons> = match &*dynamic::unquote(dynamic::get(json, "type")?) {
        "Polygon" => Some(vec![polygon(coordinates)?]),
        "MultiPolygon" => dynamic::elements(coordinates).map(polygon).collect(),
        _ => None,
    };
    polygons.filter(|polygons| !polygons.is_empty())
}

fn polygon(json: &str) -> Option<Polygon> {
    let rings = dynamic::elements(json).map(|ring| {
        let mut places = places(ring)?;
        // Closed: the last place is the first.
        let last = places.pop()?;
        (places.first() == Some(&last)).then_some(places)
    });
    Polygon::new(rings.collect::<Option<Vec<_>>>()?)
}

fn places(json: &str) -> Option<Vec<Vector>> {
    if dynamic::kind(json) != Kind::Array {
        return None;
    }
    dynamic::elements(json).map(read_place).collect()
}

/// Reads longitude and latitude in degrees. Longitudes go round the globe (measured, 300).
fn read_place(json: &str) -> Option<Vector> {
    let mut numbers = dynamic::elements(json).map(|number| match dynamic::kind(number) {
        Kind::Long | Kind::Double => number.trim_ascii().parse::<f64>().ok(),
        _ => None,
    });
    let (longitude, latitude) = (numbers.next()??, numbers.next()??);
    let is_place = (-360.0..=360.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
    is_place.then(|| Vector::of_degrees(longitude, latitude))
}

/// Appends one place as a `Point`, several as a `MultiPoint`.
pub(in super::super) fn write_points(places: &[Vector], out: &mut String) {
    if let [only] = places {
        out.push_str(r#"{"type":"Point","coordinates":"#);
        write_place(*only, out);
    } else {
        out.push_str(r#"{"type":"MultiPoint","coordinates":"#);
        write_list(places, out, |place, out| write_place(*place, out));
    }
    out.push('}');
}

/// Appends one line as a `LineString`, several as a `MultiLineString`.
pub(in super::super) fn write_lines(lines: &[Vec<Vector>], out: &mut String) {
    let write = |line: &Vec<Vector>, out: &mut String| {
        write_list(line, out, |place, out| write_place(*place, out));
    };
    if let [only] = lines {
        out.push_str(r#"{"type":"LineString","coordinates":"#);
        write(only, out);
    } else {
        out.push_str(r#"{"type":"MultiLineString","coordinates":"#);
        write_list(lines, out, write);
    }
    out.push('}');
}

/// Appends one polygon as a `Polygon`, several as a `MultiPolygon`, none as a collection of nothing.
pub(in super::super) fn write_polygons(polygons: &[Polygon], out: &mut String) {
    let write = |polygon: &Polygon, out: &mut String| {
        write_list(polygon.rings(), out, |ring, out| {
            let closed: Vec<Vector> =
                ring.places().iter().chain(ring.places().first()).copied().collect();
            write_list(&closed, out, |place, out| write_place(*place, out));
        });
    };
    match polygons {
        [] => return out.push_str(r#"{"type":"GeometryCollection","geometries":[]}"#),
        [only] => {
            out.push_str(r#"{"type":"Polygon","coordinates":"#);
            write(only, out);
        }
        _ => {
            out.push_str(r#"{"type":"MultiPolygon","coordinates":"#);
            write_list(polygons, out, write);
        }
    }
    out.push('}');
}

fn write_place(place: Vector, out: &mut String) {
    let (longitude, latitude) = place.degrees();
    write_position(longitude, latitude, out);
}

fn write_list<T>(items: &[T], out: &mut String, mut write: impl FnMut(&T, &mut String)) {
    out.push('[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}
