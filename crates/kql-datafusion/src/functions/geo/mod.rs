//! Places on the globe: distances and directions, and the cells of two grids, geohash and H3.

mod geohash;
mod geohash_cell;
mod h3cell;
mod h3cell_family;
mod json;
mod sphere;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    geohash::NEIGHBORS,
    geohash::TO_CENTRAL_POINT,
    geohash::TO_POLYGON,
    geohash::FROM_POINT,
    h3cell_family::CHILDREN,
    h3cell_family::LEVEL,
    h3cell_family::PARENT,
    h3cell_family::RINGS,
    h3cell::FROM_POINT,
    h3cell::TO_CENTRAL_POINT,
    h3cell::TO_POLYGON,
    sphere::ANGLE,
    sphere::AZIMUTH,
    sphere::DISTANCE,
    sphere::IN_CIRCLE,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &geohash::FIND_NEIGHBORS,
    &geohash::CENTRE,
    &geohash::BOUNDARY,
    &geohash::CELL,
    &h3cell_family::FIND_CHILDREN,
    &h3cell_family::FIND_LEVEL,
    &h3cell_family::FIND_PARENT,
    &h3cell_family::FIND_RINGS,
    &h3cell::CELL,
    &h3cell::CENTRE,
    &h3cell::BOUNDARY,
    &sphere::DIRECTION,
    &sphere::IS_IN_CIRCLE,
    &sphere::MEASURE,
    &sphere::TURN,
];
