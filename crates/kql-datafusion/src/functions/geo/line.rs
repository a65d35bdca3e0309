//! Lines: `geo_line_length`, `geo_line_centroid`, `geo_line_interpolate_point`, `geo_line_locate_point`,
//! `geo_distance_point_to_line`, `geo_closest_point_on_line`.

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::{reals, written},
    json::write_point,
    plane::{Chain, RADIUS, Vector, nearest},
    shapes::{lines_at, place},
};

pub(super) const LENGTH: ScalarFunction = ScalarFunction {
    name: "geo_line_length",
    summary: "Returns the length of lines in metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-line-length-function",
    examples: &[
        Example::new(
            "round(geo_line_length(dynamic({'type': 'LineString', 'coordinates': [[0, 0], [1, 0]]})), 3)",
            "111195.101",
        ),
        Example::new(
            "isnull(geo_line_length(dynamic({'type': 'LineString', 'coordinates': [[1, 1]]})))",
            "True",
        ),
    ],
    lower: |call| Some(call.apply(&MEASURE)),
};

pub(super) static MEASURE: Kernel = Kernel {
    name: "kql_geo_line_length",
    returns: Returns::Real,
    eval: |args| {
        let lines = lines_at(args, 0)?;
        Ok(reals(args.rows(), |row| {
            Some(lines.get(row)?.iter().map(Chain::length).sum::<f64>() * RADIUS)
        }))
    },
};

pub(super) const CENTROID: ScalarFunction = ScalarFunction {
    name: "geo_line_centroid",
    summary: "Returns the middle of lines: of their places, weighted by length.",
    source: "https://learn.microsoft.com/kusto/query/geo-line-centroid-function",
    examples: &[
        Example::new(
            "geo_line_centroid(dynamic({'type': 'LineString', 'coordinates': [[0, 0], [2, 0]]})).coordinates[1]",
            "0.0",
        ),
        Example::new(
            "isnull(geo_line_centroid(dynamic({'type': 'LineString', 'coordinates': [[1, 1]]})))",
            "True",
        ),
    ],
    lower: |call| Some(call.apply(&MIDDLE)),
};

pub(super) static MIDDLE: Kernel = Kernel {
    name: "kql_geo_line_centroid",
    returns: Returns::Text,
    eval: |args| {
        let lines = lines_at(args, 0)?;
        written(args.rows(), |row, out| {
            Ok(lines.get(row).map(|lines| {
                let zero = Vector { x: 0.0, y: 0.0, z: 0.0 };
                write(lines.iter().fold(zero, |sum, line| sum.plus(line.moment())).unit(), out);
            }))
        })
    },
};

pub(super) const INTERPOLATE: ScalarFunction = ScalarFunction {
    name: "geo_line_interpolate_point",
    summary: "Returns the place at a fraction of a line's length, from 0 to 1.",
    source: "https://learn.microsoft.com/kusto/query/geo-line-interpolate-point-function",
    examples: &[
        Example::new(
            "round(todouble(geo_line_interpolate_point(dynamic({'type': 'LineString', 'coordinates': [[0, 0], [2, 0]]}), 0.5).coordinates[0]), 9)",
            "1.0",
        ),
        Example::new(
            "isnull(geo_line_interpolate_point(dynamic({'type': 'LineString', 'coordinates': [[0, 0], [2, 0]]}), 1.5))",
            "True",
        ),
    ],
    lower: |call| Some(PLACE_AT.call(vec![call.arg(0)?, call.real(1)?])),
};

pub(super) static PLACE_AT: Kernel = Kernel {
    name: "kql_geo_line_place_at",
    returns: Returns::Text,
    eval: |args| {
        let (lines, fractions) = (lines_at(args, 0)?, args.real(1)?);
        written(args.rows(), |row, out| {
            let fraction = fractions.get(row).filter(|fraction| (0.0..=1.0).contains(fraction));
            let line = lines.get(row).filter(|lines| lines.len() == 1);
            let place = line.zip(fraction).and_then(|(line, fraction)| line.first()?.at(fraction));
            Ok(place.map(|place| write(place, out)))
        })
    },
};

