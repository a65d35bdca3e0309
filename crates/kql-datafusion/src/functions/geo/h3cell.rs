//! `geo_point_to_h3cell`, and the middle and the boundary of a cell.

use datafusion_expr::lit;
use h3o::{CellIndex, LatLng, Resolution};

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json::{is_place, write_point, write_polygon},
};

/// The resolution unless it is said.
const DEFAULT_RESOLUTION: i64 = 6;

/// Returns the cell of that name.
pub(super) fn cell(name: &str) -> Option<CellIndex> {
    name.parse().ok()
}

/// Returns a resolution, from 0 to 15.
pub(super) fn resolution(number: i64) -> Option<Resolution> {
    Resolution::try_from(u8::try_from(number).ok()?).ok()
}

pub(super) const FROM_POINT: ScalarFunction = ScalarFunction {
    name: "geo_point_to_h3cell",
    summary: "Returns the H3 cell of a place, of resolution 6 unless said otherwise.",
    source: "https://learn.microsoft.com/kusto/query/geo-point-to-h3cell-function",
    examples: &[
        Example::new(
            "geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)",
            "862a1072fffffff",
        ),
        Example::new("geo_point_to_h3cell(300, 1, 8)", ""),
        Example::new("geo_point_to_h3cell(1, 1, 16)", ""),
    ],
    lower: |call| {
        let resolution = if call.args.len() > 2 { call.long(2)? } else { lit(DEFAULT_RESOLUTION) };
        Some(CELL.call(vec![call.real(0)?, call.real(1)?, resolution]))
    },
};

pub(super) static CELL: Kernel = Kernel {
    name: "kql_h3cell_of_point",
    returns: Returns::Text,
    eval: |args| {
        let (longitudes, latitudes, levels) = (args.real(0)?, args.real(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let place = longitudes.get(row).zip(latitudes.get(row));
            let place = place.filter(|(longitude, latitude)| is_place(*longitude, *latitude));
            let place =
                place.and_then(|(longitude, latitude)| LatLng::new(latitude, longitude).ok());
            if let Some((place, level)) = place.zip(levels.get(row).and_then(resolution)) {
                out.push_str(&place.to_cell(level).to_string());
            }
            Ok(Some(()))
        })
    },
};

pub(super) const TO_CENTRAL_POINT: ScalarFunction = ScalarFunction {
    name: "geo_h3cell_to_central_point",
    summary: "Returns the middle of an H3 cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-h3cell-to-central-point-function",
    examples: &[
        Example::new(
            "round(todouble(geo_h3cell_to_central_point('862a1072fffffff').coordinates[0]), 9)",
            "-74.01600848",
        ),
        Example::new("isnull(geo_h3cell_to_central_point('@'))", "True"),
    ],
    lower: |call| Some(call.apply(&CENTRE)),
};

pub(super) static CENTRE: Kernel = Kernel {
    name: "kql_h3cell_centre",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(cell(names.str(row)).map(|cell| {
                let middle = LatLng::from(cell);
                write_point(middle.lng(), middle.lat(), out);
            }))
        })
    },
};

pub(super) const TO_POLYGON: ScalarFunction = ScalarFunction {
    name: "geo_h3cell_to_polygon",
    summary: "Returns the boundary of an H3 cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-h3cell-to-polygon-function",
    examples: &[
        Example::new("array_length(geo_h3cell_to_polygon('862a1072fffffff').coordinates[0])", "7"),
        Example::new("isnull(geo_h3cell_to_polygon('@'))", "True"),
    ],
    lower: |call| Some(call.apply(&BOUNDARY)),
};

pub(super) static BOUNDARY: Kernel = Kernel {
    name: "kql_h3cell_polygon",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(cell(names.str(row)).map(|cell| {
                let corners = cell.boundary();
                let ring: Vec<(f64, f64)> =
                    corners.iter().map(|corner| (corner.lng(), corner.lat())).collect();
                write_polygon(&ring, out);
            }))
        })
    },
};
