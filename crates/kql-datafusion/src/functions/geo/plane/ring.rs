//! Rings of places and the polygons that they bound.

use super::{
    chain,
    side::{Crossing, crosses, crossing, in_order},
    vector::Vector,
};

/// A place that is a vertex of nothing: S2's, from which crossings are counted.
const OUTSIDE: Vector =
    Vector { x: -0.009_999_466_435_025_02, y: 0.002_592_454_260_932_412, z: 0.999_946_643_502_502 };

/// A closed chain with the interior on the left, at most half of the globe unless it is a hole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ring {
    places: Vec<Vector>,
    /// Whether the place from which crossings are counted is on the left.
    has_outside: bool,
}

impl Ring {
    /// Makes a ring of distinct places, three at least, as they are.
    pub(super) fn new(places: Vec<Vector>) -> Option<Self> {
        let &[first, second, third, ..] = places.as_slice() else { return None };
        let mut ring = Self { places, has_outside: false };
        let is_inside = !in_order(second.across(), third, first, second);
        ring.has_outside = is_inside != ring.contains(second);
        Some(ring)
    }

    pub(super) fn places(&self) -> &[Vector] {
        &self.places
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = (Vector, Vector)> {
        let next = self.places.iter().cycle().skip(1).copied();
        self.places.iter().copied().zip(next)
    }

    /// Returns the ring with its interior on the other side.
    pub(super) fn reversed(&self) -> Self {
        Self { places: self.places.iter().rev().copied().collect(), has_outside: !self.has_outside }
    }

    /// Tells whether a place is on the left.
    pub(super) fn contains(&self, place: Vector) -> bool {
        let crossed = self.edges().filter(|(from, to)| crosses(OUTSIDE, place, *from, *to)).count();
        self.has_outside != (crossed % 2 == 1)
    }

    /// Returns the area on the left, as a part of a sphere of radius 1; negative if that is more than half.
    pub(super) fn area(&self) -> f64 {
        let Some(&first) = self.places.first() else { return 0.0 };
        self.edges().skip(1).map(|(from, to)| triangle(first, from, to)).sum()
    }

    /// Returns the sum of the middles of the triangles on the left, each as long as its area.
    pub(super) fn moment(&self) -> Vector {
        let zero = Vector { x: 0.0, y: 0.0, z: 0.0 };
        let Some(&first) = self.places.first() else { return zero };
        let triangles = self.edges().skip(1);
        triangles.fold(zero, |sum, (from, to)| sum.plus(moment(first, from, to)))
    }

    fn crosses_itself(&self) -> bool {
        let edges: Vec<_> = self.edges().collect();
        edges.iter().enumerate().any(|(at, (a, b))| {
            let others = edges.iter().skip(at.saturating_add(1));
            others.into_iter().any(|(c, d)| crossing(*a, *b, *c, *d) == Crossing::Inside)
        })
    }
}

/// Returns the signed area of a triangle.
fn triangle(a: Vector, b: Vector, c: Vector) -> f64 {
    let volume = a.dot(b.minus(a).cross(c.minus(a)));
    2.0 * volume.atan2(1.0 + a.dot(b) + b.dot(c) + c.dot(a))
}

/// Returns the middle of a triangle, as long as its area is; the opposite one if it is clockwise.
///
/// Its integral is known by its products with the three corners; what is solved is written by differences,
/// so that a small triangle loses nothing.
fn moment(first: Vector, second: Vector, third: Vector) -> Vector {
    let stretch = |from: Vector, to: Vector| {
        let angle = from.angle(to);
        if angle == 0.0 { 1.0 } else { angle / angle.sin() }
    };
    let opposite = [stretch(second, third), stretch(third, first), stretch(first, second)];
    let row = |of: fn(Vector) -> f64| [of(first), of(second), of(third)];
    let differences =
        |[base, one, other]: [f64; 3]| Vector { x: base, y: one - base, z: other - base };
    let across = differences(row(|it| it.x));
    let along = differences(row(|it| it.y));
    let up = differences(row(|it| it.z));
    let stretches = differences(opposite);
    let middle = Vector {
        x: along.cross(up).dot(stretches),
        y: up.cross(across).dot(stretches),
        z: across.cross(along).dot(stretches),
    };
    middle.times(0.5)
}

/// An outer ring, and holes.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Polygon {
    /// The outer ring first; of all of them, what the polygon consists of is on the left.
    rings: Vec<Ring>,
}

