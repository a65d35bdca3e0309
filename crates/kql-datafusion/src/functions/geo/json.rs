//! `GeoJSON`, as the functions of this group write it.
//!
//! A number has the digits of `RapidJSON`'s algorithm, Grisu2: nearly always the shortest that read back as the same
//! number, and now and then others of that length (9.999999999999999 for 9.999999999999998). Source: measured.

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
    let mut digits = dtoa::Buffer::new();
    out.push('[');
    out.push_str(digits.format(longitude));
    out.push(',');
    out.push_str(digits.format(latitude));
    out.push(']');
}
