//! Distances and directions on the globe, which is a sphere: `geo_distance_2points`,
//! `geo_point_in_circle`, `geo_azimuth`, `geo_angle`.
//!
//! The radius is that of the recorded lengths of lines, to the last digit that they show.

use std::f64::consts::TAU;

use super::{
    Args, Example, Kernel, Returns, ScalarFunction,
    columns::{nullable_bools, reals},
    json::is_place,
};

/// The radius of the globe in metres.
const RADIUS: f64 = 6_371_010.0;

/// A place, in radians.
#[derive(Clone, Copy, Debug)]
struct Place {
    longitude: f64,
    latitude: f64,
}

pub(super) const DISTANCE: ScalarFunction = ScalarFunction {
    name: "geo_distance_2points",
    summary: "Returns the distance of two places on a sphere, in metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-distance-2points-function",
    examples: &[
        Example::new(
            "round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056), 6)",
            "1546754.351974",
        ),
        Example::new("isnull(geo_distance_2points(300, 1, 1, 1))", "True"),
    ],
    lower: |call| {
        // On a spheroid it is another distance.
        let is_plain = call.args.len() == 4;
        let args = (0..4).map(|at| call.real(at)).collect::<Option<Vec<_>>>()?;
        is_plain.then(|| MEASURE.call(args))
    },
};

pub(super) static MEASURE: Kernel = Kernel {
    name: "kql_geo_distance",
    returns: Returns::Real,
    eval: |args| {
        let places = Places::of(args, 2)?;
        Ok(reals(args.rows(), |row| {
            let [from, to] = places.at(row)?;
            Some(distance(from, to))
        }))
    },
};

pub(super) const IN_CIRCLE: ScalarFunction = ScalarFunction {
    name: "geo_point_in_circle",
    summary: "Tells whether a place is in a circle of a radius in metres.",
    source: "https://learn.microsoft.com/kusto/query/geo-point-in-circle-function",
    examples: &[
        Example::new(
            "geo_point_in_circle(-122.143564, 47.535677, -122.100896, 47.527351, 3500)",
            "True",
        ),
        Example::new("isnull(geo_point_in_circle(1, 1, 1, 1, -1))", "True"),
    ],
    lower: |call| {
        let args = (0..5).map(|at| call.real(at)).collect::<Option<Vec<_>>>()?;
        Some(IS_IN_CIRCLE.call(args))
    },
};

pub(super) static IS_IN_CIRCLE: Kernel = Kernel {
    name: "kql_geo_in_circle",
    returns: Returns::Bool,
    eval: |args| {
        let (places, radii) = (Places::of(args, 2)?, args.real(4)?);
        Ok(nullable_bools(args.rows(), |row| {
            let [place, centre] = places.at(row)?;
            let radius = radii.get(row).filter(|radius| *radius > 0.0)?;
            Some(distance(place, centre) <= radius)
        }))
    },
};

pub(super) const AZIMUTH: ScalarFunction = ScalarFunction {
    name: "geo_azimuth",
    summary: "Returns the direction from a place to another: radians from north, clockwise.",
    source: "https://learn.microsoft.com/kusto/query/geo-azimuth-function",
    examples: &[
        Example::new("round(geo_azimuth(5, 10, 10, -40), 9)", "3.054599398"),
        Example::new("round(geo_azimuth(5, 10, 4, 10) / pi(), 3)", "1.5"),
        Example::new("isnull(geo_azimuth(5, 10, 5, 10))", "True"),
    ],
    lower: |call| {
        let args = (0..4).map(|at| call.real(at)).collect::<Option<Vec<_>>>()?;
        Some(DIRECTION.call(args))
    },
};

pub(super) static DIRECTION: Kernel = Kernel {
    name: "kql_geo_azimuth",
    returns: Returns::Real,
    eval: |args| {
        let places = Places::of(args, 2)?;
        Ok(reals(args.rows(), |row| {
            let [from, to] = places.at(row)?;
            azimuth(from, to)
        }))
    },
};

pub(super) const ANGLE: ScalarFunction = ScalarFunction {
    name: "geo_angle",
    summary: "Returns the angle at the second of three places: radians from the first to the third, \
              clockwise.",
    source: "https://learn.microsoft.com/kusto/query/geo-angle-function",
    examples: &[
        Example::new("round(degrees(geo_angle(0, 10, 0, 5, 3, -10)), 9)", "168.732543198"),
        Example::new("isnull(geo_angle(0, 10, 0, 10, 3, -10))", "True"),
    ],
    lower: |call| {
        let args = (0..6).map(|at| call.real(at)).collect::<Option<Vec<_>>>()?;
        Some(TURN.call(args))
    },
};

pub(super) static TURN: Kernel = Kernel {
    name: "kql_geo_angle",
    returns: Returns::Real,
    eval: |args| {
        let places = Places::of(args, 3)?;
        Ok(reals(args.rows(), |row| {
            let [first, second, third] = places.at(row)?;
            Some(turn(azimuth(second, third)? - azimuth(second, first)?))
        }))
    },
};

/// The places that arguments are: longitude and latitude of each.
struct Places(Vec<super::super::Operand<arrow::array::Float64Array>>);

impl Places {
    fn of(args: &Args<'_>, count: usize) -> datafusion_common::Result<Self> {
        let degrees = (0..count.saturating_mul(2)).map(|at| args.real(at));
        Ok(Self(degrees.collect::<datafusion_common::Result<_>>()?))
    }

    /// Returns the places of a row; `None` if one of them is not there.
    fn at<const N: usize>(&self, row: usize) -> Option<[Place; N]> {
        let mut places = Vec::with_capacity(N);
        for pair in self.0.chunks_exact(2) {
            let [longitude, latitude] = pair else { return None };
            let (longitude, latitude) = (longitude.get(row)?, latitude.get(row)?);
            is_place(longitude, latitude).then_some(())?;
            let (longitude, latitude) = (longitude.to_radians(), latitude.to_radians());
            places.push(Place { longitude, latitude });
        }
        places.try_into().ok()
    }
}

/// Returns the distance in metres, by the haversine.
fn distance(from: Place, to: Place) -> f64 {
    let half = |one: f64, other: f64| (f64::midpoint(other, -one)).sin();
    let across = half(from.longitude, to.longitude);
    let along = half(from.latitude, to.latitude);
    let square = along * along + from.latitude.cos() * to.latitude.cos() * across * across;
    2.0 * RADIUS * square.min(1.0).sqrt().asin()
}

/// Returns the direction; `None` if there is none: to the place itself, or to the one opposite.
fn azimuth(from: Place, to: Place) -> Option<f64> {
    let across = to.longitude - from.longitude;
    let east = across.sin() * to.latitude.cos();
    let north = from.latitude.cos() * to.latitude.sin()
        - from.latitude.sin() * to.latitude.cos() * across.cos();
    // How far the two are from one line through the middle, as the sine of their angle.
    let is_apart = east.hypot(north) > 1e-15;
    is_apart.then(|| turn(east.atan2(north)))
}

/// Returns an angle from 0 to less than a whole turn.
fn turn(angle: f64) -> f64 {
    let angle = angle.rem_euclid(TAU);
    if angle >= TAU { 0.0 } else { angle }
}
