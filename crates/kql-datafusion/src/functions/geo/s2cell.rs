//! `geo_point_to_s2cell`, and the middle and the boundary of a cell.
//!
//! `geo_s2cell_neighbors` is not here: the order in which the engine has them is not known. Nor are the cells that
//! a shape meets: the engine's covering has more of them than meet it.

use datafusion_expr::lit;
use s2::{cell::Cell, cellid::CellID, latlng::LatLng};

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json::{is_place, write_point, write_polygon},
    plane::Vector,
};

/// The level unless it is said.
const DEFAULT_LEVEL: i64 = 11;
/// The level of the smallest cells.
const MAX_LEVEL: i64 = 30;

/// Returns the cell of that name: the hexadecimal digits of its number without zeros at the end.
fn cell(name: &str) -> Option<CellID> {
    let is_name = (1..=16).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_hexdigit());
    is_name.then(|| CellID::from_token(name)).filter(CellID::is_valid)
}

/// Returns a level, from 0 to 30.
fn level(number: i64) -> Option<u64> {
    (0..=MAX_LEVEL).contains(&number).then(|| number.unsigned_abs())
}

/// Returns longitude and latitude of a corner or a middle.
fn degrees(point: &s2::point::Point) -> (f64, f64) {
    Vector { x: point.0.x, y: point.0.y, z: point.0.z }.degrees()
}

pub(super) const FROM_POINT: ScalarFunction = ScalarFunction {
    name: "geo_point_to_s2cell",
    summary: "Returns the S2 cell of a place, of level 11 unless said otherwise.",
    source: "https://learn.microsoft.com/kusto/query/geo-point-to-s2cell-function",
    examples: &[
        Example::new("geo_point_to_s2cell(-80.195829, 25.802215, 8)", "88d9b"),
        Example::new("geo_point_to_s2cell(300, 1, 8)", ""),
        Example::new("geo_point_to_s2cell(1, 1, 35)", ""),
    ],
    lower: |call| {
        let level = if call.args.len() > 2 { call.long(2)? } else { lit(DEFAULT_LEVEL) };
        Some(CELL.call(vec![call.real(0)?, call.real(1)?, level]))
    },
};

pub(super) static CELL: Kernel = Kernel {
    name: "kql_s2cell_of_point",
    returns: Returns::Text,
    eval: |args| {
        let (longitudes, latitudes, levels) = (args.real(0)?, args.real(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let place = longitudes.get(row).zip(latitudes.get(row));
            let place = place.filter(|(longitude, latitude)| is_place(*longitude, *latitude));
            if let Some(((longitude, latitude), level)) = place.zip(levels.get(row).and_then(level))
            {
                let leaf = CellID::from(LatLng::from_degrees(latitude, longitude));
                out.push_str(&leaf.parent(level).to_token());
            }
            Ok(Some(()))
        })
    },
};

pub(super) const TO_CENTRAL_POINT: ScalarFunction = ScalarFunction {
    name: "geo_s2cell_to_central_point",
    summary: "Returns the middle of an S2 cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-s2cell-to-central-point-function",
    examples: &[
        Example::new(
            "round(todouble(geo_s2cell_to_central_point('1234567').coordinates[0]), 9)",
            "9.868307319",
        ),
        Example::new("isnull(geo_s2cell_to_central_point('a'))", "True"),
    ],
    lower: |call| Some(call.apply(&CENTRE)),
};

pub(super) static CENTRE: Kernel = Kernel {
    name: "kql_s2cell_centre",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(cell(names.str(row)).map(|cell| {
                let (longitude, latitude) =
                    degrees(&s2::point::Point(cell.raw_point().normalize()));
                write_point(longitude, latitude, out);
            }))
        })
    },
};

pub(super) const TO_POLYGON: ScalarFunction = ScalarFunction {
    name: "geo_s2cell_to_polygon",
    summary: "Returns the boundary of an S2 cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-s2cell-to-polygon-function",
    examples: &[
        Example::new("array_length(geo_s2cell_to_polygon('89c259').coordinates[0])", "5"),
        Example::new("isnull(geo_s2cell_to_polygon('a'))", "True"),
    ],
    lower: |call| Some(call.apply(&BOUNDARY)),
};

pub(super) static BOUNDARY: Kernel = Kernel {
    name: "kql_s2cell_polygon",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(cell(names.str(row)).map(|cell| {
                let ring: Vec<(f64, f64)> =
                    Cell::from(cell).vertices().iter().map(degrees).collect();
                write_polygon(&ring, out);
            }))
        })
    },
};
