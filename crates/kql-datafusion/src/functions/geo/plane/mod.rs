//! Lines and polygons on the globe, whose edges are geodesics on a sphere.
//!
//! In: `GeoJSON`. The kernels of this group compute with what is here. Tests are as those of S2 geometry,
//! which Kusto's documentation names: on which side of an edge a place is never depends on rounding, and a
//! place on a boundary belongs to one of the polygons that share it.

mod chain;
mod overlay;
mod ring;
mod shape;
mod side;
mod vector;

pub(super) use self::{
    chain::{Chain, nearest},
    overlay::{Operation, Overlay, clipped, crossings, overlaid, united, united_lines},
    ring::Polygon,
    shape::{Lines, Polygons, lines, polygons, write_lines, write_points, write_polygons},
    side::{Crossing, crossing},
    vector::{RADIUS, Vector},
};
