//! Places, lines and polygons on the globe, and the cells of three grids: geohash, H3 and S2.

mod buffer;
mod densify;
mod geohash;
mod geohash_cell;
mod h3cell;
mod h3cell_family;
mod json;
mod line;
mod overlays;
mod plane;
mod polygon;
mod s2cell;
mod shapes;
mod sphere;
mod wkt;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    buffer::POINT,
    densify::LINE,
    densify::POLYGON,
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
    line::CENTROID,
    line::CLOSEST,
    line::DISTANCE,
    line::INTERPOLATE,
    line::LENGTH,
    line::LOCATE,
    overlays::LINES_INTERSECT,
    overlays::LINES_INTERSECTION,
    overlays::LINE_INTERSECTION_POLYGON,
    overlays::LINE_INTERSECTS_POLYGON,
    overlays::POLYGONS_INTERSECT,
    overlays::POLYGONS_INTERSECTION,
    overlays::UNION_OF_LINES,
    overlays::UNION_OF_POLYGONS,
    polygon::AREA,
    polygon::CENTROID,
    polygon::CLOSEST,
    polygon::CONTAINS,
    polygon::DISTANCE,
    polygon::PERIMETER,
    s2cell::FROM_POINT,
    s2cell::TO_CENTRAL_POINT,
    s2cell::TO_POLYGON,
    sphere::ANGLE,
    sphere::AZIMUTH,
    sphere::DISTANCE,
    sphere::IN_CIRCLE,
    wkt::FROM_WKT,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &buffer::CIRCLE,
    &densify::DENSE_LINE,
    &densify::DENSE_POLYGON,
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
    &line::AWAY,
    &line::FRACTION,
    &line::MEASURE,
    &line::MIDDLE,
    &line::NEAREST,
    &line::PLACE_AT,
    &overlays::COMMON_OF_LINES,
    &overlays::COMMON_OF_LINE_AND_POLYGON,
    &overlays::COMMON_OF_POLYGONS,
    &overlays::DOES_LINE_MEET_POLYGON,
    &overlays::DO_LINES_MEET,
    &overlays::DO_POLYGONS_MEET,
    &overlays::UNITE_LINES,
    &overlays::UNITE_POLYGONS,
    &polygon::AWAY,
    &polygon::IS_IN,
    &polygon::MEASURE_AREA,
    &polygon::MEASURE_BOUNDARY,
    &polygon::MIDDLE,
    &polygon::NEAREST,
    &s2cell::BOUNDARY,
    &s2cell::CELL,
    &s2cell::CENTRE,
    &sphere::DIRECTION,
    &sphere::IS_IN_CIRCLE,
    &sphere::MEASURE,
    &sphere::TURN,
    &wkt::CONVERT,
];
