//! `GeoJSON`, as the functions of this group write it.

use kql_types::real::write_json;

/// Appends a point.
pub(super) fn write_point(longitude: f64, latitude: f64, out: &mut String) {
    out.push_str(r#"{"type":"Point","coordinates":"#);
    write_position(longitude, latitude, out);
    out.push('}');
}

/// Appends the polygon of a ring of positions, which is closed by its first one.
pub(super) fn write_polygon(ring: &[(f64, f64)], out: &mut String) {
    out.push_str(r#"{"type":"Polygon","coordinates":[["#);
    for (number, (longitude, latitude)) in ring.iter().chain(ring.first()).enumerate() {
        if number > 0 {
            out.push(',');
        }
        write_position(*longitude, *latitude, out);
    }
    out.push_str("]]}");
}

/// Appends an array of texts that need no escapes.
pub(super) fn write_names(names: impl Iterator<Item = String>, out: &mut String) {
    out.push('[');
    for (number, name) in names.enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(&name);
        out.push('"');
    }
    out.push(']');
}

/// Tells whether there is such a place.
pub(super) fn is_place(longitude: f64, latitude: f64) -> bool {
    (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude)
}

pub(super) fn write_position(longitude: f64, latitude: f64, out: &mut String) {
    out.push('[');
    write_json(longitude, out);
    out.push(',');
    write_json(latitude, out);
    out.push(']');
}
