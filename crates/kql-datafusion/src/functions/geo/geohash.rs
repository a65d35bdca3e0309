//! `geo_point_to_geohash` and what is made of a geohash.

use datafusion_common::exec_datafusion_err;
use datafusion_expr::lit;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    geohash_cell::{Cell, LENGTHS},
    json::{is_place, write_names, write_point, write_polygon},
};

/// Digits of a name unless it is said.
const DEFAULT_LENGTH: i64 = 5;

pub(super) const FROM_POINT: ScalarFunction = ScalarFunction {
    name: "geo_point_to_geohash",
    summary: "Returns the geohash of a place, of 5 digits unless said otherwise.",
    source: "https://learn.microsoft.com/kusto/query/geo-point-to-geohash-function",
    examples: &[
        Example::new("geo_point_to_geohash(-80.195829, 25.802215, 8)", "dhwfz15h"),
        Example::new("geo_point_to_geohash(13.4, 52.5)", "u33d8"),
        Example::new("geo_point_to_geohash(200, 1, 8)", ""),
    ],
    lower: |call| {
        let length = if call.args.len() > 2 { call.long(2)? } else { lit(DEFAULT_LENGTH) };
        Some(CELL.call(vec![call.real(0)?, call.real(1)?, length]))
    },
};

pub(super) static CELL: Kernel = Kernel {
    name: "kql_geohash_of_point",
    returns: Returns::Text,
    eval: |args| {
        let (longitudes, latitudes, lengths) = (args.real(0)?, args.real(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let place = longitudes.get(row).zip(latitudes.get(row)).zip(lengths.get(row));
            if let Some(((longitude, latitude), length)) = place
                && is_place(longitude, latitude)
                && LENGTHS.contains(&length)
            {
                out.push_str(&Cell::name_at(longitude, latitude, length));
            }
            Ok(Some(()))
        })
    },
};

pub(super) const TO_CENTRAL_POINT: ScalarFunction = ScalarFunction {
    name: "geo_geohash_to_central_point",
    summary: "Returns the middle of a geohash's cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-geohash-to-central-point-function",
    examples: &[
        Example::new(
            "geo_geohash_to_central_point('sunny')",
            r#"{"type":"Point","coordinates":[42.47314453125,23.70849609375]}"#,
        ),
        Example::new("isnull(geo_geohash_to_central_point('a'))", "True"),
    ],
    lower: |call| Some(call.apply(&CENTRE)),
};

pub(super) static CENTRE: Kernel = Kernel {
    name: "kql_geohash_centre",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(Cell::named(names.str(row))
                .map(|cell| write_point(cell.longitudes.middle(), cell.latitudes.middle(), out)))
        })
    },
};

pub(super) const TO_POLYGON: ScalarFunction = ScalarFunction {
    name: "geo_geohash_to_polygon",
    summary: "Returns the rectangle of a geohash's cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-geohash-to-polygon-function",
    examples: &[
        Example::new(
            "geo_geohash_to_polygon('dr5ru')",
            "{\"type\":\"Polygon\",\"coordinates\":[[[-74.00390625,40.7373046875],[-73.9599609375,40.7373046875],\
             [-73.9599609375,40.78125],[-74.00390625,40.78125],[-74.00390625,40.7373046875]]]}",
        ),
        Example::new("isnull(geo_geohash_to_polygon('a'))", "True"),
    ],
    lower: |call| Some(call.apply(&BOUNDARY)),
};

pub(super) static BOUNDARY: Kernel = Kernel {
    name: "kql_geohash_polygon",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(Cell::named(names.str(row)).map(|Cell { longitudes, latitudes }| {
                let ring = [
                    (longitudes.from, latitudes.from),
                    (longitudes.to, latitudes.from),
                    (longitudes.to, latitudes.to),
                    (longitudes.from, latitudes.to),
                ];
                write_polygon(&ring, out);
            }))
        })
    },
};

pub(super) const NEIGHBORS: ScalarFunction = ScalarFunction {
    name: "geo_geohash_neighbors",
    summary: "Returns the geohashes of the cells around one. Differs: fails for a cell at a pole, whose \
              neighbors are not documented.",
    source: "https://learn.microsoft.com/kusto/query/geo-geohash-neighbors-function",
    examples: &[
        Example::new(
            "geo_geohash_neighbors('sunny')",
            r#"["sunnv","sunnt","sunnw","sunnx","sunpp","sunnz","sunpn","sunpj"]"#,
        ),
        Example::new("isnull(geo_geohash_neighbors('a'))", "True"),
    ],
    lower: |call: &Call| Some(call.apply(&FIND_NEIGHBORS)),
};

pub(super) static FIND_NEIGHBORS: Kernel = Kernel {
    name: "kql_geohash_neighbors",
    returns: Returns::Text,
    eval: |args| {
        let names = args.text(0)?;
        written(args.rows(), |row, out| {
            let name = names.str(row);
            let Some(cell) = Cell::named(name) else { return Ok(None) };
            let length = i64::try_from(name.len()).unwrap_or(i64::MAX);
            let neighbors = cell.neighbors(length).ok_or_else(|| {
                exec_datafusion_err!("`{name}` is at a pole: what is around it is not known")
            })?;
            write_names(neighbors.into_iter(), out);
            Ok(Some(()))
        })
    },
};
