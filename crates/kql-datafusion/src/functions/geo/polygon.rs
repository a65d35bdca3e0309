//! Polygons: `geo_point_in_polygon`, `geo_polygon_area`, `geo_polygon_centroid`, `geo_polygon_perimeter`,
//! `geo_distance_point_to_polygon`, `geo_closest_point_on_polygon`.
//!
//! Several polygons count as their union: what two of them share counts once (measured, areas).

use std::sync::Arc;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::{nullable_bools, reals, written},
    json::write_point,
    plane::{Polygon, Polygons, RADIUS, Vector, nearest, united},
    shapes::{place, polygons_at},
};

/// A triangle for examples.
macro_rules! triangle {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "dynamic({'type': 'Polygon', 'coordinates': [[[0, 0], [10, 1], [10, 10], [0, 0]]]})",
            $after
        )
    };
}

pub(super) const CONTAINS: ScalarFunction = ScalarFunction {
    name: "geo_point_in_polygon",
    summary: "Tells whether a place is in a polygon.",
    source: "https://learn.microsoft.com/kusto/query/geo-point-in-polygon-function",
    examples: &[
        Example::new(triangle!("geo_point_in_polygon(8, 5, ", ")"), "True"),
        Example::new(triangle!("geo_point_in_polygon(2, 5, ", ")"), "False"),
        Example::new(triangle!("isnull(geo_point_in_polygon(200, 1, ", "))"), "True"),
    ],
    lower: |call| Some(IS_IN.call(vec![call.real(0)?, call.real(1)?, call.arg(2)?])),
};

pub(super) static IS_IN: Kernel = Kernel {
    name: "kql_geo_in_polygon",
    returns: Returns::Bool,
    eval: |args| {
        let (longitudes, latitudes, polygons) =
            (args.real(0)?, args.real(1)?, polygons_at(args, 2)?);
        Ok(nullable_bools(args.rows(), |row| {
            let place = place(longitudes.get(row), latitudes.get(row))?;
            Some(polygons.get(row)?.iter().any(|polygon| polygon.contains(place)))
        }))
    },
};

pub(super) const AREA: ScalarFunction = ScalarFunction {
    name: "geo_polygon_area",
    summary: "Returns the area of polygons, in square metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-polygon-area-function",
    examples: &[Example::new(triangle!("round(geo_polygon_area(", ") / 1e6, 2)"), "559376.93")],
    lower: |call| Some(call.apply(&MEASURE_AREA)),
};

pub(super) static MEASURE_AREA: Kernel = Kernel {
    name: "kql_geo_polygon_area",
    returns: Returns::Real,
    eval: |args| {
        let polygons = polygons_at(args, 0)?;
        Ok(reals(args.rows(), |row| {
            let area: f64 = union(&polygons.get(row)?).iter().map(Polygon::area).sum();
            Some(area * RADIUS * RADIUS)
        }))
    },
};

pub(super) const PERIMETER: ScalarFunction = ScalarFunction {
    name: "geo_polygon_perimeter",
    summary: "Returns the length of the boundary of polygons, in metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-polygon-perimeter-function",
    examples: &[Example::new(triangle!("round(geo_polygon_perimeter(", "), 0)"), "3686720.0")],
    lower: |call| Some(call.apply(&MEASURE_BOUNDARY)),
};

pub(super) static MEASURE_BOUNDARY: Kernel = Kernel {
    name: "kql_geo_polygon_perimeter",
    returns: Returns::Real,
    eval: |args| {
        let polygons = polygons_at(args, 0)?;
        Ok(reals(args.rows(), |row| {
            let length: f64 = union(&polygons.get(row)?).iter().map(Polygon::perimeter).sum();
            Some(length * RADIUS)
        }))
    },
};