impl Polygon {
    /// Makes a polygon of rings that are not closed yet, the outer one first.
    ///
    /// `None` if a ring has fewer than three places, one of them twice, or crosses another ring or itself.
    pub(super) fn new(rings: Vec<Vec<Vector>>) -> Option<Self> {
        let mut made: Vec<Ring> = Vec::with_capacity(rings.len());
        for places in rings {
            let mut sorted = places.clone();
            sorted.sort_unstable_by(|one, other| {
                let order = one.x.total_cmp(&other.x).then(one.y.total_cmp(&other.y));
                order.then(one.z.total_cmp(&other.z))
            });
            let is_distinct =
                sorted.iter().zip(sorted.iter().skip(1)).all(|(one, other)| one != other);
            let ring = Ring::new(places).filter(|_| is_distinct)?;
            if ring.crosses_itself() {
                return None;
            }
            let ring = if ring.area() < 0.0 { ring.reversed() } else { ring };
            let is_apart = |other: &Ring| {
                ring.edges().all(|(a, b)| {
                    other.edges().all(|(c, d)| crossing(a, b, c, d) != Crossing::Inside)
                })
            };
            if !made.iter().all(is_apart) {
                return None;
            }
            made.push(if made.is_empty() { ring } else { ring.reversed() });
        }
        (!made.is_empty()).then_some(Self { rings: made })
    }

    /// Makes a polygon of rings with the interior on the left.
    pub(super) fn of_rings(rings: Vec<Ring>) -> Self {
        Self { rings }
    }

    pub(super) fn rings(&self) -> &[Ring] {
        &self.rings
    }

    pub(in super::super) fn edges(&self) -> impl Iterator<Item = (Vector, Vector)> {
        self.rings.iter().flat_map(Ring::edges)
    }

    /// Tells whether a place is in the polygon.
    pub(in super::super) fn contains(&self, place: Vector) -> bool {
        self.rings.iter().all(|ring| ring.contains(place))
    }

    /// Returns the distance of a place in radians, 0 within.
    pub(in super::super) fn distance(&self, place: Vector) -> f64 {
        if self.contains(place) {
            return 0.0;
        }
        chain::distance(self.edges(), place).unwrap_or(f64::INFINITY)
    }

    /// Returns the area, as a part of a sphere of radius 1.
    pub(in super::super) fn area(&self) -> f64 {
        self.rings.iter().map(Ring::area).sum()
    }

    /// Returns the sum of the middles of its parts, each as long as its area.
    pub(in super::super) fn moment(&self) -> Vector {
        let zero = Vector { x: 0.0, y: 0.0, z: 0.0 };
        self.rings.iter().fold(zero, |sum, ring| sum.plus(ring.moment()))
    }

    /// Returns the length of the boundary in radians.
    pub(in super::super) fn perimeter(&self) -> f64 {
        self.edges().map(|(from, to)| from.angle(to)).sum()
    }
}

/// Tells whether the outer ring of one polygon lies around another's.
pub(super) fn surrounds(outer: &Ring, inner: &Ring) -> bool {
    // A place of the inner ring that is on the outer one says nothing.
    let places = inner.places().iter();
    let mut free = places.filter(|place| !outer.places().contains(place));
    free.next().is_some_and(|place| outer.contains(*place))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A ring around a middle, with a radius in degrees for each of equal turns.
    fn star(radii: &[f64]) -> Vec<Vector> {
        let count = u32::try_from(radii.len()).unwrap();
        let turn = std::f64::consts::TAU / f64::from(count);
        let places = (0_u32..).zip(radii).map(|(at, radius)| {
            let angle = turn * f64::from(at);
            Vector::of_degrees(20.0 + radius * angle.cos(), 10.0 + radius * angle.sin())
        });
        places.collect()
    }

    #[test]
    fn an_eighth_of_the_globe_has_an_eighth_of_its_area() {
        let corners = [(0.0, 0.0), (90.0, 0.0), (0.0, 90.0)];
        let corners = corners.map(|(longitude, latitude)| Vector::of_degrees(longitude, latitude));
        let polygon = Polygon::new(vec![corners.to_vec()]).unwrap();
        assert!((polygon.area() - std::f64::consts::FRAC_PI_2).abs() < 1e-14);
        let middle = polygon.moment().unit().degrees();
        assert!((middle.0 - 45.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn a_place_on_a_shared_edge_is_in_one_of_two(
            radii in proptest::collection::vec(0.5..5.0_f64, 4..9),
            cut in 0_usize..4,
        ) {
            // The star is cut along the line from one corner to another: both halves share it.
            let places = star(&radii);
            let at = places.len().saturating_sub(4).min(cut).saturating_add(2);
            let (first, second) = (places[..=at].to_vec(), {
                let mut rest = places[at..].to_vec();
                rest.push(places[0]);
                rest
            });
            let halves = (Polygon::new(vec![first]), Polygon::new(vec![second]), Polygon::new(vec![places.clone()]));
            if let (Some(first), Some(second), Some(whole)) = halves {
                let sum = first.area() + second.area();
                if (sum - whole.area()).abs() < 1e-12 {
                    for place in [places[0], places[at], Vector::of_degrees(20.0, 10.0)] {
                        let of_parts = first.contains(place) ^ second.contains(place);
                        prop_assert_eq!(of_parts, whole.contains(place));
                    }
                }
            }
        }
    }
}
