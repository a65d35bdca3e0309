//! On which side of an edge a place is, and whether edges cross, without rounding.
//!
//! The sign of a determinant is computed exactly. Where it is 0, places are moved by amounts too small to
//! matter elsewhere, always by the same ones, so that no three of them are on one line.
//!
//! Source: Edelsbrunner and Mücke, “Simulation of Simplicity”, as S2 geometry has it.

use std::cmp::Ordering;

use robust::{Coord3D, orient3d};

use super::vector::Vector;

/// How two edges meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Crossing {
    /// They have a place in common that is an end of neither.
    Inside,
    /// They share an end.
    AtVertex,
    /// They have nothing in common.
    None,
}

/// Tells on which side of the edge from `a` to `b` the place `c` is: `Greater` is left, `Less` right,
/// `Equal` if two of the three are one place.
pub(super) fn side(a: Vector, b: Vector, c: Vector) -> Ordering {
    if a == b || b == c || c == a {
        return Ordering::Equal;
    }
    let exact = sign(orient3d(coordinates(a), coordinates(b), coordinates(c), ORIGIN));
    if exact.is_ne() {
        return exact;
    }
    // Sorted, so that the answer is the same however the three are written.
    let (mut sorted, mut is_turned) = ([a, b, c], false);
    for (one, other) in [(0, 1), (1, 2), (0, 1)] {
        if matches!((sorted.get(one), sorted.get(other)), (Some(one), Some(other)) if one > other) {
            sorted.swap(one, other);
            is_turned = !is_turned;
        }
    }
    let [a, b, c] = sorted;
    if perturbed(a, b, c) == is_turned { Ordering::Less } else { Ordering::Greater }
}

const ORIGIN: Coord3D<f64> = Coord3D { x: 0.0, y: 0.0, z: 0.0 };

fn coordinates(place: Vector) -> Coord3D<f64> {
    Coord3D { x: place.x, y: place.y, z: place.z }
}

fn sign(value: f64) -> Ordering {
    value.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
}

/// Returns the sign of `x * y - z * w`.
fn difference(x: f64, y: f64, z: f64, w: f64) -> Ordering {
    let (first, second) = (x * y, z * w);
    sign(first - second).then_with(|| sign(x.mul_add(y, -first) - z.mul_add(w, -second)))
}

/// Tells whether three places of one plane, in order, are counterclockwise when they are moved a little.
fn perturbed(a: Vector, b: Vector, c: Vector) -> bool {
    let terms = [
        difference(b.x, c.y, b.y, c.x),
        difference(b.z, c.x, b.x, c.z),
        difference(b.y, c.z, b.z, c.y),
        difference(c.x, a.y, c.y, a.x),
        sign(c.x),
        sign(c.y).reverse(),
        difference(c.z, a.x, c.x, a.z),
        sign(c.z),
        difference(a.x, b.y, a.y, b.x),
        sign(b.x).reverse(),
        sign(b.y),
        sign(a.x),
    ];
    terms.into_iter().find(|term| term.is_ne()).is_none_or(Ordering::is_gt)
}

/// Tells whether `a`, `b`, `c` come in this order counterclockwise around `centre`.
pub(super) fn in_order(a: Vector, b: Vector, c: Vector, centre: Vector) -> bool {
    let tests =
        [side(b, centre, a).is_ge(), side(c, centre, b).is_ge(), side(a, centre, c).is_gt()];
    tests.into_iter().filter(|test| *test).count() >= 2
}

/// Tells how the edges from `a` to `b` and from `c` to `d` meet.
pub(in super::super) fn crossing(a: Vector, b: Vector, c: Vector, d: Vector) -> Crossing {
    if a == c || a == d || b == c || b == d {
        return Crossing::AtVertex;
    }
    let first = side(a, b, c).reverse();
    let is_inside = first.is_ne()
        && side(a, b, d) == first
        && side(c, d, b).reverse() == first
        && side(c, d, a) == first;
    if is_inside { Crossing::Inside } else { Crossing::None }
}

/// Tells whether edges cross, or share an end in such a way that counting it keeps parity.
pub(super) fn crosses(a: Vector, b: Vector, c: Vector, d: Vector) -> bool {
    match crossing(a, b, c, d) {
        Crossing::Inside => true,
        Crossing::None => false,
        Crossing::AtVertex => {
            if a == b || c == d {
                false
            } else if a == c {
                b == d || in_order(a.across(), d, b, a)
            } else if b == d {
                in_order(b.across(), c, a, b)
            } else if a == d {
                b == c || in_order(a.across(), c, b, a)
            } else {
                in_order(b.across(), d, a, b)
            }
        }
    }
}

/// Returns the place at which two edges that cross do so.
pub(super) fn meeting(a: Vector, b: Vector, c: Vector, d: Vector) -> Vector {
    let (one, other) = (a.normal(b).unit(), c.normal(d).unit());
    let place = one.cross(other).unit();
    let middle = a.plus(b).plus(c.plus(d));
    let place = if place.dot(middle) < 0.0 { place.times(-1.0) } else { place };
    // One zero: -0 and 0 are the same place, and compare so.
    place.plus(Vector { x: 0.0, y: 0.0, z: 0.0 })
}