pub(super) const CENTROID: ScalarFunction = ScalarFunction {
    name: "geo_polygon_centroid",
    summary: "Returns the middle of polygons: of their places, weighted by area.",
    source: "https://learn.microsoft.com/kusto/query/geo-polygon-centroid-function",
    examples: &[Example::new(
        triangle!("round(todouble(geo_polygon_centroid(", ").coordinates[0]), 6)"),
        "6.648546",
    )],
    lower: |call| Some(call.apply(&MIDDLE)),
};

pub(super) static MIDDLE: Kernel = Kernel {
    name: "kql_geo_polygon_centroid",
    returns: Returns::Text,
    eval: |args| {
        let polygons = polygons_at(args, 0)?;
        written(args.rows(), |row, out| {
            Ok(polygons.get(row).map(|polygons| {
                let zero = Vector { x: 0.0, y: 0.0, z: 0.0 };
                let parts = union(&polygons);
                write(parts.iter().fold(zero, |sum, it| sum.plus(it.moment())).unit(), out);
            }))
        })
    },
};

pub(super) const DISTANCE: ScalarFunction = ScalarFunction {
    name: "geo_distance_point_to_polygon",
    summary: "Returns the distance of a place from polygons, in metres; 0 within.",
    source: "https://learn.microsoft.com/kusto/query/geo-distance-point-to-polygon-function",
    examples: &[
        Example::new(triangle!("geo_distance_point_to_polygon(8, 5, ", ")"), "0.0"),
        Example::new(
            triangle!("round(geo_distance_point_to_polygon(0, -1, ", "), 3)"),
            "111195.101",
        ),
    ],
    lower: |call| Some(AWAY.call(vec![call.real(0)?, call.real(1)?, call.arg(2)?])),
};

pub(super) static AWAY: Kernel = Kernel {
    name: "kql_geo_polygon_distance",
    returns: Returns::Real,
    eval: |args| {
        let (longitudes, latitudes, polygons) =
            (args.real(0)?, args.real(1)?, polygons_at(args, 2)?);
        Ok(reals(args.rows(), |row| {
            let place = place(longitudes.get(row), latitudes.get(row))?;
            let polygons = polygons.get(row)?;
            let distances = polygons.iter().map(|polygon| polygon.distance(place));
            Some(distances.min_by(f64::total_cmp)? * RADIUS)
        }))
    },
};

pub(super) const CLOSEST: ScalarFunction = ScalarFunction {
    name: "geo_closest_point_on_polygon",
    summary: "Returns the place of polygons that is nearest to a place: the place itself within.",
    source: "https://learn.microsoft.com/kusto/query/geo-closest-point-on-polygon-function",
    examples: &[Example::new(
        triangle!("round(todouble(geo_closest_point_on_polygon(12, 10, ", ").coordinates[0]), 9)"),
        "10.0",
    )],
    lower: |call| Some(NEAREST.call(vec![call.real(0)?, call.real(1)?, call.arg(2)?])),
};

pub(super) static NEAREST: Kernel = Kernel {
    name: "kql_geo_polygon_nearest",
    returns: Returns::Text,
    eval: |args| {
        let (longitudes, latitudes, polygons) =
            (args.real(0)?, args.real(1)?, polygons_at(args, 2)?);
        written(args.rows(), |row, out| {
            let place = place(longitudes.get(row), latitudes.get(row));
            let found = place.zip(polygons.get(row)).and_then(|(place, polygons)| {
                if polygons.iter().any(|polygon| polygon.contains(place)) {
                    return Some(place);
                }
                Some(nearest(polygons.iter().flat_map(Polygon::edges), place)?.1)
            });
            Ok(found.map(|place| write(place, out)))
        })
    },
};

/// Returns polygons of which none shares anything with another.
fn union(polygons: &Arc<Polygons>) -> Polygons {
    united(polygons.iter().map(|polygon| vec![polygon.clone()]).collect())
}

fn write(place: Vector, out: &mut String) {
    let (longitude, latitude) = place.degrees();
    write_point(longitude, latitude, out);
}