pub(super) const LOCATE: ScalarFunction = ScalarFunction {
    name: "geo_line_locate_point",
    summary: "Returns the fraction of a line's length at which it is nearest to a place.",
    source: "https://learn.microsoft.com/kusto/query/geo-line-locate-point-function",
    examples: &[Example::new(
        "round(geo_line_locate_point(dynamic({'type': 'LineString', 'coordinates': [[0, 0], [2, 0]]}), 0.5, 1), 9)",
        "0.25",
    )],
    lower: |call| {
        // On a spheroid it is another fraction.
        let is_plain = call.args.len() == 3;
        is_plain.then_some(())?;
        Some(FRACTION.call(vec![call.arg(0)?, call.real(1)?, call.real(2)?]))
    },
};

pub(super) static FRACTION: Kernel = Kernel {
    name: "kql_geo_line_fraction",
    returns: Returns::Real,
    eval: |args| {
        let (lines, longitudes, latitudes) = (lines_at(args, 0)?, args.real(1)?, args.real(2)?);
        Ok(reals(args.rows(), |row| {
            let place = place(longitudes.get(row), latitudes.get(row))?;
            let lines = lines.get(row).filter(|lines| lines.len() == 1)?;
            lines.first()?.fraction_nearest(place)
        }))
    },
};

pub(super) const DISTANCE: ScalarFunction = ScalarFunction {
    name: "geo_distance_point_to_line",
    summary: "Returns the distance of a place from lines, in metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-distance-point-to-line-function",
    examples: &[
        Example::new(
            "round(geo_distance_point_to_line(0, 1, dynamic({'type': 'LineString', 'coordinates': [[0, 0], [1, 0]]})), 3)",
            "111195.101",
        ),
        Example::new(
            "isnull(geo_distance_point_to_line(300, 3, dynamic({'type': 'LineString', 'coordinates': [[1, 1], [2, 2]]})))",
            "True",
        ),
    ],
    lower: |call| Some(AWAY.call(vec![call.real(0)?, call.real(1)?, call.arg(2)?])),
};

pub(super) static AWAY: Kernel = Kernel {
    name: "kql_geo_line_distance",
    returns: Returns::Real,
    eval: |args| {
        let (longitudes, latitudes, lines) = (args.real(0)?, args.real(1)?, lines_at(args, 2)?);
        Ok(reals(args.rows(), |row| {
            let place = place(longitudes.get(row), latitudes.get(row))?;
            let lines = lines.get(row)?;
            let distances = lines.iter().map(|line| line.distance(place));
            Some(distances.min_by(f64::total_cmp)? * RADIUS)
        }))
    },
};

pub(super) const CLOSEST: ScalarFunction = ScalarFunction {
    name: "geo_closest_point_on_line",
    summary: "Returns the place of lines that is nearest to a place.",
    source: "https://learn.microsoft.com/kusto/query/geo-closest-point-on-line-function",
    examples: &[
        Example::new(
            "round(todouble(geo_closest_point_on_line(0.5, 1, dynamic({'type': 'LineString', 'coordinates': [[0, 0], [1, 0]]})).coordinates[0]), 9)",
            "0.5",
        ),
        Example::new(
            "isnull(geo_closest_point_on_line(1, 1, dynamic({'type': 'LineString'})))",
            "True",
        ),
    ],
    lower: |call| Some(NEAREST.call(vec![call.real(0)?, call.real(1)?, call.arg(2)?])),
};

pub(super) static NEAREST: Kernel = Kernel {
    name: "kql_geo_line_nearest",
    returns: Returns::Text,
    eval: |args| {
        let (longitudes, latitudes, lines) = (args.real(0)?, args.real(1)?, lines_at(args, 2)?);
        written(args.rows(), |row, out| {
            let place = place(longitudes.get(row), latitudes.get(row));
            let found = place.zip(lines.get(row)).and_then(|(place, lines)| {
                Some(nearest(lines.iter().flat_map(Chain::edges), place)?.1)
            });
            Ok(found.map(|place| write(place, out)))
        })
    },
};

fn write(place: Vector, out: &mut String) {
    let (longitude, latitude) = place.degrees();
    write_point(longitude, latitude, out);
}
